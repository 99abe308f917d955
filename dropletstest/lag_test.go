package dropletstest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestShortestLag checks that a lag of a nanosecond has an effect.
func TestShortestLag(t *testing.T) {
	clock := dropletstest.NewManualClock(clockStart)
	api := dropletstest.New(dropletstest.WithClock(clock), dropletstest.WithActionDuration(time.Second),
		dropletstest.WithLag(dropletstest.Lag{Visibility: 1, Addresses: 1, Status: 1, Snapshots: 1}))
	c := api.Client(noRetries)
	created, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	id := created.Droplet.ID
	image := importImage(t, api).ID
	for _, path := range []string{fmt.Sprintf("/v2/droplets/%d", id), fmt.Sprintf("/v2/images/%d", image)} {
		assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, path, "").StatusCode, path)
	}
	clock.Advance(1)
	assert.Equal(t, droplets.DropletStatusNew, getDroplet(t, c, id).Status)
	readImage(t, api, image)
	clock.Advance(time.Second - 1)
	d := getDroplet(t, c, id)
	assert.Equal(t, droplets.DropletStatusNew, d.Status)
	assert.Empty(t, d.Networks.V4)
	clock.Advance(1)
	d = getDroplet(t, c, id)
	assert.Equal(t, droplets.DropletStatusActive, d.Status)
	assert.Len(t, d.Networks.V4, 2)

	_, err = c.DropletActions.Snapshot(t.Context(), id, droplets.SnapshotRequest{})
	require.NoError(t, err)
	clock.Advance(time.Second)
	assert.Empty(t, getDroplet(t, c, id).SnapshotIDs)
	clock.Advance(1)
	snapshot := getDroplet(t, c, id).SnapshotIDs[0]
	startImageAction(t, api, snapshot, `{"type":"transfer","region":"fra1"}`)
	clock.Advance(time.Second)
	assert.Equal(t, []string{"nyc3"}, readImage(t, api, snapshot).Regions)
	clock.Advance(1)
	assert.Equal(t, []string{"nyc3", "fra1"}, readImage(t, api, snapshot).Regions)
}

func TestLag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second), dropletstest.WithLag(
			dropletstest.Lag{Visibility: 3 * time.Second, Addresses: 5 * time.Second, Status: 2 * time.Second}))
		c := api.Client(noRetries)
		created, err := c.Droplets.Create(t.Context(), createRequest("a"))
		require.NoError(t, err)
		id := created.Droplet.ID
		_, err = c.Droplets.Get(t.Context(), id)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		_, err = c.DropletActions.Get(t.Context(), id, created.Actions[0].ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Empty(t, collect(t, c.Droplets.All(t.Context(), nil)))
		assert.Len(t, api.Droplets(), 1)
		sleep(3 * time.Second)
		assert.Equal(t, droplets.DropletStatusNew, getDroplet(t, c, id).Status)
		sleep(7 * time.Second)
		a, err := c.Actions.Get(t.Context(), created.Actions[0].ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, a.Status)
		assert.Equal(t, droplets.DropletStatusNew, getDroplet(t, c, id).Status)
		sleep(2 * time.Second)
		d := getDroplet(t, c, id)
		assert.Equal(t, droplets.DropletStatusActive, d.Status)
		assert.Empty(t, d.Networks.V4)
		sleep(3 * time.Second)
		assert.Len(t, getDroplet(t, c, id).Networks.V4, 2)

		_, err = c.DropletActions.PowerOff(t.Context(), id)
		require.NoError(t, err)
		sleep(10 * time.Second)
		assert.Equal(t, droplets.DropletStatusActive, getDroplet(t, c, id).Status)
		_, err = c.DropletActions.PowerOff(t.Context(), id)
		requireUnprocessable(t, err, "already powered off")
		sleep(2 * time.Second)
		assert.Equal(t, droplets.DropletStatusOff, getDroplet(t, c, id).Status)
	})
}
