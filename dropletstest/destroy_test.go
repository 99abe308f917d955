package dropletstest_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// furnished is a Droplet to which one of each kind belongs.
func furnished(t *testing.T, api *dropletstest.API, c *droplets.Client) (d *droplets.Droplet, has *droplets.AssociatedResources) {
	t.Helper()
	req := request("a")
	req.Volumes = []string{api.AddVolume("data", "nyc3", 100)}
	d = running(t, c, req)
	d = act(t, c, d.ID, droplets.SnapshotRequest{Name: "snap"})
	api.AddVolumeSnapshot(req.Volumes[0], "data-snap")
	api.AddReservedIP(d.ID)
	has, err := c.AssociatedResources.List(t.Context(), d.ID)
	require.NoError(t, err)
	return d, has
}

func TestAssociatedResources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d, has := furnished(t, api, c)
		assert.Len(t, has.ReservedIPs, 1)
		assert.Equal(t, has.ReservedIPs, has.FloatingIPs)
		assert.Equal(t, "data", has.Volumes[0].Name)
		assert.Equal(t, d.VolumeIDs[0], has.Volumes[0].ID)
		assert.Equal(t, strconv.FormatInt(d.SnapshotIDs[0], 10), has.Snapshots[0].ID)
		cost, err := has.MonthlyCost()
		require.NoError(t, err)
		assert.Equal(t, droplets.MonthlyCost{ReservedIPs: "5.00", Snapshots: "0.04", Volumes: "10.00", VolumeSnapshots: "6.00", Total: "21.04"}, cost)
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		assert.False(t, api.AttachVolume(has.Volumes[0].ID, d.ID))
		other := running(t, c, request("b"))
		assert.True(t, api.AttachVolume(has.Volumes[0].ID, other.ID), "the volume stays")
	})
}

func TestDestroyAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second, dropletstest.ActionTypeDestroy))
		c := api.Client()
		d, has := furnished(t, api, c)
		_, err := c.AssociatedResources.Status(t.Context(), d.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		api.FailNextDestroy(has.Volumes[0].ID, "Volume is busy.")
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
		require.ErrorIs(t, c.AssociatedResources.Retry(t.Context(), d.ID), droplets.ErrConflict)
		require.ErrorIs(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID), droplets.ErrConflict)
		_, err = c.DropletActions.PowerOff(t.Context(), d.ID)
		require.ErrorIs(t, err, droplets.ErrPendingEvent)

		pass(2 * time.Second)
		status, err := c.AssociatedResources.Status(t.Context(), d.ID)
		require.NoError(t, err)
		assert.NotNil(t, status.Droplet.DestroyedAt, "the first of five")
		assert.Nil(t, status.CompletedAt)
		assert.Nil(t, status.Resources.Volumes[0].DestroyedAt)

		status, err = c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.ErrorContains(t, err, "Volume is busy.")
		assert.Equal(t, 1, status.Failures)
		require.NoError(t, c.AssociatedResources.Retry(t.Context(), d.ID))
		status, err = c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.NoError(t, err)
		assert.NotNil(t, status.Resources.Volumes[0].DestroyedAt)
		_, err = c.Droplets.Get(t.Context(), d.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		last := api.Ledger()[1]
		assert.Equal(t, []any{dropletstest.EntryDelete, d.ID, "droplets_destroy_withAssociatedResourcesDangerous"},
			[]any{last.Kind, last.DropletID, last.Operation})
	})
}

func TestDestroySelective(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d, has := furnished(t, api, c)
		refused(t, c.AssociatedResources.DestroySelective(t.Context(), d.ID, droplets.SelectiveDestroyRequest{Volumes: []string{"other"}}), "not associated")
		require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), d.ID, droplets.SelectiveDestroyRequest{
			Snapshots: []string{has.Snapshots[0].ID}, FloatingIPs: []string{has.FloatingIPs[0].ID}}))
		status, err := c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Len(t, status.Resources.ReservedIPs, 1)
		assert.Empty(t, status.Resources.Volumes)
		other := running(t, c, request("b"))
		assert.True(t, api.AttachVolume(has.Volumes[0].ID, other.ID), "what was not named stays")
		assert.Equal(t, 404, do(t, api, "GET", "/v2/snapshots/"+has.Snapshots[0].ID, "").StatusCode)
	})
}

func TestFailToDestroyTheDroplet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := running(t, c, request("a"))
		api.FailNextDestroy(strconv.FormatInt(d.ID, 10), "No.")
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
		_, err := c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.Error(t, err)
		assert.False(t, get(t, c, d.ID).Locked)
		require.NoError(t, c.AssociatedResources.Retry(t.Context(), d.ID))
		_, err = c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Empty(t, api.Droplets())
	})
}

func TestNeighborsAndFirewalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := request("a")
		req.Tags = []string{"web"}
		a, b := running(t, c, req), running(t, c, request("b"))
		api.Colocate(a.ID, b.ID)
		ids, err := c.Droplets.ListNeighborIDs(t.Context())
		require.NoError(t, err)
		assert.Equal(t, [][]int64{{a.ID, b.ID}}, ids)
		near, err := c.Droplets.ListNeighbors(t.Context(), a.ID)
		require.NoError(t, err)
		require.Len(t, near, 1)
		assert.Equal(t, b.ID, near[0].ID)

		byTag := api.AddFirewall(droplets.Firewall{Name: "tagged", Tags: []string{"web"}})
		api.AddFirewall(droplets.Firewall{DropletIDs: []int64{b.ID}})
		walls := collect(t, c.Droplets.AllFirewalls(t.Context(), a.ID, nil))
		require.Len(t, walls, 1)
		assert.Equal(t, byTag, walls[0])

		require.NoError(t, c.Droplets.Delete(t.Context(), b.ID))
		near, err = c.Droplets.ListNeighbors(t.Context(), a.ID)
		require.NoError(t, err)
		assert.Empty(t, near)
		ids, err = c.Droplets.ListNeighborIDs(t.Context())
		require.NoError(t, err)
		assert.Empty(t, ids)
	})
}
