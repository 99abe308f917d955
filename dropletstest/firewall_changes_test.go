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

func TestFirewallRules(t *testing.T) {
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	f := createFirewall(t, api, "f", "")
	path := "/v2/firewalls/" + f.ID + "/rules"
	const deny = `{"protocol":"udp","ports":"53","action":"deny","destinations":{"addresses":["10.0.0.0/8"]}}`
	rules := `{"inbound_rules":[` + sshRule + `],"outbound_rules":[` + deny + `]}`
	change(t, api, http.MethodPost, path, rules)
	got := getFirewall(t, api, f.ID)
	assert.Len(t, got.InboundRules, 1, "a rule that exists is not added again")
	require.Len(t, got.OutboundRules, 1)
	assert.Equal(t, "deny", got.OutboundRules[0].Action)
	change(t, api, http.MethodDelete, path, `{"outbound_rules":[{"protocol":"udp","ports":"53","destinations":{"addresses":["10.0.0.0/8"]}}]}`)
	assert.Len(t, getFirewall(t, api, f.ID).OutboundRules, 1, "the rule in the request allows, and the other one denies")
	change(t, api, http.MethodDelete, path, rules)
	got = getFirewall(t, api, f.ID)
	assert.Empty(t, got.InboundRules)
	assert.Empty(t, got.OutboundRules)
	requireReloadable(t, api)
}

// TestFirewallChangesOverlap checks a change while an earlier one is pending, and changes that fail.
func TestFirewallChangesOverlap(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second, dropletstest.ActionTypeFirewall))
		c := api.Client()
		a, b := createActive(t, c, createRequest("a")), createActive(t, c, createRequest("b"))
		f := createFirewall(t, api, "f", fmt.Sprintf(`,"droplet_ids":[%d]`, b.ID))
		sleep(6 * time.Second)
		change(t, api, http.MethodPost, "/v2/firewalls/"+f.ID+"/droplets", fmt.Sprintf(`{"droplet_ids":[%d]}`, a.ID))
		sleep(6 * time.Second)
		assert.Equal(t, []droplets.FirewallPendingChange{{DropletID: a.ID, Status: "waiting"}, {DropletID: b.ID, Status: "waiting"}},
			getFirewall(t, api, f.ID).PendingChanges)
		require.NoError(t, c.Droplets.Delete(t.Context(), b.ID))
		assert.Len(t, getFirewall(t, api, f.ID).PendingChanges, 1)
		sleep(6 * time.Second)
		assert.Equal(t, "succeeded", getFirewall(t, api, f.ID).Status)

		api.FailNextAction(dropletstest.ActionTypeFirewall)
		other := createFirewall(t, api, "other", fmt.Sprintf(`,"droplet_ids":[%d]`, createActive(t, c, createRequest("c")).ID))
		require.NoError(t, c.Droplets.Delete(t.Context(), other.DropletIDs[0]))
		sleep(10 * time.Second)
		assert.Equal(t, "succeeded", getFirewall(t, api, other.ID).Status, "a change without Droplets cannot fail")

		api.FailNextAction(dropletstest.ActionTypeFirewall)
		change(t, api, http.MethodPost, "/v2/firewalls/"+f.ID+"/rules", `{"inbound_rules":[{"protocol":"icmp","sources":{}}]}`)
		requireReloadable(t, api)
		sleep(10 * time.Second)
		got := getFirewall(t, api, f.ID)
		assert.Equal(t, "failed", got.Status)
		assert.Equal(t, []droplets.FirewallPendingChange{{DropletID: a.ID, Status: "failed"}}, got.PendingChanges)
		requireReloadable(t, api)
		change(t, api, http.MethodDelete, "/v2/firewalls/"+f.ID+"/rules", `{"inbound_rules":[{"protocol":"icmp","sources":{}}]}`)
		sleep(10 * time.Second)
		assert.Equal(t, "succeeded", getFirewall(t, api, f.ID).Status)
	})
}

// TestDeletedDropletsKeepTheStatusOfFirewalls checks that the status of a firewall changes only if the last Droplet with a pending change is
// deleted.
func TestDeletedDropletsKeepTheStatusOfFirewalls(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(3))
	all := api.Droplets()
	pending := func(i int) droplets.FirewallPendingChange {
		return droplets.FirewallPendingChange{DropletID: all[i].ID, Status: droplets.FirewallStatusFailed}
	}
	failed := api.AddFirewall(droplets.Firewall{Status: droplets.FirewallStatusFailed, DropletIDs: []int64{all[0].ID}})
	waiting := api.AddFirewall(droplets.Firewall{Status: droplets.FirewallStatusWaiting})
	one := api.AddFirewall(droplets.Firewall{Status: droplets.FirewallStatusFailed, PendingChanges: []droplets.FirewallPendingChange{pending(0)}})
	two := api.AddFirewall(droplets.Firewall{Status: droplets.FirewallStatusFailed,
		PendingChanges: []droplets.FirewallPendingChange{pending(0), pending(1)}})
	statuses := func() (all []string) {
		for _, f := range []droplets.Firewall{failed, waiting, one, two} {
			all = append(all, getFirewall(t, api, f.ID).Status)
		}
		return all
	}
	for i, want := range [][]string{
		{"failed", "waiting", "failed", "failed"}, {"failed", "waiting", "succeeded", "failed"}, {"failed", "waiting", "succeeded", "succeeded"},
	} {
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), all[(i+2)%3].ID))
		assert.Equal(t, want, statuses())
	}
}

// TestFirewallsLoseDeletedDropletsAndTags checks that a deleted Droplet and a deleted tag are removed from a firewall and its rules.
func TestFirewallsLoseDeletedDropletsAndTags(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := createRequest("a")
		req.Tags = []string{"web"}
		d := createActive(t, c, req)
		f := call[testFirewallRoot](t, api, http.MethodPost, "/v2/firewalls", fmt.Sprintf(`{"name":"f","droplet_ids":[%d],"tags":["web"],
			"inbound_rules":[{"protocol":"tcp","ports":"22","sources":{"droplet_ids":[%[1]d],"tags":["web"]}}]}`, d.ID), http.StatusAccepted).Firewall
		require.NoError(t, c.Tags.Delete(t.Context(), "web"))
		requireReloadable(t, api)
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		requireReloadable(t, api)
		got := getFirewall(t, api, f.ID)
		assert.Equal(t, "succeeded", got.Status, "no change is pending")
		assert.Empty(t, got.DropletIDs)
		assert.Empty(t, got.Tags)
		require.Len(t, got.InboundRules, 1)
		assert.Empty(t, got.InboundRules[0].Sources.DropletIDs)
		assert.Empty(t, got.InboundRules[0].Sources.Tags)
	})
}
