package dropletstest_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestDropletsReturnsDeepCopies checks all fields by reflection, so that it includes fields that are added later.
func TestDropletsReturnsDeepCopies(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		c := api.Client()
		gpu := createRequest("gpu")
		gpu.Region, gpu.Size, gpu.Image = "", "gpu-mi300x1-192gb", droplets.ImageSlug("gpu-amd-base")
		gpu.IPv6, gpu.Backups, gpu.Tags = true, true, []string{"a"}
		d := createActive(t, c, gpu)
		require.True(t, api.AttachVolume(api.AddVolume("v", d.Region.Slug, 1), d.ID))
		runAction(t, c, d.ID, droplets.SnapshotRequest{})
		api.AddBackup(d.ID)
		first, second := api.Droplets(), api.Droplets()
		require.Equal(t, first, second)
		for i := range first {
			assertNotShared(t, "Droplet", reflect.ValueOf(first[i]), reflect.ValueOf(second[i]))
		}
	})
}

// assertNotShared checks that two equal values have no pointers or slices in common.
func assertNotShared(t *testing.T, path string, a, b reflect.Value) {
	t.Helper()
	switch a.Kind() {
	case reflect.Pointer:
		if !a.IsNil() {
			assert.NotEqual(t, a.Pointer(), b.Pointer(), path)
			assertNotShared(t, path, a.Elem(), b.Elem())
		}
	case reflect.Slice:
		if a.Len() > 0 {
			assert.NotEqual(t, a.Pointer(), b.Pointer(), path)
			assertNotShared(t, path+"[0]", a.Index(0), b.Index(0))
		}
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range a.NumField() {
			assertNotShared(t, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	}
}

func TestAddFirewallCopies(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		id := createActive(t, c, createRequest("a")).ID
		f := api.AddFirewall(droplets.Firewall{Name: "f", DropletIDs: []int64{id}, InboundRules: []droplets.FirewallInboundRule{
			{Protocol: "tcp", Ports: "22", Sources: droplets.FirewallTarget{Addresses: []string{"0.0.0.0/0"}}}}})
		f.DropletIDs[0], f.InboundRules[0].Sources.Addresses[0] = 1, "changed"
		firewalls := collect(t, c.Droplets.AllFirewalls(t.Context(), id, nil))
		require.Len(t, firewalls, 1)
		assert.Equal(t, []string{"0.0.0.0/0"}, firewalls[0].InboundRules[0].Sources.Addresses)
		assert.NotNil(t, firewalls[0].PendingChanges)
	})
}

// TestFirewallsAreDeepCopies checks that a firewall that was given to AddFirewall, the one that it returned and the one of the API have no
// lists in common.
func TestFirewallsAreDeepCopies(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	ids := []int64{api.Droplets()[0].ID}
	target := func() droplets.FirewallTarget {
		return droplets.FirewallTarget{Addresses: []string{"::/0"}, Tags: []string{"t"}, DropletIDs: slices.Clone(ids), KubernetesIDs: []string{"k"},
			LoadBalancerUIDs: []string{"l"}}
	}
	given := droplets.Firewall{Name: "f", DropletIDs: slices.Clone(ids), Tags: []string{"t"},
		PendingChanges: []droplets.FirewallPendingChange{{DropletID: ids[0], Status: "failed"}},
		InboundRules:   []droplets.FirewallInboundRule{{Protocol: "tcp", Ports: "22", Sources: target()}},
		OutboundRules:  []droplets.FirewallOutboundRule{{Protocol: "tcp", Ports: "22", Destinations: target()}}}
	returned := api.AddFirewall(given)
	before := sendRequest(t, api, http.MethodGet, "/v2/firewalls/"+returned.ID, "").body
	assertNotShared(t, "Firewall", reflect.ValueOf(given), reflect.ValueOf(returned))
	for _, f := range []droplets.Firewall{given, returned} {
		f.DropletIDs[0], f.Tags[0], f.PendingChanges[0].DropletID = 1, "changed", 1
		f.InboundRules[0].Ports, f.OutboundRules[0].Ports = "changed", "changed"
		for _, target := range []droplets.FirewallTarget{f.InboundRules[0].Sources, f.OutboundRules[0].Destinations} {
			target.Addresses[0], target.Tags[0], target.DropletIDs[0] = "changed", "changed", 1
			target.KubernetesIDs[0], target.LoadBalancerUIDs[0] = "changed", "changed"
		}
	}
	assert.Equal(t, before, sendRequest(t, api, http.MethodGet, "/v2/firewalls/"+returned.ID, "").body)
}

func TestReturnedValuesAreCopies(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	d := api.Droplets()[0]
	d.Tags[0], d.Region.Slug, d.Networks.V4[0].IPAddress = "changed", "changed", "changed"
	sendRequest(t, api, http.MethodPost, "/v2/tags", `{}`)
	r := api.Requests()[0]
	r.Header.Set("X", "changed")
	r.Body[0] = 'x'
	assert.NotContains(t, fmt.Sprintf("%+v %+v", api.Droplets(), api.Requests()), "changed")
	assert.Equal(t, "{}", string(api.Requests()[0].Body))
}
