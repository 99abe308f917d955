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

type testVolume struct {
	ID, Name, Description string
	Region                *droplets.Region
	SizeGigabytes         int       `json:"size_gigabytes"`
	DropletIDs            []int64   `json:"droplet_ids"`
	CreatedAt             time.Time `json:"created_at"`
	FilesystemType        string    `json:"filesystem_type"`
	FilesystemLabel       string    `json:"filesystem_label"`
	Tags                  []string
}

type testSnapshot struct {
	ID, Name     string
	Regions      []string
	ResourceID   string `json:"resource_id"`
	ResourceType string `json:"resource_type"`
	MinDiskSize  int    `json:"min_disk_size"`
	Tags         []string
}

type (
	testVolumeRoot  struct{ Volume testVolume }
	testVolumesPage struct {
		Volumes []testVolume
		Meta    struct{ Total int }
	}
	testSnapshotRoot  struct{ Snapshot testSnapshot }
	testSnapshotsPage struct{ Snapshots []testSnapshot }
	testActionRoot    struct{ Action droplets.Action }
	testActionsPage   struct{ Actions []droplets.Action }
)

func getVolume(t *testing.T, api *dropletstest.API, id string) testVolume {
	t.Helper()
	return get[testVolumeRoot](t, api, "/v2/volumes/"+id).Volume
}

// volumeIDs returns the ids of the volumes that match a query.
func volumeIDs(t *testing.T, api *dropletstest.API, query string) []string {
	t.Helper()
	page := get[testVolumesPage](t, api, "/v2/volumes?"+query)
	require.Len(t, page.Volumes, page.Meta.Total)
	ids := []string{}
	for _, v := range page.Volumes {
		ids = append(ids, v.ID)
	}
	return ids
}

func TestVolumeLifecycle(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		create := func(body string) testVolume {
			return post[testVolumeRoot](t, api, "/v2/volumes", body, 201).Volume
		}
		a := create(`{"name":"data","description":"d","region":"nyc1","size_gigabytes":10,"snapshot_id":"","filesystem_type":"ext4",
			"filesystem_label":"label","tags":["web","web","db"]}`)
		require.NotNil(t, a.Region)
		assert.Equal(t, "New York 1", a.Region.Name)
		assert.Equal(t, testVolume{ID: a.ID, Name: "data", Description: "d", Region: a.Region, SizeGigabytes: 10, DropletIDs: []int64{},
			CreatedAt: time.Now().UTC(), FilesystemType: "ext4", FilesystemLabel: "label", Tags: []string{"web", "db"}}, a)
		b := create(`{"name":"data","region":"nyc3","size_gigabytes":16384}`)
		c := create(`{"name":"logs","region":"nyc3","size_gigabytes":1}`)
		assert.Equal(t, a, getVolume(t, api, a.ID))
		for query, want := range map[string][]string{"": {a.ID, b.ID, c.ID}, "name=data": {a.ID, b.ID}, "region=nyc3": {b.ID, c.ID},
			"name=data&region=nyc3": {b.ID}, "name=none": {}, "region=fra1": {}, "name=logs&region=nyc1": {}} {
			assert.Equal(t, want, volumeIDs(t, api, query), query)
		}
		requireReloadable(t, api)
		tag := call[struct {
			Tag struct {
				Resources struct{ Volumes struct{ Count int } }
			}
		}](t, api, http.MethodGet, "/v2/tags/web", "", http.StatusOK).Tag
		assert.Equal(t, 1, tag.Resources.Volumes.Count)

		change(t, api, http.MethodDelete, "/v2/volumes/"+a.ID, "")
		change(t, api, http.MethodDelete, "/v2/volumes?name=data&region=nyc3", "")
		assert.Equal(t, []string{c.ID}, volumeIDs(t, api, ""))
		assert.Equal(t, "data", create(`{"name":"data","region":"nyc1","size_gigabytes":1}`).Name, "the name can be used again")
		requireReloadable(t, api)
	})
}

