package dropletstest_test

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// steps are the kinds of steps: at least one for each operation, and one for each method that changes the account.
var steps = map[string]func(*history, step){
	"droplets list": func(h *history, s step) {
		h.send(http.MethodGet, "droplets?"+choose(s.a, "", "tag_name=a", "type=gpus", "name=droplet-00001", "tag_name=a&name=b"), "")
	},
	"droplets create":       createDroplet,
	"droplets create again": createDroplet,
	"droplets get":          getDropletList,
	"droplets delete":       func(h *history, s step) { h.send(http.MethodDelete, "droplets/"+h.pick("droplet", s.a), "") },
	"droplets delete by tag": func(h *history, s step) {
		h.send(http.MethodDelete, "droplets?tag_name="+choose(s.a, "a", "b", "none"), "")
	},
	"droplet actions":       startDropletAction,
	"droplet actions again": startDropletAction,
	"droplet actions by tag": func(h *history, s step) {
		h.send(http.MethodPost, "droplets/actions?tag_name="+choose(s.a, "a", "b", "none"), fmt.Sprintf(`{"type":%q}`,
			choose(s.b, "snapshot", "shutdown", "power_on", "enable_backups", "reboot")))
	},
	"actions": func(h *history, s step) {
		action := h.pick("action", s.a)
		h.send(http.MethodGet, choose(s.b, "actions", "actions/"+action, "droplets/"+h.pick("droplet", s.c)+"/actions/"+action,
			"images/"+h.pick("image", s.c)+"/actions/"+action,
			"images/"+h.pick("image", s.c)+"/actions"), "")
	},
	"catalog": func(h *history, s step) {
		h.send(http.MethodGet, choose(s.a, "account", "regions", "sizes", "reports/droplet_neighbors_ids", "droplets/backups/policies",
			"droplets/backups/supported_policies"), "")
	},
	"destroy": func(h *history, s step) {
		path := "droplets/" + h.pick("droplet", s.a) + "/destroy_with_associated_resources/"
		switch s.b % 5 {
		case 0, 1:
			h.send(http.MethodDelete, path+"dangerous", "")
		case 2:
			h.send(http.MethodDelete, path+"selective", fmt.Sprintf(`{"volumes":[%q]}`, h.pick("volume", s.c)))
		case 3:
			h.send(http.MethodPost, path+"retry", "")
		case 4:
			h.send(http.MethodGet, path+"status", "")
		}
	},

	"images": func(h *history, s step) {
		h.send(http.MethodGet, choose(s.a, "images", "images?private=true", "images?type=distribution", "images?tag_name=a",
			"images/"+h.pick("image", s.b), "images/ubuntu-24-04-x64"), "")
	},
	"images create": func(h *history, s step) {
		h.send(http.MethodPost, "images", fmt.Sprintf(`{"name":"i","url":"https://a.example/i","region":%q,"tags":[%q]}`,
			choose(s.a, "nyc3", "fra1", "mars1"), choose(s.b, "a", "b", "a b")))
	},
	"images change": func(h *history, s step) {
		path := "images/" + h.pick("image", s.a)
		if s.b%4 == 0 {
			h.send(http.MethodDelete, path, "")
			return
		}
		h.send(http.MethodPut, path, choose(s.c, `{"name":"renamed"}`, `{"name":"","description":"d"}`, `{"distribution":"Debian"}`, `[]`))
	},
	"image actions": func(h *history, s step) {
		h.send(http.MethodPost, "images/"+h.pick("image", s.a)+"/actions", choose(s.b, `{"type":"transfer","region":"fra1"}`,
			`{"type":"transfer","region":"nyc3"}`,
			`{"type":"convert"}`, `{"type":"transfer","region":"sgp1"}`, `{"type":"other"}`))
	},
	"snapshots": func(h *history, s step) {
		path := "snapshots/" + choose(s.b, h.pick("image", s.a), h.pick("volume snapshot", s.a))
		switch s.c % 4 {
		case 0:
			h.send(http.MethodDelete, path, "")
		case 1:
			h.send(http.MethodGet, path, "")
		default:
			h.send(http.MethodGet, "snapshots"+choose(s.a, "", "?resource_type=droplet", "?resource_type=volume"), "")
		}
	},
	"keys": func(h *history, s step) {
		path := "account/keys/" + h.pick("key", s.a)
		switch s.b % 5 {
		case 0:
			h.send(http.MethodDelete, path, "")
		case 1:
			h.send(http.MethodPut, path, `{"name":"renamed"}`)
		case 2:
			h.send(http.MethodGet, path, "")
		case 3:
			h.send(http.MethodGet, "account/keys", "")
		case 4:
			h.send(http.MethodPost, "account/keys", fmt.Sprintf(`{"name":"k","public_key":"ssh-ed25519 %s"}`, choose(s.c, "AAAA", "BBBB", "?")))
		}
	},
	"tags": func(h *history, s step) {
		switch name := choose(s.a, "a", "b", "c", "a b"); s.b % 4 {
		case 0:
			h.send(http.MethodPost, "tags", fmt.Sprintf(`{"name":%q}`, name))
		case 1:
			h.send(http.MethodGet, "tags", "")
		case 2:
			h.send(http.MethodGet, "tags/"+choose(s.a, "a", "b", "c"), "")
		case 3:
			h.send(http.MethodDelete, "tags/"+choose(s.a, "a", "b", "c"), "")
		}
	},
	"tag resources": func(h *history, s step) {
		kinds := []string{"droplet", "image", "volume", "volume snapshot"}
		types := []string{"droplet", "image", "volume", "volume_snapshot"}
		body := tagBody(types[s.b%4], h.pick(kinds[s.b%4], s.c), types[s.c%4], h.pick(kinds[s.c%4], s.b))
		h.send(choose(s.b/4, http.MethodPost, http.MethodPost, http.MethodDelete), "tags/"+choose(s.a, "a", "b", "c")+"/resources", body)
	},

	"pools create": func(h *history, s step) { h.send(http.MethodPost, "droplets/autoscale", poolBody(h, s)) },
	"pools update": func(h *history, s step) {
		h.send(http.MethodPut, "droplets/autoscale/"+h.pick("pool", s.a), poolBody(h, s))
	},
	"pools read": func(h *history, s step) {
		path := "droplets/autoscale/" + h.pick("pool", s.a)
		h.send(http.MethodGet, choose(s.b, "droplets/autoscale", path, path+"/members", path+"/history", "droplets/autoscale?name=p"), "")
	},
	"pools delete": func(h *history, s step) {
		h.send(http.MethodDelete, "droplets/autoscale/"+h.pick("pool", s.a)+choose(s.b, "", "/dangerous"), "")
	},
	"pool utilization": func(h *history, s step) {
		h.both(func(api *dropletstest.API) {
			api.SetPoolUtilization(h.pick("pool", s.a), float64(s.b)/39, float64(s.c)/39)
		})
	},

	"fail an action": func(h *history, s step) {
		types := [][]droplets.ActionType{nil, {"create"}, {"snapshot", "transfer"}, {dropletstest.ActionTypeImport}, {"shutdown"}}
		h.both(func(api *dropletstest.API) { api.FailNextAction(types[s.a%len(types)]...) })
	},
	"fail a destroy": func(h *history, s step) {
		id := h.pick(choose(s.a, "droplet", "volume", "image", "volume snapshot"), s.b)
		h.both(func(api *dropletstest.API) { api.FailNextDestroy(id, choose(s.c, "busy", "")) })
	},
	"fault": func(h *history, s step) {
		h.faults++
		h.both(func(api *dropletstest.API) {
			api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: 502, Applied: s.a%2 == 0})
		})
	},
	"add volume": func(h *history, s step) {
		h.both(func(api *dropletstest.API) {
			id := api.AddVolume("v", choose(s.a, "nyc3", "nyc1", "fra1"), 1+s.b)
			if s.b%2 == 0 {
				api.AttachVolume(id, h.pickDroplet(s.c))
			}
		})
	},
	"add to volume": func(h *history, s step) {
		h.both(func(api *dropletstest.API) {
			api.AttachVolume(h.pick("volume", s.a), h.pickDroplet(s.b))
			api.AddVolumeSnapshot(h.pick("volume", s.c), "s")
		})
	},
	"add to Droplet": func(h *history, s step) {
		id := h.pickDroplet(s.a)
		h.both(func(api *dropletstest.API) {
			switch s.b % 4 {
			case 0:
				api.AddBackup(id)
			case 1:
				api.AddReservedIP(id)
			case 2:
				api.Colocate(id, h.pickDroplet(s.c))
			case 3:
				api.AddFirewall(droplets.Firewall{DropletIDs: h.state.existing(id), Tags: []string{"a"}})
			}
		})
	},
	"add": func(h *history, s step) {
		h.both(func(api *dropletstest.API) {
			switch s.a % 3 {
			case 0:
				api.AddDroplet(droplets.Droplet{Name: "added", Tags: []string{"a"}, Features: []string{choose(s.b, "backups", "ipv6")}})
			case 1:
				api.AddImage(droplets.Image{Tags: []string{"b"}, Type: droplets.ImageType(choose(s.b, "snapshot", "backup", "custom"))})
			case 2:
				api.AddImage(droplets.Image{Slug: "slug-" + h.pick("image", 0)})
			}
		})
	},
	// Sequences that random single steps rarely produce.
	"destroy with a volume": func(h *history, s step) {
		droplet, id := h.pick("droplet", s.a), h.pickDroplet(s.a)
		h.both(func(api *dropletstest.API) {
			api.AttachVolume(api.AddVolume("v", "nyc3", 1), id)
			if s.b%2 == 0 {
				api.FailNextDestroy(droplet, "busy")
			}
		})
		if s.b%3 == 0 {
			startDropletAction(h, step{a: s.a, b: s.c})
		}
		h.send(http.MethodDelete, "droplets/"+droplet+"/destroy_with_associated_resources/dangerous", "")
	},
	"retry destroys": func(h *history, s step) {
		for i := range 3 {
			h.send(http.MethodPost, "droplets/"+h.pick("droplet", s.a+i)+"/destroy_with_associated_resources/retry", "")
		}
	},
	"change an image with actions": func(h *history, s step) {
		id := h.pickDroplet(s.a)
		var image int64
		h.both(func(api *dropletstest.API) { image = api.AddBackup(id) })
		path := fmt.Sprintf("images/%d", image)
		for range 2 {
			h.send(http.MethodPost, path+"/actions", `{"type":"convert"}`)
			h.send(http.MethodPost, path+"/actions", `{"type":"transfer","region":"fra1"}`)
		}
		if s.b%3 == 0 {
			h.send(http.MethodDelete, path, "")
		}
	},
	"seed": func(h *history, s step) { h.both(func(api *dropletstest.API) { api.Seed(s.a % 3) }) },
}

