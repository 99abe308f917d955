package dropletstest_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// createWithResources creates a Droplet with one associated resource of each kind.
func createWithResources(t *testing.T, api *dropletstest.API, c *droplets.Client) (d *droplets.Droplet, resources *droplets.AssociatedResources) {
	t.Helper()
	req := createRequest("a")
	req.Volumes = []string{api.AddVolume("data", "nyc3", 100)}
	d = createActive(t, c, req)
	d = runAction(t, c, d.ID, droplets.SnapshotRequest{Name: "snap"})
	api.AddVolumeSnapshot(req.Volumes[0], "data-snap")
	api.AddReservedIP(d.ID)
	resources, err := c.AssociatedResources.List(t.Context(), d.ID)
	require.NoError(t, err)
	return d, resources
}

func TestAssociatedResources(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d, resources := createWithResources(t, api, c)
		assert.Len(t, resources.ReservedIPs, 1)
		assert.Equal(t, resources.ReservedIPs, resources.FloatingIPs)
		assert.Equal(t, "data", resources.Volumes[0].Name)
		assert.Equal(t, d.VolumeIDs[0], resources.Volumes[0].ID)
		assert.Equal(t, strconv.FormatInt(d.SnapshotIDs[0], 10), resources.Snapshots[0].ID)
		cost, err := resources.MonthlyCost()
		require.NoError(t, err)
		assert.Equal(t, droplets.MonthlyCost{ReservedIPs: "5.00", Snapshots: "0.04", Volumes: "10.00", VolumeSnapshots: "6.00", Total: "21.04"}, cost)
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		assert.False(t, api.AttachVolume(resources.Volumes[0].ID, d.ID))
		other := createActive(t, c, createRequest("b"))
		assert.True(t, api.AttachVolume(resources.Volumes[0].ID, other.ID), "the volume is kept and detached")
	})
}

func TestDestroyAll(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second, dropletstest.ActionTypeDestroy))
		c := api.Client()
		d, resources := createWithResources(t, api, c)
		_, err := c.AssociatedResources.Status(t.Context(), d.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		api.FailNextDestroy(resources.Volumes[0].ID, "Volume is busy.")
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
		require.ErrorIs(t, c.AssociatedResources.Retry(t.Context(), d.ID), droplets.ErrConflict)
		require.ErrorIs(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID), droplets.ErrConflict)
		_, err = c.DropletActions.PowerOff(t.Context(), d.ID)
		require.ErrorIs(t, err, droplets.ErrPendingEvent)

		sleep(2 * time.Second)
		status, err := c.AssociatedResources.Status(t.Context(), d.ID)
		require.NoError(t, err)
		assert.NotNil(t, status.Droplet.DestroyedAt, "the Droplet is the first of five items")
		assert.Nil(t, status.CompletedAt)
		assert.Nil(t, status.Resources.Volumes[0].DestroyedAt)

		status, err = c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.ErrorContains(t, err, "Volume is busy.")
		assert.Equal(t, 1, status.Failures)
		require.NoError(t, c.AssociatedResources.Retry(t.Context(), d.ID))
		status, err = c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.NoError(t, err)
		assert.NotNil(t, status.Resources.Volumes[0].DestroyedAt)
		for _, items := range [][]droplets.DestroyedResource{status.Resources.Volumes, status.Resources.Snapshots, status.Resources.VolumeSnapshots,
			status.Resources.ReservedIPs, status.Resources.FloatingIPs} {
			require.Len(t, items, 1)
			assert.NotNil(t, items[0].DestroyedAt)
			assert.Empty(t, items[0].ErrorMessage)
			assert.NotEmpty(t, items[0].Name)
		}
		_, err = c.Droplets.Get(t.Context(), d.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		last := api.Ledger()[1]
		assert.Equal(t, []any{dropletstest.EntryDelete, d.ID, "droplets_destroy_withAssociatedResourcesDangerous"},
			[]any{last.Kind, last.DropletID, last.Operation})
	})
}

// TestDestroyOfDeletedResources checks that a destroy succeeds if its Droplet and resources were deleted in the meantime.
func TestDestroyOfDeletedResources(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, dropletstest.ActionTypeDestroy))
		c := api.Client()
		d, resources := createWithResources(t, api, c)
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
		for _, path := range []string{fmt.Sprintf("droplets/%d", d.ID), "volumes/" + resources.Volumes[0].ID, "snapshots/" + resources.VolumeSnapshots[0].ID,
			"snapshots/" + resources.Snapshots[0].ID, "reserved_ips/" + resources.ReservedIPs[0].ID} {
			assert.Equal(t, 204, sendRequest(t, api, "DELETE", "/v2/"+path, "").StatusCode, path)
		}
		requireReloadable(t, api)
		status, err := c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Zero(t, status.Failures)
		assert.NotNil(t, status.Resources.Snapshots[0].DestroyedAt)
		entries := api.Ledger()
		require.Len(t, entries, 2, "the Droplet was deleted once")
		assert.Equal(t, "droplets_destroy", entries[1].Operation)
		requireReloadable(t, api)
	})
}

