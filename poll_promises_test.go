package droplets_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestAnInitialDelayAboveTheMaximum: without a Max, the interval is that of Initial, also if it is above the default of Max.
func TestAnInitialDelayAboveTheMaximum(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(200, actionBody(7, "in-progress")), respond(200, actionBody(7, "in-progress")),
			respond(200, actionBody(7, "in-progress")), respond(200, actionBody(7, "completed"))))
		start := time.Now()
		_, err := c.DropletActions.WaitForAction(t.Context(), 42, 7, droplets.WithPolling(droplets.PollPolicy{Initial: time.Minute}))
		require.NoError(t, err)
		assert.Equal(t, 4, a.count())
		assert.GreaterOrEqual(t, time.Since(start), 3*54*time.Second, "three delays of a minute, less a tenth of jitter")
		assert.LessOrEqual(t, time.Since(start), 3*time.Minute)
	})
}

// TestAPollOfManyActionsIsNotRetried: a read of one action that fails counts as a failed poll, and is repeated by the next poll
// and not by a retry.
func TestAPollOfManyActionsIsNotRetried(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var times []time.Duration
		start := time.Now()
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/v2/actions") {
				return respond(403, forbiddenBody)()
			}
			times = append(times, time.Since(start).Round(time.Millisecond))
			if len(times) == 1 {
				return respond(502, "")()
			}
			return respond(200, actionBody(7, "completed"))()
		}, droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 3, MinDelay: time.Millisecond, MaxDelay: time.Millisecond}),
			droplets.WithPollPolicy(droplets.PollPolicy{Initial: 10 * time.Second}))
		_, err := c.DropletActions.WaitForActions(t.Context(), droplets.Action{ID: 7, ResourceID: 42, ResourceType: "droplet"})
		require.NoError(t, err)
		require.Len(t, times, 2)
		assert.GreaterOrEqual(t, times[1]-times[0], 9*time.Second, "the interval of the polls, less a tenth of jitter")
	})
}

// TestTransportErrorsSayWhetherAChangeMayBeApplied: the text has the warning for a change and not for a read.
func TestTransportErrorsSayWhetherAChangeMayBeApplied(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(failWith(errors.New("connection reset"))), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
	_, err := c.Droplets.Create(t.Context(), createRequest())
	require.ErrorIs(t, err, droplets.ErrMaybeApplied)
	require.ErrorContains(t, err, droplets.ErrMaybeApplied.Error())
	_, err = c.Droplets.Get(t.Context(), 42)
	require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
	assert.NotContains(t, err.Error(), droplets.ErrMaybeApplied.Error())
}

// TestHeadersThatCannotBeSet: each header that the client or net/http sets is rejected, in any case of letters.
func TestHeadersThatCannotBeSet(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Authorization", "Host", "Content-Length", "Transfer-Encoding", "Accept-Encoding", "Idempotency-Key", "X-Idempotency-Key"} {
		for _, key := range []string{name, strings.ToLower(name)} {
			a, c := newAPI(t, sequence(respond(200, dropletBody(42))))
			_, err := c.Droplets.Get(t.Context(), 42, droplets.WithHeader(key, "x"))
			requireInvalid(t, err, "header")
			require.ErrorContains(t, err, name)
			assert.Zero(t, a.count())
		}
	}
}
