package droplets_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestWaitForADropletThatIsGone: the create fails after the Droplet was seen.
func TestWaitForADropletThatIsGone(t *testing.T) {
	t.Parallel()
	for _, deadline := range []time.Duration{12 * time.Second, 20 * time.Second, time.Hour} {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second), dropletstest.WithLag(dropletstest.Lag{Visibility: 3 * time.Second}))
			api.FailNextAction(droplets.ActionTypeCreate)
			c := api.Client(droplets.WithPollPolicy(droplets.PollPolicy{Initial: time.Second, Max: time.Second}))
			result, err := c.Droplets.Create(t.Context(), createRequest())
			require.NoError(t, err)
			ctx, cancel := contextThatEndsAfter(t, deadline)
			defer cancel()
			start := time.Now()
			d, err := c.Droplets.WaitFor(ctx, result.Droplet.ID, droplets.IsActive)
			require.ErrorIs(t, err, droplets.ErrNotFound)
			require.NotErrorIs(t, err, context.DeadlineExceeded)
			require.NotNil(t, d, "the Droplet as last seen")
			assert.Equal(t, droplets.DropletStatusNew, d.Status)
			assert.LessOrEqual(t, time.Since(start), 11*time.Second)
		})
	}
}

// TestWaitForADropletThatThisClientHasSeen: the wait ends with the first 404 if another call of the client has seen the Droplet.
func TestWaitForADropletThatThisClientHasSeen(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		result, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		_, err = c.Droplets.Get(t.Context(), result.Droplet.ID)
		require.NoError(t, err)
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), result.Droplet.ID))
		start := time.Now()
		_, err = c.Droplets.WaitFor(t.Context(), result.Droplet.ID, droplets.IsActive)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Zero(t, time.Since(start))
	})
}

// TestWaitForADropletThatIsNotVisibleYet: a 404 is tolerated until the Droplet was seen.
func TestWaitForADropletThatIsNotVisibleYet(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 20 * time.Second}))
		c := api.Client()
		result, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		start := time.Now()
		d, err := c.Droplets.WaitFor(t.Context(), result.Droplet.ID, droplets.IsActive)
		require.NoError(t, err)
		assert.True(t, droplets.IsActive(d))
		assert.GreaterOrEqual(t, time.Since(start), 20*time.Second)
	})
}

// TestWaitForAnActionThatIsGone: the wait ends with the first 404 after the action was seen, also for a new Droplet.
func TestWaitForAnActionThatIsGone(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(202, createdBody(42)), respond(404, notFoundBody), respond(200, actionBody(7515, "in-progress")), respond(404, notFoundBody)))
		_, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		action, err := c.DropletActions.WaitForAction(t.Context(), 42, 7515)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		require.NotNil(t, action)
		assert.Equal(t, droplets.ActionStatusInProgress, action.Status, "the last observed state")
		assert.Equal(t, 4, a.count())
	})
}

func TestWaitForDeletedOfADropletThatWasSeen(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
			return []func() (*http.Response, error){respond(202, createdBody(42)), respond(404, notFoundBody), respond(200, dropletBody(42)), respond(404, notFoundBody)}[n-1]()
		})
		_, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		var seen []bool
		require.NoError(t, c.Droplets.WaitForDeleted(t.Context(), 42, droplets.OnProgress(func(p droplets.Progress) {
			seen = append(seen, p.Droplet != nil)
		})))
		assert.Equal(t, []bool{false, true, false}, seen)
	})
}
