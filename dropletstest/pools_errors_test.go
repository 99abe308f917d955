package dropletstest_test

import (
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

// TestPoolErrors checks pools that cannot create Droplets, because of the Droplet limit or because the template is no longer valid.
func TestPoolErrors(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDropletLimit(3))
		c := api.Client()
		req := poolRequest(api, 4)
		_, err := c.AutoscalePools.Create(t.Context(), req)
		requireUnprocessable(t, err, "droplet limit")
		assert.Empty(t, collect(t, c.AutoscalePools.All(t.Context(), nil)))
		image := api.AddImage(droplets.Image{})
		req.Config.TargetNumberInstances, req.DropletTemplate.Image = 2, strconv.FormatInt(image.ID, 10)
		p := createPool(t, c, req)
		larger := p.Request()
		larger.Config.TargetNumberInstances = 4
		_, err = c.AutoscalePools.Update(t.Context(), p.ID, larger)
		requireUnprocessable(t, err, "droplet limit")

		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/images/"+req.DropletTemplate.Image, "").StatusCode)
		require.NoError(t, c.Droplets.Delete(t.Context(), collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))[0].DropletID))
		sleep(time.Hour)
		assert.Equal(t, droplets.AutoscalePoolStatusError, readPool(t, c, p.ID).Status)
		assert.Equal(t, []string{"CONFIGURATION_CHANGE 2/2 success", "SCALE_UP 1/2 error"}, poolEvents(t, c, p.ID), "retries continue the event")
		requireReloadable(t, api)
		restored := api.AddImage(droplets.Image{})
		req.DropletTemplate.Image = strconv.FormatInt(restored.ID, 10)
		_, err = c.AutoscalePools.Update(t.Context(), p.ID, req)
		require.NoError(t, err)
		sleep(time.Second)
		assert.Equal(t, droplets.AutoscalePoolStatusActive, readPool(t, c, p.ID).Status)
		assert.Equal(t, []string{"active", "active"}, memberStatuses(t, c, p.ID))

		require.NoError(t, c.Droplets.Delete(t.Context(), collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))[0].DropletID))
		api.Seed(2)
		assert.Equal(t, droplets.AutoscalePoolStatusActive, readPool(t, c, p.ID).Status)
		require.NoError(t, c.Droplets.Delete(t.Context(), collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))[0].DropletID))
		assert.Equal(t, droplets.AutoscalePoolStatusError, readPool(t, c, p.ID).Status, "the account has three Droplets")
		require.NoError(t, c.Droplets.DeleteByTag(t.Context(), "seeded"))
		sleep(10 * time.Minute)
		assert.Equal(t, droplets.AutoscalePoolStatusActive, readPool(t, c, p.ID).Status, "it retries after the cooldown")
		sleep(time.Second)
		assert.Equal(t, []string{"active", "active"}, memberStatuses(t, c, p.ID))
	})
}

func TestInvalidPools(t *testing.T) {
	api := dropletstest.New()
	_, fingerprint := api.AddSSHKey("pool", publicKey)
	template := `{"region":"nyc3","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","ssh_keys":["` + fingerprint + `"]}`
	const static = `{"target_number_instances":1}`
	pool := func(config, template string) string {
		return `{"name":"web","config":` + config + `,"droplet_template":` + template + `}`
	}
	replace := func(old, by string) string { return regexp.MustCompile(old).ReplaceAllString(template, by) }
	for body, message := range map[string]string{
		`{}`:                                     "name is required",
		`{"name":"web"}`:                         "config is required",
		`{"name":"web","config":` + static + `}`: "droplet_template is required",
		pool(`{}`, template):                     "min_instances must be between 1 and 500, not 0",
		pool(`{"target_number_instances":1001}`, template):                                       "target_number_instances must be between",
		pool(`{"target_number_instances":-1}`, template):                                         "target_number_instances must be between",
		pool(`{"target_number_instances":1,"min_instances":1}`, template):                        "cannot be combined",
		pool(`{"min_instances":501,"max_instances":1000}`, template):                             "min_instances",
		pool(`{"min_instances":5,"max_instances":4}`, template):                                  "max_instances must be between 5 and 1000",
		pool(`{"min_instances":1,"max_instances":2,"target_cpu_utilization":60}`, template):      "target_cpu_utilization",
		pool(`{"min_instances":1,"max_instances":2,"target_memory_utilization":0.01}`, template): "target_memory_utilization",
		pool(`{"min_instances":1,"max_instances":2,"cooldown_minutes":4}`, template):             "cooldown_minutes",
		pool(static, replace("nyc3", "mars1")):                                                   "mars1",
		pool(static, replace("nyc3", "nyc")):                                                     "invalid region",
		pool(static, replace("s-1vcpu-1gb", "huge")):                                             "huge",
		pool(static, replace("ubuntu-24-04-x64", "plan9")):                                       "plan9",
		pool(static, replace(fingerprint, "1")):                                                  "invalid key identifiers",
		pool(static, replace(`\["`+fingerprint+`"\]`, "[]")):                                     "ssh_keys is required",
		pool(static, replace(`"region"`, `"tags":["a b"],"region"`)):                             "Tag",
	} {
		resp := sendRequest(t, api, http.MethodPost, "/v2/droplets/autoscale", body)
		assert.Equal(t, 422, resp.StatusCode, body)
		assert.Contains(t, resp.body, message, body)
	}
	assert.Equal(t, 202, sendRequest(t, api, http.MethodPost, "/v2/droplets/autoscale", pool(static, template)).StatusCode)
	assert.Len(t, api.Droplets(), 1)
	assert.Equal(t, "web-1", api.Droplets()[0].Name, "named after the pool")
}

// TestPoolTriesAgain: after an error, the pool makes up for the missing Droplet as soon as it can.
func TestPoolTriesAgain(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		image := api.AddImage(droplets.Image{})
		req := poolRequest(api, 2)
		req.DropletTemplate.Image = strconv.FormatInt(image.ID, 10)
		p := createPool(t, c, req)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/images/"+req.DropletTemplate.Image, "").StatusCode)
		require.NoError(t, c.Droplets.Delete(t.Context(), collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))[0].DropletID))
		sleep(time.Hour)
		assert.Equal(t, droplets.AutoscalePoolStatusError, readPool(t, c, p.ID).Status)
		api.AddImage(droplets.Image{ID: image.ID})
		sleep(time.Hour)
		assert.Equal(t, droplets.AutoscalePoolStatusActive, readPool(t, c, p.ID).Status)
		assert.Equal(t, []string{"active", "active"}, memberStatuses(t, c, p.ID))
	})
}
