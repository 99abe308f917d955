package droplets_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestWaitEndsAtOnceIfAnotherCallHasStartedThePause: the pause ends after the context of the wait, so that no poll can be sent.
func TestWaitEndsAtOnceIfAnotherCallHasStartedThePause(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, refusedBody, "Retry-After: 60"), respond(200, dropletBody(42))))
		other := inBackground(t.Context(), c, 43)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Droplets.WaitFor(ctx, 42, droplets.IsActive)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, 1, a.count())
		require.NoError(t, <-other)
	})
}

// brokenLimiter returns an error.
type brokenLimiter struct{ err error }

func (l brokenLimiter) Wait(context.Context) error { return l.err }

func TestWaitEndsAtOnceIfTheLimiterFails(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		broken := errors.New("no connection to Redis")
		a, c := newAPI(t, sequence(respond(200, dropletBody(42))), droplets.WithRateLimiter(brokenLimiter{broken}))
		start := time.Now()
		_, err := c.Droplets.WaitFor(t.Context(), 42, droplets.IsActive)
		require.ErrorIs(t, err, broken)
		assert.ErrorContains(t, err, "rate limiter: no connection to Redis")
		assert.Zero(t, time.Since(start))
		assert.Zero(t, a.count())
	})
}

// TestWaitTolerates a broken connection, and ends at once if the certificate is not trusted.
func TestWaitTolerates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		failure error
		polls   int
	}{
		"a broken connection":      {errReset, 4},
		"no connection":            {errDial, 4},
		"an untrusted certificate": {errUntrusted, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(failWith(tt.failure)), droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 1}))
				_, err := c.Droplets.WaitFor(t.Context(), 42, droplets.IsActive)
				require.ErrorIs(t, err, tt.failure)
				assert.Equal(t, tt.polls, a.count(), "two polls with two attempts each, if it is tolerated")
			})
		})
	}
}

// TestAChangeThatIsResentIsNotADelete: a 404 after a lost response is a success of a DELETE only.
func TestAChangeThatIsResentIsNotADelete(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(502, ""), respond(404, notFoundBody)))
		_, err := c.DropletActions.Rename(t.Context(), 42, droplets.RenameRequest{Name: "web-2"}, droplets.ResendUncertain())
		require.ErrorIs(t, err, droplets.ErrNotFound)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		_, err = c.Droplets.Get(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Equal(t, 3, a.count())
	})
}
