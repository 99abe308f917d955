package dropletstest_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// TestDropletsShareNothing looks at every field, those that are added one day too.
func TestDropletsShareNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		c := api.Client()
		gpu := request("gpu")
		gpu.Region, gpu.Size, gpu.Image = "", "gpu-h100x1-80gb", droplets.ImageSlug("gpu-h100x1-base")
		gpu.IPv6, gpu.Backups, gpu.Tags = true, true, []string{"a"}
		d := running(t, c, gpu)
		require.True(t, api.AttachVolume(api.AddVolume("v", d.Region.Slug, 1), d.ID))
		act(t, c, d.ID, droplets.SnapshotRequest{})
		api.AddBackup(d.ID)
		first, second := api.Droplets(), api.Droplets()
		require.Equal(t, first, second)
		for i := range first {
			apart(t, "Droplet", reflect.ValueOf(first[i]), reflect.ValueOf(second[i]))
		}
	})
}

func apart(t *testing.T, path string, a, b reflect.Value) {
	t.Helper()
	switch a.Kind() {
	case reflect.Pointer:
		if !a.IsNil() {
			assert.NotEqual(t, a.Pointer(), b.Pointer(), path)
			apart(t, path, a.Elem(), b.Elem())
		}
	case reflect.Slice:
		if a.Len() > 0 {
			assert.NotEqual(t, a.Pointer(), b.Pointer(), path)
			apart(t, path+"[0]", a.Index(0), b.Index(0))
		}
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range a.NumField() {
			apart(t, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	}
}

func TestFirewallIsTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		id := running(t, c, request("a")).ID
		f := api.AddFirewall(droplets.Firewall{Name: "f", DropletIDs: []int64{id}, InboundRules: []droplets.FirewallInboundRule{
			{Protocol: "tcp", Ports: "22", Sources: droplets.FirewallTarget{Addresses: []string{"0.0.0.0/0"}}}}})
		f.DropletIDs[0], f.InboundRules[0].Sources.Addresses[0] = 1, "changed"
		walls := collect(t, c.Droplets.AllFirewalls(t.Context(), id, nil))
		require.Len(t, walls, 1)
		assert.Equal(t, []string{"0.0.0.0/0"}, walls[0].InboundRules[0].Sources.Addresses)
		assert.NotNil(t, walls[0].PendingChanges)
	})
}

func TestBodyTooLargeOrNoObject(t *testing.T) {
	api := dropletstest.New()
	assert.Equal(t, http.StatusRequestEntityTooLarge, do(t, api, http.MethodPost, "/v2/tags", strings.Repeat(" ", 3<<20)).StatusCode)
	resp := do(t, api, http.MethodPost, "/v2/tags", `"web"`)
	assert.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)
	assert.Contains(t, resp.body, "must be a JSON object")
}
