package dropletstest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestAddResources adds resources of each kind from JSON, as in a file or in a test in another language.
func TestAddResources(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		c := api.Client()
		var r dropletstest.Resources
		require.NoError(t, json.Unmarshal([]byte(`{
			"count": 2,
			"images": [{"id": 9, "slug": "docker-18-04", "tags": ["golden"]}],
			"ssh_keys": [{"name": "me", "public_key": "`+publicKey+`"}],
			"droplets": [{"id": 7, "name": "old", "size_slug": "s-1vcpu-2gb", "region": {"slug": "fra1"}, "image": {"slug": "docker-18-04"}, "status": "off"}],
			"volumes": [{"name": "data", "region": "fra1", "size_gigabytes": 10, "droplet_id": 7, "snapshots": ["monday"]}, {"name": "free", "region": "nyc3", "size_gigabytes": 1}],
			"vpcs": [{"name": "private", "region": "fra1", "ip_range": "10.9.0.0/24"}, {"name": "other", "region": "nyc3"}],
			"reserved_ips": [{"droplet_id": 7}],
			"backups": [{"droplet_id": 7}],
			"firewalls": [{"name": "web", "droplet_ids": [7]}],
			"neighbors": [[7, 500000001]]
		}`), &r))
		added, err := api.Add(r)
		require.NoError(t, err)
		require.Len(t, added.Droplets, 3)
		assert.Equal(t, []string{"droplet-00001", "droplet-00002", "old"},
			[]string{added.Droplets[0].Name, added.Droplets[1].Name, added.Droplets[2].Name})
		old := getDroplet(t, c, 7)
		assert.Equal(t, []any{droplets.DropletStatusOff, "docker-18-04", "fra1"}, []any{old.Status, old.Image.Slug, old.Region.Slug})
		assert.Equal(t, []string{added.Volumes[0].ID}, old.VolumeIDs)
		assert.Equal(t, []int64{added.Backups[0].ImageID}, old.BackupIDs)
		resources, err := c.AssociatedResources.List(t.Context(), 7)
		require.NoError(t, err)
		assert.Equal(t, []string{added.ReservedIPs[0].IP, "monday", "data"},
			[]string{resources.ReservedIPs[0].ID, resources.VolumeSnapshots[0].Name, resources.Volumes[0].Name})
		firewalls, err := c.Droplets.ListFirewalls(t.Context(), 7, nil)
		require.NoError(t, err)
		assert.Equal(t, added.Firewalls, firewalls.Items)
		near, err := c.Droplets.ListNeighbors(t.Context(), 7)
		require.NoError(t, err)
		assert.Equal(t, int64(500000001), near[0].ID)
		key, err := c.SSHKeys.Get(t.Context(), droplets.SSHKeyID(added.SSHKeys[0].ID))
		require.NoError(t, err)
		assert.Equal(t, added.SSHKeys[0], *key)
		require.Len(t, added.VPCs, 2)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/vpcs/"+added.VPCs[0].ID, "").StatusCode)
		assert.NotEmpty(t, added.VPCs[1].IPRange)
		assert.Len(t, api.Droplets(), 4)
		assert.Empty(t, api.Ledger())
		requireReloadable(t, api)
	})
}

