package dropletstest_test

import (
	"encoding/json"
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
	testRule struct {
		Protocol, Ports, Action string
		Sources, Destinations   *droplets.FirewallTarget
	}
	testFirewall struct {
		ID, Name, Status string
		CreatedAt        time.Time                        `json:"created_at"`
		PendingChanges   []droplets.FirewallPendingChange `json:"pending_changes"`
		DropletIDs       []int64                          `json:"droplet_ids"`
		Tags             []string
		InboundRules     []testRule `json:"inbound_rules"`
		OutboundRules    []testRule `json:"outbound_rules"`
	}
	testFirewallRoot  struct{ Firewall testFirewall }
	testFirewallsPage struct{ Firewalls []testFirewall }
)

func getFirewall(t *testing.T, api *dropletstest.API, id string) testFirewall {
	t.Helper()
	return get[testFirewallRoot](t, api, "/v2/firewalls/"+id).Firewall
}

// sshRule allows SSH from everywhere.
const sshRule = `{"protocol":"tcp","ports":"22","sources":{"addresses":["0.0.0.0/0","::/0"]}}`

func createFirewall(t *testing.T, api *dropletstest.API, name, fields string) testFirewall {
	t.Helper()
	return call[testFirewallRoot](t, api, http.MethodPost, "/v2/firewalls", fmt.Sprintf(`{"name":%q,"inbound_rules":[%s]%s}`, name, sshRule, fields),
		http.StatusAccepted).Firewall
}

// firewallNames returns the names of the firewalls of a Droplet.
func firewallNames(t *testing.T, api *dropletstest.API, dropletID int64) []string {
	t.Helper()
	names := []string{}
	for _, f := range collect(t, api.Client().Droplets.AllFirewalls(t.Context(), dropletID, nil)) {
		names = append(names, f.Name)
	}
	return names
}

func TestFirewallLifecycle(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("a"))
		created := time.Now().UTC().Truncate(time.Second)
		f := call[testFirewallRoot](t, api, http.MethodPost, "/v2/firewalls", fmt.Sprintf(`{"name":"web","droplet_ids":[%d],"tags":["web"],
			"inbound_rules":[{"protocol":"tcp","ports":"all","sources":{"addresses":["1.2.3.4","18.0.0.0/8"],"tags":[],"droplet_ids":[%[1]d]}}],
			"outbound_rules":[{"protocol":"icmp","action":"deny","destinations":{"load_balancer_uids":["lb"],"kubernetes_ids":["k"]}},
				{"protocol":"udp","ports":"8000-9000","destinations":{}}]}`, d.ID), http.StatusAccepted).Firewall
		want := testFirewall{ID: f.ID, Name: "web", Status: "waiting", CreatedAt: created, DropletIDs: []int64{d.ID}, Tags: []string{"web"},
			PendingChanges: []droplets.FirewallPendingChange{{DropletID: d.ID, Status: "waiting"}},
			InboundRules: []testRule{{Protocol: "tcp", Ports: "0", Action: "allow",
				Sources: &droplets.FirewallTarget{Addresses: []string{"1.2.3.4", "18.0.0.0/8"}, DropletIDs: []int64{d.ID}}}},
			OutboundRules: []testRule{{Protocol: "icmp", Ports: "0", Action: "deny",
				Destinations: &droplets.FirewallTarget{LoadBalancerUIDs: []string{"lb"}, KubernetesIDs: []string{"k"}}},
				{Protocol: "udp", Ports: "8000-9000", Action: "allow", Destinations: &droplets.FirewallTarget{}}}}
		assert.Equal(t, want, f)
		requireReloadable(t, api)
		sleep(time.Second)
		want.Status, want.PendingChanges = "succeeded", []droplets.FirewallPendingChange{}
		assert.Equal(t, want, getFirewall(t, api, f.ID))
		assert.Equal(t, []testFirewall{want}, get[testFirewallsPage](t, api, "/v2/firewalls").Firewalls)
		assert.Equal(t, []string{"web"}, firewallNames(t, api, d.ID))
		_, err := c.Tags.Get(t.Context(), "web")
		require.NoError(t, err, "the tag was created")

		path := "/v2/firewalls/" + f.ID
		put := call[testFirewallRoot](t, api, http.MethodPut, path, `{"name":"renamed","inbound_rules":[`+sshRule+`],"droplet_ids":null}`,
			http.StatusOK).Firewall
		assert.Equal(t, testFirewall{ID: f.ID, Name: "renamed", Status: "waiting", CreatedAt: created, DropletIDs: []int64{}, Tags: []string{},
			PendingChanges: []droplets.FirewallPendingChange{{DropletID: d.ID, Removing: true, Status: "waiting"}}, OutboundRules: []testRule{},
			InboundRules: []testRule{{Protocol: "tcp", Ports: "22", Action: "allow",
				Sources: &droplets.FirewallTarget{Addresses: []string{"0.0.0.0/0", "::/0"}}}}}, put, "PUT resets the fields that it does not have")
		assert.Empty(t, firewallNames(t, api, d.ID))
		change(t, api, http.MethodDelete, path, "")
		requireReloadable(t, api)
		sleep(time.Second)
		assert.Empty(t, get[testFirewallsPage](t, api, "/v2/firewalls").Firewalls)
		requireReloadable(t, api)
	})
}

