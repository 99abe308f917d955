package droplets_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestTagRequests(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(201, fixture(t, "tags_create.201")), respond(204, "")))
	tag, err := c.Tags.Create(t.Context(), "env:prod_1-A")
	require.NoError(t, err)
	assert.Equal(t, "extra-awesome", tag.Name)
	assert.Zero(t, tag.Resources.Count)
	assert.JSONEq(t, `{"name":"env:prod_1-A"}`, a.last().Body)

	const body = `{"resources":[{"resource_id":"9569411","resource_type":"droplet"},{"resource_id":"7555620","resource_type":"image"},
		{"resource_id":"3d80cb72","resource_type":"volume"},{"resource_id":"1f6f46e8","resource_type":"volume_snapshot"},
		{"resource_id":"9cc10173","resource_type":"database"}]}`
	resources := []droplets.TaggedResource{droplets.TaggedDroplet(9569411), droplets.TaggedImage(7555620), droplets.TaggedVolume("3d80cb72"),
		droplets.TaggedVolumeSnapshot("1f6f46e8"), {ResourceID: "9cc10173", ResourceType: "database"}}
	require.NoError(t, c.Tags.Assign(t.Context(), "env:prod", resources...))
	assert.Equal(t, http.MethodPost, a.last().Method)
	assert.Equal(t, "/v2/tags/env:prod/resources", a.last().Path)
	assert.JSONEq(t, body, a.last().Body)
	require.NoError(t, c.Tags.Unassign(t.Context(), "env:prod", resources...))
	assert.Equal(t, http.MethodDelete, a.last().Method)
	assert.Equal(t, "/v2/tags/env:prod/resources", a.last().Path)
	assert.JSONEq(t, body, a.last().Body)
	require.NoError(t, c.Tags.Delete(t.Context(), "PROD"))
	assert.Equal(t, "/v2/tags/PROD", a.last().Path, "the case is kept")
}

// The API's example of a tag has it in two objects with the key "tag"; its schema has one.
func TestDecodeTags(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, fixture(t, "tags_get.200")), respond(200, `{"tag":{"name":"web","resources":{"count":2,"droplets":{"count":2}}}}`),
		respond(200, `{"tag":{"resources":{"count":2}}}`), respond(200, `{"tag":{"tag":{}}}`)))
	tag, err := c.Tags.Get(t.Context(), "extra-awesome")
	require.NoError(t, err)
	assert.Equal(t, "extra-awesome", tag.Name)
	assert.Equal(t, 5, tag.Resources.Count)
	assert.Equal(t, "https://api.digitalocean.com/v2/images/7555620", tag.Resources.LastTaggedURI)
	assert.Equal(t, droplets.TagUsage{Count: 1, LastTaggedURI: "https://api.digitalocean.com/v2/droplets/3164444"}, tag.Resources.Droplets)
	assert.Equal(t, 1, tag.Resources.Databases.Count)
	tag, err = c.Tags.Get(t.Context(), "web")
	require.NoError(t, err)
	assert.Equal(t, &droplets.Tag{Name: "web", Resources: droplets.TagResources{TagUsage: droplets.TagUsage{Count: 2},
		Droplets: droplets.TagUsage{Count: 2}}}, tag)
	for range 2 {
		require.ErrorIs(t, second(c.Tags.Get(t.Context(), "web")), droplets.ErrInvalidResponse)
	}
}

