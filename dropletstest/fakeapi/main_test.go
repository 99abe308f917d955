package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// runMainEnv is an environment variable. If it is set, the test binary runs main instead of the tests.
const runMainEnv = "FAKEAPI_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runMainEnv) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// syncBuffer is a buffer for the log of a process that is still running.
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

type process struct {
	url  string
	log  *syncBuffer
	stop func() error
}

// start runs the program in a goroutine until stop is called, which returns the error of run. It returns when the program has printed its
// URL.
func start(t *testing.T, args ...string) process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	log := new(syncBuffer)
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0", "-action-duration", "0"}, args...), w, log)
		_ = w.Close()
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err, log.String())
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, ok, line)
	return process{url, log, sync.OnceValue(func() error {
		cancel()
		return <-ended
	})}
}

func (p process) client(t *testing.T, token string) *droplets.Client {
	t.Helper()
	c, err := droplets.NewClient(token, droplets.WithBaseURL(p.url), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
	require.NoError(t, err)
	return c
}

func createRequest(name string) droplets.DropletCreateRequest {
	return droplets.DropletCreateRequest{Name: name, Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")}
}

func TestServe(t *testing.T) {
	p := start(t, "-token", "sesame", "-seed", "25")
	c := p.client(t, "sesame")
	page, err := c.Droplets.List(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, 25, page.Total)
	_, err = p.client(t, "wrong").Droplets.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrUnauthorized)
	require.NoError(t, p.stop())
	assert.Equal(t, 2, strings.Count(p.log.String(), "msg=request"))
	assert.NotContains(t, p.log.String(), "sesame")
}

func TestRateLimit(t *testing.T) {
	p := start(t, "-rate-limit", "2/1h")
	c := p.client(t, dropletstest.Token)
	for range 2 {
		_, err := c.Droplets.List(t.Context(), nil)
		require.NoError(t, err)
	}
	_, err := c.Droplets.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrRateLimited)
	require.NoError(t, p.stop())
}

func TestStateFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	p := start(t, "-state", file, "-seed", "3")
	c := p.client(t, dropletstest.Token)
	created, err := c.Droplets.Create(t.Context(), createRequest("kept"))
	require.NoError(t, err)
	assert.FileExists(t, file, "the state is saved while the program runs")
	_, err = c.Droplets.Create(t.Context(), createRequest("late"))
	require.NoError(t, err)
	require.NoError(t, p.stop())

	p = start(t, "-state", file, "-seed", "3")
	c = p.client(t, dropletstest.Token)
	d, err := c.Droplets.Get(t.Context(), created.Droplet.ID)
	require.NoError(t, err)
	assert.Equal(t, "kept", d.Name)
	page, err := c.Droplets.List(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, 5, page.Total, "-seed is ignored if a state is loaded")
	require.NoError(t, p.stop())
	left, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, left, 1, "no temporary files remain")
}

func TestInvalidStateFileIsNotChanged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"version":1,"drop`), 0o600))
	err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-state", file}, io.Discard, io.Discard)
	require.ErrorContains(t, err, file)
	require.ErrorContains(t, err, "not changed")
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, `{"version":1,"drop`, string(b))
}

func TestStateWriteError(t *testing.T) {
	p := start(t, "-state", filepath.Join(t.TempDir(), "none", "state.json"))
	_, err := p.client(t, dropletstest.Token).Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	require.ErrorIs(t, p.stop(), fs.ErrNotExist)
	assert.Contains(t, p.log.String(), "the state was not saved")
}

