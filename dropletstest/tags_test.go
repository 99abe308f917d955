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

// tagBody returns the body that assigns a tag to resources, which are pairs of a type and an id.
func tagBody(resources ...any) string {
	var items []string
	for i := 0; i < len(resources); i += 2 {
		items = append(items, fmt.Sprintf(`{"resource_type":%q,"resource_id":"%v"}`, resources[i], resources[i+1]))
	}
	return `{"resources":[` + strings.Join(items, ",") + `]}`
}

// tagWithEverything creates one resource of each type that can have tags, and adds the tag web to all of them.
func tagWithEverything(t *testing.T, api *dropletstest.API) (dropletID, imageID int64, volume, volumeSnapshot string) {
	t.Helper()
	dropletID, imageID = createSnapshot(t, api.Client())
	volume = api.AddVolume("data", "nyc3", 10)
	volumeSnapshot = api.AddVolumeSnapshot(volume, "data-snap")
	require.Equal(t, 201, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"web"}`).StatusCode)
	for _, body := range []string{tagBody("volume", volume, "volume_snapshot", volumeSnapshot), tagBody("droplet", dropletID, "image", imageID)} {
		require.Equal(t, 204, sendRequest(t, api, http.MethodPost, "/v2/tags/web/resources", body).StatusCode)
	}
	return dropletID, imageID, volume, volumeSnapshot
}

// TestLastTaggedResource checks the last tagged URI after resources of each type were created with the tag or were given it.
func TestLastTaggedResource(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		d, image, volume, snapshot := tagWithEverything(t, api)
		paths := map[string]string{"droplet": fmt.Sprintf("droplets/%d", d), "image": fmt.Sprintf("images/%d", image), "volume": "volumes/" + volume,
			"volume_snapshot": "snapshots/" + snapshot}
		last := func() string {
			var root struct {
				Tag struct {
					Resources struct {
						LastTaggedURI string `json:"last_tagged_uri"`
					}
				}
			}
			sendRequest(t, api, http.MethodGet, "/v2/tags/web", "").decode(t, &root)
			return strings.TrimPrefix(root.Tag.Resources.LastTaggedURI, "https://api.example/v2/")
		}
		for kind, path := range paths {
			body := tagBody(kind, path[strings.Index(path, "/")+1:])
			change(t, api, http.MethodDelete, "/v2/tags/web/resources", body)
			change(t, api, http.MethodPost, "/v2/tags/web/resources", body)
			assert.Equal(t, path, last(), kind)
			change(t, api, http.MethodPost, "/v2/tags/web/resources", tagBody("droplet", d))
			assert.Equal(t, path, last(), "%s: a resource that has the tag is not tagged again", kind)
			api = requireReloadable(t, api)
			assert.Equal(t, path, last(), kind)
		}
		for _, create := range [][2]string{{"volumes", `{"name":"v","region":"nyc3","size_gigabytes":1,"tags":["web"]}`},
			{"volumes/" + volume + "/snapshots", `{"name":"s","tags":["web"]}`},
			{"images", `{"name":"i","url":"https://example.com/i","region":"nyc3","tags":["web"]}`},
			{"droplets", `{"name":"d","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","tags":["web"]}`}} {
			before := last()
			resp := sendRequest(t, api, http.MethodPost, "/v2/"+create[0], create[1])
			require.Less(t, resp.StatusCode, 300, resp.body)
			assert.NotEqual(t, before, last(), create[0])
			kind, id, _ := strings.Cut(last(), "/")
			assert.Equal(t, strings.Split(create[0], "/")[strings.Count(create[0], "/")], kind)
			assert.Contains(t, resp.body, id)
		}
	})
}

func TestTagCounts(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		resp := sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"web"}`)
		const none = `{"count":0}`
		assert.JSONEq(t, `{"tag":{"name":"web","resources":{"count":0,"droplets":`+none+`,"images":`+none+`,"volumes":`+none+`,"volume_snapshots":`+none+
			`,"databases":`+none+`}}}`, resp.body)
		d, image, volume, snapshot := tagWithEverything(t, api)
		const base = "https://api.example/v2/"
		want := fmt.Sprintf(`{"name":"web","resources":{"count":4,"last_tagged_uri":"%[1]simages/%[3]d",
			"droplets":{"count":1,"last_tagged_uri":"%[1]sdroplets/%[2]d"},"images":{"count":1,"last_tagged_uri":"%[1]simages/%[3]d"},
			"volumes":{"count":1,"last_tagged_uri":"%[1]svolumes/%[4]s"},"volume_snapshots":{"count":1,"last_tagged_uri":"%[1]ssnapshots/%[5]s"},
			"databases":{"count":0}}}`, base, d, image, volume, snapshot)
		assert.JSONEq(t, `{"tag":`+want+`}`, sendRequest(t, api, http.MethodGet, "/v2/tags/web", "").body)
		assert.JSONEq(t, `{"tag":`+want+`}`, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"web"}`).body, "a create of a tag that exists")
		assert.JSONEq(t, `{"tags":[`+want+`],"links":{},"meta":{"total":1}}`, sendRequest(t, api, http.MethodGet, "/v2/tags", "").body)
		api = requireReloadable(t, api)
		assert.JSONEq(t, `{"tag":`+want+`}`, sendRequest(t, api, http.MethodGet, "/v2/tags/web", "").body)
	})
}

func TestLastTaggedURI(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3))
		ids := api.Droplets()
		last := func() string {
			var root struct {
				Tag struct {
					Resources struct {
						Count         int
						LastTaggedURI string `json:"last_tagged_uri"`
					}
				}
			}
			sendRequest(t, api, http.MethodGet, "/v2/tags/new", "").decode(t, &root)
			return fmt.Sprintf("%d %s", root.Tag.Resources.Count, root.Tag.Resources.LastTaggedURI)
		}
		uri := func(i int) string { return fmt.Sprintf("https://api.example/v2/droplets/%d", ids[i].ID) }
		change := func(method string, i int) {
			assert.Equal(t, 204, sendRequest(t, api, method, "/v2/tags/new/resources", tagBody("droplet", ids[i].ID)).StatusCode)
		}
		sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"new"}`)
		assert.Equal(t, "0 ", last())
		for _, i := range []int{2, 0, 1} {
			change(http.MethodPost, i)
		}
		assert.Equal(t, "3 "+uri(1), last())
		api = requireReloadable(t, api)
		assert.Equal(t, "3 "+uri(1), last())
		change(http.MethodDelete, 1)
		assert.Equal(t, "2 "+uri(2), last(), "the newest of the others")
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), ids[2].ID))
		assert.Equal(t, "1 "+uri(0), last())
		change(http.MethodDelete, 0)
		assert.Equal(t, "0 ", last())
	})
}

