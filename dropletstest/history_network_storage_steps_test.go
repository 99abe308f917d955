package dropletstest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// TestHistoriesOfNetworkAndStorage is like TestHistories, but with the steps for VPCs, volumes, firewalls and reserved IPs, and the steps
// on which they depend.
func TestHistoriesOfNetworkAndStorage(t *testing.T) {
	kinds := []string{"droplets create", "droplets delete", "droplet actions", "destroy", "tags", "tag resources", "add volume", "add to volume",
		"add to Droplet", "fault"}
	runHistories(t, slices.Sorted(slices.Values(slices.AppendSeq(kinds, maps.Keys(networkStorageSteps)))), networkStorageOperations)
}

// allSteps are the kinds of steps of all histories.
var allSteps = func() map[string]func(*history, step) {
	all := maps.Clone(steps)
	maps.Copy(all, networkStorageSteps)
	return all
}()

// networkStorageOperations are the ids of the operations of VPCs, volumes, firewalls and reserved IPs.
var networkStorageOperations = []string{"vpcs_list", "vpcs_create", "vpcs_get", "vpcs_update", "vpcs_patch", "vpcs_delete", "vpcs_list_members",
	"volumes_list", "volumes_create", "volumes_delete_byName", "volumes_get", "volumes_delete", "volumeActions_post", "volumeActions_list",
	"volumeActions_post_byId", "volumeActions_get", "volumeSnapshots_get_byId", "volumeSnapshots_delete_byId", "volumeSnapshots_list",
	"volumeSnapshots_create", "firewalls_list", "firewalls_create", "firewalls_get", "firewalls_update", "firewalls_delete",
	"firewalls_assign_droplets", "firewalls_delete_droplets", "firewalls_add_tags", "firewalls_delete_tags", "firewalls_add_rules",
	"firewalls_delete_rules", "reservedIPs_list", "reservedIPs_create", "reservedIPs_get", "reservedIPs_delete", "reservedIPsActions_list",
	"reservedIPsActions_post", "reservedIPsActions_get", "floatingIPs_list", "floatingIPs_create", "floatingIPs_get", "floatingIPs_delete",
	"floatingIPsAction_list", "floatingIPsAction_post", "floatingIPsAction_get"}

