package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
)

func TestPageDoesNotShowTheToken(t *testing.T) {
	body := get(t, newTestPage(t, dropletstest.New(dropletstest.WithToken("sesame")), "sesame"), "/").body
	assert.NotContains(t, body, "sesame")
	assert.Contains(t, body, "Bearer $TOKEN")
}

// newHostileAccount returns an account with a Droplet that has a hostile name, tag and address. The API would reject them in requests, but
// an edited state can have them.
func newHostileAccount(t *testing.T, hostile string) *dropletstest.API {
	t.Helper()
	saved := dropletstest.New(dropletstest.WithActionDuration(0))
	req := createRequest("placeholder")
	req.Tags = []string{"placeholder"}
	_, err := saved.Client().Droplets.Create(t.Context(), req)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, saved.WriteState(&b))
	quoted, err := json.Marshal(hostile)
	require.NoError(t, err)
	state := strings.NewReplacer(`"placeholder"`, string(quoted), `"198.18.0.2"`, string(quoted)).Replace(b.String())
	api := dropletstest.New()
	require.NoError(t, api.ReadState(strings.NewReader(state)))
	require.Equal(t, hostile, api.Droplets()[0].Name)
	return api
}

// TestPageEscapesTextsOfClients checks hostile texts in all fields that a client can set.
func TestPageEscapesTextsOfClients(t *testing.T) {
	const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(2)>`
	api := newHostileAccount(t, hostile)
	page := newTestPage(t, api, "")
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/v2/droplets", http.NoBody)
	r.Method, r.URL.Path, r.URL.RawQuery = hostile, "/v2/"+hostile, "name="+hostile
	r.Header.Set("User-Agent", hostile)
	page.ServeHTTP(httptest.NewRecorder(), r)
	api.Respond(1, dropletstest.Match{Operation: hostile, Path: hostile}, dropletstest.Fault{Header: http.Header{"Retry-After": {hostile}}})
	body := get(t, page, "/").body
	assert.NotContains(t, body, "<script>")
	assert.NotContains(t, body, "<img src=x")
	assert.NotContains(t, body, `"'>`)
	assert.GreaterOrEqual(t, strings.Count(body, "&lt;script&gt;alert(1)"), 8)
	assert.Contains(t, body, "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;</span> <span class=\"id\">", "the name")
}

func TestPageHeaders(t *testing.T) {
	page := newTestPage(t, dropletstest.New(), "")
	for _, target := range []string{"/", "/_fake/ui/fragments", "/_fake/ui/style.css", "/_fake/ui/script.js", "/_fake/ui/none"} {
		h := get(t, page, target).Header
		csp := h.Get("Content-Security-Policy")
		assert.Contains(t, csp, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'", target)
		assert.Contains(t, csp, "frame-ancestors 'none'", target)
		assert.NotContains(t, csp, "unsafe", target)
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), target)
		assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"), target)
	}
	body := get(t, page, "/").body
	assert.NotRegexp(t, `\sstyle=|\son\w+=|<style|javascript:|<script[^>]*>[^<]|(src|href)="(https?:)?//`, body,
		"nothing inline, and nothing from other servers")
}

// TestPageLeavesOtherPathsToTheAPI checks that requests that are not for the page have the same responses as without the page.
func TestPageLeavesOtherPathsToTheAPI(t *testing.T) {
	server := newTestServer(t, nil, "")
	server.api().Seed(1)
	page := newPage(server, server)
	for _, req := range [][2]string{{"POST", "/"}, {"GET", "/index.html"}, {"GET", "/favicon.ico"}, {"GET", "/_fake/uix"},
		{"GET", "/_fake/ui"}, {"GET", "//v2//droplets/"},
		{"GET", "/v2/droplets"}, {"DELETE", "/v2/droplets/1"}, {"GET", "/v2/../"}} {
		header := map[string]string{"Authorization": "Bearer x"}
		want := request(t, server, req[0], req[1], header, http.NoBody)
		got := request(t, page, req[0], req[1], header, http.NoBody)
		assert.Equal(t, want.StatusCode, got.StatusCode, req)
		assert.Equal(t, "application/json; charset=utf-8", got.Header.Get("Content-Type"), req)
		assert.Empty(t, got.Header.Get("Content-Security-Policy"), req)
	}
	head := request(t, page, http.MethodHead, "/", nil, http.NoBody)
	assert.Equal(t, http.StatusOK, head.StatusCode)
}
