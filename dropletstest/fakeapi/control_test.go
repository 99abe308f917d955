package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

func TestSeed(t *testing.T) {
	p := start(t)
	c := p.client(t, "any")
	var added struct{ Droplets []droplets.Droplet }
	p.control(t, "POST", "/_fake/seed", `{"count": 2, "images": [{"slug": "docker-18-04"}],
		"droplets": [{"name": "old", "image": {"slug": "docker-18-04"}, "tags": ["web"], "status": "off"}]}`).decode(t, &added)
	require.Len(t, added.Droplets, 3)
	d, err := c.Droplets.Get(t.Context(), added.Droplets[2].ID)
	require.NoError(t, err)
	assert.Equal(t, added.Droplets[2], *d)
	assert.Equal(t, []any{"old", "docker-18-04", droplets.DropletStatusOff}, []any{d.Name, d.Image.Slug, d.Status})
	assert.Equal(t, []string{"droplet-00001", "droplet-00002", "old"}, names(t, c))
	require.NoError(t, p.stop())
}

func TestRequests(t *testing.T) {
	p := start(t, "-clock", manualClock)
	c := p.client(t, "secret")
	_, err := c.Droplets.List(t.Context(), &droplets.DropletListOptions{Name: "a b"})
	require.NoError(t, err)
	_, err = c.Tags.Create(t.Context(), "web")
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, p.send(t, "PUT", "/v2/images/1", "\xff", "Authorization: Bearer any").status)

	type log struct {
		Requests []loggedRequest
		Total    int
	}
	get := func(query string) (l log) {
		p.control(t, "GET", "/_fake/requests"+query, "").decode(t, &l)
		return l
	}
	operations := func(l log) (all []string) {
		for _, r := range l.Requests {
			all = append(all, r.Operation)
		}
		return all
	}
	all := get("")
	assert.Equal(t, []string{"droplets_list", "tags_create", "images_update"}, operations(all))
	first, second, third := all.Requests[0], all.Requests[1], all.Requests[2]
	assert.Equal(t, []any{"GET", "/v2/droplets", "a b", 200, "2030-01-02T03:04:05Z"},
		[]any{first.Method, first.Path, first.Query.Get("name"), first.Status, first.Time.Format("2006-01-02T15:04:05Z07:00")})
	assert.JSONEq(t, `{"name": "web"}`, second.Body)
	assert.Equal(t, "REDACTED", second.Headers.Get("Authorization"))
	assert.Equal(t, []byte("\xff"), third.BodyBase64)
	assert.Empty(t, third.Body)

	assert.Equal(t, []string{"tags_create"}, operations(get("?operation=tags_create")))
	assert.Equal(t, []string{"tags_create"}, operations(get("?method=post")))
	assert.Equal(t, []string{"images_update"}, operations(get("?path=/v2/images/*")))
	assert.Empty(t, get("?path=/v2/images&method=PUT").Requests)
	newest := get("?limit=1")
	assert.Equal(t, []string{"images_update"}, operations(newest))
	assert.Equal(t, 3, newest.Total)
	assert.Empty(t, get("?limit=0").Requests)
	require.NoError(t, p.stop())
	assert.NotContains(t, p.log.String(), "secret")
}

func TestLedger(t *testing.T) {
	p := start(t, "-clock", manualClock)
	c := p.client(t, "any")
	created, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	require.NoError(t, c.Droplets.Delete(t.Context(), created.Droplet.ID))
	assert.JSONEq(t, `{"entries": [
		{"kind": "create", "time": "2030-01-02T03:04:05Z", "droplet_id": 500000001, "name": "a",
		 "request_id": "4d9d8375-3c56-4925-a3e7-000000000001", "operation": "droplets_create"},
		{"kind": "delete", "time": "2030-01-02T03:04:05Z", "droplet_id": 500000001, "name": "a",
		 "request_id": "4d9d8375-3c56-4925-a3e7-000000000002", "operation": "droplets_destroy"}]}`,
		p.control(t, "GET", "/_fake/ledger", "").body)
	require.NoError(t, p.stop())
}

func TestClock(t *testing.T) {
	p := start(t, "-clock", manualClock, "-action-duration", "55s")
	c := p.client(t, "any")
	created, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	status := func() droplets.DropletStatus {
		d, err := c.Droplets.Get(t.Context(), created.Droplet.ID)
		require.NoError(t, err)
		return d.Status
	}
	p.control(t, "POST", "/_fake/clock", `{"advance": "54s"}`)
	assert.Equal(t, droplets.DropletStatusNew, status())
	assert.JSONEq(t, `{"now": "2030-01-02T03:05:00Z", "manual": true}`, p.control(t, "POST", "/_fake/clock", `{"advance": "1s"}`).body)
	assert.JSONEq(t, `{"now": "2030-01-02T03:05:00Z", "manual": true}`, p.control(t, "GET", "/_fake/clock", "").body)
	assert.Equal(t, droplets.DropletStatusActive, status())
	require.NoError(t, p.stop())
}

// TestAdvanceRealClock checks that the clock can be advanced without -clock=manual.
func TestAdvanceRealClock(t *testing.T) {
	p := start(t, "-action-duration", "10h")
	c := p.client(t, "any")
	created, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	var now struct{ Manual bool }
	p.control(t, "POST", "/_fake/clock", `{"advance": "10h"}`).decode(t, &now)
	assert.False(t, now.Manual)
	d, err := c.Droplets.Get(t.Context(), created.Droplet.ID)
	require.NoError(t, err)
	assert.Equal(t, droplets.DropletStatusActive, d.Status)
	require.NoError(t, p.stop())
}

func TestState(t *testing.T) {
	p := start(t, "-seed", "1", "-clock", manualClock)
	c := p.client(t, "any")
	saved := p.control(t, "GET", "/_fake/state", "").body
	_, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	assert.JSONEq(t, `{"droplets": 1, "now": "2030-01-02T03:04:05Z"}`, p.control(t, "PUT", "/_fake/state", saved).body)
	assert.JSONEq(t, saved, p.control(t, "GET", "/_fake/state", "").body)
	assert.Equal(t, []string{"droplet-00001"}, names(t, c))
	require.NoError(t, p.stop())
}
