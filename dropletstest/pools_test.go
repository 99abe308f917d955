package dropletstest_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// poolRequest is a request for a pool of n Droplets in an API with an SSH key.
func poolRequest(api *dropletstest.API, n int) droplets.AutoscalePoolRequest {
	_, fingerprint := api.AddSSHKey("pool", publicKey)
	return droplets.AutoscalePoolRequest{Name: "web", Config: droplets.AutoscaleConfig{TargetNumberInstances: n},
		DropletTemplate: droplets.AutoscaleDropletTemplate{Name: "web", Region: "nyc3", Size: "s-1vcpu-1gb", Image: "ubuntu-24-04-x64",
			SSHKeys: []string{fingerprint}, Tags: []string{"pool"}, UserData: "#!/bin/sh"}}
}

// createPool creates a pool whose Droplets are active.
func createPool(t *testing.T, c *droplets.Client, req droplets.AutoscalePoolRequest) *droplets.AutoscalePool {
	t.Helper()
	p, err := c.AutoscalePools.Create(t.Context(), req)
	require.NoError(t, err)
	sleep(time.Second)
	return readPool(t, c, p.ID)
}

func readPool(t *testing.T, c *droplets.Client, id string) *droplets.AutoscalePool {
	t.Helper()
	p, err := c.AutoscalePools.Get(t.Context(), id)
	require.NoError(t, err)
	return p
}

// memberStatuses returns the statuses of the members of a pool, by Droplet id, and checks that their Droplets exist.
func memberStatuses(t *testing.T, c *droplets.Client, id string) (statuses []string) {
	t.Helper()
	for _, m := range collect(t, c.AutoscalePools.AllMembers(t.Context(), id, nil)) {
		getDroplet(t, c, m.DropletID)
		statuses = append(statuses, string(m.Status))
	}
	return statuses
}

// poolEvents returns the history of a pool, the oldest event first, such as "SCALE_UP 1/2 success".
func poolEvents(t *testing.T, c *droplets.Client, id string) (events []string) {
	t.Helper()
	for _, e := range collect(t, c.AutoscalePools.AllHistory(t.Context(), id, nil)) {
		assert.False(t, e.UpdatedAt.Before(e.CreatedAt))
		events = append(events, string(e.Reason)+" "+strconv.Itoa(e.CurrentInstanceCount)+"/"+strconv.Itoa(e.DesiredInstanceCount)+" "+string(e.Status))
	}
	slices.Reverse(events)
	return events
}

func TestStaticPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, droplets.ActionTypeCreate))
		c := api.Client()
		req := poolRequest(api, 3)
		p, err := c.AutoscalePools.Create(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, droplets.AutoscalePool{ID: p.ID, Name: "web", Config: req.Config, DropletTemplate: req.DropletTemplate,
			CreatedAt: time.Now().UTC(), UpdatedAt: time.Now().UTC(), Status: droplets.AutoscalePoolStatusActive}, *p)
		assert.Equal(t, []string{"provisioning", "provisioning", "provisioning"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, []string{"CONFIGURATION_CHANGE 0/3 in_progress"}, poolEvents(t, c, p.ID))
		sleep(30 * time.Second)
		api = requireReloadable(t, api)
		sleep(30 * time.Second)
		c = api.Client()
		assert.Equal(t, []string{"active", "active", "active"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, []string{"CONFIGURATION_CHANGE 3/3 success"}, poolEvents(t, c, p.ID))
		assert.Equal(t, 3, readPool(t, c, p.ID).ActiveResourcesCount)

		members := collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))
		d := getDroplet(t, c, members[0].DropletID)
		assert.Equal(t, droplets.AutoscalePoolMember{DropletID: d.ID, CreatedAt: p.CreatedAt, UpdatedAt: time.Now().UTC(),
			HealthStatus: droplets.AutoscaleHealthStatusHealthy, Status: droplets.AutoscaleMemberStatusActive}, members[0])
		assert.Equal(t, []any{"web-1", "nyc3", "s-1vcpu-1gb", "ubuntu-24-04-x64", []string{"pool"}},
			[]any{d.Name, d.Region.Slug, d.SizeSlug, d.Image.Slug, d.Tags})
		for _, e := range api.Ledger() {
			assert.Equal(t, "autoscalepools_create", e.Operation)
			assert.NotEmpty(t, e.RequestID)
		}
		runAction(t, c, d.ID, droplets.PowerOffRequest{})
		members = collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))
		assert.Equal(t, droplets.AutoscaleMemberStatusOff, members[0].Status)
		assert.Equal(t, droplets.AutoscaleHealthStatusUnhealthy, members[0].HealthStatus)
		assert.NotEmpty(t, members[0].UnhealthyReason)
		assert.True(t, members[0].UpdatedAt.After(members[1].UpdatedAt))
		assert.Equal(t, 2, readPool(t, c, p.ID).ActiveResourcesCount)
		assert.Len(t, poolEvents(t, c, p.ID), 1)
	})
}

