package droplets_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestImageRequests compares the path, the query and the body of each call with what the API documents.
func TestImageRequests(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, documented(t))
	ctx := t.Context()
	page := droplets.ListOptions{Page: 2, PerPage: 200}
	for name, tt := range map[string]struct {
		call        func() error
		want, query string
		body        string
	}{
		"all images": {func() error { return second(c.Images.List(ctx, nil)) }, "GET /v2/images", "", ""},
		"no filter":  {func() error { return second(c.Images.List(ctx, &droplets.ImageListOptions{})) }, "GET /v2/images", "", ""},
		"all filters": {func() error {
			return second(c.Images.List(ctx, &droplets.ImageListOptions{ListOptions: page, Type: droplets.ImageListApplication, Private: true,
				TagName: "a b"}))
		}, "GET /v2/images", "page=2&per_page=200&private=true&tag_name=a+b&type=application", ""},
		"distributions": {func() error {
			return second(c.Images.List(ctx, &droplets.ImageListOptions{Type: droplets.ImageListDistribution}))
		}, "GET /v2/images", "type=distribution", ""},
		"by ID":   {func() error { return second(c.Images.Get(ctx, 1<<40)) }, "GET /v2/images/1099511627776", "", ""},
		"by slug": {func() error { return second(c.Images.GetBySlug(ctx, "ubuntu-24-04-x64")) }, "GET /v2/images/ubuntu-24-04-x64", "", ""},
		"create": {func() error { return second(c.Images.CreateCustom(ctx, customImage())) }, "POST /v2/images", "",
			`{"name":"ubuntu-18.04-minimal","url":"http://cloud-images.ubuntu.com/minimal/releases/bionic/release/ubuntu-18.04-minimal-cloudimg-amd64.img",
			"region":"nyc3","distribution":"Ubuntu","tags":["base-image","prod"]}`},
		"create with the required fields": {func() error {
			return second(c.Images.CreateCustom(ctx, droplets.CustomImageCreateRequest{Name: "n", URL: "HTTPS://example.com/x.img", Region: "nyc3"}))
		}, "POST /v2/images", "", `{"name":"n","url":"HTTPS://example.com/x.img","region":"nyc3"}`},
		"rename": {func() error { return second(c.Images.Update(ctx, 7, droplets.ImageUpdateRequest{Name: "n"})) }, "PUT /v2/images/7", "", `{"name":"n"}`},
		"update the others": {func() error {
			return second(c.Images.Update(ctx, 7, droplets.ImageUpdateRequest{Distribution: "Debian", Description: " "}))
		}, "PUT /v2/images/7", "", `{"distribution":"Debian","description":" "}`},
		"delete":  {func() error { return c.Images.Delete(ctx, 7) }, "DELETE /v2/images/7", "", ""},
		"actions": {func() error { return second(c.Images.ListActions(ctx, 7, &page)) }, "GET /v2/images/7/actions", "page=2&per_page=200", ""},
		"action":  {func() error { return second(c.Images.GetAction(ctx, 7, 8)) }, "GET /v2/images/7/actions/8", "", ""},
		"transfer": {func() error { return second(c.Images.Transfer(ctx, 7, droplets.TransferRequest{Region: "fra1"})) },
			"POST /v2/images/7/actions", "", `{"type":"transfer","region":"fra1"}`},
		"convert":   {func() error { return second(c.Images.Convert(ctx, 7)) }, "POST /v2/images/7/actions", "", `{"type":"convert"}`},
		"snapshots": {func() error { return second(c.Snapshots.List(ctx, nil)) }, "GET /v2/snapshots", "", ""},
		"snapshots of volumes": {func() error {
			return second(c.Snapshots.List(ctx, &droplets.SnapshotListOptions{ListOptions: page, ResourceType: droplets.SnapshotResourceVolume}))
		}, "GET /v2/snapshots", "page=2&per_page=200&resource_type=volume", ""},
		"snapshots of Droplets": {func() error {
			return second(c.Snapshots.List(ctx, &droplets.SnapshotListOptions{ResourceType: droplets.SnapshotResourceDroplet}))
		}, "GET /v2/snapshots", "resource_type=droplet", ""},
		"snapshot of a Droplet": {func() error { return second(c.Snapshots.Get(ctx, "6372321")) }, "GET /v2/snapshots/6372321", "", ""},
		"snapshot of a volume": {func() error { return c.Snapshots.Delete(ctx, "fbe805e8-866b-11e6-96bf-000f53315a41") },
			"DELETE /v2/snapshots/fbe805e8-866b-11e6-96bf-000f53315a41", "", ""},
		"sizes":   {func() error { return second(c.Sizes.List(ctx, &page)) }, "GET /v2/sizes", "page=2&per_page=200", ""},
		"regions": {func() error { return second(c.Regions.List(ctx, &page)) }, "GET /v2/regions", "page=2&per_page=200", ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, tt.call())
			got := a.last()
			assert.Equal(t, tt.want, got.Method+" "+got.Path)
			assert.Equal(t, tt.query, got.RawQuery)
			if tt.body == "" {
				assert.Empty(t, got.Body)
			} else {
				assert.JSONEq(t, tt.body, got.Body)
			}
		})
	}
}

