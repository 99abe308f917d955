package dropletstest_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestSnapshotsOfDropletsAndVolumes(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		dropletID, imageID := createSnapshot(t, c)
		id := strconv.FormatInt(imageID, 10)
		volume := api.AddVolume("data", "nyc3", 10)
		snap := api.AddVolumeSnapshot(volume, "data-snap")
		assert.Empty(t, api.AddVolumeSnapshot("other", "data-snap"))
		total := func(query string) string {
			return regexp.MustCompile(`"total":\d+`).FindString(sendRequest(t, api, http.MethodGet, "/v2/snapshots"+query, "").body)
		}
		assert.Equal(t, `"total":3`, total(""))
		assert.Equal(t, `"total":2`, total("?resource_type=droplet"))
		assert.Equal(t, `"total":1`, total("?resource_type=volume"))
		assert.Equal(t, 422, sendRequest(t, api, http.MethodGet, "/v2/snapshots?resource_type=cars", "").StatusCode)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/snapshots?per_page=1&page=3", "").body, snap, "volumes come after Droplets")

		read := func(id string) string {
			return regexp.MustCompile(`"created_at":"2000-[^"]+Z",`).ReplaceAllString(sendRequest(t, api, http.MethodGet, "/v2/snapshots/"+id, "").body, "")
		}
		assert.JSONEq(t, fmt.Sprintf(`{"snapshot":{"id":%q,"name":"snap","regions":["nyc3"],"resource_id":"%d",
			"resource_type":"droplet","min_disk_size":25,"size_gigabytes":0.68,"tags":[]}}`, id, dropletID), read(id))
		assert.JSONEq(t, fmt.Sprintf(`{"snapshot":{"id":%q,"name":"data-snap","regions":["nyc3"],"resource_id":%q,
			"resource_type":"volume","min_disk_size":10,"size_gigabytes":10,"tags":[]}}`, snap, volume), read(snap))

		for path, want := range map[string]int{"155133621": 400, "1": 404, "x": 404, volume: 404} {
			for _, method := range []string{http.MethodGet, http.MethodDelete} {
				resp := sendRequest(t, api, method, "/v2/snapshots/"+path, "")
				assert.Equal(t, want, resp.StatusCode, path)
				if want == 400 {
					assert.Contains(t, resp.body, "the resource is not a snapshot")
				}
			}
		}
		require.NoError(t, c.Droplets.Delete(t.Context(), dropletID))
		api = requireReloadable(t, api)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/snapshots/"+id, "").body, fmt.Sprintf(`"resource_id":"%d"`, dropletID))
		for _, id := range []string{id, snap} {
			assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/snapshots/"+id, "").StatusCode)
			assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, "/v2/snapshots/"+id, "").StatusCode)
		}
		assert.Equal(t, `"total":1`, total(""))
	})
}

// TestVolumeSnapshotsRemainAfterADestroy checks that a selective destroy of a volume keeps the snapshots of the volume.
func TestVolumeSnapshotsRemainAfterADestroy(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d, resources := createWithResources(t, api, c)
		require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), d.ID, droplets.SelectiveDestroyRequest{Volumes: d.VolumeIDs}))
		_, err := c.AssociatedResources.WaitForDestroy(t.Context(), d.ID)
		require.NoError(t, err)
		api = requireReloadable(t, api)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/snapshots/"+resources.VolumeSnapshots[0].ID, "").body, d.VolumeIDs[0])
	})
}

func TestSnapshots(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(90 * time.Second)).Client()
		d := createActive(t, c, createRequest("a"))
		sleep(300 * time.Millisecond)
		a, err := c.DropletActions.Snapshot(t.Context(), d.ID, droplets.SnapshotRequest{Name: "before"})
		require.NoError(t, err)
		assert.Empty(t, collect(t, c.Droplets.AllSnapshots(t.Context(), d.ID, nil)))
		_, err = c.DropletActions.WaitForAction(t.Context(), d.ID, a.ID)
		require.NoError(t, err)

		snapshots := collect(t, c.Droplets.AllSnapshots(t.Context(), d.ID, nil))
		require.Len(t, snapshots, 1)
		assert.Equal(t, "before", snapshots[0].Name)
		assert.Equal(t, a.StartedAt, snapshots[0].CreatedAt)
		assert.Equal(t, []int64{snapshots[0].ID}, getDroplet(t, c, d.ID).SnapshotIDs)
		fromSnapshot := createRequest("b")
		fromSnapshot.Image = droplets.ImageID(snapshots[0].ID)
		assert.Equal(t, droplets.ImageTypeSnapshot, createActive(t, c, fromSnapshot).Image.Type)
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		createActive(t, c, fromSnapshot)
	})
}
