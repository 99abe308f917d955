package droplets_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestADelayOfZeroPausesNoCall: the delay after a 429 that names 0 is a backoff of one call. The error of a call whose deadline
// is before its end does not say that the rate limit requires a delay.
func TestADelayOfZeroPausesNoCall(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, refusedBody, "Retry-After: 0"), respond(200, dropletBody(42))))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := c.Droplets.Get(ctx, 42)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Regexp(t, `; not retried: the delay is [2-5]\d\d[^ ]*ms and the context ends in 100ms$`, err.Error())
		assert.NotContains(t, err.Error(), "requires a delay")
		require.NotErrorIs(t, err, context.DeadlineExceeded, "as after any other response that is not retried in time")
		assert.Zero(t, time.Since(start))

		_, err = c.Droplets.Get(ctx, 42)
		require.NoError(t, err, "other calls are not paused")
		assert.Zero(t, time.Since(start))
		assert.Equal(t, 2, a.count())
	})
}

// pastDeadline is a context whose deadline has passed and whose timer has not run yet.
type pastDeadline struct{ context.Context }

func (pastDeadline) Deadline() (time.Time, bool) { return time.Now().Add(-time.Second), true }

// slowDeadline is a context that ends while its deadline is read, as if the goroutine were slow.
type slowDeadline struct{ context.Context }

func (c slowDeadline) Deadline() (time.Time, bool) {
	<-c.Done()
	return c.Context.Deadline()
}

// TestADeadlineThatPassesWhileACallIsRejected: a call in a pause is rejected at the moment at which its deadline passes.
func TestADeadlineThatPassesWhileACallIsRejected(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]droplets.Option{"default": nil, "one in flight": {droplets.WithMaxInFlight(1)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(respond(429, refusedBody, "Retry-After: 20"), respond(200, dropletBody(42))), opts...)
				paused := inBackground(t.Context(), c, 42)

				_, err := c.Droplets.Get(pastDeadline{t.Context()}, 42)
				require.ErrorIs(t, err, droplets.ErrRateLimited)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.ErrorContains(t, err, "the rate limit requires a delay of 20s, and the context ends in 0s:")

				cause := errors.New("the job took too long")
				ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, cause)
				defer cancel()
				_, err = c.Droplets.Get(slowDeadline{ctx}, 42)
				require.ErrorIs(t, err, droplets.ErrRateLimited)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, cause)
				assert.ErrorContains(t, err, "not sent: rate limited: waited 2s, with 1 other calls in the queue:")

				canceled, cancelWith := context.WithCancelCause(t.Context())
				ctx, cancel = context.WithTimeout(canceled, 2*time.Second)
				defer cancel()
				time.AfterFunc(time.Second, func() { cancelWith(cause) })
				_, err = c.Droplets.Get(slowDeadline{ctx}, 42)
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
				require.NotErrorIs(t, err, droplets.ErrRateLimited)

				_, err = c.Droplets.Get(slowDone{pastDeadline{t.Context()}, time.Now().Add(21 * time.Second)}, 42)
				require.ErrorIs(t, err, droplets.ErrRateLimited)
				assert.ErrorContains(t, err, "the rate limit requires a delay of 0s, and the context ends in 0s:")
				require.NoError(t, <-paused)
				synctest.Wait()
				assert.Equal(t, droplets.Stats{Refused: 1, Waited: c.Stats().Waited}, c.Stats())
				assert.Equal(t, 2, a.count())
			})
		})
	}
}

// countingLimiter counts how often it is called.
type countingLimiter struct{ calls int }

func (l *countingLimiter) Wait(context.Context) error { l.calls++; return nil }

// TestACallThatCannotBeSentInTimeDoesNotUseTheLimiter has a deadline before the end of a pause.
func TestACallThatCannotBeSentInTimeDoesNotUseTheLimiter(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		limiter := new(countingLimiter)
		a, c := newAPI(t, sequence(respond(429, refusedBody, "Retry-After: 20"), respond(200, dropletBody(42))), droplets.WithRateLimiter(limiter))
		paused := inBackground(t.Context(), c, 42)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := c.Droplets.Get(ctx, 42)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, <-paused)
		assert.Equal(t, 2, limiter.calls)
		assert.Equal(t, 2, a.count())
	})
}
