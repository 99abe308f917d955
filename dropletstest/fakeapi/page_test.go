package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestPageShowsTheAccount(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithRateLimit(250, 5000), dropletstest.WithActionDuration(20*time.Second))
		c := api.Client(droplets.WithRetryPolicy(droplets.RetryPolicy{}))
		req := createRequest("web-1")
		req.IPv6, req.Tags = true, []string{"blue"}
		created, err := c.Droplets.CreateAndWait(t.Context(), req)
		require.NoError(t, err)
		public, _ := created.PublicIPv4()
		private, _ := created.PrivateIPv4()
		ipv6, _ := created.PublicIPv6()
		_, err = c.DropletActions.Initiate(t.Context(), created.ID, droplets.PowerOffRequest{})
		require.NoError(t, err)
		_, err = c.Droplets.Get(t.Context(), 1)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakAnswer})
		_, err = c.Droplets.List(t.Context(), &droplets.DropletListOptions{TagName: "blue"})
		require.Error(t, err)
		<-time.After(5 * time.Second)

		resp := get(t, newTestPage(t, api, ""), "/")
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		text := plainText(resp.body)
		for _, want := range []string{
			"Droplets 3 3 active Price per month $24.00",
			fmt.Sprintf("web-1 %d blue active locked s-1vcpu-1gb 1 vCPU · 1 GB · 25 GB disk nyc3 public %s private %s IPv6 %s $6.00",
				created.ID, public, private, ipv6),
			"power_off droplet " + fmt.Sprint(created.ID) + " 5.0 s of 20 s in-progress",
			"create droplet " + fmt.Sprint(created.ID) + " took 20 s completed",
			"GET /v2/droplets/1 droplets_get",
			"GET /v2/droplets?tag_name=blue droplets_list",
			"broken",
			"of 250 per minute", "of 5,000 per hour",
			time.Now().UTC().Format("15:04:05"),
		} {
			assert.Contains(t, text, want)
		}
		assert.Contains(t, resp.body, `<progress value="5.0" max="20.0" aria-label="power_off of droplet `)
		assert.Contains(t, resp.body, `<span class="badge warn">404</span>`)
		assert.Contains(t, resp.body, `<span class="badge bad">broken</span>`)
		assert.NotContains(t, text, "There are no")
	})
}

func TestPageOfAnEmptyAccount(t *testing.T) {
	text := get(t, newTestPage(t, dropletstest.New(), ""), "/").body
	assert.Contains(t, text, "curl -X POST http://localhost:8080/v2/droplets")
	assert.Contains(t, text, "Bearer "+dropletstest.Token)
	assert.Contains(t, text, "There are no actions.")
	assert.Contains(t, text, "There are no requests.")
	assert.Contains(t, text, "not enforced")
}

func TestListsOfThePageAreLimited(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(10_000), dropletstest.WithActionDuration(0))
	page := newTestPage(t, api, "")
	c := api.Client()
	for range 60 {
		_, err := c.DropletActions.Initiate(t.Context(), 500_000_001, droplets.RebootRequest{})
		require.NoError(t, err)
	}
	body := get(t, page, "/").body
	assert.Equal(t, 100, strings.Count(body, `<tr id="droplet-`))
	assert.Equal(t, 20, strings.Count(body, `<li id="action-`))
	assert.Equal(t, 50, strings.Count(body, `<tr id="request-`))
	text := plainText(body)
	assert.Contains(t, text, "Droplets 100 of 10,000, the newest first")
	assert.Contains(t, text, "Actions 20 of 60, the newest first")
	assert.Contains(t, text, "Requests 50 of 60, the newest first")
	assert.Contains(t, text, "droplet-10000")
	assert.NotContains(t, text, "droplet-09900")
	assert.Contains(t, text, "Price per month $150,000.00")
}

