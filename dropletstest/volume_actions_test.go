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

func startVolumeAction(t *testing.T, api *dropletstest.API, volumeID, body string) droplets.Action {
	t.Helper()
	return post[testActionRoot](t, api, "/v2/volumes/"+volumeID+"/actions", body, 202).Action
}

func TestAttachAndDetach(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second, dropletstest.ActionTypeAttachVolume))
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		id, other := api.AddVolume("data", "nyc3", 10), api.AddVolume("other", "nyc3", 10)
		body := fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, d.ID)
		act := startVolumeAction(t, api, id, body)
		assert.Equal(t, droplets.Action{ID: act.ID, Status: droplets.ActionStatusInProgress, Type: dropletstest.ActionTypeAttachVolume,
			StartedAt: time.Now().UTC().Truncate(time.Second), ResourceType: "volume", Region: act.Region, RegionSlug: "nyc3"}, act)
		assert.Empty(t, getVolume(t, api, id).DropletIDs, "it is not attached yet")
		assert.True(t, getDroplet(t, c, d.ID).Locked)
		busy := []rejection{
			{"another volume", http.MethodPost, "/v2/volumes/" + other + "/actions", body, 422, "Droplet already has a pending event."},
			{"the Droplet", http.MethodPost, fmt.Sprintf("/v2/droplets/%d/actions", d.ID), `{"type":"reboot"}`, 422, "Droplet already has a pending event."},
			{"the volume", http.MethodPost, "/v2/volumes/" + id + "/actions", `{"type":"resize","size_gigabytes":20}`, 422, "pending event"},
			{"delete", http.MethodDelete, "/v2/volumes/" + id, "", 422, "pending event"},
		}
		requireRejections(t, api, busy)
		assert.False(t, api.AttachVolume(id, d.ID))
		requireReloadable(t, api)
		done := waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
		assert.Equal(t, 10*time.Second, done.CompletedAt.Sub(done.StartedAt))
		assert.Equal(t, []int64{d.ID}, getVolume(t, api, id).DropletIDs)
		d = getDroplet(t, c, d.ID)
		assert.Equal(t, []string{id}, d.VolumeIDs)
		assert.False(t, d.Locked)
		detach := fmt.Sprintf(`{"type":"detach","droplet_id":%d}`, d.ID)
		requireRejections(t, api, []rejection{
			{"attached", http.MethodPost, "/v2/volumes/" + id + "/actions", body, 422, "This volume is already attached"},
			{"delete", http.MethodDelete, "/v2/volumes/" + id, "", 409, "attached"},
			{"not attached", http.MethodPost, "/v2/volumes/" + other + "/actions", detach, 422, "Attachment not found"},
			{"another Droplet", http.MethodPost, "/v2/volumes/" + id + "/actions", `{"type":"detach","droplet_id":1}`, 422, "Attachment not found"},
		})

		act = startVolumeAction(t, api, id, fmt.Sprintf(`{"type":"detach","droplet_id":%d,"region":"nyc3"}`, d.ID))
		assert.Equal(t, []int64{d.ID}, getVolume(t, api, id).DropletIDs, "it is attached until the action ends")
		requireReloadable(t, api)
		waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
		assert.Empty(t, getVolume(t, api, id).DropletIDs)
		assert.Empty(t, getDroplet(t, c, d.ID).VolumeIDs)

		path := "/v2/volumes/" + id + "/actions"
		all := get[testActionsPage](t, api, path).Actions
		require.Len(t, all, 2)
		assert.Equal(t, dropletstest.ActionTypeDetachVolume, all[0].Type, "the newest first")
		assert.Equal(t, dropletstest.ActionTypeAttachVolume, all[1].Type)
		assert.Equal(t, all[0], get[testActionRoot](t, api, fmt.Sprintf("%s/%d", path, act.ID)).Action)
		ofDroplet := collect(t, c.DropletActions.All(t.Context(), d.ID, nil))
		assert.Len(t, ofDroplet, 1, "actions of volumes are not in the list of the Droplet")
		requireRejections(t, api, []rejection{
			{"of another volume", http.MethodGet, fmt.Sprintf("/v2/volumes/%s/actions/%d", other, act.ID), "", 404, ""},
			{"of a Droplet", http.MethodGet, fmt.Sprintf("%s/%d", path, ofDroplet[0].ID), "", 404, ""},
		})
	})
}

