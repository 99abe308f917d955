package browsertest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// screenshotsEnv is the environment variable with the directory to which TestScreenshots writes.
const screenshotsEnv = "FAKEAPI_SCREENSHOTS"

// TestScreenshots takes the screenshots of the documentation.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv(screenshotsEnv)
	if dir == "" {
		t.Skip("set " + screenshotsEnv + " to a directory to take the screenshots of the documentation")
	}
	b := open(t, "-addr", "127.0.0.1:8080", "-seed", "2", "-action-duration", "20s", "-rate-limit", "250,5000")
	showEverything(b)
	for _, shot := range []struct {
		name, scheme string
		width        int64
		height       int64
		options      []chromedp.EmulateViewportOption
	}{
		{"light", "light", 1280, 1410, nil},
		{"dark", "dark", 1280, 1410, nil},
		{"phone", "light", 360, 740, []chromedp.EmulateViewportOption{chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2)}},
	} {
		b.media("prefers-color-scheme", shot.scheme)
		b.do(chromedp.EmulateViewport(shot.width, shot.height, shot.options...))
		b.visit()
		b.until(`document.getElementById("live-state").dataset.state === "live"`)
		image, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "fakeapi-"+shot.name+".png"), image, 0o600))
	}
}

// showEverything fills the account with a Droplet in each status, completed actions and one in progress, failed requests, and planned
// faults.
func showEverything(b *tab) {
	b.t.Helper()
	c, ctx := b.client(), b.t.Context()
	action := func(id int64, req droplets.ActionRequest) {
		_, err := c.DropletActions.Initiate(ctx, id, req)
		require.NoError(b.t, err)
	}
	_, err := c.Droplets.Create(ctx, createRequest("api-1"))
	require.NoError(b.t, err)
	action(500000001, droplets.PowerOffRequest{})
	b.control("/_fake/fail-next-action", "{}")
	action(500000002, droplets.SnapshotRequest{Name: "before-update"})
	b.control("/_fake/clock", `{"advance": "20s"}`)
	_, err = c.Droplets.Create(ctx, createRequest("api-2"))
	require.NoError(b.t, err)
	b.control("/_fake/clock", `{"advance": "5s"}`)
	action(500000003, droplets.RebootRequest{})
	b.control("/_fake/clock", `{"advance": "8s"}`)
	_, err = c.Droplets.Get(ctx, 500000009)
	require.ErrorIs(b.t, err, droplets.ErrNotFound)
	b.control("/_fake/faults", `{"status": 429, "headers": {"Retry-After": "5"}}`)
	_, err = c.Droplets.List(ctx, nil)
	require.ErrorIs(b.t, err, droplets.ErrRateLimited)
	b.control("/_fake/faults", `{"operation": "droplets_create", "status": 503}`)
	b.control("/_fake/fail-next-action", `{"type": "resize"}`)
}

// prepareAccount adds a Droplet, actions and failed requests to the account.
func prepareAccount(b *tab) {
	b.t.Helper()
	c, ctx := b.client(), b.t.Context()
	all, err := c.Droplets.List(ctx, nil)
	require.NoError(b.t, err)
	_, err = c.DropletActions.Initiate(ctx, all.Items[0].ID, droplets.RebootRequest{})
	require.NoError(b.t, err)
	_, err = c.Droplets.Create(ctx, createRequest("api-1"))
	require.NoError(b.t, err)
	_, _ = c.Droplets.Get(ctx, 1)                     // a 404
	_, _ = c.Droplets.Create(ctx, createRequest("-")) // a 422
}