// TestEmptyDestroyStatus checks that the lists of a status are never null.
func TestEmptyDestroyStatus(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		d := api.Droplets()[0]
		require.NoError(t, api.Client().AssociatedResources.DestroyAll(t.Context(), d.ID))
		path := fmt.Sprintf("/v2/droplets/%d/destroy_with_associated_resources", d.ID)
		const lists = `"floating_ips":[],"reserved_ips":[],"snapshots":[],"volumes":[],"volume_snapshots":[]`
		assert.JSONEq(t, `{`+lists+`}`, sendRequest(t, api, "GET", path, "").body)
		assert.JSONEq(t, fmt.Sprintf(`{"droplet":{"id":"%d","name":"droplet-00001","error_message":""},
			"resources":{%s},"failures":0}`, d.ID, lists), sendRequest(t, api, "GET", path+"/status", "").body)
	})
}

func TestDestroySelective(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d, resources := createWithResources(t, api, c)
		requireUnprocessable(t, c.AssociatedResources.DestroySelective(t.Context(), d.ID, droplets.SelectiveDestroyRequest{Volumes: []string{"other"}}), "not associated")
		require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), d.ID, droplets.SelectiveDestroyRequest{
			Snapshots: []string{resources.Snapshots[0].ID}, FloatingIPs: []string{resources.FloatingIPs[0].ID}}))
		status, err := c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Len(t, status.Resources.ReservedIPs, 1)
		assert.Empty(t, status.Resources.Volumes)
		other := createActive(t, c, createRequest("b"))
		assert.True(t, api.AttachVolume(resources.Volumes[0].ID, other.ID), "resources that are not in the request are kept")
		assert.Equal(t, 404, sendRequest(t, api, "GET", "/v2/snapshots/"+resources.Snapshots[0].ID, "").StatusCode)
	})
}

func TestFailNextDestroyOfDroplet(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		api.FailNextDestroy(strconv.FormatInt(d.ID, 10), "No.")
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
		status, err := c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.ErrorContains(t, err, "No.")
		assert.Equal(t, 1, status.Failures)
		assert.Equal(t, "No.", status.Droplet.ErrorMessage)
		assert.False(t, getDroplet(t, c, d.ID).Locked)
		require.NoError(t, c.AssociatedResources.Retry(t.Context(), d.ID))
		_, err = c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Empty(t, api.Droplets())
	})
}

// TestDestroyKeepsAttachedVolumes checks that a destroy keeps a volume that is attached: to its Droplet, if that could not be destroyed,
// or to another Droplet, to which it was attached during the destroy.
func TestDestroyKeepsAttachedVolumes(t *testing.T) {
	for _, reattach := range []bool{false, true} {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Second, dropletstest.ActionTypeDestroy))
			c := api.Client()
			d, resources := createWithResources(t, api, c)
			volume, owner := resources.Volumes[0].ID, d.ID
			if !reattach {
				api.FailNextDestroy(strconv.FormatInt(d.ID, 10), "No.")
			}
			require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
			if reattach {
				sleep(4 * time.Second) // the Droplet was destroyed, the volume was not
				owner = api.Droplets()[0].ID
				require.True(t, api.AttachVolume(volume, owner))
			}
			status, err := c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
			require.ErrorContains(t, err, "attached")
			assert.Nil(t, status.Resources.Volumes[0].DestroyedAt)
			assert.Contains(t, status.Resources.Volumes[0].ErrorMessage, "attached")
			assert.Equal(t, []string{volume}, getDroplet(t, c, owner).VolumeIDs)
			left, err := c.AssociatedResources.List(t.Context(), owner)
			require.NoError(t, err)
			assert.Len(t, left.Volumes, 1)
			requireReloadable(t, api)

			require.NoError(t, c.Droplets.Delete(t.Context(), owner))
			require.NoError(t, c.AssociatedResources.Retry(t.Context(), d.ID))
			_, err = c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
			require.NoError(t, err)
			assert.False(t, api.AttachVolume(volume, createActive(t, c, createRequest("c")).ID), "the volume was destroyed")
			requireReloadable(t, api)
		})
	}
}
