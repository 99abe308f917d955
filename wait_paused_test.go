package droplets_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestWaitEndsAtOnceIfThePauseIsTooLong: the context of a wait ends before the pause that a 429 requires, so that no later poll
// can be sent.
func TestWaitEndsAtOnceIfThePauseIsTooLong(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 60")))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		began := time.Now()
		_, err := c.Droplets.WaitFor(ctx, 42, droplets.IsActive)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(began))
		assert.Equal(t, 1, a.count())
	})
}

// TestCaptureResponseHasTheLastResponse: the context of a call is done while the call waits after a 429.
func TestCaptureResponseHasTheLastResponse(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 60", "X-Request-Id: r")))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(time.Second, cancel)
		req, err := c.NewRequest(ctx, "GET", "v2/account", nil)
		require.NoError(t, err)
		resp, err := c.Do(req, nil)
		require.ErrorIs(t, err, context.Canceled)
		require.NotNil(t, resp)
		assert.Equal(t, 429, resp.StatusCode)
		assert.Equal(t, "r", resp.RequestID)
		assert.Equal(t, 1, resp.Attempts)
	})
}