func TestAssignTags(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		d, image, volume, snapshot := tagWithEverything(t, api)
		c := api.Client()
		assert.Equal(t, []string{"web"}, getDroplet(t, c, d).Tags)
		assert.Equal(t, []string{"web"}, readImage(t, api, image).Tags)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/snapshots/"+snapshot, "").body, `"tags":["web"]`)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/snapshots/%d", image), "").body, `"tags":["web"]`)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/images?tag_name=web", "").body, `"total":1`)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/droplets?tag_name=web", "").body, `"total":2`)

		other := api.Droplets()[0].ID
		for body, want := range map[string]int{
			tagBody("droplet", other, "droplet", 1):              404,
			tagBody("droplet", other, "image", 155133621):        404,
			tagBody("droplet", other, "image", other):            404,
			tagBody("droplet", other, "volume", snapshot):        404,
			tagBody("droplet", other, "volume_snapshot", volume): 404,
			tagBody("droplet", other, "kubernetes", 1):           422,
			`{}`:               422,
			`{"resources":[]}`: 422,
			fmt.Sprintf(`{"resources":[{"resource_type":"droplet","resource_id":%d}]}`, api.Droplets()[1].ID): 204,
		} {
			assert.Equal(t, want, sendRequest(t, api, http.MethodPost, "/v2/tags/web/resources", body).StatusCode, body)
		}
		assert.Equal(t, 404, sendRequest(t, api, http.MethodPost, "/v2/tags/none/resources", tagBody("droplet", d)).StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, "/v2/tags/none/resources", tagBody("droplet", d)).StatusCode)
		assert.Equal(t, []string{"web"}, getDroplet(t, c, d).Tags, "a tag that is assigned twice is in the list once")

		body := tagBody("volume", volume, "image", image)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/tags/web/resources", body).StatusCode)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/tags/web/resources", body).StatusCode)
		assert.Empty(t, readImage(t, api, image).Tags)
		requireReloadable(t, api)
	})
}

func TestDeleteTag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		d, image, volume, _ := tagWithEverything(t, api)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, "/v2/tags/web", "").StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, "/v2/tags/web", "").StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, "/v2/tags/web", "").StatusCode)
		assert.Empty(t, getDroplet(t, api.Client(), d).Tags)
		assert.Empty(t, readImage(t, api, image).Tags)
		assert.Empty(t, collect(t, api.Client().Droplets.All(t.Context(), &droplets.DropletListOptions{TagName: "web"})))
		requireReloadable(t, api)
		sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"web"}`)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/tags/web", "").body, `"count":0`, "a new tag")
		assert.Equal(t, 204, sendRequest(t, api, http.MethodPost, "/v2/tags/web/resources", tagBody("volume", volume)).StatusCode)
	})
}

func TestInvalidTags(t *testing.T) {
	api := dropletstest.New()
	resp := sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"a b"}`)
	assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
	assert.JSONEq(t, `{"error":"Error validating resource tag: \"a b\" contains invalid characters","messages":null,
		"root_causes":["Error validating resource tag: \"a b\" contains invalid characters"]}`, resp.body)
	assert.Equal(t, 422, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":""}`).StatusCode)
	assert.Equal(t, 422, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"`+strings.Repeat("a", 256)+`"}`).StatusCode)
	assert.Equal(t, 201, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"env:prod_1-a"}`).StatusCode)
	req := createRequest("a")
	req.Tags = []string{"ok", "#prod"}
	_, err := api.Client().Droplets.Create(t.Context(), req)
	requireUnprocessable(t, err, `Tag "#prod" is invalid`)
}

func TestTagsDuringLag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: time.Minute}))
		req := createRequest("a")
		req.Tags = []string{"web"}
		created, err := api.Client().Droplets.Create(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodPost, "/v2/tags/web/resources", tagBody("droplet", created.Droplet.ID)).StatusCode)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/droplets?tag_name=web", "").body, `"total":0`)
		sleep(time.Minute)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/droplets?tag_name=web", "").body, `"total":1`)
	})
}
