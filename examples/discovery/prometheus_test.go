package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fileConfig configures Prometheus to read the file. Relabeling replaces the address of every target by that of a server on
// loopback, so that nothing is sent to the addresses of the Droplets. A label keeps the address of the file, because some versions
// of Prometheus list the replaced address as the discovered one.
const fileConfig = `
scrape_configs:
  - job_name: droplets
    file_sd_configs:
      - files: ["%s/*.json"]
    relabel_configs:
      - source_labels: [__address__]
        target_label: discovered_address
      - target_label: __address__
        replacement: "%s"
`

// skipWithoutPrometheus returns the path of prometheus. It skips the test if it is not installed.
func skipWithoutPrometheus(t *testing.T) (path string) {
	t.Helper()
	path, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("skipped: prometheus is not installed (Debian: apt-get install prometheus)")
	}
	return path
}

// startPrometheus starts a Prometheus on loopback that stops at the end of the test, and returns its URL. It skips the test if
// Prometheus is not installed.
func startPrometheus(t *testing.T, dir, config string) (url string) {
	t.Helper()
	path := skipWithoutPrometheus(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600))
	cmd := exec.CommandContext(t.Context(), path, "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	r, w := io.Pipe()
	cmd.Stderr = w
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = r.Close()
		_ = cmd.Wait() // it returns an error because of the signal
	})
	return "http://" + listenAddress(t, r)
}

// listenAddress reads the log until Prometheus is ready, and returns the address that it listens on. It discards the log after
// that.
func listenAddress(t *testing.T, stderr io.Reader) (address string) {
	t.Helper()
	listening := regexp.MustCompile(`msg="Listening on".* address=(\S+)`)
	var lines []string
	ready := false
	for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
		lines = append(lines, scanner.Text())
		if m := listening.FindStringSubmatch(scanner.Text()); m != nil {
			address = m[1]
		}
		ready = ready || strings.Contains(scanner.Text(), "ready to receive web requests")
		if ready && address != "" {
			go func() { _, _ = io.Copy(io.Discard, stderr) }() // returns when Prometheus has ended
			return address
		}
	}
	t.Fatalf("prometheus did not start:\n%s", strings.Join(lines, "\n"))
	return ""
}

// prometheusTarget is a part of the response of /api/v1/targets.
type prometheusTarget struct {
	DiscoveredLabels map[string]string `json:"discoveredLabels"`
	Labels           map[string]string `json:"labels"`
}

// targetsOf returns the labels of the active targets in a response, by the ID of the Droplet. Labels that do not come from the
// discovery are left out.
func targetsOf(body string) (map[string]map[string]string, error) {
	var response struct {
		Data struct {
			ActiveTargets []prometheusTarget `json:"activeTargets"`
		} `json:"data"`
	}
	err := json.Unmarshal([]byte(body), &response)
	found := make(map[string]map[string]string)
	for _, target := range response.Data.ActiveTargets {
		labels := map[string]string{"__address__": target.Labels["discovered_address"]}
		for name, value := range target.DiscoveredLabels {
			if strings.HasPrefix(name, "__meta_digitalocean_") {
				labels[name] = value
			}
		}
		found[labels["__meta_digitalocean_droplet_id"]] = labels
	}
	return found, err
}

// expectedTargets returns the targets that Prometheus lists for groups. Prometheus drops labels without a value.
func expectedTargets(t *testing.T, groups []targetGroup) map[string]map[string]string {
	t.Helper()
	want := make(map[string]map[string]string)
	for _, g := range groups {
		b, err := json.Marshal(g.Labels)
		require.NoError(t, err)
		labels := map[string]string{}
		require.NoError(t, json.Unmarshal(b, &labels))
		for name, value := range labels {
			if value == "" {
				delete(labels, name)
			}
		}
		labels["__address__"] = g.Targets[0]
		want[g.Labels.DropletID] = labels
	}
	return want
}

func waitForTargets(t *testing.T, url string, want map[string]map[string]string) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		_, body := fetch(t, url+"/api/v1/targets?state=active")
		found, err := targetsOf(body)
		assert.NoError(c, err)
		assert.Equal(c, want, found)
	}, 30*time.Second, 100*time.Millisecond)
}

func promtool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("promtool")
	require.NoError(t, err, "promtool is a part of Prometheus")
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// TestPrometheusLoadsTheFile starts a Prometheus on a file with Droplets of all kinds, and changes the file while it runs.
func TestPrometheusLoadsTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := openFile(filepath.Join(dir, "droplets.json"))
	require.NoError(t, err)
	update := func(groups []targetGroup) {
		content, err := encode(groups)
		require.NoError(t, err)
		written, err := f.update(content)
		require.NoError(t, err)
		require.True(t, written)
	}
	groups := newTargetGroups(fleet(), 9100)
	update(groups)
	scraped := httptest.NewServer(newHandler(prometheus.NewRegistry(), newHealth(time.Minute)))
	defer scraped.Close()
	url := startPrometheus(t, dir, fmt.Sprintf(fileConfig, dir, scraped.Listener.Addr()))
	waitForTargets(t, url, expectedTargets(t, groups))
	assert.Contains(t, promtool(t, dir, "check", "config", "prometheus.yml"), "SUCCESS")
	assert.Contains(t, promtool(t, dir, "check", "service-discovery", "--timeout=2s", "prometheus.yml", "droplets"), "web-1.example.com")

	update(groups[1:]) // Prometheus watches the file
	waitForTargets(t, url, expectedTargets(t, groups[1:]))
	update(groups[:0])
	waitForTargets(t, url, map[string]map[string]string{})
}