func TestSegmentsAreEscaped(t *testing.T) {
	t.Parallel()
	var escaped []string
	a, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
		escaped = append(escaped, r.URL.EscapedPath())
		return respond(404, notFoundBody)()
	})
	_, err := c.Images.GetBySlug(t.Context(), "a/..b?c")
	require.ErrorIs(t, err, droplets.ErrNotFound)
	require.ErrorIs(t, c.Snapshots.Delete(t.Context(), "a/7"), droplets.ErrNotFound)
	assert.Equal(t, []string{testPrefix + "/v2/images/a%2F..b%3Fc", testPrefix + "/v2/snapshots/a%2F7"}, escaped)

	// A proxy that decodes the path would delete a Droplet.
	for _, id := range []string{"../droplets/7", "x/../../droplets/7", `..\droplets\7`, "x/./7", "..;/droplets/7", "7/.."} {
		requireInvalid(t, second(c.Images.GetBySlug(t.Context(), id)), "slug")
		requireInvalid(t, c.Snapshots.Delete(t.Context(), id), "snapshotID")
		requireInvalid(t, c.AutoscalePools.Delete(t.Context(), id), "poolID")
		requireInvalid(t, c.SSHKeys.Delete(t.Context(), droplets.SSHKeyFingerprint(id)), "ref")
	}
	assert.Equal(t, 2, a.count())
}

func TestImageActionWithAndWithoutKey(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"imageActions_get.200", "imageActions_get.200.unwrapped"} {
		_, c := newAPI(t, sequence(respond(200, fixture(t, name))))
		got, err := c.Images.GetAction(t.Context(), 7938269, 36805527)
		require.NoError(t, err)
		assert.EqualValues(t, 36805527, got.ID, name)
		assert.Equal(t, droplets.ActionTypeTransfer, got.Type)
		assert.EqualValues(t, 7938269, got.ResourceID)
		assert.Equal(t, "nyc3", got.RegionSlug)
	}
	for name, body := range map[string]string{"no action": `{"actions":[]}`, "null": `{"action":null}`, "no ID": `{"action":{},"id":7}`,
		"no ID without the key": `{"type":"transfer"}`} {
		_, c := newAPI(t, sequence(respond(201, body)))
		got, err := c.Images.Convert(t.Context(), 7)
		require.ErrorIs(t, err, droplets.ErrInvalidResponse, name)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, name)
		assert.Nil(t, got)
	}
}

// TestResourceOfAnImageAction: the resource is nullable, and a waiter needs it.
func TestResourceOfAnImageAction(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]droplets.Action{
		`{"action":{"id":1,"resource_id":null}}`:                          {ID: 1, ResourceID: 7, ResourceType: "image"},
		`{"action":{"id":1,"resource_id":null,"resource_type":"image"}}`:  {ID: 1, ResourceID: 7, ResourceType: "image"},
		`{"action":{"id":1,"resource_id":9}}`:                             {ID: 1, ResourceID: 9, ResourceType: "image"},
		`{"action":{"id":1,"resource_id":9,"resource_type":"image"}}`:     {ID: 1, ResourceID: 9, ResourceType: "image"},
		`{"action":{"id":1,"resource_id":null,"resource_type":"volume"}}`: {ID: 1, ResourceType: "volume"},
	} {
		_, c := newAPI(t, sequence(respond(201, body)))
		got, err := c.Images.Convert(t.Context(), 7)
		require.NoError(t, err)
		assert.Equal(t, &want, got, body)
	}
}

// TestChangesOfImagesAreSentOnce: their outcome is unknown after a 502, except that of a delete, which is idempotent.
func TestChangesOfImagesAreSentOnce(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(c *droplets.Client) error{
			"create": func(c *droplets.Client) error { return second(c.Images.CreateCustom(t.Context(), customImage())) },
			"update": func(c *droplets.Client) error {
				return second(c.Images.Update(t.Context(), 7, droplets.ImageUpdateRequest{Name: "n"}))
			},
			"transfer": func(c *droplets.Client) error {
				return second(c.Images.Transfer(t.Context(), 7, droplets.TransferRequest{Region: "nyc3"}))
			},
			"convert": func(c *droplets.Client) error { return second(c.Images.Convert(t.Context(), 7)) },
		} {
			a, c := newAPI(t, sequence(respond(502, "")))
			require.ErrorIs(t, change(c), droplets.ErrMaybeApplied, name)
			assert.Equal(t, 1, a.count(), name)
		}
		a, c := newAPI(t, sequence(respond(502, ""), respond(200, fixture(t, "images_update.200"))))
		_, err := c.Images.Update(t.Context(), 7, droplets.ImageUpdateRequest{Name: "n"}, droplets.ResendUncertain())
		require.NoError(t, err)
		assert.Equal(t, 2, a.count())
		for name, remove := range map[string]func(c *droplets.Client) error{
			"image":    func(c *droplets.Client) error { return c.Images.Delete(t.Context(), 7) },
			"snapshot": func(c *droplets.Client) error { return c.Snapshots.Delete(t.Context(), "7") },
		} {
			a, c := newAPI(t, sequence(respond(502, ""), respond(404, notFoundBody)))
			require.NoError(t, remove(c), name)
			assert.Equal(t, 2, a.count(), name)
			_, c = newAPI(t, sequence(respond(404, notFoundBody)))
			require.ErrorIs(t, remove(c), droplets.ErrNotFound, name)
		}
	})
}

