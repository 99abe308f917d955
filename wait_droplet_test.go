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

func TestWaitForAndWaitForDeleted(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(20*time.Second))
		c := api.Client()
		_, err := c.DropletActions.PowerOff(t.Context(), sampleID)
		require.NoError(t, err)
		d, err := c.Droplets.WaitFor(t.Context(), sampleID, droplets.IsOff)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, d.Status)
		assert.True(t, droplets.IsUnlocked(d))

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		d, err = c.Droplets.WaitFor(ctx, sampleID, droplets.IsActive)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, droplets.DropletStatusOff, d.Status, "the last observed state")
		require.ErrorIs(t, c.Droplets.WaitForDeleted(ctx, sampleID), context.DeadlineExceeded)

		time.AfterFunc(time.Minute, func() { _ = api.Client().Droplets.Delete(context.Background(), sampleID) })
		start := time.Now()
		require.NoError(t, c.Droplets.WaitForDeleted(t.Context(), sampleID))
		assert.GreaterOrEqual(t, time.Since(start), time.Minute)
		_, err = c.Droplets.WaitFor(t.Context(), sampleID, droplets.IsActive)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		_, err = c.Droplets.WaitFor(t.Context(), sampleID, nil)
		requireInvalid(t, err, "met")
	})
}

func TestWaitForDeletedAfterCreate(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 10 * time.Second}))
		c := api.Client()
		created, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		require.ErrorIs(t, c.Droplets.WaitForDeleted(ctx, created.Droplet.ID), context.DeadlineExceeded, "the Droplet is not visible yet, but not deleted")
		require.NoError(t, c.Droplets.Delete(t.Context(), created.Droplet.ID))
		start := time.Now()
		require.NoError(t, c.Droplets.WaitForDeleted(t.Context(), created.Droplet.ID))
		assert.Zero(t, time.Since(start))

		req := createRequest()
		req.Tags = []string{"batch"}
		d, err := c.Droplets.CreateAndWait(t.Context(), req)
		require.NoError(t, err)
		require.NoError(t, c.Droplets.DeleteByTag(t.Context(), "batch"))
		start = time.Now()
		require.NoError(t, c.Droplets.WaitForDeleted(t.Context(), d.ID))
		assert.Zero(t, time.Since(start), "the Droplet was visible before, so that a 404 means deleted")
	})
}

// TestErrorOfAWaitForDeleted has the last observed status.
func TestErrorOfAWaitForDeleted(t *testing.T) {
	t.Parallel()
	for want, response := range map[string]func() (*http.Response, error){
		"for Droplet 42 to be gone, last seen active": respond(200, dropletBody(42)),
		"for Droplet 42 to be gone: ":                 respond(503, ""),
	} {
		virtualtime.Test(t, func(t *testing.T) {
			_, c := newAPI(t, sequence(response))
			ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
			defer cancel()
			err := c.Droplets.WaitForDeleted(ctx, 42)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorContains(t, err, want)
		})
	}
}
