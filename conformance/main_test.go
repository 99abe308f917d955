package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lineReader is a writer whose first line a test can wait for.
type lineReader struct{ lines chan string }

func (r *lineReader) Write(b []byte) (int, error) {
	r.lines <- string(b)
	return len(b), nil
}

// start runs serve. It returns the base URL of the server, and a function that ends it and checks its error.
func start(t *testing.T, args ...string) (base string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out := &lineReader{lines: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append([]string{"serve"}, args...), out) }()
	select {
	case line := <-out.lines:
		base, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
		require.True(t, found, line)
		return base, func() {
			cancel()
			require.NoError(t, <-ended)
		}
	case err := <-ended:
		cancel()
		require.NoError(t, err)
		t.Fatal("the server ended")
		return "", nil
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer x")
	r.Header.Set("User-Agent", "conformance-test/1")
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

// TestServeAndReport starts a mock and a proxy in front of it, as conformance/run does, and reports their logs.
func TestServeAndReport(t *testing.T) {
	dir := t.TempDir()
	mockLog, proxyLog, addrFile := filepath.Join(dir, "mock.jsonl"), filepath.Join(dir, "proxy.jsonl"), filepath.Join(dir, "addr")
	mock, stopMock := start(t, "-log", mockLog, "-addr-file", addrFile)
	written, err := os.ReadFile(addrFile)
	require.NoError(t, err)
	assert.Equal(t, mock+"\n", string(written))
	proxy, stopProxy := start(t, "-mode", "proxy", "-upstream", mock, "-log", proxyLog)
	status, body := get(t, proxy+"/v2/droplets/7")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `"droplet"`)
	status, _ = get(t, mock+"/v2/droplets?per_page=0")
	assert.Equal(t, http.StatusBadRequest, status)
	http.DefaultClient.CloseIdleConnections()
	stopProxy()
	stopMock()

	list := filepath.Join(dir, "operations.json")
	require.NoError(t, os.WriteFile(list, []byte(`[{"id": "droplets_get"}]`), 0o600))
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"report", "-lints", "-operations", list, proxyLog}, &out))
	assert.Contains(t, out.String(), "\n1 operations, 1 requests, 0 violations, 0 lints\n")
	require.EqualError(t, run(t.Context(), []string{"report", mockLog}, io.Discard), "1 violations")
	require.NoError(t, os.WriteFile(list, []byte(`[{"id": "droplets_list"}]`), 0o600))
	require.EqualError(t, run(t.Context(), []string{"report", "-operations", list, proxyLog}, io.Discard), "no success of droplets_list")
}

func TestCheckFindsViolationsAndLints(t *testing.T) {
	file := filepath.Join(t.TempDir(), "body.json")
	check := func(body string, args ...string) (string, error) {
		require.NoError(t, os.WriteFile(file, []byte(body), 0o600))
		var out strings.Builder
		err := run(t.Context(), append(append([]string{"check"}, args...), file), &out)
		return out.String(), err
	}
	out, err := check(`{"name":"a","size":"s","image":7,"x":1}`, "-op", "droplets_create")
	require.NoError(t, err)
	assert.Contains(t, out, "0 violations, 1 lints\n  lint: request body at /x:")
	out, err = check(`{"size":"s"}`, "-op", "droplets_create")
	require.EqualError(t, err, "1 violations")
	assert.Contains(t, out, "1 violations, 0 lints\n  violation: request body")
	_, err = check(`{"id":"not_found","message":"m"}`, "-op", "droplets_get", "-response", "404")
	require.NoError(t, err)
	_, err = check(`{}`, "-op", "droplets_get", "-response", "404")
	require.EqualError(t, err, "2 violations")
}

func TestWrongArgumentsAreRejected(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.json")
	require.NoError(t, os.WriteFile(empty, []byte("[]"), 0o600))
	log, none := filepath.Join(t.TempDir(), "log"), filepath.Join(t.TempDir(), "none", "file")
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "unknown command"},
		{[]string{"selftest"}, "unknown command"},
		{[]string{"serve", "-mode", "record", "-log", log}, "unknown mode"},
		{[]string{"serve", "-mode", "proxy", "-log", log}, "on this machine"},
		{[]string{"serve", "-mode", "proxy", "-upstream", "http://192.0.2.1", "-log", log}, "on this machine"},
		{[]string{"serve", "-addr", "0.0.0.0:0", "-log", log}, "a loopback address"},
		{[]string{"serve", "-addr", "8080", "-log", log}, "missing port"},
		{[]string{"serve", "-log", none}, "no such file"},
		{[]string{"report"}, "usage"},
		{[]string{"report", none}, "no such file"},
		{[]string{"report", "-operations", empty, empty}, "not an entry"},
		{[]string{"report", "-operations", empty, log}, "lists no operation"},
		{[]string{"check", empty}, "no operation"},
		{[]string{"check", "-op", "droplets_get"}, "usage"},
		{[]string{"check", "-op", "droplets_get", none}, "no such file"},
	} {
		require.NoError(t, os.WriteFile(log, nil, 0o600))
		assert.ErrorContains(t, run(t.Context(), c.args, io.Discard), c.want, c.args)
	}
}
