package dropletstest_test

import (
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

func TestSSHKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		resp := sendRequest(t, api, http.MethodPost, "/v2/account/keys", `{"name":"me","public_key":"`+publicKey+`"}`)
		require.Equal(t, http.StatusCreated, resp.StatusCode, resp.body)
		var created struct {
			Key struct {
				ID          int64
				Fingerprint string
			} `json:"ssh_key"`
		}
		resp.decode(t, &created)
		assert.Len(t, created.Key.Fingerprint, 47)
		assert.Equal(t, 422, sendRequest(t, api, http.MethodPost, "/v2/account/keys", `{"name":"me","public_key":"`+publicKey+`"}`).StatusCode)
		assert.Equal(t, 422, sendRequest(t, api, http.MethodPost, "/v2/account/keys", `{"name":"me","public_key":"no"}`).StatusCode)
		req := createRequest("a")
		req.SSHKeys = []droplets.SSHKeyRef{droplets.SSHKeyID(created.Key.ID), droplets.SSHKeyFingerprint(created.Key.Fingerprint)}
		createActive(t, c, req)
		for _, ref := range []string{strconv.FormatInt(created.Key.ID, 10), created.Key.Fingerprint} {
			assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/account/keys/"+ref, "").StatusCode)
		}
		assert.Contains(t, sendRequest(t, api, http.MethodPut, "/v2/account/keys/"+created.Key.Fingerprint, `{"name":"you"}`).body, "you")
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/account/keys", "").body, `"total":1`)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/account/keys/"+created.Key.Fingerprint, "").StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, "/v2/account/keys/"+created.Key.Fingerprint, "").StatusCode)
		_, fingerprint := api.AddSSHKey("me", publicKey)
		assert.Equal(t, created.Key.Fingerprint, fingerprint)
		assert.Panics(t, func() { api.AddSSHKey("me", "no") })
	})
}
