package dropletstest_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets/dropletstest"
)

func TestTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		resources := fmt.Sprintf(`{"resources":[{"resource_id":"%d","resource_type":"droplet"}]}`, d.ID)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodPost, "/v2/tags/web/resources", resources).StatusCode)
		assert.Equal(t, 201, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"web"}`).StatusCode)
		assert.Equal(t, 422, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":""}`).StatusCode)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodPost, "/v2/tags/web/resources", resources).StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodPost, "/v2/tags/web/resources", `{"resources":[{"resource_id":"1","resource_type":"droplet"}]}`).StatusCode)
		assert.Equal(t, []string{"web"}, getDroplet(t, c, d.ID).Tags)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/tags/web", "").body, fmt.Sprintf("/v2/droplets/%d", d.ID))
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/tags", "").body, `"count":1`)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/tags/web/resources", resources).StatusCode)
		assert.Empty(t, getDroplet(t, c, d.ID).Tags)
		sendRequest(t, api, http.MethodPost, "/v2/tags/web/resources", resources)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/tags/web", "").StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, "/v2/tags/web", "").StatusCode)
		assert.Empty(t, getDroplet(t, c, d.ID).Tags)
	})
}
