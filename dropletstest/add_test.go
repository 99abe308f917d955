package dropletstest_test

import (
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

func TestAddDropletDefaults(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		added := api.AddDroplet(droplets.Droplet{})
		assert.Equal(t, added, *getDroplet(t, c, added.ID))
		assert.Equal(t, []any{"droplet", "s-1vcpu-1gb", "nyc3", "ubuntu-24-04-x64", droplets.DropletStatusActive, 1024, 25},
			[]any{added.Name, added.SizeSlug, added.Region.Slug, added.Image.Slug, added.Status, added.Memory, added.Disk})
		assert.True(t, added.CreatedAt.Equal(time.Now()))
		_, ok := added.PublicIPv4()
		assert.True(t, ok)
		assert.Empty(t, api.Ledger())
		assert.Empty(t, collect(t, c.DropletActions.All(t.Context(), added.ID, nil)))
		requireReloadable(t, api)

		off := runAction(t, c, added.ID, droplets.PowerOffRequest{})
		assert.Equal(t, droplets.DropletStatusOff, off.Status)
		gpu := api.AddDroplet(droplets.Droplet{GPUInfo: &droplets.GPUInfo{}})
		assert.Equal(t, []string{"gpu-h100x1-80gb", "gpu-h100x1-base", "nyc2"}, []string{gpu.SizeSlug, gpu.Image.Slug, gpu.Region.Slug})
		require.NoError(t, c.Droplets.Delete(t.Context(), added.ID))
		assert.Len(t, api.Ledger(), 1)
	})
}

