package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vbauerster/mpb/v8"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func TestCreatesAndDeletesTheDroplets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out, stderr bytes.Buffer
		require.NoError(t, run(t.Context(), program.Env{Args: []string{"-n", "12"}, Out: &out, Err: &stderr}))
		assert.Contains(t, stderr.String(), "creates 12 Droplets of size s-1vcpu-1gb")
		assert.Equal(t, 12, strings.Count(out.String(), "in-progress after"))
		assert.Equal(t, 12, strings.Count(out.String(), "completed after"))
		assert.Regexp(t, `\d+ +web-12 +active +198\.18\.`, out.String())
		assert.Equal(t, 12, strings.Count(out.String(), "deleted web-"))
		assert.NotContains(t, out.String(), "\x1b", "no control characters unless out is a terminal")
	})
}

// newTestFleet returns a fleet on the given API, and its output.
func newTestFleet(api *dropletstest.API, cleanup bool) (*fleet, *bytes.Buffer) {
	var out bytes.Buffer
	o := options{n: 3, prefix: "web", region: "nyc3", size: "s-1vcpu-1gb", image: "ubuntu-24-04-x64", cleanup: cleanup}
	return &fleet{client: api.Client(), options: o, out: &out}, &out
}

func TestWithoutCleanupTheDropletsRemain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		f, out := newTestFleet(api, false)
		require.NoError(t, f.run(t.Context(), newProgress(out, time.Second)))
		assert.Len(t, api.Droplets(), 3)
		assert.NotContains(t, out.String(), "deleted")
	})
}

func TestFailedCreateIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.FailNextAction(droplets.ActionTypeCreate)
		f, out := newTestFleet(api, true)
		require.ErrorIs(t, f.run(t.Context(), newProgress(out, time.Second)), droplets.ErrActionFailed)
		assert.Equal(t, 1, strings.Count(out.String(), "errored after"))
		assert.Equal(t, 2, strings.Count(out.String(), "completed after"))
		assert.Empty(t, api.Droplets())
	})
}

func TestInterruptedRunDeletesOrListsTheDroplets(t *testing.T) {
	t.Parallel()
	for _, cleanup := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithActionDuration(time.Minute))
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			f, out := newTestFleet(api, cleanup)
			err := f.run(ctx, newProgress(out, time.Minute))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 3, strings.Count(out.String(), "polling stopped after 10.0 s"))
			if cleanup {
				assert.Empty(t, api.Droplets())
			} else {
				assert.Len(t, api.Droplets(), 3)
				assert.ErrorContains(t, err, "billed until they are deleted")
			}
		})
	}
}

func TestUncertainCreateNamesTheDropletsToCheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Applied: true, Status: http.StatusGatewayTimeout})
		f, out := newTestFleet(api, true)
		err := f.run(t.Context(), newProgress(out, time.Second))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.ErrorContains(t, err, "check your account for web-01 to web-03")
	})
}

func TestFailedDeleteIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(1, dropletstest.Match{Operation: "droplets_destroy"}, dropletstest.Fault{Status: http.StatusForbidden})
		f, out := newTestFleet(api, true)
		err := f.run(t.Context(), newProgress(out, time.Second))
		require.ErrorIs(t, err, droplets.ErrForbidden)
		require.ErrorContains(t, err, "was not deleted")
		assert.Len(t, api.Droplets(), 1)
	})
}

func TestBarsShowTheStatusOfEachDroplet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(20 * time.Second))
		api.FailNextAction(droplets.ActionTypeCreate)
		f, _ := newTestFleet(api, true)
		var screen bytes.Buffer
		err := f.run(t.Context(), newBars(20*time.Second, mpb.WithOutput(&screen), mpb.WithAutoRefresh()))
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		for _, text := range []string{"web-01", "web-02", "web-03", "in-progress", "completed", "errored"} {
			assert.Contains(t, screen.String(), text)
		}
		last := screen.String()[strings.LastIndex(screen.String(), "web-01"):]
		assert.Equal(t, 2, strings.Count(last, "completed"), "%q", last)
		assert.Equal(t, 2, strings.Count(last, "=]"), "the bar of the failed create must not be full: %q", last)
	})
}

func TestLiveAsksForConfirmation(t *testing.T) {
	t.Parallel()
	env := program.Env{Args: []string{"-live"}, Token: "not-a-real-token", In: strings.NewReader("no\n"), Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	require.ErrorIs(t, run(t.Context(), env), program.ErrDeclined)
}

func TestFlagsSetTheOptions(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{"-n=0": "-n must be from 1 to 50, got 0", "-n=51": "-n must be from 1 to 50, got 51", "-nonsense": "not defined"} {
		_, err := parse(program.Env{Args: []string{arg}, Err: &bytes.Buffer{}})
		require.ErrorContains(t, err, want)
	}
	for args, want := range map[string]bool{"-n=1": true, "-live": false, "-cleanup=false": false} {
		o, err := parse(program.Env{Args: []string{args}, Err: &bytes.Buffer{}})
		require.NoError(t, err)
		assert.Equal(t, want, o.cleanup, args)
	}
	o, err := parse(program.Env{Args: []string{"-live", "-cleanup"}, Err: &bytes.Buffer{}})
	require.NoError(t, err)
	assert.True(t, o.cleanup)
}
