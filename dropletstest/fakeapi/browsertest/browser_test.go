package browsertest

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// testTimeout ends a test whose browser does not respond.
const testTimeout = 60 * time.Second

// installed has the paths of the browser and of the program, which all tests share. Each test starts them with a profile of its own.
type installed struct {
	chromium, fakeapi string
}

// install finds the browser and builds the program. If there is no browser, both paths are empty.
var install = sync.OnceValues(func() (installed, error) {
	chromium := findChromium()
	if chromium == "" {
		return installed{}, nil
	}
	dir, err := os.MkdirTemp("", "fakeapi")
	if err != nil {
		return installed{}, err
	}
	program := filepath.Join(dir, "fakeapi")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", program, "github.com/droplets-go/droplets/dropletstest/fakeapi")
	out, err := build.CombinedOutput()
	if err != nil {
		return installed{}, fmt.Errorf("%w: %s", err, out)
	}
	return installed{chromium, program}, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if i, err := install(); err == nil && i.fakeapi != "" {
		_ = os.RemoveAll(filepath.Dir(i.fakeapi))
	}
	os.Exit(code)
}

// findChromium returns the path in $CHROMIUM, or that of a browser with one of the names that distributions use, or "".
func findChromium() string {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is a tab of a browser, and the fake that it shows.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string // of the fake

	stopFake func()

	mu       sync.Mutex
	messages []string // errors and warnings in the console
}

// open starts the fake and a browser, and skips the test if there is no browser. At the end of the test, it fails the test if the browser
// has reported an error, such as a violation of the content security policy.
func open(t *testing.T, args ...string) *tab {
	t.Helper()
	i, err := install()
	require.NoError(t, err)
	if i.chromium == "" {
		t.Skip("Chromium is not installed: apt-get install chromium, or set CHROMIUM to its path")
	}
	t.Parallel() // most of the time, a test waits for the page
	b := &tab{t: t}
	b.url, b.stopFake = startFake(t, i.fakeapi, args...)
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, browserOptions(i.chromium)...)
	t.Cleanup(cancel)
	b.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b.collectMessages()
	t.Cleanup(b.checkMessages)
	return b
}

// browserOptions returns options for a browser that uses only loopback. It has no sandbox, because root cannot use one, and shows only the
// page under test.
func browserOptions(path string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
}

// collectMessages collects the errors and warnings in the console until the context ends.
func (b *tab) collectMessages() {
	messages := chromedp.Console(b.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" {
				b.mu.Lock()
				b.messages = append(b.messages, m.String())
				b.mu.Unlock()
			}
		}
	}()
}

func (b *tab) checkMessages() {
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Empty(b.t, b.messages, "the console of the browser")
}

// expectMessage waits for a message in the console, and removes all that contain the text.
func (b *tab) expectMessage(text string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		before := len(b.messages)
		b.messages = slices.DeleteFunc(b.messages, func(m string) bool { return strings.Contains(m, text) })
		return len(b.messages) < before
	}, 5*time.Second, 10*time.Millisecond)
}

// startFake starts the program on a free port. It returns its URL and a function that stops it.
func startFake(t *testing.T, program string, args ...string) (url string, stop func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // always returns an error after Kill
	})
	t.Cleanup(stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, ok, line)
	return url, stop
}

// client returns a client of the fake.
func (b *tab) client() *droplets.Client {
	c, err := droplets.NewClient(dropletstest.Token, droplets.WithBaseURL(b.url), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
	require.NoError(b.t, err)
	return c
}

// control sends a request to the control API.
func (b *tab) control(path, body string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, strings.NewReader(body))
	require.NoError(b.t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(b.t, err)
	require.NoError(b.t, resp.Body.Close())
	require.Equal(b.t, http.StatusOK, resp.StatusCode)
}

// do runs actions in the browser.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

// visit opens the page.
func (b *tab) visit() {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url+"/"), chromedp.WaitVisible(chromedp.CSS("#droplets-heading")))
}

// eval returns the value of a JavaScript expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err, expression)
	return v
}

// until waits until a JavaScript expression is true.
func (b *tab) until(expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(20*time.Millisecond),
		chromedp.WithPollingTimeout(15*time.Second)))
	if err != nil {
		b.t.Fatalf("%s: %v; the page has: %s", expression, err, eval[string](b, "document.body.innerText"))
	}
}

// media sets a media feature, such as prefers-color-scheme.
func (b *tab) media(name, value string) {
	b.t.Helper()
	features := []*emulation.MediaFeature{{Name: name, Value: value}}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	require.NoError(b.t, err)
}

func createRequest(name string) droplets.DropletCreateRequest {
	return droplets.DropletCreateRequest{Name: name, Region: "nyc3", Size: "s-1vcpu-1gb",
		Image: droplets.ImageSlug("ubuntu-24-04-x64"), IPv6: true, Tags: []string{"web"}}
}
