package droplets_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

const poolID = "0d3db13e-a604-4944-9827-7ec2642d32ac"

func poolRequest() droplets.AutoscalePoolRequest {
	return droplets.AutoscalePoolRequest{
		Name:   "web",
		Config: droplets.AutoscaleConfig{TargetNumberInstances: 2},
		DropletTemplate: droplets.AutoscaleDropletTemplate{Region: "nyc3", Size: "s-1vcpu-1gb", Image: "ubuntu-24-04-x64",
			SSHKeys: []string{"8b:6e:a3:53:98:16:e6:4a:4e:fd:89:d0:ec:e9:ea:e4"}},
	}
}

// dynamicPool is the pool of the API's example.
func dynamicPool() droplets.AutoscalePoolRequest {
	req := poolRequest()
	req.Name = "my-autoscale-pool"
	req.Config = droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 5, TargetCPUUtilization: 0.5, CooldownMinutes: 10}
	return req
}

func TestAutoscalePoolRequests(t *testing.T) {
	t.Parallel()
	full := dynamicPool()
	full.Config.TargetMemoryUtilization = 0.05
	full.DropletTemplate = droplets.AutoscaleDropletTemplate{Name: "example.com", Region: "nyc3", Size: "c-2", Image: "ubuntu-20-04-x64",
		SSHKeys: []string{"3b:16", "512189"}, Tags: []string{"env:prod", "web"}, VPCUUID: "760e09ef", WithDropletAgent: new(false),
		ProjectID: "746c6152", IPv6: true, UserData: "#cloud-config\n", PublicNetworking: new(true)}
	for name, tt := range map[string]struct {
		req  droplets.AutoscalePoolRequest
		want string
	}{
		"static": {poolRequest(), `{"name":"web","config":{"target_number_instances":2},"droplet_template":{"region":"nyc3","size":"s-1vcpu-1gb",
			"image":"ubuntu-24-04-x64","ssh_keys":["8b:6e:a3:53:98:16:e6:4a:4e:fd:89:d0:ec:e9:ea:e4"]}}`},
		"dynamic": {full, `{"name":"my-autoscale-pool","config":{"min_instances":1,"max_instances":5,"target_cpu_utilization":0.5,
			"target_memory_utilization":0.05,"cooldown_minutes":10},"droplet_template":{"name":"example.com","region":"nyc3","size":"c-2",
			"image":"ubuntu-20-04-x64","ssh_keys":["3b:16","512189"],"tags":["env:prod","web"],"vpc_uuid":"760e09ef",
			"with_droplet_agent":false,"project_id":"746c6152","ipv6":true,"user_data":"#cloud-config\n","public_networking":true}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, c := newAPI(t, sequence(respond(202, fixture(t, "autoscalepools_create.202")), respond(200, fixture(t, "autoscalepools_update.200"))))
			pool, err := c.AutoscalePools.Create(t.Context(), tt.req)
			require.NoError(t, err)
			assert.Equal(t, poolID, pool.ID)
			assert.Equal(t, "/v2/droplets/autoscale", a.last().Path)
			assert.JSONEq(t, tt.want, a.last().Body)

			pool, err = c.AutoscalePools.Update(t.Context(), poolID, tt.req)
			require.NoError(t, err)
			assert.Equal(t, droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 5, TargetCPUUtilization: 0.5, CooldownMinutes: 10}, pool.Config)
			assert.Equal(t, http.MethodPut, a.last().Method)
			assert.Equal(t, "/v2/droplets/autoscale/"+poolID, a.last().Path)
			assert.JSONEq(t, tt.want, a.last().Body)
		})
	}
}

// The request of a pool updates it to what it is: no field of the pool is lost or added.
func TestAutoscalePoolRequestOfAPool(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"autoscalepools_get.200", "autoscalepools_get.200.memory", "autoscalepools_create.202.static"} {
		var body struct {
			Pool struct {
				Config   json.RawMessage `json:"config"`
				Template json.RawMessage `json:"droplet_template"`
			} `json:"autoscale_pool"`
		}
		require.NoError(t, json.Unmarshal([]byte(fixture(t, name)), &body))
		_, c := newAPI(t, sequence(respond(200, fixture(t, name))))
		pool, err := c.AutoscalePools.Get(t.Context(), poolID)
		require.NoError(t, err)
		encoded, err := json.Marshal(pool.Request())
		require.NoError(t, err)
		assert.JSONEq(t, `{"name":"test-autoscaler-group-01","config":`+string(body.Pool.Config)+`,"droplet_template":`+string(body.Pool.Template)+`}`,
			string(encoded), name)
	}
}

// A full page of a longer list has a next page, also if the response has no links.
func TestPagesOfPools(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, `{"autoscale_pools":[{"id":"c"},{"id":"d"}],"meta":{"total":5}}`)))
	page, err := c.AutoscalePools.List(t.Context(), &droplets.AutoscalePoolListOptions{ListOptions: droplets.ListOptions{Page: 2, PerPage: 2}})
	require.NoError(t, err)
	assert.Equal(t, 3, page.NextPage)
	assert.Equal(t, 3, page.LastPage)
}

func TestPoolsAreFilteredByName(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(200, fixture(t, "autoscalepools_list.200"))))
		page, err := c.AutoscalePools.List(t.Context(), &droplets.AutoscalePoolListOptions{Name: "a&b", ListOptions: droplets.ListOptions{Page: 2}})
		require.NoError(t, err)
		assert.Equal(t, map[string][]string{"name": {"a&b"}, "page": {"2"}}, map[string][]string(a.last().Query))
		assert.Len(t, page.Items, 1)
		pools, err := collect1(c.AutoscalePools.All(t.Context(), &droplets.AutoscalePoolListOptions{Name: "web"}))
		require.NoError(t, err)
		require.Len(t, pools, 1)
		assert.Equal(t, poolID, pools[0].ID)
		assert.Equal(t, "web", a.last().Query.Get("name"))
		assert.Equal(t, "200", a.last().Query.Get("per_page"))
	})
}

// An ID that needs escaping stays one segment of the path.
func TestPoolIDsAreEscaped(t *testing.T) {
	t.Parallel()
	var paths []string
	_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
		paths = append(paths, r.URL.EscapedPath())
		return respond(202, "")()
	})
	require.NoError(t, c.AutoscalePools.Delete(t.Context(), "a/b?c#d"))
	require.NoError(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), "%2e%2e"))
	assert.Equal(t, []string{testPrefix + "/v2/droplets/autoscale/a%2Fb%3Fc%23d",
		testPrefix + "/v2/droplets/autoscale/%252e%252e/dangerous"}, paths)
}

func TestDeletePools(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(202, ""), respond(202, ""), respond(502, ""), respond(404, notFoundBody), respond(404, notFoundBody)))
		require.NoError(t, c.AutoscalePools.Delete(t.Context(), poolID))
		assert.Empty(t, a.last().Header.Get("X-Dangerous"))
		require.NoError(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), poolID))
		assert.Equal(t, "true", a.last().Header.Get("X-Dangerous"))
		assert.Equal(t, "/v2/droplets/autoscale/"+poolID+"/dangerous", a.last().Path)

		require.NoError(t, c.AutoscalePools.DeleteWithDroplets(t.Context(), poolID), "a 404 after a 502 means that it is gone")
		assert.Equal(t, "true", a.last().Header.Get("X-Dangerous"))
		require.ErrorIs(t, c.AutoscalePools.Delete(t.Context(), poolID), droplets.ErrNotFound)
	})
}

// A create of a pool is never sent twice: the pool would create Droplets twice.
func TestPoolCreatesAreNotRetried(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]func() (*http.Response, error){
		"502": respond(502, ""), "reset": failWith(errReset), "unreadable": respond(202, "{}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, c := newAPI(t, sequence(response))
			pool, err := c.AutoscalePools.Create(t.Context(), poolRequest())
			require.ErrorIs(t, err, droplets.ErrMaybeApplied)
			assert.Nil(t, pool)
			assert.Equal(t, 1, a.count())
		})
	}
}

func TestPoolUpdatesAreRetriedOnRequest(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			options  []droplets.CallOption
			requests int
			want     error
		}{
			{nil, 1, droplets.ErrMaybeApplied},
			{[]droplets.CallOption{droplets.ResendUncertain()}, 2, nil},
		} {
			a, c := newAPI(t, sequence(respond(502, ""), respond(200, fixture(t, "autoscalepools_update.200"))))
			_, err := c.AutoscalePools.Update(t.Context(), poolID, poolRequest(), tt.options...)
			require.ErrorIs(t, err, tt.want)
			assert.Equal(t, tt.requests, a.count())
		}
	})
}

func TestDecodePools(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, fixture(t, "autoscalepools_get.200.static")), respond(202, fixture(t, "autoscalepools_create.202")),
		respond(200, fixture(t, "autoscalepools_list_members.200.unhealthy")), respond(200, fixture(t, "autoscalepools_list_history.200")),
		respond(200, `{"autoscale_pool":{"id":"x","status":"paused","config":{"min_instances":1,"schedule":"nightly"}}}`)))
	pool, err := c.AutoscalePools.Get(t.Context(), poolID)
	require.NoError(t, err)
	assert.True(t, pool.Config.IsStatic())
	assert.Equal(t, droplets.AutoscalePoolStatusActive, pool.Status)
	assert.Equal(t, new(false), pool.DropletTemplate.PublicNetworking)
	assert.Equal(t, &droplets.AutoscaleUtilization{}, pool.CurrentUtilization)

	pool, err = c.AutoscalePools.Create(t.Context(), dynamicPool())
	require.NoError(t, err)
	assert.Nil(t, pool.CurrentUtilization, "a new pool has no utilization")
	assert.False(t, pool.Config.IsStatic())

	members, err := c.AutoscalePools.ListMembers(t.Context(), poolID, nil)
	require.NoError(t, err)
	assert.Equal(t, droplets.AutoscaleHealthStatusUnhealthy, members.Items[0].HealthStatus)
	assert.Equal(t, droplets.AutoscaleMemberStatusOff, members.Items[0].Status)
	assert.Equal(t, "Droplet failed health check", members.Items[0].UnhealthyReason)

	history, err := c.AutoscalePools.ListHistory(t.Context(), poolID, nil)
	require.NoError(t, err)
	assert.Equal(t, droplets.AutoscaleEventReasonConfigurationChange, history.Items[0].Reason)
	assert.Equal(t, droplets.AutoscaleEventStatusSuccess, history.Items[0].Status)

	pool, err = c.AutoscalePools.Get(t.Context(), poolID)
	require.NoError(t, err)
	assert.Equal(t, droplets.AutoscalePoolStatus("paused"), pool.Status, "an unknown status")
}
