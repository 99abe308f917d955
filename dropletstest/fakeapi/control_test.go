package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// controlResponse is a response with its body.
type controlResponse struct {
	status int
	header http.Header
	body   string
}

func (r controlResponse) decode(t *testing.T, v any) {
	t.Helper()
	require.Equal(t, http.StatusOK, r.status, r.body)
	require.NoError(t, json.Unmarshal([]byte(r.body), v), r.body)
}

// send sends a request with headers in the form "Name: value". Host sets the Host header.
func (p process) send(t *testing.T, method, path, body string, headers ...string) controlResponse {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	require.NoError(t, err)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
		if name == "Host" {
			req.Host = value
		}
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return controlResponse{resp.StatusCode, resp.Header, string(b)}
}

// control sends a request to the control API and requires that it succeeds.
func (p process) control(t *testing.T, method, path, body string) controlResponse {
	t.Helper()
	resp := p.send(t, method, path, body)
	require.Equal(t, http.StatusOK, resp.status, resp.body)
	assert.Equal(t, "application/json; charset=utf-8", resp.header.Get("Content-Type"))
	return resp
}

// names returns the names of the account's Droplets.
func names(t *testing.T, c *droplets.Client) []string {
	t.Helper()
	found := []string{}
	for d, err := range c.Droplets.All(t.Context(), nil) {
		require.NoError(t, err)
		found = append(found, d.Name)
	}
	return found
}

const manualClock = "manual@2030-01-02T03:04:05Z"

func TestReset(t *testing.T) {
	p := start(t, "-seed", "2", "-clock", manualClock, "-fault", "tags_list:503")
	c := p.client(t, "any")
	initial := p.control(t, "GET", "/_fake/state", "").body
	_, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	require.NoError(t, c.Droplets.Delete(t.Context(), 500000001))
	_, err = c.Tags.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrServer)
	p.control(t, "POST", "/_fake/clock", `{"advance": "1h"}`)
	p.control(t, "POST", "/_fake/fail-next-action", "")
	p.control(t, "POST", "/_fake/faults", `{"operation": "droplets_list", "status": 500, "always": true}`)

	assert.JSONEq(t, `{"droplets": 2, "now": "2030-01-02T03:04:05Z"}`, p.control(t, "POST", "/_fake/reset", "").body)
	assert.JSONEq(t, initial, p.control(t, "GET", "/_fake/state", "").body)
	assert.JSONEq(t, `{"requests": [], "total": 0}`, p.control(t, "GET", "/_fake/requests", "").body)
	assert.JSONEq(t, `{"entries": []}`, p.control(t, "GET", "/_fake/ledger", "").body)
	assert.JSONEq(t, `{"faults": [{"operation": "tags_list", "status": 503, "times": 1}]}`, p.control(t, "GET", "/_fake/faults", "").body)
	assert.Equal(t, []string{"droplet-00001", "droplet-00002"}, names(t, c))
	a, err := c.DropletActions.Reboot(t.Context(), 500000001)
	require.NoError(t, err)
	a, err = c.DropletActions.Get(t.Context(), 500000001, a.ID)
	require.NoError(t, err)
	assert.Equal(t, droplets.ActionStatusCompleted, a.Status, "the planned failure was forgotten")
	require.NoError(t, p.stop())
}

// TestResetWithSettings checks that every setting of an account can be replaced until the next reset.
func TestResetWithSettings(t *testing.T) {
	p := start(t, "-token", "sesame", "-clock", manualClock)
	c, other := p.client(t, "sesame"), p.client(t, "other")
	p.control(t, "POST", "/_fake/reset", `{"token": "other", "seed": 1, "droplet_limit": 2, "action_duration": "1m,reboot=5s",
		"lag": "visibility=10s", "clock": "manual@2031-01-01T00:00:00Z", "rate_limit": "0,8"}`)
	_, err := c.Droplets.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrUnauthorized)
	created, err := other.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	assert.Equal(t, 2031, created.Droplet.CreatedAt.Year())
	_, err = other.Droplets.Create(t.Context(), createRequest("b"))
	require.ErrorIs(t, err, droplets.ErrUnprocessable, "the limit of Droplets")
	_, err = other.Droplets.Get(t.Context(), created.Droplet.ID)
	require.ErrorIs(t, err, droplets.ErrNotFound, "the lag")
	a, err := other.DropletActions.Reboot(t.Context(), 500000001)
	require.NoError(t, err)
	p.control(t, "POST", "/_fake/clock", `{"advance": "10s"}`)
	a, err = other.Actions.Get(t.Context(), a.ID)
	require.NoError(t, err)
	assert.Equal(t, droplets.ActionStatusCompleted, a.Status)
	d, err := other.Droplets.Get(t.Context(), created.Droplet.ID)
	require.NoError(t, err)
	assert.Equal(t, droplets.DropletStatusNew, d.Status)
	for range 2 {
		_, err = other.Droplets.List(t.Context(), nil)
		require.NoError(t, err)
	}
	_, err = other.Droplets.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrRateLimited)

	p.control(t, "POST", "/_fake/reset", "{}")
	assert.Empty(t, names(t, c), "the settings of the command line apply again")
	require.NoError(t, p.stop())
}

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

// TestAdvanceRealClock checks that a program without -clock=manual can skip time too.
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
