package droplets_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestWaitForAction(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		a, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			switch took := time.Since(start); {
			case took < 10*time.Second:
				return respond(200, actionBody(3169590176, "queued"))() // an unknown status
			case took < 55*time.Second:
				return respond(200, actionBody(3169590176, "in-progress"))()
			}
			return respond(200, actionBody(3169590176, "completed"))()
		})
		action, err := c.DropletActions.WaitForAction(t.Context(), 42, 3169590176)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, action.Status)
		assert.Equal(t, "/v2/droplets/42/actions/3169590176", a.last().Path)
		assert.LessOrEqual(t, time.Since(start), 65*time.Second, "at most one interval after the action ended")
		assert.LessOrEqual(t, a.count(), 10)
	})
}

func TestWaitForEndedAction(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		_, c := newAPI(t, sequence(respond(200, actionBody(7, "completed"))))
		action, err := c.DropletActions.WaitForAction(t.Context(), 42, 7)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, action.Status)
		assert.Zero(t, time.Since(start))
	})
}

func TestWaitForActionErrored(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(200, actionBody(7, "in-progress")), respond(200, actionBody(7, "errored"))))
		action, err := c.DropletActions.WaitForAction(t.Context(), 42, 7)
		var failed *droplets.ActionError
		require.ErrorAs(t, err, &failed)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		require.NotNil(t, action)
		assert.Same(t, action, failed.Action)
		assert.Equal(t, droplets.ActionStatusErrored, action.Status)
		assert.Equal(t, "droplets: action 7 (resize) on droplet 42 errored", err.Error())
	})
}

func TestWaitForActionContextDone(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(200, actionBody(7, "in-progress"))))
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		action, err := c.DropletActions.WaitForAction(ctx, 42, 7)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotNil(t, action, "the error comes with the last observed state")
		assert.Equal(t, droplets.ActionStatusInProgress, action.Status)
		assert.Equal(t, time.Minute, time.Since(start))
		assert.Contains(t, err.Error(), "action 7 (resize) on Droplet 42, last seen in-progress")

		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		action, err = c.DropletActions.WaitForAction(canceled, 42, 7)
		require.ErrorIs(t, err, context.Canceled)
		assert.Nil(t, action, "no poll succeeded")
	})
}

func TestWaitForActionDuringPause(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(200, actionBody(7, "in-progress")), respond(429, "{}", "Retry-After: 60")))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		action, err := c.DropletActions.WaitForAction(ctx, 42, 7)
		require.ErrorIs(t, err, context.DeadlineExceeded, "the context ended the wait")
		require.NotNil(t, action)
		assert.Equal(t, droplets.ActionStatusInProgress, action.Status, "the last observed state")
	})
}

func TestWaitForActionErrors(t *testing.T) {
	t.Parallel()
	running := respond(200, actionBody(7, "in-progress"))
	for name, tt := range map[string]struct {
		responses []func() (*http.Response, error)
		want      error
		hasAction bool
		count     int
	}{
		"unauthorized":      {[]func() (*http.Response, error){running, respond(401, "{}")}, droplets.ErrUnauthorized, true, 2},
		"forbidden":         {[]func() (*http.Response, error){respond(403, forbiddenBody)}, droplets.ErrForbidden, false, 1},
		"not found":         {[]func() (*http.Response, error){running, respond(404, notFoundBody)}, droplets.ErrNotFound, true, 2},
		"invalid response":  {[]func() (*http.Response, error){running, respond(200, "{}")}, droplets.ErrInvalidResponse, true, 2},
		"a lasting outage":  {[]func() (*http.Response, error){running, respond(503, "")}, droplets.ErrServer, true, 1 + 4*4},
		"an unknown status": {[]func() (*http.Response, error){respond(200, actionBody(7, "queued")), respond(200, actionBody(7, "completed"))}, nil, true, 2},
		"a short outage":    {[]func() (*http.Response, error){running, respond(503, ""), respond(503, ""), respond(503, ""), respond(503, ""), failWith(io.EOF), respond(200, actionBody(7, "completed"))}, nil, true, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(tt.responses...))
				action, err := c.DropletActions.WaitForAction(t.Context(), 42, 7)
				if tt.want == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, tt.want)
				}
				assert.Equal(t, tt.hasAction, action != nil)
				assert.Equal(t, tt.count, a.count())
			})
		})
	}
}

func TestWaitForActionAfterCreate(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPost:
				return respond(202, createdBody(42))()
			case time.Since(start) < 10*time.Second:
				return respond(404, notFoundBody)()
			}
			return respond(200, actionBody(7515, "completed"))()
		})
		result, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		_, err = c.DropletActions.WaitForAction(t.Context(), 43, 7515)
		require.ErrorIs(t, err, droplets.ErrNotFound, "this client did not create that Droplet")
		action, err := c.DropletActions.WaitForAction(t.Context(), result.Droplet.ID, result.Actions[0].ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, action.Status)
		assert.GreaterOrEqual(t, time.Since(start), 10*time.Second)
	})
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return respond(202, createdBody(42))()
			}
			return respond(404, notFoundBody)()
		})
		_, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		start := time.Now()
		_, err = c.DropletActions.WaitForAction(t.Context(), 42, 7515)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.GreaterOrEqual(t, time.Since(start), 30*time.Second, "the grace period")
		assert.LessOrEqual(t, time.Since(start), 45*time.Second, "the grace period is short")
	})
}

func TestWatch(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		running, done := respond(200, actionBody(7, "in-progress")), respond(200, actionBody(7, "completed"))
		_, c := newAPI(t, sequence(running, running, done))
		var seen []droplets.ActionStatus
		for action, err := range c.DropletActions.Watch(t.Context(), 42, 7) {
			require.NoError(t, err)
			seen = append(seen, action.Status)
		}
		assert.Equal(t, []droplets.ActionStatus{"in-progress", "in-progress", "completed"}, seen)

		a, c := newAPI(t, sequence(running))
		for _, err := range c.DropletActions.Watch(t.Context(), 42, 7) {
			require.NoError(t, err)
			break
		}
		assert.Equal(t, 1, a.count())
	})
}

func TestPollPolicy(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		policy := droplets.PollPolicy{Initial: time.Second, Max: time.Second}
		start := time.Now()
		a, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			if time.Since(start) < 10*time.Second {
				return respond(200, actionBody(7, "in-progress"))()
			}
			return respond(200, actionBody(7, "completed"))()
		}, droplets.WithPollPolicy(policy))
		_, err := c.DropletActions.WaitForAction(t.Context(), 42, 7)
		require.NoError(t, err)
		assert.InDelta(t, 11.5, a.count(), 1.5)
	})
}
