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

// TestLagsAreExact: a millisecond before the end of a lag nothing has changed.
func TestLagsAreExact(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		const almost, rest = -time.Millisecond, time.Millisecond
		lag := dropletstest.Lag{Visibility: 3 * time.Second, Status: 10 * time.Second, Addresses: 20 * time.Second, Snapshots: 30 * time.Second}
		c := dropletstest.New(dropletstest.WithActionDuration(0), dropletstest.WithLag(lag)).Client(noRetries)
		created, err := c.Droplets.Create(t.Context(), createRequest("a"))
		require.NoError(t, err)
		id := created.Droplet.ID
		sleep(lag.Visibility + almost)
		_, err = c.Droplets.Get(t.Context(), id)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		sleep(rest)
		assert.Equal(t, droplets.DropletStatusNew, getDroplet(t, c, id).Status)

		sleep(lag.Status - lag.Visibility + almost)
		assert.Equal(t, droplets.DropletStatusNew, getDroplet(t, c, id).Status)
		sleep(rest)
		assert.Equal(t, droplets.DropletStatusActive, getDroplet(t, c, id).Status)

		sleep(lag.Addresses - lag.Status + almost)
		assert.Empty(t, getDroplet(t, c, id).Networks.V4)
		sleep(rest)
		assert.NotEmpty(t, getDroplet(t, c, id).Networks.V4)

		_, err = c.DropletActions.Snapshot(t.Context(), id, droplets.SnapshotRequest{Name: "snap"})
		require.NoError(t, err)
		sleep(lag.Snapshots + almost)
		assert.Empty(t, getDroplet(t, c, id).SnapshotIDs)
		sleep(rest)
		assert.Len(t, getDroplet(t, c, id).SnapshotIDs, 1)
	})
}