// TestAddInvalidResources checks that nothing is added if one of the resources is invalid.
func TestAddInvalidResources(t *testing.T) {
	for message, text := range map[string]string{
		"count must be between 0 and 100000":                           `{"count": -1}`,
		"count must be between 0 and 100000 ":                          `{"count": 100001}`,
		`images[1]: the region "none" is unknown`:                      `{"images": [{}, {"regions": ["none"]}]}`,
		`droplets[0]: the size "none" is unknown`:                      `{"count": 3, "droplets": [{"size_slug": "none"}]}`,
		"droplets[1]: the ID 7 is in use or was in use":                `{"droplets": [{"id": 7}, {"id": 7}]}`,
		"ssh_keys[0]: Name can't be blank.":                            `{"ssh_keys": [{"public_key": "x"}]}`,
		"ssh_keys[0]: id and fingerprint cannot be set":                `{"ssh_keys": [{"id": 1}]}`,
		"volumes[0]: name is required":                                 `{"volumes": [{}]}`,
		"volumes[0]: id cannot be set":                                 `{"volumes": [{"id": "x"}]}`,
		`volumes[0]: the region "mars" is unknown`:                     `{"volumes": [{"name": "a", "region": "mars"}]}`,
		"volumes[0]: size_gigabytes must be between 1 and 16384":       `{"volumes": [{"name": "a", "region": "nyc3"}]}`,
		"volumes[0]: the Droplet 1 does not exist":                     `{"volumes": [{"name": "a", "region": "nyc3", "size_gigabytes": 1, "droplet_id": 1}]}`,
		"volumes[0]: the volume is in region fra1 and Droplet 7 is in": `{"droplets": [{"id": 7}], "volumes": [{"name": "a", "region": "fra1", "size_gigabytes": 1, "droplet_id": 7}]}`,
		"reserved_ips[0]: the Droplet 1 does not exist":                `{"reserved_ips": [{"droplet_id": 1}]}`,
		"reserved_ips[0]: ip cannot be set":                            `{"reserved_ips": [{"ip": "192.0.2.1"}]}`,
		"backups[0]: the Droplet 1 does not exist":                     `{"backups": [{"droplet_id": 1}]}`,
		"backups[0]: image_id cannot be set":                           `{"backups": [{"image_id": 1}]}`,
		`firewalls[1]: the ID "f" is in use`:                           `{"firewalls": [{"id": "f"}, {"id": "f"}]}`,
		"neighbors[0]: the Droplet 1 does not exist":                   `{"count": 1, "neighbors": [[1]]}`,
		"vpcs[0]: id cannot be set":                                    `{"vpcs": [{"id": "x"}]}`,
		"vpcs[0]: Name can't be blank.":                                `{"vpcs": [{}]}`,
		"year outside of range":                                        `{"droplets": [{"created_at": "9999-12-31T23:59:59-23:00"}]}`,
	} {
		api := dropletstest.New(dropletstest.WithDroplets(2))
		var before, after bytes.Buffer
		require.NoError(t, api.WriteState(&before))
		var r dropletstest.Resources
		require.NoError(t, json.Unmarshal([]byte(text), &r))
		_, err := api.Add(r)
		require.ErrorContains(t, err, "dropletstest: ", text)
		require.ErrorContains(t, err, string(bytes.TrimSpace([]byte(message))), text)
		require.NoError(t, api.WriteState(&after))
		assert.Equal(t, before.String(), after.String(), text)
	}
}

// TestAddTooManyReservedIPs checks that Add adds nothing if the account has too few free addresses.
func TestAddTooManyReservedIPs(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	r := dropletstest.Resources{ReservedIPs: make([]dropletstest.ReservedIPResource, 763)}
	for i := range r.ReservedIPs {
		r.ReservedIPs[i].DropletID = api.Droplets()[0].ID
	}
	_, err := api.Add(r)
	require.EqualError(t, err, "dropletstest: reserved_ips[762]: You have reached the limit of 762 reserved IPs.")
	assert.Len(t, api.Droplets()[0].Networks.V4, 2)
	r.ReservedIPs = r.ReservedIPs[:762]
	added, err := api.Add(r)
	require.NoError(t, err)
	assert.NotEmpty(t, added.ReservedIPs[761].IP)
}

// TestAddKeepsPlannedFaultsAndFailures checks that Add does not change plans, recorded requests, the rate limit and actions in progress.
func TestAddKeepsPlannedFaultsAndFailures(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithRateLimit(0, 3), dropletstest.WithActionDuration(time.Minute))
		c := api.Client(noRetries)
		id := api.Droplets()[0].ID
		a, err := c.DropletActions.Shutdown(t.Context(), id)
		require.NoError(t, err)
		api.FailNextAction()
		api.IgnoreShutdown()
		api.Respond(1, dropletstest.Match{Operation: "tags_list"}, dropletstest.Fault{Status: 500})
		_, err = api.Add(dropletstest.Resources{Count: 1})
		require.NoError(t, err)
		assert.Len(t, api.Faults(), 1)
		assert.Len(t, api.Requests(), 1)
		sleep(time.Minute)
		got, err := c.Actions.Get(t.Context(), a.ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, got.Status)
		assert.Equal(t, droplets.DropletStatusActive, getDroplet(t, c, id).Status, "the guest ignores shutdowns")
		_, err = c.Droplets.Get(t.Context(), id)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
	})
}