func TestVolumeActionsByName(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		d := createActive(t, api.Client(), createRequest("a"))
		id := api.AddVolume("data", "nyc3", 10)
		act := call[testActionRoot](t, api, http.MethodPost, "/v2/volumes/actions",
			fmt.Sprintf(`{"type":"attach","volume_name":"data","region":"nyc3","droplet_id":%d,"tags":["x"]}`, d.ID), http.StatusAccepted).Action
		waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
		assert.Equal(t, []int64{d.ID}, getVolume(t, api, id).DropletIDs)
		requireRejections(t, api, []rejection{
			{"region", http.MethodPost, "/v2/volumes/actions", `{"type":"detach","volume_name":"data","region":"fra1"}`, 404, ""},
			{"no region", http.MethodPost, "/v2/volumes/actions", `{"type":"detach","volume_name":"data"}`, 422, "volume_name and region"},
			{"resize", http.MethodPost, "/v2/volumes/actions", `{"type":"resize","volume_name":"data","region":"nyc3","size_gigabytes":20}`, 422, "by its id"},
		})
		act = post[testActionRoot](t, api, "/v2/volumes/actions", `{"type":"detach","volume_name":"data","region":"nyc3"}`, 202).Action
		waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
		assert.Empty(t, getVolume(t, api, id).DropletIDs)
	})
}

func TestResizeAVolume(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		id := api.AddVolume("data", "nyc3", 10)
		act := startVolumeAction(t, api, id, `{"type":"resize","size_gigabytes":100,"region":"nyc3"}`)
		assert.Equal(t, 10, getVolume(t, api, id).SizeGigabytes)
		requireReloadable(t, api)
		waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
		assert.Equal(t, 100, getVolume(t, api, id).SizeGigabytes)
		resize := func(body, message string) rejection {
			return rejection{body, http.MethodPost, "/v2/volumes/" + id + "/actions", body, 422, message}
		}
		requireRejections(t, api, []rejection{
			resize(`{"type":"resize"}`, "between 1 and 16384"),
			resize(`{"type":"resize","size_gigabytes":16385}`, "between 1 and 16384"),
			resize(`{"type":"resize","size_gigabytes":100}`, "can only become larger"),
			resize(`{"type":"resize","size_gigabytes":200,"region":"fra1"}`, "is in region nyc3"),
			resize(`{"type":"format"}`, `"format" is not a valid action type`),
			resize(`{}`, "type is required"),
			{"unknown", http.MethodPost, "/v2/volumes/none/actions", `{"type":"resize"}`, 404, ""},
			{"read only", http.MethodDelete, "/v2/volumes/" + id + "/actions", "", 405, ""},
		})
	})
}

func TestRejectedAttaches(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		id, elsewhere := api.AddVolume("data", "nyc3", 10), api.AddVolume("data", "fra1", 10)
		creating, err := c.Droplets.Create(t.Context(), createRequest("b"))
		require.NoError(t, err)
		attach := func(volumeID string, dropletID int64, message string) rejection {
			body := fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, dropletID)
			return rejection{message, http.MethodPost, "/v2/volumes/" + volumeID + "/actions", body, 422, message}
		}
		requireRejections(t, api, []rejection{attach(id, 0, "droplet_id is required"), attach(id, 1, "could not be found"),
			attach(id, creating.Droplet.ID, "pending event"), attach(elsewhere, d.ID, "is in region fra1")})
		assert.False(t, api.AttachVolume(elsewhere, d.ID))
		for i := range 15 {
			require.True(t, api.AttachVolume(api.AddVolume(fmt.Sprintf("v%d", i), "nyc3", 1), d.ID))
		}
		requireRejections(t, api, []rejection{attach(id, d.ID, "Up to 15 volumes")})
		require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), d.ID, droplets.SelectiveDestroyRequest{}))
		requireRejections(t, api, []rejection{attach(id, d.ID, "pending event")})
	})
}

