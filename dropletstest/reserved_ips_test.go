package dropletstest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

type (
	testReservedIP struct {
		IP      string
		Region  *droplets.Region
		Droplet *droplets.Droplet
		Locked  bool
	}
	testReservedIPRoot struct {
		ReservedIP testReservedIP  `json:"reserved_ip"`
		FloatingIP *testReservedIP `json:"floating_ip"`
		Links      struct{ Droplets, Actions []droplets.ActionLink }
	}
	testReservedIPsPage struct {
		ReservedIPs []testReservedIP `json:"reserved_ips"`
		FloatingIPs []testReservedIP `json:"floating_ips"`
		Meta        struct{ Total int }
	}
)

func getReservedIP(t *testing.T, api *dropletstest.API, ip string) testReservedIP {
	t.Helper()
	return get[testReservedIPRoot](t, api, "/v2/reserved_ips/"+ip).ReservedIP
}

func startIPAction(t *testing.T, api *dropletstest.API, ip, body string) droplets.Action {
	t.Helper()
	return post[testActionRoot](t, api, "/v2/reserved_ips/"+ip+"/actions", body, 201).Action
}

func publicAddresses(t *testing.T, d *droplets.Droplet) []string {
	t.Helper()
	var all []string
	for _, v4 := range networkOf(t, d, droplets.NetworkTypePublic) {
		all = append(all, v4.IPAddress)
	}
	return all
}

func TestReservedIPLifecycle(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		a, b := createActive(t, c, createRequest("a")), createActive(t, c, createRequest("b"))
		root := post[testReservedIPRoot](t, api, "/v2/reserved_ips", `{"region":"nyc3"}`, 202)
		r := root.ReservedIP
		assert.Equal(t, testReservedIP{IP: r.IP, Region: r.Region}, r)
		assert.Equal(t, "New York 3", r.Region.Name)
		assert.Empty(t, root.Links)
		assert.Equal(t, r, getReservedIP(t, api, r.IP))
		own := publicAddresses(t, a)

		for _, d := range []*droplets.Droplet{a, b} { // the address is moved from the first one to the second one
			act := startIPAction(t, api, r.IP, fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, d.ID))
			assert.Equal(t, droplets.Action{ID: act.ID, Status: droplets.ActionStatusInProgress, Type: dropletstest.ActionTypeAssignIP,
				StartedAt: act.StartedAt, ResourceID: act.ResourceID, ResourceType: "reserved_ip", Region: act.Region, RegionSlug: "nyc3"}, act)
			assert.True(t, getReservedIP(t, api, r.IP).Locked)
			assert.True(t, getDroplet(t, c, d.ID).Locked)
			requireRejections(t, api, []rejection{
				{"locked", http.MethodPost, "/v2/reserved_ips/" + r.IP + "/actions", `{"type":"unassign"}`, 422, "The reserved IP already has a pending event."},
				{"locked", http.MethodDelete, "/v2/reserved_ips/" + r.IP, "", 422, "The reserved IP already has a pending event."},
				{"Droplet", http.MethodPost, fmt.Sprintf("/v2/droplets/%d/actions", d.ID), `{"type":"reboot"}`, 422, "Droplet already has a pending event."},
			})
			requireReloadable(t, api)
			waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
			got := getReservedIP(t, api, r.IP)
			require.NotNil(t, got.Droplet)
			assert.Equal(t, d.ID, got.Droplet.ID)
			assert.False(t, got.Locked)
			assert.Len(t, publicAddresses(t, getDroplet(t, c, d.ID)), 2)
		}
		assert.Equal(t, own, publicAddresses(t, getDroplet(t, c, a.ID)))
		b = getDroplet(t, c, b.ID)
		assert.Equal(t, droplets.NetworkV4{IPAddress: "203.0.113.2", Netmask: "255.255.255.0", Gateway: "203.0.113.1", Type: droplets.NetworkTypePublic},
			networkOf(t, b, droplets.NetworkTypePublic)[1], "after the Droplet's own address")
		assert.Len(t, networkOf(t, b, droplets.NetworkTypePrivate), 1)
		resources, err := c.AssociatedResources.List(t.Context(), b.ID)
		require.NoError(t, err)
		require.Len(t, resources.ReservedIPs, 1)
		assert.Equal(t, r.IP, resources.ReservedIPs[0].ID)

		act := startIPAction(t, api, r.IP, `{"type":"unassign"}`)
		requireReloadable(t, api)
		waitForAction(t, api, act.ID, droplets.ActionStatusCompleted)
		assert.Nil(t, getReservedIP(t, api, r.IP).Droplet)
		assert.Len(t, publicAddresses(t, getDroplet(t, c, b.ID)), 1)
		path := "/v2/reserved_ips/" + r.IP + "/actions"
		all := get[testActionsPage](t, api, path).Actions
		require.Len(t, all, 3)
		assert.Equal(t, dropletstest.ActionTypeUnassignIP, all[0].Type)
		assert.Equal(t, int64(203<<24+113<<8+2), all[0].ResourceID, "the address as a number")
		assert.Equal(t, all[0], get[testActionRoot](t, api, fmt.Sprintf("%s/%d", path, act.ID)).Action)
		change(t, api, http.MethodDelete, "/v2/reserved_ips/"+r.IP, "")
		assert.Equal(t, 0, get[testReservedIPsPage](t, api, "/v2/reserved_ips").Meta.Total)
		requireReloadable(t, api)
	})
}