func TestListPools(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := poolRequest(api, 1)
		for _, name := range []string{"a", "b", "a"} {
			req.Name = name
			createPool(t, c, req)
		}
		pools := collect(t, c.AutoscalePools.All(t.Context(), nil))
		require.Len(t, pools, 3)
		assert.Equal(t, []string{"a", "b", "a"}, []string{pools[0].Name, pools[1].Name, pools[2].Name})
		assert.Len(t, collect(t, c.AutoscalePools.All(t.Context(), &droplets.AutoscalePoolListOptions{Name: "a"})), 2)
		assert.Empty(t, collect(t, c.AutoscalePools.All(t.Context(), &droplets.AutoscalePoolListOptions{Name: "A"})))
		for path, method := range map[string]string{"": http.MethodDelete, "/" + pools[0].ID: http.MethodPost, "/" + pools[0].ID + "/members": http.MethodPost,
			"/" + pools[0].ID + "/dangerous": http.MethodGet} {
			assert.Equal(t, 405, sendRequest(t, api, method, "/v2/droplets/autoscale"+path, "").StatusCode, path)
		}
		for _, path := range []string{"", "/members", "/history"} {
			assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, "/v2/droplets/autoscale/none"+path, "").StatusCode, path)
		}
	})
}

// TestPoolReplacesDroplets deletes members in every way that the API has.
func TestPoolReplacesDroplets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		p := createPool(t, c, poolRequest(api, 2))
		first := collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))
		require.NoError(t, c.Droplets.Delete(t.Context(), first[0].DropletID))
		assert.Equal(t, []string{"active", "provisioning"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, "SCALE_UP 1/2 in_progress", poolEvents(t, c, p.ID)[1])
		sleep(time.Second)
		assert.Equal(t, []string{"active", "active"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, "SCALE_UP 2/2 success", poolEvents(t, c, p.ID)[1])

		require.NoError(t, c.Droplets.DeleteByTag(t.Context(), "pool"))
		sleep(time.Second)
		assert.Equal(t, []string{"active", "active"}, memberStatuses(t, c, p.ID))
		member := collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))[0]
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), member.DropletID))
		_, err := c.AssociatedResources.WaitForDestroy(t.Context(), member.DropletID)
		require.NoError(t, err)
		sleep(time.Second)
		assert.Equal(t, []string{"active", "active"}, memberStatuses(t, c, p.ID))
		for _, e := range poolEvents(t, c, p.ID) {
			assert.Contains(t, e, "success")
		}
		entries := api.Ledger()
		assert.Len(t, entries, 2+2+4+2)
		assert.Equal(t, dropletstest.Entry{Kind: dropletstest.EntryCreate, Time: entries[2].Time, DropletID: entries[3].DropletID, Name: "web-3"}, entries[3],
			"no request created the replacement")
		assert.Equal(t, entries[2].Time, entries[3].Time)
		requireReloadable(t, api)
	})
}

