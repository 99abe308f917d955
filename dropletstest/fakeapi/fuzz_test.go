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

// useAccount sends requests of many kinds, also after a day, so that an account that is damaged panics.
func useAccount(t *testing.T, srv http.Handler) {
	t.Helper()
	send := func(method, path, body string) *httptest.ResponseRecorder {
		w := serveInProcess(t.Context(), srv, method, path, body)
		require.NotEqual(t, 500, w.Code, "%s %s: %s", method, path, w.Body)
		return w
	}
	var list struct{ Droplets []droplets.Droplet }
	require.NoError(t, json.Unmarshal(send("GET", "/v2/droplets?per_page=3", "").Body.Bytes(), &list))
	send("POST", "/v2/droplets", createBody)
	for _, path := range []string{"/v2/droplets?type=gpus", "/v2/actions", "/v2/images?private=true", "/v2/snapshots", "/v2/tags", "/v2/account/keys",
		"/v2/droplets/backups/policies", "/v2/reports/droplet_neighbors_ids", "/v2/sizes", "/v2/regions"} {
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

// FuzzControl sends any body to any endpoint that changes something. The response must be a success or a 400 that is JSON, and the
// account must be usable, with a state that can be loaded.
func FuzzControl(f *testing.F) {
	var changing []endpoint
	for _, e := range controlEndpoints() {
		if e.method != http.MethodGet {
			changing = append(changing, e)
		}
	}
	account := accountSettings{ActionDuration: "1s", Clock: manualClock, Seed: 2, DropletLimit: 10}
	srv, err := newServer(settings{addr: "127.0.0.1:0", account: account}, nil, discardLog())
	require.NoError(f, err)
	state := serveInProcess(f.Context(), srv, "GET", "/_fake/state", "").Body.String()
	for i := range changing {
		for _, body := range []string{"", "{}", `{"count": 3}`, `{"advance": "1h"}`, `{"status": 503, "headers": {"Retry-After": "1"}, "delay": "1s"}`,
			`{"type": "snapshot", "nth": 2}`, `{"resource_id": "500000001"}`, `{"droplet_ids": [500000001]}`, `{"lag": "status=1s", "clock": "manual"}`,
			`{"droplets": [{"id": 7, "region": {"slug": "fra1"}, "features": ["backups"]}], "volumes": [{"name": "a", "region": "fra1", "size_gigabytes": 1,
			"droplet_id": 7, "snapshots": ["b"]}], "backups": [{"droplet_id": 7}], "neighbors": [[7, 500000001]], "reserved_ips": [{"droplet_id": 7}],
			"firewalls": [{"droplet_ids": [7]}], "images": [{"slug": "x"}], "ssh_keys": [{"name": "a", "public_key": "ssh-rsa AAAA"}]}`, state} {
			f.Add(uint8(i), body)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, body string) {
		srv, err := newServer(settings{addr: "127.0.0.1:0", account: account}, nil, discardLog())
		require.NoError(t, err)
		e := changing[int(n)%len(changing)]
		w := serveInProcess(t.Context(), srv, e.method, e.path, body)
		require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code, w.Body)
		require.True(t, json.Valid(w.Body.Bytes()), w.Body)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		serveInProcess(ended, srv, "GET", "/v2/droplets", "") // with the faults, but without their delays
		serveInProcess(t.Context(), srv, "DELETE", "/_fake/faults", "")
		useAccount(t, srv)
		saved := serveInProcess(t.Context(), srv, "GET", "/_fake/state", "")
		require.Equal(t, http.StatusOK, saved.Code, saved.Body)
		loaded := serveInProcess(t.Context(), srv, "PUT", "/_fake/state", saved.Body.String())
		require.Equal(t, http.StatusOK, loaded.Code, loaded.Body)
	})
}