func TestUsageErrors(t *testing.T) {
	for _, tc := range []struct {
		args    []string
		message string
	}{
		{[]string{"-no-such-flag"}, "flag provided but not defined: -no-such-flag"},
		{[]string{"more"}, `fakeapi: unexpected argument "more"`},
		{[]string{"-seed", "-1"}, "fakeapi: -seed must be between 0 and 100000"},
		{[]string{"-seed", "100001"}, "fakeapi: -seed must be between 0 and 100000"},
		{[]string{"-action-duration", "-1s"}, "fakeapi: -action-duration must not be negative: -1s"},
		{[]string{"-action-duration", ""}, "fakeapi: -action-duration must be a duration such as 1m30s"},
		{[]string{"-action-duration", "resize=1s,fly=1s"}, `fakeapi: -action-duration must be a type of action such as resize, not "fly"`},
		{[]string{"-droplet-limit", "-1"}, "fakeapi: -droplet-limit must not be negative"},
		{[]string{"-lag", "8s"}, `fakeapi: -lag must have visibility, addresses, status or snapshots, not "8s"`},
		{[]string{"-lag", "status=soon"}, `fakeapi: -lag status must be a duration such as 1m30s, not "soon"`},
		{[]string{"-clock", "stopped"}, "fakeapi: -clock must be real, manual or manual@"},
		{[]string{"-clock", "real@2030-01-02T03:04:05Z"}, "fakeapi: -clock must be real, manual or manual@"},
		{[]string{"-clock", "manual@noon"}, "fakeapi: -clock must have a time such as"},
		{[]string{"-clock", "manual@1969-01-01T00:00:00Z"}, "fakeapi: -clock must be between the years 1970 and 2200"},
		{[]string{"-clock", "manual@2201-01-01T00:00:00Z"}, "fakeapi: -clock must be between the years 1970 and 2200"},
		{[]string{"-fault", "droplets_create"}, `invalid value "droplets_create" for flag -fault: must be an operation and its fault, such as droplets_create:502:times=1, or JSON`},
		{[]string{"-fault", ""}, "must be an operation and its fault, such as droplets_create:502:times=1, or JSON"},
		{[]string{"-fault", "droplets_create:"}, "must be an operation and its fault, such as"},
		{[]string{"-fault", "droplets_create:502:"}, "must be an operation and its fault, such as"},
		{[]string{"-fault", "droplets_create:slow"}, `"slow" must be a status, always, applied, or a field such as times=1`},
		{[]string{"-fault", "droplet_create:502"}, `operation must be an operation such as droplets_create, not "droplet_create"`},
		{[]string{"-fault", "{"}, "the body cannot be decoded: unexpected EOF"},
		{[]string{"-allow-host", "fakeapi:8080"}, "for flag -allow-host: must be a name without a port"},
		{[]string{"-allow-host", ""}, "for flag -allow-host: must be a name without a port"},
		{[]string{"-rate-limit", "x"}, `fakeapi: -rate-limit must have a number of requests, not "x"`},
		{[]string{"-rate-limit", "1,2,3"}, `fakeapi: -rate-limit must have one or two limits, not "1,2,3"`},
		{[]string{"-rate-limit", "5/0s"}, `fakeapi: -rate-limit must have a window such as 6s, not "0s"`},
		{[]string{"-rate-limit", "5/soon"}, `fakeapi: -rate-limit must have a window such as 6s, not "soon"`},
	} {
		var stderr bytes.Buffer
		require.ErrorIs(t, run(t.Context(), tc.args, io.Discard, &stderr), errUsage, "%q", tc.args)
		assert.Contains(t, stderr.String(), tc.message, "%q", tc.args)
	}
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, io.Discard, io.Discard), flag.ErrHelp)
	require.ErrorContains(t, run(t.Context(), []string{"-addr", "127.0.0.1:99999"}, io.Discard, io.Discard), "invalid port")
}

// TestSignals checks that the program, as a separate process, exits without an error on a signal.
func TestSignals(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(fmt.Sprint(sig), func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-addr", "127.0.0.1:0")
			cmd.Env = append(os.Environ(), runMainEnv+"=1")
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			line, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			url := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v2/droplets", http.NoBody)
			require.NoError(t, err)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
			require.NoError(t, cmd.Process.Signal(sig))
			err = cmd.Wait()
			if exit, failed := errors.AsType[*exec.ExitError](err); failed {
				t.Fatalf("the process exited with %v", exit)
			}
			require.NoError(t, err)
		})
	}
}