func TestPoolReplacesFailedDroplets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		api.FailNextAction(droplets.ActionTypeCreate)
		p := createPool(t, c, poolRequest(api, 2))
		assert.Equal(t, []string{"active", "provisioning"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, []string{"CONFIGURATION_CHANGE 0/2 error", "SCALE_UP 1/2 in_progress"}, poolEvents(t, c, p.ID))
		sleep(time.Second)
		assert.Equal(t, []string{"active", "active"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, "SCALE_UP 2/2 success", poolEvents(t, c, p.ID)[1])

		member := collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))[1]
		require.NoError(t, c.Droplets.Delete(t.Context(), member.DropletID))
		replaced := collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))[1]
		require.NoError(t, c.Droplets.Delete(t.Context(), replaced.DropletID), "the replacement is deleted while it is created")
		sleep(time.Second)
		assert.Equal(t, []string{"active", "active"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, []string{"SCALE_UP 2/2 success", "SCALE_UP 2/2 success"}, poolEvents(t, c, p.ID)[2:])
	})
}

func TestUpdatePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, dropletstest.ActionTypeDestroy))
		c := api.Client()
		req := poolRequest(api, 2)
		p := createPool(t, c, req)
		req.Name, req.Config.TargetNumberInstances, req.DropletTemplate.Size = "web2", 4, "s-2vcpu-2gb"
		updated, err := c.AutoscalePools.Update(t.Context(), p.ID, req)
		require.NoError(t, err)
		assert.Equal(t, []any{"web2", p.ID, p.CreatedAt, 2}, []any{updated.Name, updated.ID, updated.CreatedAt, updated.ActiveResourcesCount})
		assert.True(t, updated.UpdatedAt.After(p.UpdatedAt))
		sleep(time.Second)
		assert.Equal(t, []string{"CONFIGURATION_CHANGE 2/2 success", "CONFIGURATION_CHANGE 4/4 success"}, poolEvents(t, c, p.ID))
		members := collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))
		assert.Equal(t, "s-1vcpu-1gb", getDroplet(t, c, members[0].DropletID).SizeSlug)
		assert.Equal(t, "s-2vcpu-2gb", getDroplet(t, c, members[3].DropletID).SizeSlug)

		req.Config.TargetNumberInstances = 1
		_, err = c.AutoscalePools.Update(t.Context(), p.ID, req)
		require.NoError(t, err)
		assert.Equal(t, []string{"active", "deleting", "deleting", "deleting"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, "CONFIGURATION_CHANGE 4/1 in_progress", poolEvents(t, c, p.ID)[2])
		assert.Equal(t, 1, readPool(t, c, p.ID).ActiveResourcesCount)
		actions := collect(t, c.DropletActions.All(t.Context(), members[3].DropletID, nil))
		assert.Equal(t, droplets.ActionTypeShutdown, actions[0].Type)
		sleep(time.Second)
		assert.Equal(t, droplets.DropletStatusOff, getDroplet(t, c, members[3].DropletID).Status)
		api = requireReloadable(t, api)
		c = api.Client()
		sleep(time.Minute)
		assert.Equal(t, []string{"active"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, "CONFIGURATION_CHANGE 1/1 success", poolEvents(t, c, p.ID)[2])
		assert.Len(t, api.Droplets(), 1)
		last := api.Ledger()[len(api.Ledger())-1]
		assert.Equal(t, []any{dropletstest.EntryDelete, "autoscalepools_update"}, []any{last.Kind, last.Operation})
		_, err = c.AutoscalePools.Update(t.Context(), "none", req)
		require.ErrorIs(t, err, droplets.ErrNotFound)
	})
}

// createDynamicPool creates a pool of 2 to 5 Droplets that aims at 80 % of the CPU.
func createDynamicPool(t *testing.T, api *dropletstest.API) *droplets.AutoscalePool {
	t.Helper()
	req := poolRequest(api, 0)
	req.Config = droplets.AutoscaleConfig{MinInstances: 2, MaxInstances: 5, TargetCPUUtilization: 0.8, TargetMemoryUtilization: 0.5, CooldownMinutes: 5}
	return createPool(t, api.Client(), req)
}

func TestDynamicPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		p := createDynamicPool(t, api)
		size := func() int { return len(memberStatuses(t, api.Client(), p.ID)) }
		assert.Equal(t, 2, size())
		assert.Nil(t, p.CurrentUtilization)
		sleep(4 * time.Minute)
		assert.True(t, api.SetPoolUtilization(p.ID, 0.95, 0.1))
		assert.Equal(t, droplets.AutoscaleUtilization{CPU: 0.95, Memory: 0.1}, *readPool(t, api.Client(), p.ID).CurrentUtilization)
		member := collect(t, api.Client().AutoscalePools.AllMembers(t.Context(), p.ID, nil))[0]
		assert.Equal(t, droplets.AutoscaleUtilization{CPU: 0.95, Memory: 0.1}, member.CurrentUtilization)
		assert.Equal(t, 2, size(), "the cooldown is not over")
		api = requireReloadable(t, api)
		sleep(time.Minute - time.Second)
		assert.Equal(t, 3, size(), "2 × 0.95 / 0.8, rounded up")
		assert.Equal(t, "SCALE_UP 2/3 in_progress", poolEvents(t, api.Client(), p.ID)[1])
		sleep(5*time.Minute - time.Second)
		assert.Equal(t, 3, size())
		sleep(time.Second)
		assert.Equal(t, 4, size(), "the utilization is still too high")
		sleep(time.Hour)
		assert.Equal(t, 5, size(), "the maximum")

		api.SetPoolUtilization(p.ID, 0.1, 0.28)
		assert.Equal(t, 5, size())
		assert.Len(t, collect(t, api.Client().AutoscalePools.AllMembers(t.Context(), p.ID, nil)), 5)
		sleep(2 * time.Second)
		assert.Equal(t, 3, size(), "5 × 0.28 / 0.5, rounded up: the memory needs more Droplets than the CPU")
		api.SetPoolUtilization(p.ID, 0, 0)
		sleep(time.Hour)
		assert.Equal(t, 2, size(), "the minimum")
		events := poolEvents(t, api.Client(), p.ID)
		assert.Equal(t, []string{"CONFIGURATION_CHANGE 2/2 success", "SCALE_UP 3/3 success", "SCALE_UP 4/4 success", "SCALE_UP 5/5 success",
			"SCALE_DOWN 3/3 success", "SCALE_DOWN 2/2 success"}, events)
		assert.False(t, api.SetPoolUtilization("none", 0, 0))
		assert.Panics(t, func() { api.SetPoolUtilization(p.ID, 1.1, 0) })
		assert.Panics(t, func() { api.SetPoolUtilization(p.ID, 0, -0.1) })
	})
}

func TestUpdateDynamicPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		p := createDynamicPool(t, api)
		size := func(config droplets.AutoscaleConfig) int {
			req := p.Request()
			req.Config = config
			_, err := c.AutoscalePools.Update(t.Context(), p.ID, req)
			require.NoError(t, err)
			sleep(10 * time.Second)
			return len(memberStatuses(t, c, p.ID))
		}
		assert.Equal(t, 3, size(droplets.AutoscaleConfig{MinInstances: 3, MaxInstances: 5}))
		assert.Equal(t, 1, size(droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 1}))
		assert.Equal(t, 4, size(droplets.AutoscaleConfig{TargetNumberInstances: 4}))
		assert.Equal(t, 4, size(droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 9, TargetCPUUtilization: 0.5}))
		api.SetPoolUtilization(p.ID, 0.5, 1)
		sleep(time.Hour)
		assert.Len(t, memberStatuses(t, c, p.ID), 4)
	})
}

func TestDeletePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client(noRetries)
		p := createPool(t, c, poolRequest(api, 2))
		require.NoError(t, c.AutoscalePools.Delete(t.Context(), p.ID))
		assert.Equal(t, droplets.AutoscalePoolStatusDeleting, readPool(t, c, p.ID).Status)
		assert.Empty(t, memberStatuses(t, c, p.ID))
		require.NoError(t, c.AutoscalePools.Delete(t.Context(), p.ID), "a retry")
		requireUnprocessable(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), p.ID), "being deleted")
		_, err := c.AutoscalePools.Update(t.Context(), p.ID, p.Request())
		requireUnprocessable(t, err, "being deleted")
		requireReloadable(t, api)
		sleep(time.Second)
		require.ErrorIs(t, c.AutoscalePools.Delete(t.Context(), p.ID), droplets.ErrNotFound)
		assert.Len(t, api.Droplets(), 2)
		require.NoError(t, c.Droplets.Delete(t.Context(), api.Droplets()[0].ID))
		sleep(time.Hour)
		assert.Len(t, api.Droplets(), 1, "nothing replaces it")
		requireReloadable(t, api)
	})
}

func TestDeletePoolWithDroplets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second, dropletstest.ActionTypeDestroy))
		c := api.Client(noRetries)
		p := createPool(t, c, poolRequest(api, 2))
		resp := sendRequest(t, api, http.MethodDelete, "/v2/droplets/autoscale/"+p.ID+"/dangerous", "")
		assert.Equal(t, 422, resp.StatusCode)
		assert.Contains(t, resp.body, "X-Dangerous")
		require.NoError(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), p.ID))
		require.NoError(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), p.ID), "a retry")
		requireUnprocessable(t, c.AutoscalePools.Delete(t.Context(), p.ID), "being deleted")
		assert.Equal(t, []string{"deleting", "deleting"}, memberStatuses(t, c, p.ID))
		sleep(5 * time.Second)
		assert.Equal(t, []string{"deleting"}, memberStatuses(t, c, p.ID))
		api = requireReloadable(t, api)
		c = api.Client()
		sleep(5 * time.Second)
		require.ErrorIs(t, c.AutoscalePools.Delete(t.Context(), p.ID), droplets.ErrNotFound)
		assert.Empty(t, api.Droplets())
		ledger := api.Ledger()
		require.Len(t, ledger, 4)
		for _, e := range ledger[2:] {
			assert.Equal(t, []any{dropletstest.EntryDelete, "autoscalepools_delete_dangerous"}, []any{e.Kind, e.Operation})
		}
		assert.Equal(t, 5*time.Second, ledger[3].Time.Sub(ledger[2].Time))
		sleep(time.Hour)
		requireReloadable(t, api)
	})
}

// TestPoolErrors checks pools that cannot create Droplets: the account has too many of them, or the template has become invalid.
func TestPoolErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
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
		assert.Equal(t, droplets.AutoscalePoolStatusActive, readPool(t, c, p.ID).Status, "it tries again")
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

// TestPoolsDoNotDependOnPolls runs the same history twice: one client polls every second, the other one does not poll.
func TestPoolsDoNotDependOnPolls(t *testing.T) {
	run := func(poll time.Duration) (history, members []string, ledger []dropletstest.Entry) {
		synctest.Test(t, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithActionDuration(20 * time.Second))
			c := api.Client()
			p := createDynamicPool(t, api)
			api.SetPoolUtilization(p.ID, 1, 0)
			require.NoError(t, c.Droplets.Delete(t.Context(), api.Droplets()[0].ID))
			for range time.Hour / poll {
				sleep(poll)
				readPool(t, c, p.ID)
			}
			for _, e := range collect(t, c.AutoscalePools.AllHistory(t.Context(), p.ID, nil)) {
				history = append(history, fmt.Sprintf("%+v", e))
			}
			for _, m := range collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil)) {
				members = append(members, fmt.Sprintf("%+v", m))
			}
			ledger = api.Ledger()
		})
		return history, members, ledger
	}
	history, members, ledger := run(time.Second)
	assert.Len(t, members, 5)
	otherHistory, otherMembers, otherLedger := run(time.Hour)
	assert.Equal(t, history, otherHistory)
	assert.Equal(t, members, otherMembers)
	assert.Equal(t, ledger, otherLedger)
}
