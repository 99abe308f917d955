package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
)

// ownConfig configures Prometheus' own discovery for DigitalOcean. The targets are relabeled as in fileConfig.
const ownConfig = `
scrape_configs:
  - job_name: droplets
    digitalocean_sd_configs:
      - authorization: {credentials: "%s"}
        port: 9100
        proxy_url: "%s"
        tls_config: {ca_file: ca.pem, server_name: example.com}
    relabel_configs:
      - source_labels: [__address__]
        target_label: discovered_address
      - target_label: __address__
        replacement: "%s"
`

// TestSameTargetsAsPrometheus compares the targets in the file with those of Prometheus' own discovery for the same account. There
// are two differences: the file has a usable address for a Droplet without a public one, and it has GPU Droplets.
func TestSameTargetsAsPrometheus(t *testing.T) {
	t.Parallel()
	sim, err := newSimulation(t.Context())
	require.NoError(t, err)
	_, err = sim.create(t.Context(), "web-ipv6")
	require.NoError(t, err)
	sim.api.Seed(18) // more than a page of Prometheus
	found, err := listDroplets(t.Context(), sim.client, "")
	require.NoError(t, err)
	want := expectedTargets(t, newTargetGroups(found, 9100))
	require.Len(t, want, 24)
	for id, labels := range want {
		switch labels["__meta_digitalocean_droplet_name"] {
		case "db-private":
			require.Equal(t, labels["__meta_digitalocean_private_ipv4"]+":9100", labels["__address__"])
			labels["__address__"] = ":9100"
		case "trainer-1":
			delete(want, id)
		}
	}
	require.Len(t, want, 23)

	dir := t.TempDir()
	proxy := startProxy(t, dir, sim.api)
	scraped := httptest.NewServer(newHandler(prometheus.NewRegistry(), newHealth(time.Minute)))
	defer scraped.Close()
	url := startPrometheus(t, dir, fmt.Sprintf(ownConfig, dropletstest.Token, proxy, scraped.Listener.Addr()))
	waitForTargets(t, url, want)
}

// startProxy starts a proxy that connects every host to the fake over TLS, and writes the certificate to ca.pem in dir. A proxy is
// needed because the URL of the API cannot be configured in Prometheus.
func startProxy(t *testing.T, dir string, api http.Handler) (url string) {
	t.Helper()
	backend := httptest.NewUnstartedServer(api)
	backend.Config.ErrorLog = log.New(io.Discard, "", 0) // Prometheus closes idle connections when it ends
	backend.StartTLS()
	t.Cleanup(backend.Close)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: backend.Certificate().Raw})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ca.pem"), cert, 0o600))
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "api.digitalocean.com:443", r.Host)
		tunnel(t, w, r, backend.Listener.Addr())
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// tunnel handles a CONNECT request. It returns when one side has closed the connection.
func tunnel(t *testing.T, w http.ResponseWriter, r *http.Request, backend net.Addr) {
	to, err := new(net.Dialer).DialContext(r.Context(), "tcp", backend.String())
	if !assert.NoError(t, err) {
		return
	}
	defer func() { _ = to.Close() }()
	from, _, err := http.NewResponseController(w).Hijack()
	if !assert.NoError(t, err) {
		return
	}
	defer func() { _ = from.Close() }()
	// The response is sent after Hijack: otherwise the server could read the data that follows the request.
	if _, err := io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n"); !assert.NoError(t, err) {
		return
	}
	var copies sync.WaitGroup
	for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
		copies.Go(func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
		})
	}
	copies.Wait()
}
