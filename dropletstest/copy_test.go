package dropletstest_test

import (
	"fmt"
	"net/http"
	"reflect"
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
