package dropletstest_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// countSnapshots returns the number of snapshots with the name snap in each list, by the beginning of its path.
func countSnapshots(t *testing.T, api *dropletstest.API, dropletID int64) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, path := range []string{"/v2/droplets/" + strconv.FormatInt(dropletID, 10) + "/snapshots", "/v2/snapshots", "/v2/images?private=true"} {
		counts[path[:8]] = strings.Count(sendRequest(t, api, http.MethodGet, path, "").body, `"name":"snap"`)
	}
	return counts
}

func TestSnapshotLag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithLag(dropletstest.Lag{Snapshots: 30 * time.Second}))
		c := api.Client()
		id := api.Droplets()[0].ID
		assert.Empty(t, runAction(t, c, id, droplets.SnapshotRequest{Name: "snap"}).SnapshotIDs)
		const image = "/v2/snapshots/200000001"
		for range 2 {
			requireReloadable(t, api)
			assert.Equal(t, map[string]int{"/v2/drop": 0, "/v2/snap": 0, "/v2/imag": 0}, countSnapshots(t, api, id))
			assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, image, "").StatusCode)
			assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, image, "").StatusCode)
			sleep(13 * time.Second)
		}
		sleep(4 * time.Second)
		assert.Equal(t, map[string]int{"/v2/drop": 1, "/v2/snap": 1, "/v2/imag": 1}, countSnapshots(t, api, id))
		assert.Equal(t, []int64{200000001}, getDroplet(t, c, id).SnapshotIDs)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, image, "").StatusCode)
		requireReloadable(t, api)
	})
}

// TestSnapshotLagAfterTheDropletIsDeleted checks that a snapshot, which is billed, becomes visible although its Droplet was deleted.
func TestSnapshotLagAfterTheDropletIsDeleted(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithLag(dropletstest.Lag{Snapshots: 30 * time.Second}))
		c := api.Client()
		id := api.Droplets()[0].ID
		runAction(t, c, id, droplets.SnapshotRequest{Name: "snap"})
		require.NoError(t, c.Droplets.Delete(t.Context(), id))
		assert.Zero(t, countSnapshots(t, api, id)["/v2/snap"])
		api = requireReloadable(t, api)
		sleep(30 * time.Second)
		assert.Equal(t, 1, countSnapshots(t, api, id)["/v2/snap"])
	})
}

func TestSnapshotAndWaitWithLag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithLag(dropletstest.Lag{Snapshots: 30 * time.Second}))
		start := time.Now()
		snap, err := api.Client().Droplets.SnapshotAndWait(t.Context(), api.Droplets()[0].ID, droplets.SnapshotRequest{Name: "snap"})
		require.NoError(t, err)
		assert.Equal(t, "snap", snap.Name)
		assert.Greater(t, time.Since(start), 30*time.Second)
	})
}