// choose returns the text with the index n, modulo their number.
func choose(n int, of ...string) string { return of[n%len(of)] }

// createDroplet creates Droplets from the catalog, or from an image and a volume of the account.
func createDroplet(h *history, s step) {
	body := fmt.Sprintf(`"size":%q,"region":%q,"tags":["a",%q]`,
		choose(s.a, "s-1vcpu-1gb", "s-1vcpu-1gb", "gpu-h100x1-80gb", "huge"), choose(s.b, "", "nyc3", "fra1"), choose(s.c, "a", "b", "c"))
	switch s.b % 6 {
	case 0:
		body += `,"name":"d","image":` + strconv.Quote(h.pick("image", s.c))
	case 1:
		body += fmt.Sprintf(`,"name":"d","image":"ubuntu-24-04-x64","volumes":[%q]`, h.pick("volume", s.c))
	case 2:
		body += fmt.Sprintf(`,"names":["d1","d2"],"image":"ubuntu-24-04-x64","ssh_keys":[%q]`, h.pick("key", s.c))
	case 3:
		body += `,"name":"d","image":"ubuntu-24-04-x64","backups":true,"backup_policy":{"plan":"weekly","weekday":"TUE","hour":4}`
	case 4:
		body += `,"name":"d","image":"gpu-h100x1-base","backups":true,"ipv6":true`
	default:
		body += `,"name":"d","image":"ubuntu-22-04-x64","public_networking":false`
	}
	h.send(http.MethodPost, "droplets", "{"+body+"}")
}

