package dropletstest_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestDamagedStates changes a value of a saved state. The state must then be rejected, or the account must work: requests and time do not
// make it panic, and it can be saved and read again. go test -run TestDamagedStates -rapid.checks=100000 ./dropletstest tries
// 100,000 changes instead of 100.
func TestDamagedStates(t *testing.T) {
	var text string
	virtualtime.Test(t, func(t *testing.T) { text = richState(t) })
	runDamagedStates(t, text)
}

// runDamagedStates changes random values of a state, one at a time, and uses the changed states.
func runDamagedStates(t *testing.T, text string) {
	t.Helper()
	accepted, total := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		var state any
		require.NoError(t, json.Unmarshal([]byte(text), &state))
		description := damage(rt, state)
		b, err := json.Marshal(state)
		require.NoError(t, err)
		var problem string
		virtualtime.Test(t, func(t *testing.T) {
			ok, text := useState(t, string(b))
			problem = text
			if ok {
				accepted++
			}
		})
		total++
		if problem != "" {
			rt.Fatalf("%s: %s", description, problem)
		}
	})
	t.Logf("%d of %d states were accepted", accepted, total)
	if total >= 100 { // about a quarter is accepted
		require.Positive(t, accepted)
		require.Less(t, accepted, total)
	}
}

// richState returns the saved state of an account with objects of each kind and with actions in progress.
func richState(t *testing.T) string {
	t.Helper()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Minute))
	c := api.Client()
	dropletID, imageID, _, _ := tagWithEverything(t, api)
	d, _ := createWithResources(t, api, c)
	runAction(t, c, dropletID, droplets.EnableBackupsRequest{})
	runAction(t, c, dropletID, droplets.PowerOffRequest{})
	api.Colocate(dropletID, d.ID)
	api.AddFirewall(droplets.Firewall{DropletIDs: []int64{d.ID}})
	backup := api.AddBackup(dropletID)
	first := createPool(t, c, poolRequest(api, 2))
	sleep(10 * time.Minute)

	api.SetPoolUtilization(createDynamicPoolOf(t, c, "pool"), 1, 0)
	api.SetPoolUtilization(first.ID, 0.5, 0.5)
	_, err := c.DropletActions.Resize(t.Context(), dropletID, droplets.ResizeRequest{Size: "s-2vcpu-2gb"})
	require.NoError(t, err)
	_, err = c.DropletActions.EnableBackups(t.Context(), api.Droplets()[0].ID, droplets.EnableBackupsRequest{})
	require.NoError(t, err)
	startImageAction(t, api, imageID, `{"type":"transfer","region":"fra1"}`)
	startImageAction(t, api, backup, `{"type":"convert"}`)
	importImage(t, api)
	require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), d.ID))
	var b bytes.Buffer
	require.NoError(t, api.WriteState(&b))
	return b.String()
}

// createDynamicPoolOf creates a dynamic pool with the template of another pool, and returns its id.
func createDynamicPoolOf(t *testing.T, c *droplets.Client, name string) string {
	t.Helper()
	other := collect(t, c.AutoscalePools.All(t.Context(), nil))[0]
	req := other.Request()
	req.Name, req.Config = name, droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 3, TargetCPUUtilization: 0.5}
	p, err := c.AutoscalePools.Create(t.Context(), req)
	require.NoError(t, err)
	return p.ID
}

// place is the position of a value in a JSON document.
type place struct {
	parent any // the map or the slice that has the value
	key    string
	index  int
}

func (p place) String() string { return cmp.Or(p.key, strconv.Itoa(p.index)) }

// places adds the positions of the values below v to found, by their paths without indexes and ids, so that each kind of value is
// damaged equally often.
func places(v any, path string, found map[string][]place) {
	switch node := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(node)) {
			child := path + "." + strings.TrimLeft(key, "0123456789")
			found[child] = append(found[child], place{parent: node, key: key})
			places(node[key], child, found)
		}
	case []any:
		for i := range node {
			found[path+"[]"] = append(found[path+"[]"], place{parent: node, index: i})
			places(node[i], path+"[]", found)
		}
	}
}