// TestFailedVolumeActions checks actions that fail because of FailNextAction, or because the Droplet is deleted.
func TestFailedVolumeActions(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		id := api.AddVolume("data", "nyc3", 10)
		attach := fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, d.ID)
		for _, step := range []struct {
			kind droplets.ActionType
			body string
		}{
			{dropletstest.ActionTypeAttachVolume, attach},
			{dropletstest.ActionTypeResizeVolume, `{"type":"resize","size_gigabytes":20}`},
			{dropletstest.ActionTypeDetachVolume, fmt.Sprintf(`{"type":"detach","droplet_id":%d}`, d.ID)},
		} {
			before := getVolume(t, api, id)
			api.FailNextAction(step.kind)
			act := startVolumeAction(t, api, id, step.body)
			requireReloadable(t, api)
			waitForAction(t, api, act.ID, droplets.ActionStatusErrored)
			assert.Equal(t, before, getVolume(t, api, id), step.kind)
			assert.False(t, getDroplet(t, c, d.ID).Locked)
			act = startVolumeAction(t, api, id, step.body)
			waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
		}

		act := startVolumeAction(t, api, id, attach)
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		waitForAction(t, api, act.ID, droplets.ActionStatusErrored)
		requireReloadable(t, api)
		sleep(time.Minute)
		assert.Empty(t, getVolume(t, api, id).DropletIDs)
		startVolumeAction(t, api, id, `{"type":"resize","size_gigabytes":30}`)
	})
}

// TestDestroyKeepsVolumesOfOtherDroplets checks that a selective destroy keeps a volume that was attached to another Droplet in the
// meantime, and a volume that was not selected.
func TestDestroyKeepsVolumesOfOtherDroplets(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, dropletstest.ActionTypeDestroy))
		c := api.Client()
		d, other := createActive(t, c, createRequest("a")), createActive(t, c, createRequest("b"))
		moved, kept, destroyed := api.AddVolume("moved", "nyc3", 1), api.AddVolume("kept", "nyc3", 1), api.AddVolume("gone", "nyc3", 1)
		for _, id := range []string{moved, kept, destroyed} {
			require.True(t, api.AttachVolume(id, d.ID))
		}
		require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), d.ID, droplets.SelectiveDestroyRequest{Volumes: []string{moved, destroyed}}))
		sleep(20 * time.Second) // the Droplet was destroyed, its volumes were not
		act := startVolumeAction(t, api, moved, fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, other.ID))
		requireReloadable(t, api)
		waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
		sleep(time.Minute)
		status, err := c.AssociatedResources.Status(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, 1, status.Failures)
		assert.Equal(t, []string{moved, kept}, volumeIDs(t, api, ""))
		assert.Equal(t, []int64{other.ID}, getVolume(t, api, moved).DropletIDs)
		requireReloadable(t, api)
	})
}

// TestDestroyKeepsResourcesWithAnActionInProgress checks that a destroy keeps a volume and a reserved IP while they are being attached and
// assigned to other Droplets.
func TestDestroyKeepsResourcesWithAnActionInProgress(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, dropletstest.ActionTypeDestroy),
			dropletstest.WithActionDuration(10*time.Minute, dropletstest.ActionTypeAttachVolume, dropletstest.ActionTypeAssignIP))
		c := api.Client()
		d, b, other := createActive(t, c, createRequest("a")), createActive(t, c, createRequest("b")), createActive(t, c, createRequest("c"))
		volume, ip := api.AddVolume("data", "nyc3", 1), api.AddReservedIP(d.ID)
		require.True(t, api.AttachVolume(volume, d.ID))
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
		sleep(20 * time.Second) // the Droplet was destroyed
		attach := startVolumeAction(t, api, volume, fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, b.ID))
		assign := startIPAction(t, api, ip, fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, other.ID))
		sleep(time.Minute)
		status, err := c.AssociatedResources.Status(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, 2, status.Failures)
		assert.Contains(t, status.Resources.Volumes[0].ErrorMessage, "action in progress")
		assert.Contains(t, status.Resources.ReservedIPs[0].ErrorMessage, "action in progress")
		waitForAction(t, api, attach.ID, droplets.ActionStatusCompleted)
		waitForAction(t, api, assign.ID, droplets.ActionStatusCompleted)
		assert.Equal(t, []int64{b.ID}, getVolume(t, api, volume).DropletIDs)
		assert.Equal(t, other.ID, getReservedIP(t, api, ip).Droplet.ID)
	})
}
