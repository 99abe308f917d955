package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// harness is a service on a fake account. It must be used in a synctest bubble.
type harness struct {
	*service
	t   *testing.T
	api *dropletstest.API
	log *syncBuffer
}

// newHarness returns a service with a new file. The client does not retry, so that the times of the requests are exact.
func newHarness(t *testing.T, api *dropletstest.API) *harness {
	t.Helper()
	return newHarnessFor(t, api, filepath.Join(t.TempDir(), "droplets.json"))
}

func newHarnessFor(t *testing.T, api *dropletstest.API, path string) *harness {
	t.Helper()
	h := &harness{t: t, api: api, log: new(syncBuffer)}
	c := config{output: path, interval: time.Minute, port: 80}
	h.service = &service{client: api.Client(droplets.WithRetryPolicy(droplets.RetryPolicy{})), config: c, file: &file{path},
		health: newHealth(c.interval), metrics: newMetrics(prometheus.NewRegistry()), log: c.logger(h.log)}
	return h
}

// start runs the service until stop is called, which waits for it.
func (h *harness) start() (stop func()) {
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		require.NoError(h.t, <-ended)
	}
}

// pass waits for d in virtual time, and then until the service waits again.
func (h *harness) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// targets returns the names of the Droplets in the file.
func (h *harness) targets() (names []string) {
	h.t.Helper()
	var groups []targetGroup
	require.NoError(h.t, json.Unmarshal([]byte(readFile(h.t, h.file.path)), &groups))
	for _, g := range groups {
		names = append(names, g.Labels.DropletName)
	}
	return names
}

// results returns the number of refreshes that succeeded, whose list failed and whose write failed.
func (h *harness) results() (counts [3]int) {
	for i, result := range []string{resultSuccess, resultListError, resultWriteError} {
		counts[i] = int(testutil.ToFloat64(h.metrics.refreshes.WithLabelValues(result)))
	}
	return counts
}

func (h *harness) writes() int { return int(testutil.ToFloat64(h.metrics.writes)) }

// requestTimes returns the times of the requests, as durations since began.
func (h *harness) requestTimes(began time.Time) (times []time.Duration) {
	for _, r := range h.api.Requests() {
		times = append(times, r.Time.Sub(began))
	}
	return times
}