func TestFirewallDropletsAndTags(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		tagged := createRequest("tagged")
		tagged.Tags = []string{"web"}
		a, b := createActive(t, c, createRequest("a")), createActive(t, c, tagged)
		f := createFirewall(t, api, "f", "")
		assert.Equal(t, "succeeded", f.Status, "it has no Droplets")
		path := "/v2/firewalls/" + f.ID
		changing := func(id int64, removing bool) []droplets.FirewallPendingChange {
			return []droplets.FirewallPendingChange{{DropletID: id, Removing: removing, Status: "waiting"}}
		}
		nothing, f1 := []droplets.FirewallPendingChange{}, []string{"f"}
		ids := func(ids ...int64) string {
			b, _ := json.Marshal(map[string][]int64{"droplet_ids": ids})
			return string(b)
		}
		for _, step := range []struct {
			method, path, body string
			pending            []droplets.FirewallPendingChange
			firewallsOfA       []string
			firewallsOfB       []string
		}{
			{http.MethodPost, "/droplets", ids(a.ID, a.ID), changing(a.ID, false), f1, []string{}},
			{http.MethodPost, "/tags", `{"tags":["web","new"]}`, changing(b.ID, false), f1, f1},
			{http.MethodPost, "/droplets", ids(b.ID), nothing, f1, f1},
			{http.MethodDelete, "/tags", `{"tags":["web"]}`, nothing, f1, f1},
			{http.MethodDelete, "/droplets", ids(b.ID, 1), changing(b.ID, true), f1, []string{}},
			{http.MethodPost, "/rules", `{"inbound_rules":[{"protocol":"icmp","sources":{"tags":["web"]}}]}`,
				changing(a.ID, false), f1, []string{}},
			{http.MethodDelete, "/droplets", ids(a.ID), changing(a.ID, true), []string{}, []string{}},
		} {
			change(t, api, step.method, path+step.path, step.body)
			got := getFirewall(t, api, f.ID)
			assert.Equal(t, step.pending, got.PendingChanges, step.path)
			requireReloadable(t, api)
			assert.Equal(t, step.firewallsOfA, firewallNames(t, api, a.ID), step.path)
			assert.Equal(t, step.firewallsOfB, firewallNames(t, api, b.ID), step.path)
			sleep(time.Second)
			assert.Equal(t, "succeeded", getFirewall(t, api, f.ID).Status)
		}
		require.NoError(t, c.Tags.Assign(t.Context(), "new", droplets.TaggedDroplet(a.ID)))
		assert.Equal(t, "succeeded", getFirewall(t, api, f.ID).Status, "if Droplets get a tag, no change is pending")
		assert.Equal(t, f1, firewallNames(t, api, a.ID))
		require.NoError(t, c.Tags.Unassign(t.Context(), "new", droplets.TaggedDroplet(a.ID)))
		assert.Equal(t, "succeeded", getFirewall(t, api, f.ID).Status)
		change(t, api, http.MethodDelete, path+"/droplets", ids(a.ID, b.ID)) // it has none of them
		got := getFirewall(t, api, f.ID)
		assert.Equal(t, []string{"new"}, got.Tags)
		assert.Empty(t, got.DropletIDs)
	})
}