func TestVolumeSnapshots(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		id := call[testVolumeRoot](t, api, http.MethodPost, "/v2/volumes",
			`{"name":"data","region":"nyc1","size_gigabytes":20,"filesystem_type":"xfs","filesystem_label":"l"}`, http.StatusCreated).Volume.ID
		path := "/v2/volumes/" + id + "/snapshots"
		snap := post[testSnapshotRoot](t, api, path, `{"volume_id":"ignored","name":"snap","tags":["web"]}`, 201).Snapshot
		want := testSnapshot{ID: snap.ID, Name: "snap", Regions: []string{"nyc1"}, ResourceID: id, ResourceType: "volume",
			MinDiskSize: 20, Tags: []string{"web"}}
		assert.Equal(t, want, snap)
		for _, list := range []string{path, "/v2/snapshots?resource_type=volume"} {
			assert.Equal(t, []testSnapshot{want}, get[testSnapshotsPage](t, api, list).Snapshots)
		}
		for _, one := range []string{"/v2/snapshots/" + snap.ID, "/v2/volumes/snapshots/" + snap.ID} {
			assert.Equal(t, want, get[testSnapshotRoot](t, api, one).Snapshot)
		}
		requireRejections(t, api, []rejection{
			{"no name", http.MethodPost, path, `{}`, 422, "Name can't be blank"},
			{"tag", http.MethodPost, path, `{"name":"x","tags":["a b"]}`, 422, "a b"},
			{"size", http.MethodPost, "/v2/volumes", `{"name":"copy","snapshot_id":"` + snap.ID + `","size_gigabytes":19}`, 422, "at least 20 GB"},
			{"region", http.MethodPost, "/v2/volumes", `{"name":"copy","snapshot_id":"` + snap.ID + `","region":"fra1"}`, 422, "in region nyc1"},
			{"snapshot", http.MethodPost, "/v2/volumes", `{"name":"copy","snapshot_id":"none","region":"fra1"}`, 422, "none"},
			{"unknown", http.MethodGet, "/v2/volumes/snapshots/none", "", 404, ""},
			{"delete unknown", http.MethodDelete, "/v2/volumes/snapshots/none", "", 404, ""},
			{"of unknown", http.MethodGet, "/v2/volumes/none/snapshots", "", 404, ""},
		})

		change(t, api, http.MethodDelete, "/v2/volumes/"+id, "")
		v := post[testVolumeRoot](t, api, "/v2/volumes", `{"name":"copy","snapshot_id":"`+snap.ID+`"}`, 201).Volume
		assert.Equal(t, testVolume{ID: v.ID, Name: "copy", Region: v.Region, SizeGigabytes: 20, DropletIDs: []int64{}, CreatedAt: v.CreatedAt,
			FilesystemType: "xfs", FilesystemLabel: "l", Tags: []string{}}, v, "the snapshot remains after its volume was deleted")
		requireReloadable(t, api)
		change(t, api, http.MethodDelete, "/v2/volumes/snapshots/"+snap.ID, "")
		assert.Empty(t, get[testSnapshotsPage](t, api, "/v2/snapshots?resource_type=volume").Snapshots)
	})
}

func TestRejectedVolumes(t *testing.T) {
	api := dropletstest.New()
	api.AddVolume("mine", "nyc3", 10)
	post := func(name, body string, status int, message string) rejection {
		return rejection{name, http.MethodPost, "/v2/volumes", body, status, message}
	}
	label := func(kind string, length int) string {
		return fmt.Sprintf(`{"name":"a","region":"nyc3","size_gigabytes":1,"filesystem_type":%q,"filesystem_label":%q}`, kind, strings.Repeat("x", length))
	}
	requireRejections(t, api, []rejection{
		post("no name", `{"region":"nyc3","size_gigabytes":1}`, 422, "Name can't be blank"),
		post("capitals", `{"name":"Data","region":"nyc3","size_gigabytes":1}`, 422, "Name must begin with a letter"),
		post("digit", `{"name":"1data","region":"nyc3","size_gigabytes":1}`, 422, "Name must begin with a letter"),
		post("long", `{"name":"`+strings.Repeat("x", 65)+`","region":"nyc3","size_gigabytes":1}`, 422, "up to 64"),
		post("no region", `{"name":"a","size_gigabytes":1}`, 422, "Region can't be blank"),
		post("region", `{"name":"a","region":"mars1","size_gigabytes":1}`, 422, "mars1"),
		post("no size", `{"name":"a","region":"nyc3"}`, 422, "between 1 and 16384"),
		post("too large", `{"name":"a","region":"nyc3","size_gigabytes":16385}`, 422, "between 1 and 16384"),
		post("negative", `{"name":"a","region":"nyc3","size_gigabytes":-1}`, 422, "between 1 and 16384"),
		post("size as text", `{"name":"a","region":"nyc3","size_gigabytes":"1"}`, 422, "wrong type"),
		post("filesystem", `{"name":"a","region":"nyc3","size_gigabytes":1,"filesystem_type":"ntfs"}`, 422, "ext4 or xfs"),
		post("label alone", `{"name":"a","region":"nyc3","size_gigabytes":1,"filesystem_label":"x"}`, 422, "needs a filesystem_type"),
		post("ext4 label", label("ext4", 17), 422, "up to 16"),
		post("xfs label", label("xfs", 13), 422, "up to 12"),
		post("tag", `{"name":"a","region":"nyc3","size_gigabytes":1,"tags":["a b"]}`, 422, "a b"),
		post("name in use", `{"name":"mine","region":"nyc3","size_gigabytes":1}`, 409, "already exists"),
		{"unknown", http.MethodGet, "/v2/volumes/none", "", 404, ""},
		{"delete unknown", http.MethodDelete, "/v2/volumes/none", "", 404, ""},
		{"delete unknown name", http.MethodDelete, "/v2/volumes?name=mine&region=nyc1", "", 404, ""},
		{"delete without a region", http.MethodDelete, "/v2/volumes?name=mine", "", 422, "name and region"},
		{"delete all", http.MethodDelete, "/v2/volumes", "", 422, "name and region"},
		{"a volume cannot be changed", http.MethodPut, "/v2/volumes/none", "{}", 405, ""},
	})
	assert.PanicsWithValue(t, `dropletstest: AddVolume: the region "mars1" is unknown`, func() { api.AddVolume("other", "mars1", 1) })
}