// damage replaces or removes a random value of a JSON document, and returns a description of the change.
func damage(t *rapid.T, state any) string {
	found := make(map[string][]place)
	places(state, "", found)
	path := rapid.SampledFrom(slices.Sorted(maps.Keys(found))).Draw(t, "path")
	p := rapid.SampledFrom(found[path]).Draw(t, "place")
	parent, isMap := p.parent.(map[string]any)
	if isMap && rapid.IntRange(0, 9).Draw(t, "remove") == 0 {
		delete(parent, p.key)
		return path + " is removed"
	}
	value := rapid.SampledFrom(damagedValues).Draw(t, "value")
	if list, isList := value.([]any); isList && len(list) == 2 { // stands for the siblings of the value
		value = p.siblings()
	}
	if isMap {
		parent[p.key] = value
	} else {
		p.parent.([]any)[p.index] = value
	}
	return fmt.Sprintf("%s (%s) is %v", path, p, value)
}

// siblings returns the elements of a list twice, the first element of the list for one of its elements, and the value itself otherwise.
func (p place) siblings() any {
	if parent, isMap := p.parent.(map[string]any); isMap {
		if list, isList := parent[p.key].([]any); isList {
			return append(slices.Clone(list), list...)
		}
		return parent[p.key]
	}
	return p.parent.([]any)[0]
}

var damagedValues = []any{nil, "", "x", 0, 1, -1, int64(1) << 40, 500_000_001, 500_000_002, 200_000_001, true, false, []any{}, []any{nil}, []any{nil, nil},
	map[string]any{}, "errored", "in-progress", "nyc3", "s-2vcpu-2gb", "gpu-h100x1-80gb", "image", "droplet", "resize", "create", "convert", "weekly", "MON",
	"1999-01-01T00:00:00Z", "2001-01-01T00:00:00Z", "action ends", "backup", "import ends", "pool is checked", "item is destroyed",
	"image is changed", "member of a pool is destroyed", "pool is deleted", "volume", "reserved_ip", "attach_volume", "detach_volume", "assign_ip",
	"10.0.0.0/8", "10.250.0.0/28", "waiting", "firewall is applied"}

// useState reads a state and uses it for more than a day. It reports whether the state was accepted, and a problem, or "".
func useState(t *testing.T, text string) (accepted bool, problem string) {
	defer func() {
		if r := recover(); r != nil {
			problem = fmt.Sprintf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	api := dropletstest.New()
	if api.ReadState(strings.NewReader(text)) != nil {
		return false, ""
	}
	readAll := func() {
		for _, path := range []string{"droplets", "droplets?type=gpus", "droplets?tag_name=web", "images", "snapshots", "tags", "actions", "account/keys",
			"droplets/autoscale", "droplets/backups/policies", "reports/droplet_neighbors_ids", "vpcs", "volumes", "firewalls", "reserved_ips"} {
			sendRequest(t, api, http.MethodGet, "/v2/"+path, "")
		}
		for _, d := range api.Droplets() {
			for _, list := range []string{"actions", "snapshots", "backups", "kernels", "firewalls", "neighbors", "destroy_with_associated_resources",
				"destroy_with_associated_resources/status"} {
				sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/droplets/%d/%s", d.ID, list), "")
			}
		}
	}
	readAll()
	for _, pause := range []time.Duration{0, time.Second, time.Minute, time.Hour, 24 * time.Hour} {
		sleep(pause)
		sendRequest(t, api, http.MethodPost, "/v2/droplets", `{"name":"d","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","backups":true,"tags":["web"]}`)
	}
	readAll()
	var b bytes.Buffer
	if err := api.WriteState(&b); err != nil {
		return true, err.Error()
	}
	if err := dropletstest.New().ReadState(&b); err != nil {
		return true, "it cannot be read again: " + err.Error()
	}
	changeNetworkAndStorage(t, api)
	for _, d := range api.Droplets() {
		sendRequest(t, api, http.MethodDelete, fmt.Sprintf("/v2/droplets/%d", d.ID), "")
	}
	readAll()
	return true, ""
}
