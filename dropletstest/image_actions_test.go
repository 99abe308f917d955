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

// startImageAction starts an action on an image and returns it.
func startImageAction(t *testing.T, api *dropletstest.API, imageID int64, body string) droplets.Action {
	t.Helper()
	resp := sendRequest(t, api, http.MethodPost, fmt.Sprintf("/v2/images/%d/actions", imageID), body)
	require.Equal(t, http.StatusCreated, resp.StatusCode, resp.body)
	var root struct{ Action droplets.Action }
	resp.decode(t, &root)
	return root.Action
}

// requireRejected checks that an image rejects an action.
func requireRejected(t *testing.T, api *dropletstest.API, imageID int64, body string, status int, message string) {
	t.Helper()
	resp := sendRequest(t, api, http.MethodPost, fmt.Sprintf("/v2/images/%d/actions", imageID), body)
	assert.Equal(t, status, resp.StatusCode, body)
	assert.Contains(t, resp.body, message)
}

// createSnapshot creates a Droplet in nyc3 with a snapshot.
func createSnapshot(t *testing.T, c *droplets.Client) (dropletID, imageID int64) {
	t.Helper()
	d := createActive(t, c, createRequest("a"))
	d = runAction(t, c, d.ID, droplets.SnapshotRequest{Name: "snap"})
	return d.ID, d.SnapshotIDs[0]
}

func TestTransfer(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, "transfer"))
		c := api.Client()
		_, id := createSnapshot(t, c)
		action := startImageAction(t, api, id, `{"type":"transfer","region":"fra1"}`)
		assert.Equal(t, []any{droplets.ActionStatusInProgress, droplets.ActionType("transfer"), id, "image", "nyc3"},
			[]any{action.Status, action.Type, action.ResourceID, action.ResourceType, action.RegionSlug})
		require.NotNil(t, action.Region)
		requireRejected(t, api, id, `{"type":"transfer","region":"fra1"}`, 422, "already being transferred")
		requireRejected(t, api, id, `{"type":"transfer","region":"nyc3"}`, 422, "already available in region nyc3")
		requireRejected(t, api, id, `{"type":"transfer","region":"mars1"}`, 422, "mars1")
		requireRejected(t, api, id, `{"type":"transfer"}`, 422, "region is required")
		requireRejected(t, api, id, `{}`, 422, "type is required")
		requireRejected(t, api, id, `{"type":"resize"}`, 422, "not a valid action type")
		requireRejected(t, api, id, `{"type":"convert"}`, 422, "Only a backup")
		requireRejected(t, api, 155133621, `{"type":"transfer","region":"fra1"}`, 404, "not_found")
		second := startImageAction(t, api, id, `{"type":"transfer","region":"sgp1"}`)
		api = requireReloadable(t, api, dropletstest.WithActionDuration(time.Minute))
		requireRejected(t, api, id, `{"type":"transfer","region":"fra1"}`, 422, "already being transferred")
		assert.Equal(t, []string{"nyc3"}, readImage(t, api, id).Regions)

		sleep(time.Minute)
		assert.Equal(t, []string{"nyc3", "fra1", "sgp1"}, readImage(t, api, id).Regions)
		var list struct{ Actions []droplets.Action }
		sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/images/%d/actions", id), "").decode(t, &list)
		require.Len(t, list.Actions, 2)
		assert.Equal(t, []int64{second.ID, action.ID}, []int64{list.Actions[0].ID, list.Actions[1].ID}, "the newest first")
		c = api.Client()
		got, err := c.Actions.Get(t.Context(), action.ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, got.Status)
		assert.Equal(t, list.Actions[1], *got)
		all := collect(t, c.Actions.All(t.Context(), nil))
		assert.Equal(t, second.ID, all[0].ID)
		elsewhere := createRequest("b")
		elsewhere.Image, elsewhere.Region = droplets.ImageID(id), "fra1"
		createActive(t, c, elsewhere)
	})
}