// networkStorageSteps has the kinds of steps for VPCs, volumes, firewalls and reserved IPs.
var networkStorageSteps = map[string]func(*history, step){
	"vpcs": func(h *history, s step) {
		one := "vpcs/" + h.recent("vpc", s.a)
		switch s.b % 6 {
		case 0:
			h.send(http.MethodDelete, one, "")
		case 1:
			h.send(http.MethodGet, choose(s.c, one, one+"/members", "vpcs"), "")
		case 2:
			h.send(http.MethodPut, one, fmt.Sprintf(`{"name":"v%d"}`, s.c%5))
		case 3:
			h.send(http.MethodPatch, one, choose(s.c, `{"default":true}`, `{"description":"d"}`, `{"default":false}`, `{"name":""}`))
		default:
			h.send(http.MethodPost, "vpcs", fmt.Sprintf(`{"name":"v%d","region":%q,"ip_range":%q}`, s.a, choose(s.c, "nyc3", "nyc3", "fra1", "mars1"),
				choose(s.a, "", "10.250.0.0/28", "192.168.0.0/28", "10.0.0.0/8")))
		}
	},
	"droplets in a VPC": func(h *history, s step) {
		volumes := fmt.Sprintf(`{"id":%q}`, h.recent("volume", s.b))
		h.send(http.MethodPost, "droplets", fmt.Sprintf(
			`{"name":"a","region":"nyc3","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","vpc_uuid":%q,"volumes":[%s]}`,
			h.recent("vpc", s.a), choose(s.c, "", "", volumes, `{"name":"w1"},{"name":"v"}`)))
	},
	"volumes": func(h *history, s step) {
		one := "volumes/" + h.recent("volume", s.a)
		switch s.b % 6 {
		case 0:
			h.send(http.MethodDelete, choose(s.c, one, "volumes?name=v&region=nyc3", "volumes?name=w1&region=nyc3", "volumes"), "")
		case 1:
			h.send(http.MethodGet, choose(s.c, "volumes", "volumes?name=v", "volumes?region=nyc3", "volumes?name=v&region=fra1", one), "")
		default:
			h.send(http.MethodPost, "volumes", fmt.Sprintf(
				`{"name":"w%d","region":%q,"size_gigabytes":%d,"snapshot_id":%q,"tags":["a"],"filesystem_type":"ext4"}`,
				s.a%5, choose(s.b, "", "nyc3", "nyc3", "nyc3", "fra1"), s.c, choose(s.c, "", "", h.recent("volume snapshot", s.a))))
		}
	},
	"volume actions":       volumeAction,
	"volume actions again": volumeAction,
	"volume actions read": func(h *history, s step) {
		path := "volumes/" + h.recent("volume", s.a) + "/actions"
		h.send(http.MethodGet, choose(s.c, path, path+"/"+h.pick("action", s.b)), "")
	},
	"volume snapshots": func(h *history, s step) {
		path, snap := "volumes/"+h.recent("volume", s.a)+"/snapshots", "volumes/snapshots/"+h.recent("volume snapshot", s.a)
		switch s.b % 4 {
		case 0:
			h.send(http.MethodGet, choose(s.c, path, snap), "")
		case 1:
			h.send(http.MethodDelete, snap, "")
		default:
			h.send(http.MethodPost, path, `{"name":"s","tags":["b"]}`)
		}
	},
	"firewalls": func(h *history, s step) {
		one := "firewalls/" + h.recent("firewall", s.a)
		switch s.b % 6 {
		case 0:
			h.send(http.MethodDelete, one, "")
		case 1:
			h.send(http.MethodGet, choose(s.c, "firewalls", one), "")
		case 2:
			h.send(http.MethodPut, one, firewallBody(h, s))
		default:
			h.send(http.MethodPost, "firewalls", firewallBody(h, s))
		}
	},
	"firewall members": func(h *history, s step) {
		path := "firewalls/" + h.recent("firewall", s.a)
		method := choose(s.b, http.MethodPost, http.MethodPost, http.MethodDelete)
		switch s.c % 3 {
		case 0:
			h.send(method, path+"/droplets", fmt.Sprintf(`{"droplet_ids":[%s,%s]}`, h.recent("droplet", s.b), h.recent("droplet", s.b/2)))
		case 1:
			h.send(method, path+"/tags", fmt.Sprintf(`{"tags":[%q,"a"]}`, choose(s.b, "a", "b", "c")))
		case 2:
			h.send(method, path+"/rules", fmt.Sprintf(`{"inbound_rules":[%s],"outbound_rules":[]}`, firewallRule(h, s)))
		}
	},
	"reserved IPs": func(h *history, s step) {
		path := choose(s.c, "reserved_ips", "reserved_ips", "floating_ips")
		one := path + "/" + h.recent("reserved IP", s.a)
		switch s.b % 7 {
		case 0:
			h.send(http.MethodDelete, one, "")
		case 1:
			h.send(http.MethodGet, choose(s.a, path, one, one+"/actions"), "")
		case 2:
			h.send(http.MethodGet, one+"/actions/"+h.pick("action", s.a), "")
		case 3:
			h.send(http.MethodPost, path, fmt.Sprintf(`{"region":%q}`, choose(s.a, "nyc3", "nyc3", "nyc3", "fra1", "mars1")))
		case 4:
			h.send(http.MethodPost, path, fmt.Sprintf(`{"droplet_id":%s}`, h.recent("droplet", s.a)))
		case 5:
			h.send(http.MethodPost, one+"/actions", fmt.Sprintf(`{"type":"assign","droplet_id":%s}`, h.recent("droplet", s.c)))
		case 6:
			h.send(http.MethodPost, one+"/actions", `{"type":"unassign"}`)
		}
	},
	"fail a network or storage action": func(h *history, s step) {
		types := []droplets.ActionType{dropletstest.ActionTypeAttachVolume, dropletstest.ActionTypeDetachVolume, dropletstest.ActionTypeResizeVolume,
			dropletstest.ActionTypeAssignIP, dropletstest.ActionTypeUnassignIP, dropletstest.ActionTypeFirewall}
		h.both(func(api *dropletstest.API) { api.FailNextAction(types[s.a%len(types)]) })
	},
	"fail a destroy of a reserved IP": func(h *history, s step) {
		id := h.recent("reserved IP", s.a)
		h.both(func(api *dropletstest.API) { api.FailNextDestroy(id, "busy") })
	},
	"add a VPC or a firewall": func(h *history, s step) {
		h.both(func(api *dropletstest.API) {
			switch s.a % 3 {
			case 0:
				api.AddVPC(fmt.Sprintf("added-%d", len(h.known["vpc"])), choose(s.b, "nyc3", "fra1"), "")
			case 1:
				sources := droplets.FirewallTarget{DropletIDs: []int64{h.pickDroplet(s.c)}, Tags: []string{"b"}}
				api.AddFirewall(droplets.Firewall{DropletIDs: []int64{h.pickDroplet(s.b), 1}, Tags: []string{"c"},
					InboundRules: []droplets.FirewallInboundRule{{Protocol: "tcp", Ports: "22", Sources: sources}}})
			case 2:
				api.AddDroplet(droplets.Droplet{Name: "in-a-vpc", VPCUUID: fmt.Sprintf("vpc-%d", len(h.known["vpc"])), Region: &droplets.Region{Slug: "nyc3"}})
			}
		})
	},
}

// recent returns one of the five newest ids of a kind, or sometimes one that never existed. Steps then often use the same resources.
func (h *history) recent(kind string, n int) string {
	if n < 39 {
		n %= 5
	}
	return h.pick(kind, n)
}

// volumeAction starts an action on a volume, sometimes by its name.
func volumeAction(h *history, s step) {
	body := choose(s.b, `"type":"attach"`, `"type":"attach"`, `"type":"detach"`, fmt.Sprintf(`"type":"resize","size_gigabytes":%d`, s.c*2))
	if s.c%5 > 0 {
		body += `,"droplet_id":` + h.recent("droplet", s.c)
	}
	if s.a%6 == 0 {
		h.send(http.MethodPost, "volumes/actions", fmt.Sprintf(`{%s,"volume_name":%q,"region":"nyc3"}`, body, choose(s.c, "v", "w1", "w2")))
		return
	}
	h.send(http.MethodPost, "volumes/"+h.recent("volume", s.a)+"/actions", "{"+body+"}")
}

func firewallBody(h *history, s step) string {
	return fmt.Sprintf(`{"name":"f%d","droplet_ids":[%s],"tags":[%q],"inbound_rules":[%s]}`, s.a%4,
		h.recent("droplet", s.c), choose(s.c, "a", "b", "c"), firewallRule(h, s))
}

func firewallRule(h *history, s step) string {
	return choose(s.b, `{"protocol":"tcp","ports":"22","sources":{"addresses":["10.0.0.0/8"]}}`, `{"protocol":"icmp","sources":{"tags":["a"]}}`,
		fmt.Sprintf(`{"protocol":"udp","ports":"all","action":"deny","sources":{"droplet_ids":[%s]}}`, h.recent("droplet", s.c)))
}
