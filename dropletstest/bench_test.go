package dropletstest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// discardWriter discards a response except for its status, so that a benchmark measures only the API.
type discardWriter struct {
	header http.Header
	status int
}

func (d *discardWriter) Header() http.Header         { return d.header }
func (d *discardWriter) WriteHeader(status int)      { d.status = status }
func (d *discardWriter) Write(b []byte) (int, error) { return len(b), nil }

func BenchmarkPageOf200(b *testing.B) {
	api := dropletstest.New(dropletstest.WithDroplets(10_000))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, fmt.Sprintf("/v2/droplets?per_page=200&page=%d", i%50+1), http.NoBody)
		req.Header.Set("Authorization", "Bearer "+dropletstest.Token)
		w := discardWriter{header: make(http.Header)}
		api.ServeHTTP(&w, req)
		require.Equal(b, http.StatusOK, w.status)
	}
}

func BenchmarkGet(b *testing.B) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	path := fmt.Sprintf("/v2/droplets/%d", api.Droplets()[0].ID)
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, http.NoBody)
		req.Header.Set("Authorization", "Bearer "+dropletstest.Token)
		w := discardWriter{header: make(http.Header)}
		api.ServeHTTP(&w, req)
		require.Equal(b, http.StatusOK, w.status)
	}
}

// BenchmarkCreate1000 creates a thousand Droplets and reads each of their actions.
func BenchmarkCreate1000(b *testing.B) {
	for b.Loop() {
		api := dropletstest.New(dropletstest.WithActionDuration(0))
		tr := api.Transport()
		for i := range 1000 {
			body := fmt.Sprintf(`{"name":"d%d","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64"}`, i)
			send(b, tr, http.MethodPost, "/v2/droplets", body)
		}
		for i := range 1000 {
			send(b, tr, http.MethodGet, fmt.Sprintf("/v2/actions/%d", 3169590176+int64(i)), "")
		}
	}
}

// send sends a request, and fails if the response is not a success.
func send(tb testing.TB, tr http.RoundTripper, method, path, body string) {
	req, err := http.NewRequestWithContext(context.Background(), method, "https://dropletstest.invalid"+path, strings.NewReader(body))
	require.NoError(tb, err)
	req.Header.Set("Authorization", "Bearer "+dropletstest.Token)
	resp, err := tr.RoundTrip(req)
	require.NoError(tb, err)
	require.Less(tb, resp.StatusCode, 300)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(tb, err)
}

func BenchmarkClientList10000(b *testing.B) {
	api := dropletstest.New(dropletstest.WithDroplets(10_000))
	c := api.Client()
	for b.Loop() {
		n := 0
		for _, err := range c.Droplets.All(context.Background(), &droplets.DropletListOptions{}) {
			require.NoError(b, err)
			n++
		}
		require.Equal(b, 10_000, n)
	}
}

func BenchmarkDroplets10000(b *testing.B) {
	api := dropletstest.New(dropletstest.WithDroplets(10_000))
	for b.Loop() {
		require.Len(b, api.Droplets(), 10_000)
	}
}

// largeAccount returns an API with 100,000 Droplets and 10,000 volumes, all with a snapshot, and 100 autoscale pools. If hidden is true,
// some of the Droplets and one of the images are not visible to clients yet.
func largeAccount(b *testing.B, hidden bool) *dropletstest.API {
	b.Helper()
	lag := dropletstest.Lag{}
	if hidden {
		lag.Visibility = time.Hour
	}
	api := dropletstest.New(dropletstest.WithDroplets(100_000), dropletstest.WithDropletLimit(200_000),
		dropletstest.WithActionDuration(0), dropletstest.WithLag(lag))
	tr := api.Transport()
	send(b, tr, http.MethodPost, "/v2/droplets/actions?tag_name=seeded", `{"type":"snapshot","name":"s"}`)
	for range 10_000 {
		api.AddVolumeSnapshot(api.AddVolume("v", "nyc3", 1), "s")
	}
	_, fingerprint := api.AddSSHKey("k", publicKey)
	for i := range 100 {
		send(b, tr, http.MethodPost, "/v2/droplets/autoscale", fmt.Sprintf(`{"name":"p%d","config":{"target_number_instances":10},
			"droplet_template":{"region":"nyc3","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","ssh_keys":[%q],"tags":["t%d"]}}`, i, fingerprint, i))
	}
	send(b, tr, http.MethodPost, "/v2/images", `{"name":"i","url":"https://a.example/i","region":"nyc3","tags":["seeded"]}`)
	return api
}

// BenchmarkListsOf100000 requests two pages of each list, the first and a late one.
func BenchmarkListsOf100000(b *testing.B) {
	for _, hidden := range []bool{false, true} {
		api := largeAccount(b, hidden)
		for _, list := range []string{"droplets?", "droplets?tag_name=seeded", "droplets?tag_name=t7", "droplets?name=droplet-00500", "droplets?type=gpus",
			"droplets/backups/policies?", "reports/droplet_neighbors_ids?", "actions?", "images?", "images?private=true", "images?type=distribution",
			"images?tag_name=seeded", "snapshots?", "snapshots?resource_type=volume", "tags?", "droplets/autoscale?", "account/keys?"} {
			b.Run(fmt.Sprintf("%s/hidden=%v", list, hidden), func(b *testing.B) {
				for b.Loop() {
					for _, page := range []string{"1", "500"} {
						send(b, api.Transport(), http.MethodGet, "/v2/"+list+"&per_page=200&page="+page, "")
					}
				}
			})
		}
	}
}