// TestVolumesWithTheSameName checks two volumes of AddVolume that requests could not create.
func TestVolumesWithTheSameName(t *testing.T) {
	api := dropletstest.New()
	a, b := api.AddVolume("data", "nyc3", 1), api.AddVolume("data", "nyc3", 2)
	assert.Equal(t, []string{a, b}, volumeIDs(t, api, "name=data"))
	requireReloadable(t, api)
	change(t, api, http.MethodDelete, "/v2/volumes?name=data&region=nyc3", "")
	assert.Equal(t, []string{b}, volumeIDs(t, api, "name=data&region=nyc3"))
	change(t, api, http.MethodDelete, "/v2/volumes?name=data&region=nyc3", "")
	assert.Empty(t, volumeIDs(t, api, ""))
}

// TestCreateWithVolumes checks the three forms of volumes in a create, and volumes that are rejected.
func TestCreateWithVolumes(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		a, b, c := api.AddVolume("a", "nyc3", 1), api.AddVolume("b", "nyc3", 1), api.AddVolume("c", "nyc3", 1)
		elsewhere := api.AddVolume("c", "fra1", 1)
		create := func(name, volumes, message string) rejection {
			return rejection{volumes, http.MethodPost, "/v2/droplets", fmt.Sprintf(
				`{%s,"region":"nyc3","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","volumes":[%s]}`, name, volumes), 422, message}
		}
		var many []string
		for range 16 {
			many = append(many, `"x"`)
		}
		requireRejections(t, api, []rejection{
			create(`"name":"x"`, `"none"`, `Volume "none" could not be found`),
			create(`"name":"x"`, `{"name":"none"}`, `Volume "none" could not be found`),
			create(`"name":"x"`, `{}`, `Volume "" could not be found`),
			create(`"name":"x"`, `"`+elsewhere+`"`, "is in region fra1 and the Droplet is in nyc3"),
			create(`"name":"x"`, fmt.Sprintf(`%q,{"name":"a"}`, a), "is in the list twice"),
			create(`"name":"x"`, "1", "volumes has the wrong type: number"),
			create(`"names":["x","y"]`, `"`+a+`"`, "cannot be attached to more than one Droplet"),
			create(`"name":"x"`, strings.Join(many, ","), "Up to 15 volumes"),
		})
		ok := create(`"name":"x"`, fmt.Sprintf(`%q,{"id":%q},{"name":"c"}`, a, b), "")
		d := call[struct{ Droplet droplets.Droplet }](t, api, ok.method, ok.path, ok.body, http.StatusAccepted).Droplet
		assert.Equal(t, []string{a, b, c}, d.VolumeIDs)
		for _, id := range d.VolumeIDs {
			assert.Equal(t, []int64{d.ID}, getVolume(t, api, id).DropletIDs)
		}
		requireRejections(t, api, []rejection{create(`"name":"y"`, `"`+a+`"`, "This volume is already attached"), {"attached", http.MethodDelete, "/v2/volumes/" + a, "", 409, "attached"},
			{"attached", http.MethodDelete, "/v2/volumes?name=a&region=nyc3", "", 409, "attached"}})
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), d.ID))
		assert.Empty(t, getVolume(t, api, a).DropletIDs)
		change(t, api, http.MethodDelete, "/v2/volumes/"+a, "")
		requireReloadable(t, api)
	})
}
