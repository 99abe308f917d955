package dropletstest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestImagesAndSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		d = runAction(t, c, d.ID, droplets.SnapshotRequest{Name: "snap"})
		id := strconv.FormatInt(d.SnapshotIDs[0], 10)
		volume := api.AddVolume("data", "nyc3", 10)
		snap := api.AddVolumeSnapshot(volume, "data-snap")

		for _, ref := range []string{"ubuntu-24-04-x64", "155133621", id} {
			assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/images/"+ref, "").StatusCode, ref)
		}
		assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, "/v2/images/plan9", "").StatusCode)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/images?private=true", "").body, `"total":2`)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/images?type=distribution", "").body, `"total":7`)
		assert.Contains(t, sendRequest(t, api, http.MethodPut, "/v2/images/"+id, `{"name":"renamed"}`).body, "renamed")
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, "/v2/images/155133621", "").StatusCode, "public images cannot be deleted")

		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/snapshots/"+id, "").body, fmt.Sprintf(`"resource_id":"%d"`, d.ID))
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/snapshots/"+snap, "").body, volume)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/snapshots", "").body, `"total":3`)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/snapshots?resource_type=volume", "").body, `"total":1`)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/snapshots/"+snap, "").StatusCode)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/snapshots/"+id, "").StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, "/v2/snapshots/"+id, "").StatusCode)
		assert.Empty(t, getDroplet(t, c, d.ID).SnapshotIDs)
	})
}
