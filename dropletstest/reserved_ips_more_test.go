package dropletstest_test

import (
	"cmp"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestFloatingIPs checks the requests and responses with the former name of reserved IPs.
func TestFloatingIPs(t *testing.T) {
	api := dropletstest.New()
	root := post[testReservedIPRoot](t, api, "/v2/floating_ips", `{"region":"nyc3"}`, 202)
	require.NotNil(t, root.FloatingIP)
	ip := root.FloatingIP.IP
	assert.Empty(t, root.ReservedIP)
	assert.Equal(t, ip, get[testReservedIPRoot](t, api, "/v2/floating_ips/"+ip).FloatingIP.IP)
	list := get[testReservedIPsPage](t, api, "/v2/floating_ips")
	assert.Empty(t, list.ReservedIPs)
	require.Len(t, list.FloatingIPs, 1)
	assert.Equal(t, list.FloatingIPs, get[testReservedIPsPage](t, api, "/v2/reserved_ips").ReservedIPs)
	assert.Empty(t, get[testActionsPage](t, api, "/v2/floating_ips/"+ip+"/actions").Actions)
	change(t, api, http.MethodDelete, "/v2/floating_ips/"+ip, "")
}

// TestReservedIPsAreLimited checks that the 762 addresses of the fake can be reserved, and no more.
func TestReservedIPsAreLimited(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	reserved := make(map[string]bool)
	for range 762 {
		reserved[post[testReservedIPRoot](t, api, "/v2/reserved_ips", `{"region":"nyc3"}`, 202).ReservedIP.IP] = true
	}
	assert.Len(t, reserved, 762)
	requireRejections(t, api, []rejection{{"limit", http.MethodPost, "/v2/reserved_ips", `{"region":"nyc3"}`, 422, "limit of 762"}})
	assert.PanicsWithValue(t, "dropletstest: AddReservedIP: You have reached the limit of 762 reserved IPs.",
		func() { api.AddReservedIP(api.Droplets()[0].ID) })
}

// TestReservedIPKeepsActionsOfItsAddress checks that an address that was deleted and reserved again has its earlier actions.
func TestReservedIPKeepsActionsOfItsAddress(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	body := fmt.Sprintf(`{"droplet_id":%d}`, api.Droplets()[0].ID)
	first := post[testReservedIPRoot](t, api, "/v2/reserved_ips", body, 202).ReservedIP.IP
	for ip := ""; ip != first; {
		change(t, api, http.MethodDelete, "/v2/reserved_ips/"+cmp.Or(ip, first), "")
		ip = post[testReservedIPRoot](t, api, "/v2/reserved_ips", `{"region":"nyc3"}`, 202).ReservedIP.IP
	}
	restored := requireReloadable(t, api)
	actions := get[testActionsPage](t, api, "/v2/reserved_ips/"+first+"/actions").Actions
	assert.Len(t, actions, 1)
	assert.Equal(t, actions, get[testActionsPage](t, restored, "/v2/reserved_ips/"+first+"/actions").Actions)
}

// TestDestroyKeepsReservedIPsOfOtherDroplets checks that a destroy keeps an address that was assigned to another Droplet in the meantime,
// and addresses that do not belong to the Droplet.
func TestDestroyKeepsReservedIPsOfOtherDroplets(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, dropletstest.ActionTypeDestroy))
		c := api.Client()
		d, other := createActive(t, c, createRequest("a")), createActive(t, c, createRequest("b"))
		moved, destroyed, free := api.AddReservedIP(d.ID), api.AddReservedIP(d.ID), call[testReservedIPRoot](t, api, http.MethodPost, "/v2/reserved_ips",
			`{"region":"nyc3"}`, http.StatusAccepted).ReservedIP.IP
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
		sleep(20 * time.Second) // the Droplet was destroyed, its addresses were not
		startIPAction(t, api, moved, fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, other.ID))
		sleep(time.Minute)
		status, err := c.AssociatedResources.Status(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, 1, status.Failures)
		var left []string
		for _, r := range get[testReservedIPsPage](t, api, "/v2/reserved_ips").ReservedIPs {
			left = append(left, r.IP)
		}
		assert.Equal(t, []string{moved, free}, left)
		assert.NotContains(t, left, destroyed)
		assert.Equal(t, moved, publicAddresses(t, getDroplet(t, c, other.ID))[1])
		requireReloadable(t, api)
	})
}
