package server_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/server"
)

const policy = `{"policy":{"droplet_id":1,"backup_enabled":true,"backup_policy":{"plan":"weekly","weekday":"SUN","hour":20,` +
	`"window_length_hours":4,"retention_period_days":28},"next_backup_window":null}}`

// upstream is a server that calls respond for each request, and keeps the last request. Use it from one goroutine.
type upstream struct {
	*httptest.Server
	respond http.HandlerFunc
	got     *http.Request
	body    string
}

func newUpstream(t *testing.T) *upstream {
	t.Helper()
	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		u.got, u.body = r, string(b)
		u.respond(w, r)
	}))
	t.Cleanup(u.Close)
	return u
}

// jsonResponse returns a handler that responds with JSON. header contains pairs of names and values; an empty value removes a header.
func jsonResponse(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, name := range []string{"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"} {
			w.Header().Set(name, "5")
		}
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
			if header[i+1] == "" {
				w.Header().Del(header[i])
			}
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// TestProxyChecksBothDirections checks the findings of requests and responses, and that the proxy changes neither.
func TestProxyChecksBothDirections(t *testing.T) {
	t.Parallel()
	up := newUpstream(t)
	proxy := newProxy(t, up.URL)
	getPolicy := request{"GET", "/v2/droplets/1/backups/policy", "", nil}
	getOne, list := request{"GET", "/v2/droplets/1", "", nil}, request{"GET", "/v2/droplets", "", nil}
	none := []string{}
	for _, c := range []struct {
		name string
		request
		status            int
		response          string
		header            []string
		violations, lints []string
	}{
		{"good", getPolicy, 200, policy, nil, none, none},
		{"good error", getOne, 404, `{"id":"not_found","message":"m"}`, nil, none, none},
		{"no content", request{"DELETE", "/v2/droplets/1", "", nil}, 204, "", nil, none, none},
		{"body is forwarded", request{"POST", actions, `{"type": "rename",  "name":"a"}`, nil}, 201, `{"action":{"id":1,"status":"in-progress"}}`, nil, none, none},
		{"pool list without pages", request{"GET", "/v2/droplets/autoscale", "", nil}, 200, `{"autoscale_pools":[],"links":{"pages":null},"meta":{"total":0}}`, nil, none, none},
		{"tag with images", request{"GET", "/v2/tags/a", "", nil}, 200, `{"tag":{"name":"a","resources":{"count":1,"images":{"count":1}}}}`, nil, none, none},
		{"type", getPolicy, 200, strings.Replace(policy, `"hour":20`, `"hour":"20"`, 1), nil, []string{"body allOf"}, none},
		{"enum", getPolicy, 200, strings.Replace(policy, "SUN", "Sunday", 1), nil, []string{"body allOf"}, none},
		{"required", request{"GET", "/v2/images/1", "", nil}, 200, `{}`, nil, []string{"body required"}, none},
		{"error without its fields", getOne, 404, `{"error":"x"}`, nil, []string{"body required", "body required"}, []string{"body unknown-property"}},
		{"HTML", getOne, 200, `<html>`, []string{"Content-Type", "text/html"}, []string{"header decode"}, none},
		{"not JSON", getOne, 200, `{`, nil, []string{"body decode"}, none},
		{"two values", getPolicy, 200, policy + " {}", nil, []string{"body json"}, none},
		{"duplicate key", getPolicy, 200, strings.Replace(policy, `"plan":`, `"plan":"daily","plan":`, 1), nil, []string{"body json"}, none},
		{"body although none is declared", request{"POST", destroy + "/retry", "", nil}, 202, `{}`, nil, []string{"body no-content"}, none},
		{"missing body", getOne, 200, "", nil, []string{"body empty"}, none},
		{"header", getPolicy, 200, policy, []string{"ratelimit-reset", "soon"}, []string{"header decode"}, none},
		{"headers and body", getPolicy, 200, strings.Replace(policy, `"droplet_id":1`, `"droplet_id":"1"`, 1),
			[]string{"ratelimit-reset", "soon", "ratelimit-limit", "x"}, []string{"body type", "header decode", "header decode"}, none},
		{"invalid request", request{"GET", "/v2/droplets?per_page=500", "", nil}, 200, `{"droplets":[],"meta":{"total":0}}`, nil, []string{"query maximum"}, none},
		{"unknown path", request{"GET", "/v2/nothing?x=1", "", nil}, 404, `{}`, nil, []string{"route path"}, none},
		{"unknown method", request{"PATCH", "/v2/droplets/1", `{"a":1}`, nil}, 405, `{}`, nil, []string{"route method"}, none},
		{"unknown field", list, 200, `{"droplets":[],"meta":{"total":0},"extra":1}`, nil, none, []string{"body unknown-property"}},
		{"undeclared status", list, 418, `{"id":"t","message":"m"}`, nil, none, []string{"status undeclared-status"}},
		{"missing header", getPolicy, 200, policy, []string{"ratelimit-limit", ""}, none, []string{"header missing-header"}},
		{"total", request{"GET", "/v2/tags", "", nil}, 200, `{"tags":[{"name":"a"},{"name":"b"}],"meta":{"total":1}}`, nil, none, []string{"body total"}},
		{"page size", request{"GET", "/v2/tags?per_page=1", "", nil}, 200, `{"tags":[{"name":"a"},{"name":"b"}],"meta":{"total":2}}`, nil, none, []string{"body page-size"}},
		{"escaped path", request{"DELETE", "/v2/tags/a%3Ab", "", nil}, 204, "", nil, none, none},
	} {
		t.Run(c.name, func(t *testing.T) {
			up.respond = jsonResponse(c.status, c.response, c.header...)
			resp, e := proxy.send(t, c.request)
			assert.Equal(t, c.violations, rules(e.Violations), e.Violations)
			assert.Equal(t, c.lints, rules(e.Lints), e.Lints)
			assert.Equal(t, c.status, resp.Code)
			assert.Equal(t, c.response, resp.Body.String())
			assert.Equal(t, c.method+" "+c.path+" "+c.body, up.got.Method+" "+up.got.RequestURI+" "+up.body)
			assert.Equal(t, "example.com", up.got.Host, "links would not point to the proxy")
			assert.Equal(t, "Bearer secret-token", up.got.Header.Get("Authorization"))
			assert.Equal(t, "conformance-test/1", up.got.UserAgent())
			assert.Equal(t, len(c.violations)+len(c.lints) > 0 && c.response != "", e.Response != "")
		})
	}
}

func TestProxyForwardsGzip(t *testing.T) {
	t.Parallel()
	up := newUpstream(t)
	proxy := newProxy(t, up.URL+"/prefix/")
	for body, want := range map[string][]string{gzipped(t, policy): {}, gzipped(t, `{"policy":{"droplet_id":"x"}}`): {"body type"}, "not gzip": {"body encoding"}} {
		up.respond = func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
			assert.Equal(t, "/prefix/v2/droplets/1/backups/policy", r.URL.Path)
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		}
		resp, e := proxy.send(t, request{"GET", "/v2/droplets/1/backups/policy", "", []string{"Accept-Encoding", "gzip"}})
		assert.Equal(t, want, rules(e.Violations), e.Violations)
		assert.Equal(t, "gzip", resp.Header().Get("Content-Encoding"))
		assert.Equal(t, body, resp.Body.String())
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestProxyReportsAnUnreachableUpstream(t *testing.T) {
	t.Parallel()
	up := newUpstream(t)
	proxy := newProxy(t, up.URL)
	up.Close()
	resp, e := proxy.send(t, request{"GET", "/v2/droplets", "", nil})
	assert.Equal(t, http.StatusBadGateway, resp.Code)
	assert.Equal(t, []string{"status upstream"}, rules(e.Violations))
}

func TestProxyRejectsOtherMachines(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{"http://192.0.2.1": false, "http://example.com": false, "ftp://127.0.0.1": false, "": false,
		"http://127.0.0.1:8080": true, "http://[::1]:80/v2": true, "https://localhost": true} {
		u, err := url.Parse(text)
		require.NoError(t, err)
		_, err = server.Proxy(load(t), server.NewLog(io.Discard), u)
		assert.Equal(t, ok, err == nil, text)
	}
}
