package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

// TestMain runs a worker process instead of the tests if the first argument is its command.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerCommand {
		main()
		return
	}
	os.Exit(m.Run())
}

// startTestRedis starts a Redis server for a test. It skips the test if redis-server is not installed.
func startTestRedis(t *testing.T) *redisServer {
	t.Helper()
	server, err := startRedis(t.Context())
	if errors.Is(err, errNoRedis) {
		t.Skip("skipped: ", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.stop()) })
	return server
}

func startTestAPI(t *testing.T) *fakeServer {
	t.Helper()
	api, err := serveAPI(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, api.close()) })
	return api
}

// newTestEnv returns an environment for a program, and its output.
func newTestEnv(args ...string) (env program.Env, out, stderr *bytes.Buffer) {
	out, stderr = new(bytes.Buffer), new(bytes.Buffer)
	return program.Env{Args: args, In: strings.NewReader(""), Out: out, Err: stderr}, out, stderr
}

// TestProcessesShareQuota checks that no request is rejected and that the calls take little longer than at an even pace.
func TestProcessesShareQuota(t *testing.T) {
	t.Parallel()
	redis, api := startTestRedis(t), startTestAPI(t)
	o := options{processes: 4, callers: 4, calls: 1000, redis: redis.addr, shared: true}
	env, _, _ := newTestEnv()
	total, err := job{options: o, api: api.url, token: fakeToken}.run(t.Context(), env)
	require.NoError(t, err)
	assert.Equal(t, callCounts{Calls: 1000}, total)

	requests := api.api.Requests()
	require.Len(t, requests, 1000)
	for _, r := range requests {
		require.Equal(t, http.StatusOK, r.Status)
	}
	took, atEvenPace := requests[999].Time.Sub(requests[0].Time), evenPaceDuration(o.calls, quotas(false)[0])
	assert.LessOrEqual(t, took, atEvenPace*13/10)
	assert.GreaterOrEqual(t, took, burstDuration(o.calls, quotas(false)[0]), "faster than the quota allows")
}

// TestQuotaExceededWithoutSharing checks that the fake enforces the quota: otherwise TestProcessesShareQuota would prove nothing.
// The clients retry the rejected requests.
func TestQuotaExceededWithoutSharing(t *testing.T) {
	t.Parallel()
	api := startTestAPI(t)
	o := options{processes: 2, callers: 4, calls: 300}
	env, out, _ := newTestEnv()
	total, err := job{options: o, api: api.url, token: fakeToken}.run(t.Context(), env)
	require.NoError(t, err)
	assert.Equal(t, int64(300), total.Calls)
	assert.Positive(t, total.RateLimited)
	assert.Equal(t, api.rateLimited(), total.RateLimited)
	assert.Contains(t, out.String(), "process 2: 150 calls")
}

func TestProgramPrintsTheCallsOfEachProcess(t *testing.T) {
	t.Parallel()
	startTestRedis(t) // skips the test without redis-server
	env, out, stderr := newTestEnv("-calls", "7", "-processes", "2")
	require.NoError(t, run(t.Context(), env))
	assert.Contains(t, stderr.String(), "With -live, in your account, this sends 7 read requests and changes nothing.")
	assert.Contains(t, out.String(), "process 1: 4 calls, 0 responses were 429\nprocess 2: 3 calls, 0 responses were 429\n7 calls by 2 processes in")
}

func TestFailingProcessesAreReported(t *testing.T) {
	t.Parallel()
	addr, _, err := freePort() // no server listens on it
	require.NoError(t, err)
	env, _, stderr := newTestEnv("-calls", "2", "-processes", "2", "-redis", addr)
	err = run(t.Context(), env)
	require.ErrorContains(t, err, "process 1")
	require.ErrorContains(t, err, "process 2")
	assert.Contains(t, stderr.String(), "shared quota")
	assert.NotContains(t, stderr.String(), fakeToken)
}

func TestMissingRedisServerIsReported(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	env, _, _ := newTestEnv()
	require.ErrorIs(t, run(t.Context(), env), errNoRedis)
}

func TestInvalidFlagsAreRejected(t *testing.T) {
	t.Parallel()
	const tooSmall = "-processes and -callers must be at least 1, and -calls at least -processes"
	for args, want := range map[string]string{"-processes=0": tooSmall, "-callers=0": tooSmall, "-calls=3": tooSmall,
		"-live -shared=false": "-shared=false is not allowed with -live", "-nonsense": "not defined"} {
		env, _, _ := newTestEnv(strings.Fields(args)...)
		_, err := parse(env)
		require.ErrorContains(t, err, want, args)
	}
	env, _, _ := newTestEnv("-live")
	require.ErrorContains(t, run(t.Context(), env), "DIGITALOCEAN_TOKEN")
}
