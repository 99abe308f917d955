package dropletstest_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5rG1o6Q9l4vS0J8t2mF7m1x0b3k5w7y9A1C3E5G7I9 me@example"

func TestSSHKeys(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
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
		assertPanics(t, "dropletstest: AddSSHKey: ", "Key invalid", func() { api.AddSSHKey("me", "no") })
		assertPanics(t, "dropletstest: AddSSHKey: ", "already in use", func() { api.AddSSHKey("you", publicKey) })
	})
}

// TestFingerprint compares the fingerprint with the output of ssh-keygen -l -E md5.
func TestFingerprint(t *testing.T) {
	_, fingerprint := dropletstest.New().AddSSHKey("me", publicKey)
	assert.Equal(t, "a1:d6:11:05:a0:e2:db:83:af:73:52:07:af:7d:af:99", fingerprint)
}

func TestDeletedSSHKeyCannotBeUsed(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		id, fingerprint := api.AddSSHKey("me", publicKey)
		path := "/v2/account/keys/" + strconv.FormatInt(id, 10)
		for _, body := range []string{`{"name":""}`, `{"name":7}`} {
			assert.Equal(t, 422, sendRequest(t, api, http.MethodPut, path, body).StatusCode)
		}
		assert.Equal(t, 200, sendRequest(t, api, http.MethodPut, path, `{}`).StatusCode)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, path, "").body, `"name":"me"`)
		refs := []droplets.SSHKeyRef{droplets.SSHKeyID(id), droplets.SSHKeyFingerprint(fingerprint)}
		req := createRequest("a")
		for _, ref := range refs {
			req.SSHKeys = []droplets.SSHKeyRef{ref}
			createActive(t, c, req)
		}
		requireReloadable(t, api)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, path, "").StatusCode)
		for _, ref := range refs {
			req.SSHKeys = []droplets.SSHKeyRef{ref}
			_, err := c.Droplets.Create(t.Context(), req)
			requireUnprocessable(t, err, "invalid key identifiers")
		}
		for method, want := range map[string]int{http.MethodGet: 404, http.MethodPut: 404, http.MethodDelete: 404, http.MethodPost: 405} {
			assert.Equal(t, want, sendRequest(t, api, method, path, `{"name":"x"}`).StatusCode)
		}
		again, _ := api.AddSSHKey("me", publicKey)
		assert.Greater(t, again, id)
		requireReloadable(t, api)
	})
}

func TestListSSHKeys(t *testing.T) {
	api := dropletstest.New()
	assert.JSONEq(t, `{"ssh_keys":[],"links":{},"meta":{"total":0}}`, sendRequest(t, api, http.MethodGet, "/v2/account/keys", "").body)
	for i := range 3 {
		api.AddSSHKey("me", "ssh-ed25519 "+base64.StdEncoding.EncodeToString([]byte{byte(i)}))
	}
	resp := sendRequest(t, api, http.MethodGet, "/v2/account/keys?per_page=2&page=2", "")
	assert.Contains(t, resp.body, `"total":3`)
	assert.Equal(t, 1, strings.Count(resp.body, "fingerprint"))
}