func TestRejectedFirewalls(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	f := createFirewall(t, api, "f", "")
	other := createFirewall(t, api, "other", "")
	path := "/v2/firewalls/" + f.ID
	post := func(name, body string, status int, message string) rejection {
		return rejection{name, http.MethodPost, "/v2/firewalls", body, status, message}
	}
	rule := func(rule, message string) rejection {
		return rejection{rule, http.MethodPost, path + "/rules", `{"inbound_rules":[` + rule + `]}`, 422, message}
	}
	requireRejections(t, api, []rejection{
		post("no name", `{"inbound_rules":[`+sshRule+`]}`, 422, "name is required"),
		post("name", `{"name":"-f","inbound_rules":[`+sshRule+`]}`, 422, "Name must begin with"),
		post("name in use", `{"name":"f","inbound_rules":[`+sshRule+`]}`, 409, "duplicate name"),
		post("no rules", `{"name":"g","inbound_rules":[]}`, 422, "At least one"),
		post("Droplet", `{"name":"g","inbound_rules":[`+sshRule+`],"droplet_ids":[1]}`, 422, "Droplet 1 could not be found"),
		post("tag", `{"name":"g","inbound_rules":[`+sshRule+`],"tags":["a b"]}`, 422, "a b"),
		rule(`{"protocol":"tcp","ports":"22"}`, "sources is required"),
		rule(`{"protocol":"gre","ports":"22","sources":{}}`, "protocol must be"),
		rule(`{"protocol":"tcp","sources":{}}`, "ports must be"),
		rule(`{"protocol":"tcp","ports":"70000","sources":{}}`, "ports must be"),
		rule(`{"protocol":"tcp","ports":"9-8","sources":{}}`, "ports must be"),
		rule(`{"protocol":"tcp","ports":"0-8","sources":{}}`, "ports must be"),
		rule(`{"protocol":"tcp","ports":"1-70000","sources":{}}`, "ports must be"),
		rule(`{"protocol":"tcp","ports":"22","action":"drop","sources":{}}`, "action must be"),
		rule(`{"protocol":"tcp","ports":"22","sources":{"addresses":["1.2.3"]}}`, "invalid address"),
		rule(`{"protocol":"tcp","ports":"22","sources":{"addresses":[""]}}`, "invalid address"),
		rule(`{"protocol":"tcp","ports":"22","sources":{"tags":["none"]}}`, `Tag "none" could not be found`),
		rule(`{"protocol":"tcp","ports":"22","sources":{"droplet_ids":[1]}}`, "Droplet 1 could not be found"),
		{"outbound", http.MethodPost, path + "/rules", `{"outbound_rules":[{"protocol":"tcp","ports":"1"}]}`, 422, "destinations is required"},
		{"no rules", http.MethodPost, path + "/rules", `{}`, 422, "inbound_rules or outbound_rules"},
		{"no Droplets", http.MethodPost, path + "/droplets", `{}`, 422, "droplet_ids is required"},
		{"no Droplets", http.MethodDelete, path + "/droplets", `{}`, 422, "droplet_ids is required"},
		{"unknown Droplet", http.MethodPost, path + "/droplets", `{"droplet_ids":[1]}`, 422, "Droplet 1"},
		{"no tags", http.MethodPost, path + "/tags", `{}`, 422, "tags is required"},
		{"no tags", http.MethodDelete, path + "/tags", `{}`, 422, "tags is required"},
		{"tag", http.MethodPost, path + "/tags", `{"tags":[""]}`, 422, `Tag "" is invalid`},
		{"rename to a name in use", http.MethodPut, path, `{"name":"other","inbound_rules":[` + sshRule + `]}`, 409, "duplicate name"},
		{"update without rules", http.MethodPut, path, `{"name":"f"}`, 422, "At least one"},
		{"unknown", http.MethodGet, "/v2/firewalls/none", "", 404, ""},
		{"unknown", http.MethodPut, "/v2/firewalls/none", "{}", 404, ""},
		{"unknown", http.MethodDelete, "/v2/firewalls/none", "", 404, ""},
		{"unknown", http.MethodPost, "/v2/firewalls/none/rules", "{}", 404, ""},
		{"unknown", http.MethodPost, "/v2/firewalls/none/tags", "{}", 404, ""},
		{"unknown", http.MethodPost, "/v2/firewalls/none/droplets", "{}", 404, ""},
		{"method", http.MethodPatch, path, "{}", 405, ""},
		{"method", http.MethodGet, path + "/rules", "", 405, ""},
	})
	assertPanics(t, "dropletstest: AddFirewall: ", other.ID, func() { api.AddFirewall(droplets.Firewall{ID: other.ID}) })
}

