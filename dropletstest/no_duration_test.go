package dropletstest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestActionsWithoutADuration have ended when the response to their request arrives.
func TestActionsWithoutADuration(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
		c := api.Client()
		id := api.Droplets()[0].ID
		start := time.Now()
		a, err := c.DropletActions.PowerOff(t.Context(), id)
		require.NoError(t, err)
		a, err = c.DropletActions.Get(t.Context(), id, a.ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, a.Status)
		d, err := c.Droplets.Get(t.Context(), id)
		require.NoError(t, err)
		assert.True(t, droplets.IsOff(d))
		assert.Zero(t, time.Since(start))
	})
}