func TestInvalidTags(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(500, "")))
	ctx := t.Context()
	droplet := droplets.TaggedDroplet(1)
	for _, name := range []string{"", " ", "a b", "a/b", ".", "..", "a.b", "é", "здорово", "a\n", "a%2fb", "\xff", strings.Repeat("a", 256)} {
		requireInvalid(t, second(c.Tags.Create(ctx, name)), "name")
		requireInvalid(t, second(c.Tags.Get(ctx, name)), "name")
		requireInvalid(t, c.Tags.Delete(ctx, name), "name")
		requireInvalid(t, c.Tags.Assign(ctx, name, droplet), "name")
		requireInvalid(t, c.Tags.Unassign(ctx, name, droplet), "name")
	}
	for name, tt := range map[string]struct {
		field     string
		resources []droplets.TaggedResource
	}{
		"no resources":       {"resources", nil},
		"Droplet 0":          {"resources[0].ResourceID", []droplets.TaggedResource{droplets.TaggedDroplet(0)}},
		"a negative image":   {"resources[1].ResourceID", []droplets.TaggedResource{droplet, droplets.TaggedImage(-1)}},
		"an ID with letters": {"resources[0].ResourceID", []droplets.TaggedResource{{ResourceID: "10a", ResourceType: droplets.TaggedResourceTypeDroplet}}},
		"a slug as an image": {"resources[0].ResourceID", []droplets.TaggedResource{{ResourceID: "ubuntu-24-04-x64", ResourceType: droplets.TaggedResourceTypeImage}}},
		"no volume":          {"resources[0].ResourceID", []droplets.TaggedResource{droplets.TaggedVolume("")}},
		"a blank snapshot":   {"resources[0].ResourceID", []droplets.TaggedResource{droplets.TaggedVolumeSnapshot(" ")}},
		"no type":            {"resources[0].ResourceType", []droplets.TaggedResource{{ResourceID: "1"}}},
		"nothing":            {"resources[0].ResourceType", []droplets.TaggedResource{{}}},
	} {
		t.Run(name, func(t *testing.T) {
			requireInvalid(t, c.Tags.Assign(ctx, "web", tt.resources...), tt.field)
			requireInvalid(t, c.Tags.Unassign(ctx, "web", tt.resources...), tt.field)
		})
	}
	requireInvalid(t, second(c.Tags.List(ctx, &droplets.ListOptions{Page: -1})), "Page")
	assert.Zero(t, a.count(), "no request was sent")
	_, c = newAPI(t, sequence(respond(204, "")))
	require.NoError(t, c.Tags.Delete(ctx, strings.Repeat("a", 255)))
}

func TestTagsOfTheFake(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3))
		c := api.Client()
		_, err := c.Tags.Create(t.Context(), "canary")
		require.NoError(t, err)
		all := api.Droplets()
		require.NoError(t, c.Tags.Assign(t.Context(), "canary", droplets.TaggedDroplet(all[0].ID), droplets.TaggedDroplet(all[2].ID)))
		require.NoError(t, c.Tags.Unassign(t.Context(), "canary", droplets.TaggedDroplet(all[2].ID)))
		require.NoError(t, c.Tags.Unassign(t.Context(), "canary", droplets.TaggedDroplet(all[2].ID)), "a Droplet that does not have the tag")
		tag, err := c.Tags.Get(t.Context(), "canary")
		require.NoError(t, err)
		assert.Equal(t, 1, tag.Resources.Droplets.Count)

		require.ErrorIs(t, c.Tags.Assign(t.Context(), "unknown", droplets.TaggedDroplet(all[0].ID)), droplets.ErrNotFound)
		require.ErrorIs(t, c.Tags.Assign(t.Context(), "canary", droplets.TaggedDroplet(1)), droplets.ErrNotFound)
		var names []string
		for tag, err := range c.Tags.All(t.Context(), &droplets.ListOptions{PerPage: 2}) {
			require.NoError(t, err)
			names = append(names, tag.Name)
		}
		assert.Contains(t, names, "canary")
		assert.Greater(t, len(names), 2)

		require.NoError(t, c.Tags.Delete(t.Context(), "canary"))
		require.ErrorIs(t, second(c.Tags.Get(t.Context(), "canary")), droplets.ErrNotFound)
		assert.Len(t, api.Droplets(), 3, "the Droplets are kept")
		assert.NotContains(t, api.Droplets()[0].Tags, "canary")
	})
}