// TestAddFirewallChecksTags checks that AddFirewall and Add reject tags that cannot exist.
func TestAddFirewallChecksTags(t *testing.T) {
	api := dropletstest.New()
	for _, f := range []droplets.Firewall{
		{Tags: []string{"web", "a b"}},
		{InboundRules: []droplets.FirewallInboundRule{{Sources: droplets.FirewallTarget{Tags: []string{"a b"}}}}},
		{OutboundRules: []droplets.FirewallOutboundRule{{Destinations: droplets.FirewallTarget{Tags: []string{"a b"}}}}},
	} {
		assertPanics(t, "dropletstest: AddFirewall: ", `Tag "a b" is invalid`, func() { api.AddFirewall(f) })
		_, err := api.Add(dropletstest.Resources{Firewalls: []droplets.Firewall{f}})
		require.ErrorContains(t, err, `firewalls[0]: Tag "a b" is invalid`)
	}
	assert.Empty(t, get[testFirewallsPage](t, api, "/v2/firewalls").Firewalls)
	assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, "/v2/tags/web", "").StatusCode)
}

// TestGivenUUIDs checks that the id of a firewall or a VPC which is added is not generated again.
func TestGivenUUIDs(t *testing.T) {
	first, second := dropletstest.New(), dropletstest.New()
	f := first.AddFirewall(droplets.Firewall{})
	vpc := first.AddVPC("a", "nyc3", "")
	second.AddFirewall(f)
	assert.NotEqual(t, f.ID, second.AddFirewall(droplets.Firewall{}).ID)
	second = dropletstest.New()
	second.AddDroplet(droplets.Droplet{VPCUUID: vpc})
	ids := []string{second.AddVPC("b", "nyc3", ""), second.AddVPC("c", "nyc3", ""), second.AddVPC("d", "nyc3", "")}
	assert.NotContains(t, ids, vpc)
}

func TestAddFirewallIgnoresUnknownDroplets(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	id := api.Droplets()[0].ID
	f := api.AddFirewall(droplets.Firewall{DropletIDs: []int64{1, id}, Tags: []string{"new"},
		PendingChanges: []droplets.FirewallPendingChange{{DropletID: id}, {DropletID: 2}},
		InboundRules:   []droplets.FirewallInboundRule{{Sources: droplets.FirewallTarget{DropletIDs: []int64{1, id}, Tags: []string{"other"}}}}})
	assert.Equal(t, []int64{id}, f.DropletIDs)
	assert.Equal(t, []int64{id}, f.InboundRules[0].Sources.DropletIDs)
	assert.Equal(t, []droplets.FirewallPendingChange{{DropletID: id}}, f.PendingChanges)
	requireReloadable(t, api)
}
