package dropletstest_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// poolRequest returns a request for a pool of n Droplets. It adds an SSH key to the account.
func poolRequest(api *dropletstest.API, n int) droplets.AutoscalePoolRequest {
	_, fingerprint := api.AddSSHKey("pool", publicKey)
	return droplets.AutoscalePoolRequest{Name: "web", Config: droplets.AutoscaleConfig{TargetNumberInstances: n},
		DropletTemplate: droplets.AutoscaleDropletTemplate{Name: "web", Region: "nyc3", Size: "s-1vcpu-1gb", Image: "ubuntu-24-04-x64",
			SSHKeys: []string{fingerprint}, Tags: []string{"pool"}, UserData: "#!/bin/sh"}}
}

// createPool creates a pool and waits a second, after which its Droplets are active.
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
	virtualtime.Test(t, func(t *testing.T) {
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
	virtualtime.Test(t, func(t *testing.T) {
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

// TestPoolReplacesDroplets checks that a pool replaces members that were deleted in any of three ways.
func TestPoolReplacesDroplets(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
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
	virtualtime.Test(t, func(t *testing.T) {
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
