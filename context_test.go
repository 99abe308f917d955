package droplets_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestContextCauseDoesNotMatchSentinels cancels the context of one call with the error of another as the cause, as errgroup
// does.
func TestContextCauseDoesNotMatchSentinels(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		hang := func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}
		for _, status := range []int{403, 404, 422, 502} {
			_, other := newAPI(t, sequence(respond(status, notFoundBody)), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
			_, cause := other.Droplets.Create(t.Context(), createRequest())
			require.Error(t, cause)
			before := cause.Error()

			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			_, c := newAPI(t, hang)
			_, err := c.Droplets.Get(ctx, 42)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause, "the error wraps the cause")
			for _, kind := range []error{droplets.ErrForbidden, droplets.ErrNotFound, droplets.ErrUnprocessable, droplets.ErrServer, droplets.ErrMaybeApplied} {
				require.NotErrorIs(t, err, kind, "the cause is not the outcome of this call")
			}
			assert.Equal(t, before, cause.Error(), "the other call's error is not modified")
			assert.True(t, strings.HasPrefix(err.Error(), "droplets: droplets_get: GET /v2/droplets/42: context canceled: "))
			require.ErrorIs(t, c.Droplets.WaitForDeleted(ctx, 42), context.Canceled, "the 404 in the cause does not report a deleted Droplet")
		}
	})
}

func TestContextDoneDuringRetryDelay(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 20")))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		_, err := c.Droplets.Create(ctx, createRequest())
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, droplets.ErrRateLimited, "the error wraps the 429")
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 3*time.Second, time.Since(start))
		assert.Equal(t, 1, a.count())
		assert.True(t, strings.HasPrefix(err.Error(), "droplets: droplets_create: "))
		assert.NotContains(t, err.Error(), "; before that: droplets: ")
	})
}

func TestContextDoneInFlight(t *testing.T) {
	t.Parallel()
	cause := errors.New("the machine shuts down")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					<-r.Context().Done()
					return nil, r.Context().Err()
				})
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(cause) })
				var err error
				switch method {
				case "GET":
					_, err = c.Droplets.Get(ctx, 42)
				case "POST":
					_, err = c.Droplets.Create(ctx, createRequest())
				case "DELETE":
					err = c.Droplets.Delete(ctx, 42)
				}
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
				assert.Equal(t, method != "GET", errors.Is(err, droplets.ErrMaybeApplied))
			})
		})
	}
}

func TestContextDoneBeforeTheCall(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(42))))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Droplets.Create(ctx, createRequest())
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
	assert.Zero(t, a.count())
}

// TestTextsOfContextErrors: the cause is part of the text if it says more than the error of the context.
func TestTextsOfContextErrors(t *testing.T) {
	t.Parallel()
	const before = "droplets: droplets_get: GET /v2/droplets/42: "
	_, c := newAPI(t, sequence(respond(200, dropletBody(42))))
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(nil)
	require.EqualError(t, second(c.Droplets.Get(ctx, 42)), before+"context canceled")
	ctx, cancel = context.WithCancelCause(t.Context())
	cancel(errors.New("the job was\nstopped"))
	require.EqualError(t, second(c.Droplets.Get(ctx, 42)), before+"context canceled: the job was stopped")
}

// TestTheErrorOfATimedOutAttempt is a net.Error.
func TestTheErrorOfATimedOutAttempt(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, droplets.WithRetryPolicy(droplets.RetryPolicy{}))
		err := second(c.Droplets.Get(t.Context(), 42))
		require.EqualError(t, err, "droplets: droplets_get: GET /v2/droplets/42: the attempt timed out after 1m0s")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var e *droplets.TransportError
		require.ErrorAs(t, err, &e)
		var network net.Error
		require.ErrorAs(t, e.Err, &network)
		assert.True(t, network.Timeout())
		temporary, ok := network.(interface{ Temporary() bool }) // callers may still use it
		assert.True(t, ok && temporary.Temporary())
	})
}