// TestUnassignIsNotConfirmedByA404 removes a tag from two Droplets, of which one does not exist: the API rejects the request.
// After an attempt whose outcome is unknown, the 404 must not count as a success, because the other Droplet still has the tag.
// For a delete of the tag, it does count.
func TestUnassignIsNotConfirmedByA404(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		c := api.Client()
		d := api.Droplets()[0]
		require.NotEmpty(t, d.Tags)
		api.Respond(1, dropletstest.Match{Operation: "tags_unassign_resources"}, dropletstest.Fault{Status: 502})
		err := c.Tags.Unassign(t.Context(), d.Tags[0], droplets.TaggedDroplet(d.ID), droplets.TaggedDroplet(1))
		require.ErrorIs(t, err, droplets.ErrNotFound)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 2, countRequests(api, "tags_unassign_resources"))
		assert.Equal(t, d.Tags, api.Droplets()[0].Tags)

		api.Respond(1, dropletstest.Match{Operation: "tags_delete"}, dropletstest.Fault{Status: 502, Applied: true})
		require.NoError(t, c.Tags.Delete(t.Context(), d.Tags[0]))
		assert.Equal(t, 2, countRequests(api, "tags_delete"))
		assert.NotContains(t, api.Droplets()[0].Tags, d.Tags[0])
	})
}

// A change of a tag whose response is lost: Unassign is retried, Assign and Create are not.
func TestTagChangesAfterALostResponse(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for _, applied := range []bool{false, true} {
			api := dropletstest.New(dropletstest.WithDroplets(1))
			c := api.Client()
			d := api.Droplets()[0]
			for _, operation := range []string{"tags_unassign_resources", "tags_assign_resources", "tags_create"} {
				api.Respond(1, dropletstest.Match{Operation: operation}, dropletstest.Fault{Status: 504, Applied: applied})
			}
			require.NoError(t, c.Tags.Unassign(t.Context(), d.Tags[0], droplets.TaggedDroplet(d.ID)))
			assert.NotContains(t, api.Droplets()[0].Tags, d.Tags[0])

			require.ErrorIs(t, c.Tags.Assign(t.Context(), d.Tags[0], droplets.TaggedDroplet(d.ID)), droplets.ErrMaybeApplied)
			require.NoError(t, c.Tags.Assign(t.Context(), d.Tags[0], droplets.TaggedDroplet(d.ID)), "it is harmless to call it again")
			assert.Contains(t, api.Droplets()[0].Tags, d.Tags[0])

			require.ErrorIs(t, second(c.Tags.Create(t.Context(), "new")), droplets.ErrMaybeApplied)
			api.Respond(1, dropletstest.Match{Operation: "tags_create"}, dropletstest.Fault{Status: 504, Applied: applied})
			tag, err := c.Tags.Create(t.Context(), "new", droplets.ResendUncertain())
			require.NoError(t, err)
			assert.Equal(t, "new", tag.Name)
		}
	})
}

// The API has another error format for an invalid tag. Its text is the message.
func TestErrorOfAnInvalidTag(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(400, fixture(t, "tags_create.400")), respond(400, `{"error":{"code":7}}`),
		respond(400, `{"error":"no such tag","message":"no"}`), respond(404, `{"error":"no such tag"}`)))
	for _, want := range []string{"contains invalid characters", "", "no", "no such tag"} {
		_, err := c.Tags.Create(t.Context(), "web")
		e, ok := errors.AsType[*droplets.Error](err)
		require.True(t, ok)
		if want == "" {
			assert.Empty(t, e.Message)
		} else {
			assert.Contains(t, e.Message, want)
		}
		require.ErrorContains(t, err, e.Message)
		assert.NotErrorIs(t, err, droplets.ErrNotFound, "a 404 with this format is not from the API")
		requireOneLine(t, err)
	}
}

// TestCharactersOfTags has the first and the last character of each range, and those beside them.
func TestCharactersOfTags(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(204, "")))
	for _, valid := range "azAZ09_-:" {
		require.NoError(t, c.Tags.Delete(t.Context(), string(valid)))
	}
	assert.Equal(t, 9, a.count())
	for _, other := range "`{@[/;.,^" {
		requireInvalid(t, c.Tags.Delete(t.Context(), string(other)), "name")
	}
}