func TestSnapshotOfAnotherKind(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(400, fixture(t, "error.400"))))
	_, err := c.Snapshots.Get(t.Context(), "63663980")
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, http.StatusBadRequest, e.StatusCode)
	assert.Equal(t, "the resource is not a snapshot", e.Message)
	require.NotErrorIs(t, err, droplets.ErrNotFound)
}

func TestSnapshotImageID(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		snapshot droplets.Snapshot
		id       int64
		ok       bool
	}{
		{droplets.Snapshot{ID: "6372321", ResourceType: droplets.SnapshotResourceDroplet}, 6372321, true},
		{droplets.Snapshot{ID: "fbe805e8-866b-11e6-96bf-000f53315a41", ResourceType: droplets.SnapshotResourceVolume}, 0, false},
		{droplets.Snapshot{ID: "6372321", ResourceType: droplets.SnapshotResourceVolume}, 0, false},
		{droplets.Snapshot{ID: "fbe805e8", ResourceType: droplets.SnapshotResourceDroplet}, 0, false},
		{droplets.Snapshot{ID: "+7", ResourceType: droplets.SnapshotResourceDroplet}, 0, false},
		{droplets.Snapshot{ID: "0", ResourceType: droplets.SnapshotResourceDroplet}, 0, false},
		{droplets.Snapshot{ID: "9223372036854775808", ResourceType: droplets.SnapshotResourceDroplet}, 0, false},
		{droplets.Snapshot{}, 0, false},
	} {
		id, ok := tt.snapshot.ImageID()
		assert.Equal(t, tt.id, id, "%+v", tt.snapshot)
		assert.Equal(t, tt.ok, ok, "%+v", tt.snapshot)
	}
}

// TestListsOfImagesHavePages lists three pages of each kind.
func TestListsOfImagesHavePages(t *testing.T) {
	t.Parallel()
	for key, list := range map[string]func(ctx context.Context, c *droplets.Client) (n int, last error){
		"images": func(ctx context.Context, c *droplets.Client) (int, error) {
			return count(c.Images.All(ctx, &droplets.ImageListOptions{ListOptions: droplets.ListOptions{PerPage: 2}, Private: true}))
		},
		"snapshots": func(ctx context.Context, c *droplets.Client) (int, error) {
			return count(c.Snapshots.All(ctx, &droplets.SnapshotListOptions{ListOptions: droplets.ListOptions{PerPage: 2}, ResourceType: "droplet"}))
		},
		"sizes": func(ctx context.Context, c *droplets.Client) (int, error) {
			return count(c.Sizes.All(ctx, &droplets.ListOptions{PerPage: 2}))
		},
		"regions": func(ctx context.Context, c *droplets.Client) (int, error) {
			return count(c.Regions.All(ctx, &droplets.ListOptions{PerPage: 2}))
		},
		"actions": func(ctx context.Context, c *droplets.Client) (int, error) {
			return count(c.Images.AllActions(ctx, 7, &droplets.ListOptions{PerPage: 2}))
		},
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				item := func(n string) string {
					if key == "images" || key == "actions" {
						return `{"id":` + n + `}`
					}
					return `{"id":"` + n + `","slug":"` + n + `"}`
				}
				a, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					items := map[string]string{"1": item("1") + "," + item("2"), "2": item("3") + "," + item("4"), "3": item("5")}[r.URL.Query().Get("page")]
					return respond(200, `{"`+key+`":[`+items+`],"meta":{"total":5}}`)()
				})
				n, err := list(t.Context(), c)
				require.NoError(t, err)
				assert.Equal(t, 5, n)
				assert.Equal(t, 3, a.count())
				for _, r := range a.received() {
					assert.Equal(t, key == "images", r.Query.Get("private") == "true", "each page has the filter")
					assert.Equal(t, key == "snapshots", r.Query.Get("resource_type") == "droplet")
					assert.Equal(t, "2", r.Query.Get("per_page"))
				}

				_, c = newAPI(t, sequence(respond(200, `{"`+key+`":[{"name":"no ID"}],"meta":{"total":1}}`)))
				_, err = list(t.Context(), c)
				require.ErrorIs(t, err, droplets.ErrInvalidResponse)
			})
		})
	}
}
