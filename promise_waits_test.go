package droplets_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestAWaitThatEndsDuringAPoll: the context ends while a poll is in flight. The wait returns what the poll before has shown.
func TestAWaitThatEndsDuringAPoll(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				return respond(200, actionBody(7, "in-progress"))()
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		action, err := c.DropletActions.WaitForAction(ctx, 42, 7)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotNil(t, action)
		assert.Equal(t, droplets.ActionStatusInProgress, action.Status)
	})
}

// TestWithPollingSetsTheInterval: the option is for one wait. The next has the interval of the client.
func TestWithPollingSetsTheInterval(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var times []time.Time
		_, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			times = append(times, time.Now())
			status := "in-progress"
			if len(times) == 4 {
				status = "completed"
			}
			return respond(200, actionBody(7, status))()
		}, droplets.WithPollPolicy(droplets.PollPolicy{Initial: time.Minute, Max: time.Minute}))
		seven := droplets.WithPolling(droplets.PollPolicy{Initial: 7 * time.Second, Max: 7 * time.Second})
		for interval, co := range map[time.Duration][]droplets.CallOption{7 * time.Second: {seven}, time.Minute: nil} {
			times = nil
			_, err := c.DropletActions.WaitForAction(t.Context(), 42, 7, co...)
			require.NoError(t, err)
			require.Len(t, times, 4)
			for i := range 3 {
				delay := times[i+1].Sub(times[i])
				assert.LessOrEqual(t, delay, interval)
				assert.GreaterOrEqual(t, delay, interval*9/10, "the jitter shortens it by up to a tenth")
			}
		}
	})
}
