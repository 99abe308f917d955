package dropletstest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestDamagedStatesOfNetworkAndStorage is like TestDamagedStates, for an account with VPCs, volumes, firewalls and reserved IPs.
func TestDamagedStatesOfNetworkAndStorage(t *testing.T) {
	var text string
	virtualtime.Test(t, func(t *testing.T) { text = richNetworkStorageState(t) })
	runDamagedStates(t, text)
}

// richNetworkStorageState returns the saved state of an account that has actions of volumes and reserved IPs in progress, a pending change
// of a firewall, and a destroy.
func richNetworkStorageState(t *testing.T) string {
	t.Helper()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Minute))
	c := api.Client()
	vpc := api.AddVPC("mine", "nyc3", "10.251.0.0/24")
	var ids []int64
	for i := range 4 {
		d := api.AddDroplet(droplets.Droplet{Name: fmt.Sprintf("d%d", i), VPCUUID: vpc, Region: &droplets.Region{Slug: "nyc3"}, Tags: []string{"web"}})
		ids = append(ids, d.ID)
	}
	attached, free, small := api.AddVolume("attached", "nyc3", 1), api.AddVolume("free", "nyc3", 1), api.AddVolume("small", "nyc3", 1)
	api.AddVolumeSnapshot(free, "snap")
	require.True(t, api.AttachVolume(attached, ids[0]))
	assigned, moved := api.AddReservedIP(ids[2]), api.AddReservedIP(ids[0])
	startVolumeAction(t, api, attached, `{"type":"detach"}`)
	startVolumeAction(t, api, free, fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, ids[1]))
	startVolumeAction(t, api, small, `{"type":"resize","size_gigabytes":2}`)
	startIPAction(t, api, assigned, `{"type":"unassign"}`)
	startIPAction(t, api, moved, fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, ids[3]))
	createFirewall(t, api, "f", fmt.Sprintf(`,"tags":["web"],"droplet_ids":[%d],"outbound_rules":[{"protocol":"icmp","destinations":
		{"droplet_ids":[%[1]d],"tags":["web"],"addresses":["10.0.0.0/8"]}}]`, ids[0]))
	require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), ids[0]))
	var b bytes.Buffer
	require.NoError(t, api.WriteState(&b))
	return b.String()
}

// changeNetworkAndStorage sends requests that change and delete the VPCs, volumes, reserved IPs, firewalls and tags of an account. The API
// may reject them.
func changeNetworkAndStorage(t *testing.T, api *dropletstest.API) {
	t.Helper()
	all := api.Droplets()
	for _, v := range listVPCs(t, api) {
		sendRequest(t, api, http.MethodPatch, "/v2/vpcs/"+v.ID, `{"default":true}`)
		sendRequest(t, api, http.MethodGet, "/v2/vpcs/"+v.ID+"/members", "")
		sendRequest(t, api, http.MethodDelete, "/v2/vpcs/"+v.ID, "")
	}
	for i, v := range get[testVolumesPage](t, api, "/v2/volumes").Volumes {
		path := "/v2/volumes/" + v.ID
		sendRequest(t, api, http.MethodGet, path+"/snapshots", "")
		sendRequest(t, api, http.MethodDelete, path, "")
		sendRequest(t, api, http.MethodPost, path+"/actions", `{"type":"detach"}`)
		if len(all) > 0 {
			sendRequest(t, api, http.MethodPost, path+"/actions", fmt.Sprintf(`{"type":"attach","droplet_id":%d}`, all[i%len(all)].ID))
		}
	}
	for i, r := range get[testReservedIPsPage](t, api, "/v2/reserved_ips").ReservedIPs {
		path := "/v2/reserved_ips/" + r.IP
		sendRequest(t, api, http.MethodGet, path+"/actions", "")
		sendRequest(t, api, http.MethodPost, path+"/actions", `{"type":"unassign"}`)
		if len(all) > 0 {
			sendRequest(t, api, http.MethodPost, path+"/actions", fmt.Sprintf(`{"type":"assign","droplet_id":%d}`, all[i%len(all)].ID))
		}
	}
	sleep(time.Minute)
	for _, r := range get[testReservedIPsPage](t, api, "/v2/reserved_ips").ReservedIPs {
		sendRequest(t, api, http.MethodDelete, "/v2/reserved_ips/"+r.IP, "")
	}
	for _, f := range get[testFirewallsPage](t, api, "/v2/firewalls").Firewalls {
		sendRequest(t, api, http.MethodPost, "/v2/firewalls/"+f.ID+"/rules", `{"inbound_rules":[`+sshRule+`]}`)
		sendRequest(t, api, http.MethodDelete, "/v2/firewalls/"+f.ID+"/tags", `{"tags":["web"]}`)
	}
	sendRequest(t, api, http.MethodDelete, "/v2/tags/web", "")
	sleep(time.Minute)
	requireReloadable(t, api)
}

// TestReadStateDoesNotReuseIDs checks that a state with a counter that is too low does not lead to an id that is in use.
func TestReadStateDoesNotReuseIDs(t *testing.T) {
	for kind, add := range map[string]func(*dropletstest.API) string{
		"volume":   func(api *dropletstest.API) string { return api.AddVolume("v", "nyc3", 1) },
		"firewall": func(api *dropletstest.API) string { return api.AddFirewall(droplets.Firewall{}).ID },
		"VPC": func(api *dropletstest.API) string {
			return api.AddVPC(fmt.Sprintf("v%d", len(listVPCs(t, api))), "nyc3", "")
		},
	} {
		api := dropletstest.New()
		old := add(api)
		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		text := strings.Replace(saved.String(), `"uuid":1`, `"uuid":0`, 1)
		require.NotEqual(t, saved.String(), text)
		require.NoError(t, api.ReadState(strings.NewReader(text)))
		assert.NotEqual(t, old, add(api), kind)
	}
}
