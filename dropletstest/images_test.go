package dropletstest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestListImages(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		_, snapshot := createSnapshot(t, api.Client())
		custom := importImage(t, api).ID
		list := func(query string) []int64 {
			resp := sendRequest(t, api, http.MethodGet, "/v2/images?per_page=200&"+query, "")
			var root struct {
				Images []droplets.Image
				Meta   struct{ Total int }
			}
			resp.decode(t, &root)
			ids := []int64{}
			for _, image := range root.Images {
				ids = append(ids, image.ID)
			}
			assert.Equal(t, len(ids), root.Meta.Total)
			assert.IsIncreasing(t, append([]int64{0}, ids...))
			return ids
		}
		const golden, docker = 190_000_001, 176_000_001
		assert.Len(t, list(""), 12)
		assert.Equal(t, []int64{golden, snapshot, custom}, list("private=true"))
		assert.Equal(t, list(""), list("private=false"))
		assert.Len(t, list("type=distribution"), 8)
		assert.Equal(t, []int64{docker}, list("type=application"))
		assert.Empty(t, list("type=application&private=true"))
		assert.Equal(t, []int64{custom}, list("tag_name=base"))
		assert.Empty(t, list("tag_name=other"))
		assert.Equal(t, 422, sendRequest(t, api, http.MethodGet, "/v2/images?type=cars", "").StatusCode)
	})
}

func TestGetAndDeleteImages(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		dropletID, id := createSnapshot(t, c)
		for _, ref := range []string{"ubuntu-24-04-x64", "155133621", fmt.Sprint(id)} {
			assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/images/"+ref, "").StatusCode, ref)
		}
		for _, ref := range []string{"plan9", "1", "-1", "%20"} {
			assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, "/v2/images/"+ref, "").StatusCode)
		}
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, "/v2/images/155133621", "").StatusCode, "public images cannot be deleted")
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, fmt.Sprintf("/v2/images/%d", id), "").StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, fmt.Sprintf("/v2/images/%d", id), "").StatusCode)
		assert.Empty(t, getDroplet(t, c, dropletID).SnapshotIDs)
	})
}

func TestUpdateImage(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		_, snapshot := createSnapshot(t, api.Client())
		custom := importImage(t, api).ID
		update := func(id int64, body string) (status int) {
			return sendRequest(t, api, http.MethodPut, fmt.Sprintf("/v2/images/%d", id), body).StatusCode
		}
		const all = `{"name":"renamed","distribution":"Debian","description":"new"}`
		assert.Equal(t, 200, update(custom, all))
		image := readImage(t, api, custom)
		assert.Equal(t, []string{"renamed", "Debian", "new"}, []string{image.Name, image.Distribution, image.Description})
		assert.Equal(t, 200, update(snapshot, all))
		image = readImage(t, api, snapshot)
		assert.Equal(t, []string{"renamed", "Ubuntu", ""}, []string{image.Name, image.Distribution, image.Description}, "only the name of a snapshot changes")
		assert.Equal(t, 200, update(custom, `{"distribution":"Plan 9"}`))
		image = readImage(t, api, custom)
		assert.Equal(t, []string{"renamed", "Unknown"}, []string{image.Name, image.Distribution})
		assert.Equal(t, 422, update(custom, `{"name":""}`))
		assert.Equal(t, 404, update(155133621, all))
	})
}
