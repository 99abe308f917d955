package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// endless is a body without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func discardLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

// serveInProcess sends a request to a server. The status is 0 if a fault breaks the connection.
func serveInProcess(ctx context.Context, srv http.Handler, method, path, body string) (w *httptest.ResponseRecorder) {
	r := httptest.NewRequestWithContext(ctx, method, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer any")
	w = httptest.NewRecorder()
	defer func() {
		if cause := recover(); cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it in the same way
			w.Code = 0
		} else if cause != nil {
			panic(cause)
		}
	}()
	srv.ServeHTTP(w, r)
	return w
}

// useAccount sends requests of many kinds, also after a day, so that a damaged account would panic.
func useAccount(t require.TestingT, srv http.Handler) {
	send := func(method, path, body string) *httptest.ResponseRecorder {
		w := serveInProcess(context.Background(), srv, method, path, body)
		require.NotEqual(t, 500, w.Code, "%s %s: %s", method, path, w.Body)
		return w
	}
	var list struct{ Droplets []droplets.Droplet }
	require.NoError(t, json.Unmarshal(send("GET", "/v2/droplets?per_page=3", "").Body.Bytes(), &list))
	send("POST", "/v2/droplets", createBody)
	for _, path := range []string{"/v2/droplets?type=gpus", "/v2/actions", "/v2/images?private=true", "/v2/snapshots", "/v2/tags", "/v2/account/keys",
		"/v2/droplets/backups/policies", "/v2/reports/droplet_neighbors_ids", "/v2/sizes", "/v2/regions", "/v2/vpcs", "/v2/volumes",
		"/v2/firewalls", "/v2/reserved_ips", "/v2/droplets/autoscale"} {
		send("GET", path, "")
	}
	for _, d := range list.Droplets {
		path := "/v2/droplets/" + strconv.FormatInt(d.ID, 10)
		for _, suffix := range []string{"", "/actions", "/snapshots", "/backups", "/backups/policy", "/kernels", "/firewalls", "/neighbors",
			"/destroy_with_associated_resources", "/destroy_with_associated_resources/status"} {
			send("GET", path+suffix, "")
		}
		send("POST", path+"/actions", `{"type": "snapshot"}`)
	}
	send("POST", "/_fake/clock", `{"advance": "26h"}`)
	for _, d := range list.Droplets {
		send("DELETE", "/v2/droplets/"+strconv.FormatInt(d.ID, 10)+"/destroy_with_associated_resources/selective", "{}")
	}
	send("POST", "/_fake/clock", `{"advance": "1m"}`)
}

// changingEndpoints are the endpoints that change something.
func changingEndpoints() (changing []endpoint) {
	for _, e := range controlEndpoints() {
		if e.method != http.MethodGet {
			changing = append(changing, e)
		}
	}
	return changing
}

func newFuzzedServer(t require.TestingT) *server {
	account := accountSettings{ActionDuration: "1s", Clock: manualClock, Seed: 2, DropletLimit: 10}
	srv, err := newServer(settings{addr: "127.0.0.1:0", account: account}, nil, discardLog())
	require.NoError(t, err)
	return srv
}

// validRequest is a request that the control API accepts.
type validRequest struct{ method, path, body string }