func TestAddDroplet(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		image := api.AddImage(droplets.Image{Slug: "docker-18-04", Regions: []string{"fra1"}})
		volume := api.AddVolume("data", "fra1", 1)
		snapshot, backup := api.AddImage(droplets.Image{}), api.AddImage(droplets.Image{Type: droplets.ImageTypeBackup})
		given := droplets.Droplet{ID: 42, Name: "old", SizeSlug: "s-2vcpu-2gb", Disk: 25,
			Region: &droplets.Region{Slug: "fra1"}, Image: &droplets.Image{Slug: "docker-18-04"},
			Status: droplets.DropletStatusOff, Tags: []string{"web", "web"}, VolumeIDs: []string{volume},
			SnapshotIDs: []int64{snapshot.ID}, BackupIDs: []int64{backup.ID},
			Features: []string{"backups"}, CreatedAt: time.Date(2014, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)),
			Networks: droplets.Networks{V4: []droplets.NetworkV4{
				{IPAddress: "192.0.2.7", Netmask: "255.255.255.0", Gateway: "192.0.2.1", Type: droplets.NetworkTypePublic}}}}
		added := api.AddDroplet(given)
		assert.Equal(t, added, *getDroplet(t, c, 42))
		assert.Equal(t, []any{int64(42), "old", "s-2vcpu-2gb", 2048, 25, "fra1", image.ID, droplets.DropletStatusOff, []string{"web"}},
			[]any{added.ID, added.Name, added.SizeSlug, added.Memory, added.Disk, added.Region.Slug, added.Image.ID, added.Status, added.Tags})
		assert.Equal(t, given.Networks.V4, added.Networks.V4)
		assert.NotNil(t, added.NextBackupWindow)
		assert.True(t, added.CreatedAt.Equal(given.CreatedAt))
		added.Tags[0], given.VolumeIDs[0] = "changed", "changed"
		assert.Equal(t, []string{"web"}, getDroplet(t, c, 42).Tags)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/tags/web", "").body, `/v2/droplets/42"`)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/snapshots/%d", snapshot.ID), "").body, `"resource_id":"42"`)

		api = requireReloadable(t, api, dropletstest.WithActionDuration(0))
		c = api.Client()
		resources, err := c.AssociatedResources.List(t.Context(), 42)
		require.NoError(t, err)
		assert.Len(t, resources.Volumes, 1)
		d := runAction(t, c, 42, droplets.EnableIPv6Request{})
		assert.Equal(t, added.Networks.V4, d.Networks.V4)
		assert.Len(t, d.Networks.V6, 1)
		runAction(t, c, 42, droplets.RestoreRequest{ImageID: backup.ID})
		ids := []int64{createActive(t, c, createRequest("a")).ID, api.AddDroplet(droplets.Droplet{}).ID, api.AddDroplet(droplets.Droplet{ID: 7}).ID}
		assert.IsDecreasing(t, []int64{ids[1], ids[0], 42, ids[2]})
		all := collect(t, c.Droplets.All(t.Context(), nil))
		assert.Equal(t, []int64{7, 42, ids[0], ids[1]}, []int64{all[0].ID, all[1].ID, all[2].ID, all[3].ID}, "by id")
		requireReloadable(t, api)
	})
}

// TestAddDropletWithHalfOfTheNetworks checks that the lists of a Droplet are never null.
func TestAddDropletWithHalfOfTheNetworks(t *testing.T) {
	api := dropletstest.New()
	v4, v6 := []droplets.NetworkV4{{IPAddress: "192.0.2.1", Type: "public"}}, []droplets.NetworkV6{{IPAddress: "2001:db8::1", Type: "public"}}
	api.AddDroplet(droplets.Droplet{ID: 1, Networks: droplets.Networks{V4: v4}})
	added := api.AddDroplet(droplets.Droplet{ID: 2, Networks: droplets.Networks{V6: v6}})
	assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/droplets/1", "").body, `"v6":[]`)
	assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/droplets/2", "").body, `"v4":[]`)
	assert.Contains(t, added.Features, "ipv6")
	assert.Equal(t, 422, sendRequest(t, api, http.MethodPost, "/v2/droplets/2/actions", `{"type":"enable_ipv6"}`).StatusCode)
	api.AddDroplet(droplets.Droplet{ID: 3})
	assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/droplets/3", "").body, `"v6":[]`)
	for _, list := range []string{`"tags":[]`, `"backup_ids":[]`, `"snapshot_ids":[]`, `"volume_ids":[]`} {
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/droplets/1", "").body, list)
	}
}

func TestAddDropletPanics(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		attached := api.AddVolume("a", "nyc3", 1)
		id := api.Droplets()[0].ID
		require.True(t, api.AttachVolume(attached, id))
		gone := createActive(t, api.Client(), createRequest("a"))
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), gone.ID))
		for message, d := range map[string]droplets.Droplet{
			"ID -1 is negative":                                              {ID: -1},
			"ID 9007199254740992 is above":                                   {ID: 1 << 53},
			fmt.Sprintf("ID %d is in use", id):                               {ID: id},
			fmt.Sprintf("ID %d is in use", gone.ID):                          {ID: gone.ID},
			`size "huge" is unknown`:                                         {SizeSlug: "huge"},
			`size "vast" is unknown`:                                         {Size: &droplets.Size{Slug: "vast"}},
			`region "mars1" is unknown`:                                      {Region: &droplets.Region{Slug: "mars1"}},
			`image "plan9" is unknown`:                                       {Image: &droplets.Image{Slug: "plan9"}},
			`image "5" is unknown`:                                           {Image: &droplets.Image{ID: 5}},
			"hostname characters":                                            {Name: "a b"},
			`Tag "a b" is invalid`:                                           {Tags: []string{"a b"}},
			`volume "x" does not exist`:                                      {VolumeIDs: []string{"x"}},
			fmt.Sprintf("volume %q does not exist or is attached", attached): {VolumeIDs: []string{attached}},
			"snapshot 155133621 does not exist":                              {SnapshotIDs: []int64{155133621}},
			"backup 190000001 does not exist":                                {BackupIDs: []int64{190000001}},
		} {
			assertPanics(t, "dropletstest: AddDroplet: ", message, func() { api.AddDroplet(d) })
		}
		assert.Len(t, api.Droplets(), 1)
	})
}

func TestAddImage(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		private := api.AddImage(droplets.Image{Tags: []string{"base"}})
		assert.Equal(t, private, readImage(t, api, private.ID))
		assert.Equal(t, []any{droplets.ImageTypeSnapshot, false, "Ubuntu", droplets.ImageStatusAvailable},
			[]any{private.Type, private.Public, private.Distribution, private.Status})
		assert.Len(t, private.Regions, 12)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/snapshots/%d", private.ID), "").StatusCode)
		public := api.AddImage(droplets.Image{ID: 5, Slug: "docker-18-04", Type: droplets.ImageTypeSnapshot, Regions: []string{"nyc3"}, MinDiskSize: 80})
		assert.True(t, public.Public)
		assert.Equal(t, 400, sendRequest(t, api, http.MethodGet, "/v2/snapshots/5", "").StatusCode, "an application")
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/images?type=application", "").body, "docker-18-04")
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, "/v2/images/5", "").StatusCode)
		public.Regions[0] = "changed"
		api = requireReloadable(t, api)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/images/docker-18-04", "").StatusCode)
		req := createRequest("a")
		req.Image = droplets.ImageSlug("docker-18-04")
		_, err := api.Client().Droplets.Create(t.Context(), req)
		requireUnprocessable(t, err, "disk of 80 GB")
		assert.Greater(t, importImage(t, api).ID, private.ID)

		// A Droplet keeps the image that it was created from, also if another image gets its ID.
		first := api.AddImage(droplets.Image{ID: 6, Name: "first"})
		d := api.AddDroplet(droplets.Droplet{Image: &first})
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/images/6", "").StatusCode)
		api.AddImage(droplets.Image{ID: 6, Name: "second"})
		api = requireReloadable(t, api)
		assert.Equal(t, "first", getDroplet(t, api.Client(), d.ID).Image.Name)

		for message, i := range map[string]droplets.Image{
			"ID -1 is negative":            {ID: -1},
			"ID 9007199254740992 is above": {ID: 1 << 53},
			"ID 5 is in use":               {ID: 5},
			`Slug "docker-18-04" is in`:    {Slug: "docker-18-04"},
			`Slug "7" is a number`:         {Slug: "7"},
			`region "mars1" is unknown`:    {Regions: []string{"mars1"}},
			`Tag "a b" is invalid`:         {Tags: []string{"a b"}},
		} {
			assertPanics(t, "dropletstest: AddImage: ", message, func() { api.AddImage(i) })
		}
	})
}

// assertPanics checks that f panics with a text that begins with prefix and contains message.
func assertPanics(t *testing.T, prefix, message string, f func()) {
	t.Helper()
	defer func() {
		text := fmt.Sprint(recover())
		assert.True(t, strings.HasPrefix(text, prefix), text)
		assert.Contains(t, text, message)
	}()
	f()
}