func getDropletList(h *history, s step) {
	h.send(http.MethodGet, "droplets/"+h.pick("droplet", s.a)+choose(s.b, "", "/actions", "/snapshots", "/backups",
		"/backups/policy", "/kernels", "/firewalls",
		"/neighbors", "/destroy_with_associated_resources"), "")
}

func startDropletAction(h *history, s step) {
	body := choose(s.b, `{"type":"power_off"}`, `{"type":"snapshot"}`, `{"type":"power_on"}`, `{"type":"enable_backups"}`, `{"type":"disable_backups"}`,
		`{"type":"change_backup_policy","backup_policy":{"plan":"weekly","weekday":"SUN"}}`, `{"type":"resize","size":"s-1vcpu-2gb","disk":true}`,
		`{"type":"enable_ipv6"}`, `{"type":"rename","name":"renamed"}`, `{"type":"reboot"}`, `{"type":"change_kernel","kernel":6918}`,
		fmt.Sprintf(`{"type":"rebuild","image":%q}`, h.pick("image", s.c)), fmt.Sprintf(`{"type":"restore","image":%q}`, h.pick("image", s.c)), `{}`)
	h.send(http.MethodPost, "droplets/"+h.pick("droplet", s.a)+"/actions", body)
}

func poolBody(h *history, s step) string {
	config := choose(s.b, `{"target_number_instances":2}`, `{"target_number_instances":1}`,
		`{"min_instances":1,"max_instances":4,"target_cpu_utilization":0.5,"cooldown_minutes":5}`,
		`{"min_instances":2,"max_instances":3,"target_cpu_utilization":0.9,"target_memory_utilization":0.3}`, `{"target_number_instances":7}`, `{}`)
	return fmt.Sprintf(`{"name":"p","config":%s,
		"droplet_template":{"region":"nyc3","size":"s-1vcpu-1gb","image":%q,"ssh_keys":[%q],"tags":["a"]}}`, config,
		choose(s.c, "ubuntu-24-04-x64", "ubuntu-22-04-x64", h.pick("image", s.a)), h.pick("key", s.a))
}