func TestReservedIPCreatedForADroplet(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Addresses: 20 * time.Second}))
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		root := post[testReservedIPRoot](t, api, "/v2/reserved_ips", fmt.Sprintf(`{"droplet_id":%d,"region":"nyc3"}`, d.ID), 202)
		assert.Nil(t, root.ReservedIP.Droplet)
		assert.True(t, root.ReservedIP.Locked)
		require.Len(t, root.Links.Droplets, 1)
		require.Len(t, root.Links.Actions, 1)
		assert.Equal(t, droplets.ActionLink{ID: d.ID, Rel: "droplet", HREF: fmt.Sprintf("https://api.example/v2/droplets/%d", d.ID)}, root.Links.Droplets[0])
		assert.Equal(t, "assign_ip", root.Links.Actions[0].Rel)
		waitForAction(t, api, root.Links.Actions[0].ID, droplets.ActionStatusCompleted)
		assert.Empty(t, getDroplet(t, c, d.ID).Networks.V4, "all of its addresses are visible later")
		requireReloadable(t, api)
		sleep(time.Minute)
		assert.Len(t, publicAddresses(t, getDroplet(t, c, d.ID)), 2)
		requireRejections(t, api, []rejection{
			{"second", http.MethodPost, "/v2/reserved_ips", fmt.Sprintf(`{"droplet_id":%d}`, d.ID), 422, "already has the reserved IP"},
			{"again", http.MethodPost, "/v2/reserved_ips/" + root.ReservedIP.IP + "/actions",
				fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, d.ID), 422, "already assigned"},
		})

		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		assert.Nil(t, getReservedIP(t, api, root.ReservedIP.IP).Droplet, "it is kept when its Droplet is deleted")
		requireReloadable(t, api)
	})
}

func TestDeleteAnAssignedReservedIP(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	d := api.Droplets()[0]
	ip := api.AddReservedIP(d.ID)
	assert.Equal(t, ip, publicAddresses(t, getDroplet(t, api.Client(), d.ID))[1])
	change(t, api, http.MethodDelete, "/v2/reserved_ips/"+ip, "")
	assert.Len(t, publicAddresses(t, getDroplet(t, api.Client(), d.ID)), 1)
	assert.Empty(t, api.AddReservedIP(1))
	requireReloadable(t, api)
}

func TestFailedReservedIPActions(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		api.FailNextAction(dropletstest.ActionTypeAssignIP)
		root := post[testReservedIPRoot](t, api, "/v2/reserved_ips", fmt.Sprintf(`{"droplet_id":%d}`, d.ID), 202)
		waitForAction(t, api, root.Links.Actions[0].ID, droplets.ActionStatusErrored)
		got := getReservedIP(t, api, root.ReservedIP.IP)
		assert.Equal(t, testReservedIP{IP: got.IP, Region: got.Region}, got, "it is reserved to the region")
		assert.False(t, getDroplet(t, c, d.ID).Locked)
		act := startIPAction(t, api, got.IP, fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, d.ID))
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		waitForAction(t, api, act.ID, droplets.ActionStatusErrored)
		sleep(time.Minute)
		assert.False(t, getReservedIP(t, api, got.IP).Locked)
		requireReloadable(t, api)
	})
}

func TestRejectedReservedIPs(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		private := createRequest("private")
		private.PublicNetworking = new(false)
		p := createActive(t, c, private)
		creating, err := c.Droplets.Create(t.Context(), createRequest("b"))
		require.NoError(t, err)
		ip := post[testReservedIPRoot](t, api, "/v2/reserved_ips", `{"region":"fra1"}`, 202).ReservedIP.IP
		post := func(body, message string) rejection {
			return rejection{body, http.MethodPost, "/v2/reserved_ips", body, 422, message}
		}
		action := func(body, message string) rejection {
			return rejection{body, http.MethodPost, "/v2/reserved_ips/" + ip + "/actions", body, 422, message}
		}
		requireRejections(t, api, []rejection{
			post(`{}`, "droplet_id or region is required"),
			post(`{"region":"mars1"}`, "mars1"),
			post(`{"droplet_id":1}`, "Droplet 1 could not be found"),
			post(fmt.Sprintf(`{"droplet_id":%d,"region":"fra1"}`, d.ID), "is in region fra1 and the Droplet is in nyc3"),
			post(fmt.Sprintf(`{"droplet_id":%d}`, p.ID), "needs public networking"),
			post(fmt.Sprintf(`{"droplet_id":%d}`, creating.Droplet.ID), "Droplet already has a pending event."),
			action(`{}`, "type is required"),
			action(`{"type":"move"}`, "not a valid action type"),
			action(`{"type":"assign"}`, "droplet_id is required"),
			action(`{"type":"unassign"}`, "not assigned"),
			action(fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, d.ID), "is in region fra1 and the Droplet is in nyc3"),
			{"unknown", http.MethodGet, "/v2/reserved_ips/1.2.3.4", "", 404, ""},
			{"unknown", http.MethodDelete, "/v2/reserved_ips/1.2.3.4", "", 404, ""},
			{"unknown", http.MethodPost, "/v2/reserved_ips/1.2.3.4/actions", `{"type":"unassign"}`, 404, ""},
			{"unknown action", http.MethodGet, "/v2/reserved_ips/" + ip + "/actions/1", "", 404, ""},
			{"method", http.MethodPut, "/v2/reserved_ips/" + ip, "{}", 405, ""},
		})
	})
}