// TestPageDoesNotAllocateForDropletsThatItDoesNotShow compares the allocations of the page for 10,000 Droplets with those for the 100 that
// it shows.
func TestPageDoesNotAllocateForDropletsThatItDoesNotShow(t *testing.T) {
	allocations := func(n int) float64 {
		page := newTestPage(t, dropletstest.New(dropletstest.WithDroplets(n)), "")
		return testing.AllocsPerRun(5, func() { get(t, page, "/_fake/ui/fragments") })
	}
	assert.InEpsilon(t, allocations(100), allocations(10_000), 0.1)
}

func BenchmarkPage(b *testing.B) {
	page := newTestPage(b, dropletstest.New(dropletstest.WithDroplets(10_000)), "")
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "http://localhost/", http.NoBody)
	for b.Loop() {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		require.Equal(b, http.StatusOK, w.Code)
	}
}

var versions = regexp.MustCompile(`<div id="(\w+)" class="fragment" data-version="(\w+)">`)

func TestFragments(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		page := newTestPage(t, api, "")
		query := "?"
		var ids []string
		for _, match := range versions.FindAllStringSubmatch(get(t, page, "/").body, -1) {
			ids = append(ids, match[1])
			query += match[1] + "=" + match[2] + "&"
		}
		assert.Equal(t, []string{"summary", "planned", "droplets", "actions", "requests"}, ids)
		assert.Empty(t, get(t, page, "/_fake/ui/fragments"+query).body, "nothing changed")

		api.FailNextAction()
		resp := get(t, page, "/_fake/ui/fragments"+query)
		assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		changed := versions.FindAllStringSubmatch(resp.body, -1)
		require.Len(t, changed, 1, resp.body)
		assert.Equal(t, "planned", changed[0][1])
		assert.Contains(t, resp.body, "Next action fails")

		<-time.After(time.Second)
		changed = versions.FindAllStringSubmatch(get(t, page, "/_fake/ui/fragments"+query).body, -1)
		require.Len(t, changed, 2)
		assert.Equal(t, "summary", changed[0][1], "the clock")
		assert.Empty(t, api.Requests(), "the page sends no requests to the API")
	})
}

func TestAssets(t *testing.T) {
	page := newTestPage(t, dropletstest.New(), "")
	for name, contentType := range map[string]string{"colors.css": "text/css; charset=utf-8", "style.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8",
		"morph.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		resp := get(t, page, "/_fake/ui/"+name)
		assert.Equal(t, http.StatusOK, resp.StatusCode, name)
		assert.Equal(t, contentType, resp.Header.Get("Content-Type"), name)
		assert.Equal(t, "no-cache", resp.Header.Get("Cache-Control"), name)
		content, err := os.ReadFile(filepath.Join("page", name))
		require.NoError(t, err)
		assert.Equal(t, string(content), resp.body, name)
		again := request(t, page, http.MethodGet, "/_fake/ui/"+name, map[string]string{"If-None-Match": resp.Header.Get("Etag")}, http.NoBody)
		assert.Equal(t, http.StatusNotModified, again.StatusCode, name)
	}
	assert.Equal(t, http.StatusNotFound, get(t, page, "/_fake/ui/page.go").StatusCode)
	assert.Equal(t, http.StatusMethodNotAllowed, request(t, page, http.MethodPost, "/_fake/ui/style.css", nil, http.NoBody).StatusCode)
}

// TestPageWithoutScripts checks that browsers without scripts reload the page, and that reloading can be switched off.
func TestPageWithoutScripts(t *testing.T) {
	page := newTestPage(t, dropletstest.New(), "")
	const reload = `<noscript><meta http-equiv="refresh" content="5; url=/"></noscript>`
	body := get(t, page, "/").body
	assert.Contains(t, body, reload)
	assert.Contains(t, body, `href="/?refresh=off"`)
	body = get(t, page, "/?refresh=off").body
	assert.NotContains(t, body, "http-equiv")
	assert.Contains(t, body, `<a class="button" href="/">Start</a>`)
}
