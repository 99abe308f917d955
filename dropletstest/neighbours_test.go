package dropletstest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5rG1o6Q9l4vS0J8t2mF7m1x0b3k5w7y9A1C3E5G7I9 me@example"

func TestKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		resp := do(t, api, http.MethodPost, "/v2/account/keys", `{"name":"me","public_key":"`+publicKey+`"}`)
		require.Equal(t, http.StatusCreated, resp.StatusCode, resp.body)
		var made struct {
			Key struct {
				ID          int64
				Fingerprint string
			} `json:"ssh_key"`
		}
		resp.decode(t, &made)
		assert.Len(t, made.Key.Fingerprint, 47)
		assert.Equal(t, 422, do(t, api, http.MethodPost, "/v2/account/keys", `{"name":"me","public_key":"`+publicKey+`"}`).StatusCode)
		assert.Equal(t, 422, do(t, api, http.MethodPost, "/v2/account/keys", `{"name":"me","public_key":"no"}`).StatusCode)
		req := request("a")
		req.SSHKeys = []droplets.SSHKeyRef{droplets.SSHKeyID(made.Key.ID), droplets.SSHKeyFingerprint(made.Key.Fingerprint)}
		running(t, c, req)
		for _, ref := range []string{strconv.FormatInt(made.Key.ID, 10), made.Key.Fingerprint} {
			assert.Equal(t, 200, do(t, api, http.MethodGet, "/v2/account/keys/"+ref, "").StatusCode)
		}
		assert.Contains(t, do(t, api, http.MethodPut, "/v2/account/keys/"+made.Key.Fingerprint, `{"name":"you"}`).body, "you")
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/account/keys", "").body, `"total":1`)
		assert.Equal(t, 204, do(t, api, http.MethodDelete, "/v2/account/keys/"+made.Key.Fingerprint, "").StatusCode)
		assert.Equal(t, 404, do(t, api, http.MethodGet, "/v2/account/keys/"+made.Key.Fingerprint, "").StatusCode)
		_, fingerprint := api.AddSSHKey("me", publicKey)
		assert.Equal(t, made.Key.Fingerprint, fingerprint)
		assert.Panics(t, func() { api.AddSSHKey("me", "no") })
	})
}

func TestTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := running(t, c, request("a"))
		resources := fmt.Sprintf(`{"resources":[{"resource_id":"%d","resource_type":"droplet"}]}`, d.ID)
		assert.Equal(t, 404, do(t, api, http.MethodPost, "/v2/tags/web/resources", resources).StatusCode)
		assert.Equal(t, 201, do(t, api, http.MethodPost, "/v2/tags", `{"name":"web"}`).StatusCode)
		assert.Equal(t, 422, do(t, api, http.MethodPost, "/v2/tags", `{"name":""}`).StatusCode)
		assert.Equal(t, 204, do(t, api, http.MethodPost, "/v2/tags/web/resources", resources).StatusCode)
		assert.Equal(t, 404, do(t, api, http.MethodPost, "/v2/tags/web/resources", `{"resources":[{"resource_id":"1","resource_type":"droplet"}]}`).StatusCode)
		assert.Equal(t, []string{"web"}, get(t, c, d.ID).Tags)
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/tags/web", "").body, fmt.Sprintf("/v2/droplets/%d", d.ID))
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/tags", "").body, `"count":1`)
		assert.Equal(t, 204, do(t, api, http.MethodDelete, "/v2/tags/web/resources", resources).StatusCode)
		assert.Empty(t, get(t, c, d.ID).Tags)
		do(t, api, http.MethodPost, "/v2/tags/web/resources", resources)
		assert.Equal(t, 204, do(t, api, http.MethodDelete, "/v2/tags/web", "").StatusCode)
		assert.Equal(t, 404, do(t, api, http.MethodDelete, "/v2/tags/web", "").StatusCode)
		assert.Empty(t, get(t, c, d.ID).Tags)
	})
}

func TestImagesAndSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := running(t, c, request("a"))
		d = act(t, c, d.ID, droplets.SnapshotRequest{Name: "snap"})
		id := strconv.FormatInt(d.SnapshotIDs[0], 10)
		volume := api.AddVolume("data", "nyc3", 10)
		snap := api.AddVolumeSnapshot(volume, "data-snap")

		for _, ref := range []string{"ubuntu-24-04-x64", "155133621", id} {
			assert.Equal(t, 200, do(t, api, http.MethodGet, "/v2/images/"+ref, "").StatusCode, ref)
		}
		assert.Equal(t, 404, do(t, api, http.MethodGet, "/v2/images/plan9", "").StatusCode)
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/images?private=true", "").body, `"total":2`)
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/images?type=distribution", "").body, `"total":7`)
		assert.Contains(t, do(t, api, http.MethodPut, "/v2/images/"+id, `{"name":"renamed"}`).body, "renamed")
		assert.Equal(t, 404, do(t, api, http.MethodDelete, "/v2/images/155133621", "").StatusCode, "not the account's")

		assert.Contains(t, do(t, api, http.MethodGet, "/v2/snapshots/"+id, "").body, fmt.Sprintf(`"resource_id":"%d"`, d.ID))
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/snapshots/"+snap, "").body, volume)
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/snapshots", "").body, `"total":3`)
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/snapshots?resource_type=volume", "").body, `"total":1`)
		assert.Equal(t, 204, do(t, api, http.MethodDelete, "/v2/snapshots/"+snap, "").StatusCode)
		assert.Equal(t, 204, do(t, api, http.MethodDelete, "/v2/snapshots/"+id, "").StatusCode)
		assert.Equal(t, 404, do(t, api, http.MethodDelete, "/v2/snapshots/"+id, "").StatusCode)
		assert.Empty(t, get(t, c, d.ID).SnapshotIDs)
	})
}

func TestAccountRegionsSizes(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDropletLimit(7))
	assert.Contains(t, do(t, api, http.MethodGet, "/v2/account", "").body, `"droplet_limit":7`)
	for _, slug := range []string{"nyc1", "nyc3", "sfo3", "fra1", "ams3", "sgp1"} {
		assert.Contains(t, do(t, api, http.MethodGet, "/v2/regions", "").body, `"slug":"`+slug+`"`)
	}
	assert.Contains(t, do(t, api, http.MethodGet, "/v2/sizes?per_page=2&page=2", "").body, `"prev"`)
}