func TestGetImageAction(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		dropletID, id := createSnapshot(t, c)
		action := startImageAction(t, api, id, `{"type":"transfer","region":"fra1"}`)
		get := func(path string) int { return sendRequest(t, api, http.MethodGet, path, "").StatusCode }
		assert.Equal(t, 200, get(fmt.Sprintf("/v2/images/%d/actions/%d", id, action.ID)))
		assert.Equal(t, 404, get(fmt.Sprintf("/v2/images/%d/actions/%d", 155133621, action.ID)))
		assert.Equal(t, 404, get(fmt.Sprintf("/v2/images/%d/actions/1", id)))
		assert.Equal(t, 404, get(fmt.Sprintf("/v2/droplets/%d/actions/%d", id, action.ID)))
		assert.Equal(t, 404, get(fmt.Sprintf("/v2/images/%d/actions/%d", dropletID, action.ID-1)))
		assert.Equal(t, 404, get("/v2/images/1/actions"))
		assert.Equal(t, 200, get("/v2/images/155133621/actions"))

		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, fmt.Sprintf("/v2/images/%d", id), "").StatusCode)
		var root struct{ Action droplets.Action }
		sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/images/%d/actions/%d", id, action.ID), "").decode(t, &root)
		assert.Equal(t, droplets.ActionStatusErrored, root.Action.Status, "the image was deleted")
		sleep(time.Minute)
		requireReloadable(t, api)
	})
}

func TestFailedTransfer(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		_, id := createSnapshot(t, api.Client())
		api.FailNextAction("transfer")
		action := startImageAction(t, api, id, `{"type":"transfer","region":"fra1"}`)
		sleep(time.Second)
		got, err := api.Client().Actions.Get(t.Context(), action.ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusErrored, got.Status)
		assert.Equal(t, []string{"nyc3"}, readImage(t, api, id).Regions)
		startImageAction(t, api, id, `{"type":"transfer","region":"fra1"}`)
		sleep(time.Second)
		assert.Equal(t, []string{"nyc3", "fra1"}, readImage(t, api, id).Regions)
	})
}

func TestConvert(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		id := api.AddBackup(d.ID)
		path := fmt.Sprintf("/v2/snapshots/%d", id)
		assert.Equal(t, 400, sendRequest(t, api, http.MethodGet, path, "").StatusCode)
		startImageAction(t, api, id, `{"type":"convert"}`)
		requireRejected(t, api, id, `{"type":"convert"}`, 422, "pending event")
		api = requireReloadable(t, api)
		requireRejected(t, api, id, `{"type":"convert"}`, 422, "pending event")
		sleep(time.Second)
		c = api.Client()
		d = getDroplet(t, c, d.ID)
		assert.Empty(t, d.BackupIDs)
		assert.Equal(t, []int64{id}, d.SnapshotIDs)
		assert.Equal(t, droplets.ImageTypeSnapshot, readImage(t, api, id).Type)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, path, "").StatusCode)
		requireRejected(t, api, id, `{"type":"convert"}`, 422, "Only a backup")

		orphan := api.AddBackup(d.ID)
		startImageAction(t, api, orphan, `{"type":"convert"}`)
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		sleep(time.Second)
		assert.Equal(t, droplets.ImageTypeSnapshot, readImage(t, api, orphan).Type)
		requireReloadable(t, api)
	})
}

func TestImageActionsWithLag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(0), dropletstest.WithLag(dropletstest.Lag{Status: 5 * time.Second}))
		c := api.Client()
		_, id := createSnapshot(t, c)
		action := startImageAction(t, api, id, `{"type":"transfer","region":"fra1"}`)
		got, err := c.Actions.Get(t.Context(), action.ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, got.Status)
		api = requireReloadable(t, api)
		assert.Equal(t, []string{"nyc3"}, readImage(t, api, id).Regions)
		requireRejected(t, api, id, `{"type":"transfer","region":"fra1"}`, 422, "already")
		sleep(5 * time.Second)
		assert.Equal(t, []string{"nyc3", "fra1"}, readImage(t, api, id).Regions)
	})
}

func TestImageRejectsActionsDuringItsImport(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		id := importImage(t, api).ID
		requireRejected(t, api, id, `{"type":"transfer","region":"fra1"}`, 422, "not available")
		sleep(time.Second)
		startImageAction(t, api, id, `{"type":"transfer","region":"fra1"}`)
	})
}
