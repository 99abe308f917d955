package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// syncBuffer is a buffer for the log of a program that is still running.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startProgram calls run until stop is called. It returns the URL of its server.
func startProgram(t *testing.T, env func(string) string, args ...string) (url string, log *syncBuffer, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, w := io.Pipe()
	log = new(syncBuffer)
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), env, w, log)
		ended <- err
		_ = w.CloseWithError(errors.Join(io.EOF, err))
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err, log)
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, ok, line)
	return url, log, func() error {
		cancel()
		return <-ended
	}
}

// fetch returns the status and the body of a page, or 0 if there is no response.
func fetch(t *testing.T, url string) (int, string) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if !assert.NoError(t, err) {
		return 0, ""
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(b)
}

func waitUntilHealthy(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		status, _ := fetch(t, url+"/healthz")
		return status == http.StatusOK
	}, 30*time.Second, 10*time.Millisecond)
}

func TestProgramOnTheFake(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "droplets.json")
	url, log, stop := startProgram(t, withoutToken, "-output", path, "-log-format", "json")
	waitUntilHealthy(t, url)
	assert.Equal(t, 5, strings.Count(readFile(t, path), `"targets"`))
	_, page := fetch(t, url+"/metrics")
	for _, line := range []string{"droplets_sd_targets 5\n", "droplets_sd_file_writes_total 1\n", "droplets_rate_limit_remaining ",
		`droplets_request_duration_seconds_count{operation="droplets_list",status="200"} 2` + "\n", "go_goroutines ", "process_open_fds "} {
		assert.Contains(t, page, line)
	}
	require.NoError(t, stop())
	assert.Contains(t, log.String(), `"level":"WARN","msg":"using an in-memory fake of the API`)
	assert.Contains(t, log.String(), `"msg":"stopped"`)
	status, _ := fetch(t, url+"/healthz")
	assert.Zero(t, status, "the server has stopped")
}

func TestProgramWithAToken(t *testing.T) {
	t.Parallel()
	api := dropletstest.New(dropletstest.WithToken(testToken), dropletstest.WithDroplets(2))
	server := httptest.NewServer(api)
	defer server.Close()
	path := filepath.Join(t.TempDir(), "droplets.json")
	url, log, stop := startProgram(t, withToken, "-live", "-base-url", server.URL, "-output", path, "-port", "9100", "-log-level", "debug")
	waitUntilHealthy(t, url)
	require.NoError(t, stop())
	assert.Equal(t, 2, strings.Count(readFile(t, path), `:9100"`))
	assert.NotContains(t, log.String(), testToken)
	assert.Contains(t, log.String(), "operation=droplets_list", "the client logs its calls")
	assert.True(t, strings.HasPrefix(api.Requests()[0].Header.Get("User-Agent"), "droplets-discovery"))
}

func TestOnceRefreshesOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "droplets.json")
	var stdout, stderr bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-once", "-output", path}, withoutToken, &stdout, &stderr))
	assert.Empty(t, stdout.String(), "there is no server")
	assert.Equal(t, 5, strings.Count(readFile(t, path), `"targets"`))

	server := httptest.NewServer(dropletstest.New(dropletstest.WithToken("another"))) // it rejects the token
	defer server.Close()
	before := readFile(t, path)
	err := run(t.Context(), []string{"-once", "-output", path, "-base-url", server.URL}, withToken, &stdout, &stderr)
	require.ErrorIs(t, err, droplets.ErrUnauthorized)
	assert.Equal(t, before, readFile(t, path))
	assert.NotContains(t, stderr.String(), testToken)
}

func TestStartupErrorsAreReturned(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "droplets.json")
	used, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = used.Close() }()
	start := func(env func(string) string, args ...string) error {
		return run(t.Context(), args, env, io.Discard, io.Discard)
	}
	require.ErrorIs(t, start(withoutToken), errUsage)
	require.ErrorIs(t, start(withoutToken, "-output", filepath.Join(dir, "none", "droplets.json")), fs.ErrNotExist)
	require.ErrorIs(t, start(withoutToken, "-output", path, "-listen", used.Addr().String()), syscall.EADDRINUSE)
	require.ErrorIs(t, start(withToken, "-output", path, "-base-url", "http://192.0.2.1"), droplets.ErrInvalidArgument,
		"http would send the token in clear text")
	assert.NoFileExists(t, path)
}

func TestRunAllEndsAllTasks(t *testing.T) {
	t.Parallel()
	failure := errors.New("failure")
	ended := false
	err := runAll(t.Context(), []task{
		func(ctx context.Context) error {
			<-ctx.Done()
			ended = true
			return nil
		},
		func(context.Context) error { return failure },
	})
	require.ErrorIs(t, err, failure)
	assert.True(t, ended)
}

// runMainEnv is the environment variable that makes the test binary run main instead of the tests.
const runMainEnv = "DISCOVERY_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runMainEnv) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func mainCommand(t *testing.T, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	stderr = new(bytes.Buffer)
	cmd = exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), runMainEnv+"=1", tokenEnv+"=")
	cmd.Stderr = stderr
	return cmd, stderr
}

func TestExitCodesAndMessages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args, stderr string
		code         int
	}{
		{"-h", "", 0},
		{"-once -output " + filepath.Join(dir, "droplets.json"), "file written", 0},
		{"", "discovery: invalid arguments: -output is required\n", 2},
		{"-output " + filepath.Join(dir, "none", "droplets.json"), "no such file or directory\n", 1},
	} {
		cmd, stderr := mainCommand(t, strings.Fields(c.args)...)
		err := cmd.Run()
		assert.Equal(t, c.code, cmd.ProcessState.ExitCode(), "%s: %v", c.args, err)
		assert.Contains(t, stderr.String(), c.stderr)
	}
}

func TestSignalsEndTheProgram(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		path := filepath.Join(t.TempDir(), "droplets.json")
		cmd, stderr := mainCommand(t, "-listen", "127.0.0.1:0", "-output", path)
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = bufio.NewReader(stdout).ReadString('\n')
		require.NoError(t, err)
		require.NoError(t, cmd.Process.Signal(signal))
		require.NoError(t, cmd.Wait(), "the exit code is 0")
		assert.Contains(t, stderr.String(), "msg=stopped")
	}
}