// validRequests returns requests with bodies for all endpoints that change something. The last one has the state of an account with objects
// of every kind.
func validRequests(t require.TestingT) []validRequest {
	const everything = `{"count": 1,
		"droplets": [{"id": 7, "region": {"slug": "fra1"}, "features": ["backups"], "tags": ["a"], "created_at": "2020-01-01T00:00:00Z"}],
		"volumes": [{"name": "a", "region": "fra1", "size_gigabytes": 1, "droplet_id": 7, "snapshots": ["b"]}], "backups": [{"droplet_id": 7}],
		"neighbors": [[7, 500000001]], "vpcs": [{"name": "v", "region": "fra1"}], "reserved_ips": [{"droplet_id": 7}],
		"firewalls": [{"droplet_ids": [7], "inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["0.0.0.0/0"], "tags": ["a"]}}]}],
		"images": [{"slug": "x", "id": 9, "tags": ["t"], "regions": ["nyc3"]}], "ssh_keys": [{"name": "a", "public_key": "ssh-rsa AAAA"}]}`
	requests := []validRequest{
		{"POST", "/_fake/seed", everything},
		{"POST", "/_fake/clock", `{"advance": "1h"}`},
		{"POST", "/_fake/faults", `{"status": 503, "headers": {"Retry-After": "1"}, "delay": "1s", "times": 2}`},
		{"POST", "/_fake/faults", `{"operation": "droplets_list", "method": "GET", "path": "/v2/*", "always": true, "applied": true, "break": "body", "body": "x"}`},
		{"DELETE", "/_fake/faults", "{}"},
		{"POST", "/_fake/fail-next-action", `{"type": "snapshot", "nth": 2}`},
		{"POST", "/_fake/fail-next-destroy", `{"resource_id": "500000001", "message": "no"}`},
		{"POST", "/_fake/ignore-shutdown", `{"droplet_ids": [500000001]}`},
		{"POST", "/_fake/reset", `{"lag": "status=1s", "clock": "manual", "token": "", "seed": 1, "rate_limit": "9", "action_duration": "1s", "droplet_limit": 9}`},
	}
	srv := newFuzzedServer(t)
	ctx := context.Background()
	for _, step := range [][3]string{
		{"POST", "/_fake/seed", everything},
		{"POST", "/v2/droplets/7/actions", `{"type": "snapshot"}`},
		{"POST", "/_fake/clock", `{"advance": "1h"}`},
		{"POST", "/v2/droplets/7/actions", `{"type": "shutdown"}`},
		{"POST", "/v2/images", `{"name": "i", "url": "https://example.com/i", "region": "nyc3"}`},
		{"POST", "/v2/droplets", createBody},
		{"DELETE", "/v2/droplets/500000001/destroy_with_associated_resources/selective", "{}"},
	} {
		require.Less(t, serveInProcess(ctx, srv, step[0], step[1], step[2]).Code, 300, step)
	}
	return append(requests, validRequest{"PUT", "/_fake/state", serveInProcess(ctx, srv, "GET", "/_fake/state", "").Body.String()})
}

// checkControl sends a body to an endpoint. The response must be a success or a 400 that is JSON, and the account must be usable
// afterwards, with a state that can be loaded.
func checkControl(t require.TestingT, method, path, body string) (accepted bool) {
	srv := newFuzzedServer(t)
	w := serveInProcess(context.Background(), srv, method, path, body)
	require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code, w.Body)
	require.True(t, json.Valid(w.Body.Bytes()), w.Body)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	serveInProcess(ended, srv, "GET", "/v2/droplets", "") // meets planned faults; its context has ended, so that it is not delayed
	serveInProcess(context.Background(), srv, "DELETE", "/_fake/faults", "")
	useAccount(t, srv)
	saved := serveInProcess(context.Background(), srv, "GET", "/_fake/state", "")
	require.Equal(t, http.StatusOK, saved.Code, saved.Body)
	loaded := serveInProcess(context.Background(), srv, "PUT", "/_fake/state", saved.Body.String())
	require.Equal(t, http.StatusOK, loaded.Code, loaded.Body)
	return w.Code == http.StatusOK
}

// FuzzControl sends any body to any endpoint that changes something.
func FuzzControl(f *testing.F) {
	changing := changingEndpoints()
	for i := range changing {
		f.Add(uint8(i), "")
		for _, valid := range validRequests(f) {
			f.Add(uint8(i), valid.body)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, body string) {
		e := changing[int(n)%len(changing)]
		checkControl(t, e.method, e.path, body)
	})
}
