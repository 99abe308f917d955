// Package browsertest tests the page of the command fakeapi in a headless Chromium. It is a module of its own, so that the
// library does not depend on chromedp.
package browsertest
