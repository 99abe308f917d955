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

// TestMain lets the tests start the test binary as one of the processes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerCommand {
		main()
		return
	}
	os.Exit(m.Run())
}

// redisFor starts a Redis for a test, and skips the test where there is none.
func redisFor(t *testing.T) *redisServer {
	t.Helper()
	server, err := startRedis(t.Context())
	if errors.Is(err, errNoRedis) {
		t.Skip("not run: ", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.stop()) })
	return server
}

func apiFor(t *testing.T) *served {
	t.Helper()
	api, err := serveAPI(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, api.close()) })
	return api
}

// environment is what a program has in a test, and what it says.
func environment(args ...string) (env program.Env, out, remarks *bytes.Buffer) {
	out, remarks = new(bytes.Buffer), new(bytes.Buffer)
	return program.Env{Args: args, In: strings.NewReader(""), Out: out, Err: remarks}, out, remarks
}

// TestFourProcessesKeepOneQuota is what all of this is for: not one 429, and little time lost.
func TestFourProcessesKeepOneQuota(t *testing.T) {
	t.Parallel()
	redis, api := redisFor(t), apiFor(t)
	o := options{processes: 4, callers: 4, calls: 1000, redis: redis.addr, shared: true}
	env, _, _ := environment()
	total, err := job{options: o, api: api.url, token: memoryToken}.run(t.Context(), env)
	require.NoError(t, err)
	assert.Equal(t, tally{Calls: 1000}, total)

	requests := api.memory.Requests()
	require.Len(t, requests, 1000)
	for _, r := range requests {
		require.Equal(t, http.StatusOK, r.Status)
	}
	took, least := requests[999].Time.Sub(requests[0].Time), evenly(o.calls, quotas(false)[0])
	assert.LessOrEqual(t, took, least*13/10)
	t.Logf("1,000 calls took %s; at an even pace they take %s, in bursts %s", took, least, inBursts(o.calls, quotas(false)[0]))
}

// TestWithoutSharingTheQuotaIsPassed shows that the API counts, so that the test above means something. The clients
// ride the refusals out.
func TestWithoutSharingTheQuotaIsPassed(t *testing.T) {
	t.Parallel()
	api := apiFor(t)
	o := options{processes: 2, callers: 4, calls: 300}
	env, out, _ := environment()
	total, err := job{options: o, api: api.url, token: memoryToken}.run(t.Context(), env)
	require.NoError(t, err)
	assert.Equal(t, int64(300), total.Calls)
	assert.Positive(t, total.Refused)
	assert.Equal(t, api.refused(), total.Refused)
	assert.Contains(t, out.String(), "process 2: 150 calls")
}

func TestProgram(t *testing.T) {
	t.Parallel()
	redisFor(t) // to be skipped where there is none
	env, out, remarks := environment("-calls", "7", "-processes", "2")
	require.NoError(t, run(t.Context(), env))
	assert.Contains(t, remarks.String(), "With -live, in your account, this sends 7 reads and changes nothing.")
	assert.Contains(t, out.String(), "process 1: 4 calls, 0 answers were 429\nprocess 2: 3 calls, 0 answers were 429\n7 calls by 2 processes in")
}

func TestAProcessThatFailsFailsTheProgram(t *testing.T) {
	t.Parallel()
	addr, _, err := freePort() // where nobody listens
	require.NoError(t, err)
	env, _, remarks := environment("-calls", "2", "-processes", "2", "-redis", addr)
	err = run(t.Context(), env)
	require.ErrorContains(t, err, "process 1")
	require.ErrorContains(t, err, "process 2")
	assert.Contains(t, remarks.String(), "shared quota")
	assert.NotContains(t, remarks.String(), memoryToken)
}

func TestWithoutRedisItSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	env, _, _ := environment()
	require.ErrorIs(t, run(t.Context(), env), errNoRedis)
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"-processes=0", "-callers=0", "-calls=3", "-live -shared=false", "-nonsense"} {
		env, _, _ := environment(strings.Fields(args)...)
		_, err := parse(env)
		require.Error(t, err, args)
	}
	env, _, _ := environment("-live")
	require.ErrorContains(t, run(t.Context(), env), "DIGITALOCEAN_TOKEN")
}
