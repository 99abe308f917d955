package main

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestMetricsFollowTheConventions(t *testing.T) {
	t.Parallel()
	api := dropletstest.New(dropletstest.WithDroplets(1))
	registry := prometheus.NewRegistry()
	newMetrics(registry).refreshed(resultSuccess, time.Second)
	client := api.Client(clientOptions(config{}, api.Transport(), registry, (&config{}).logger(t.Output()))...)
	registry.MustRegister(newRateLimitCollector(client))
	_, err := client.Droplets.List(t.Context(), nil)
	require.NoError(t, err)
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	assert.Empty(t, problems)
	n, err := testutil.GatherAndCount(registry)
	require.NoError(t, err)
	assert.Equal(t, 11, n)
}

func TestRefreshesAreCountedAndMeasured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(2)))
		registry := prometheus.NewRegistry()
		h.metrics = newMetrics(registry)
		defer h.start()()
		h.api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: http.StatusForbidden, Delay: 2 * time.Second})
		began := time.Now()
		h.pass(time.Minute + 3*time.Second)
		require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP droplets_sd_refreshes_total Refreshes that have ended, by result: success, list_error or write_error.
# TYPE droplets_sd_refreshes_total counter
droplets_sd_refreshes_total{result="list_error"} 1
droplets_sd_refreshes_total{result="success"} 1
droplets_sd_refreshes_total{result="write_error"} 0
# HELP droplets_sd_file_writes_total How often the file was replaced because the targets had changed.
# TYPE droplets_sd_file_writes_total counter
droplets_sd_file_writes_total 1
# HELP droplets_sd_targets Targets in the file after the last successful refresh.
# TYPE droplets_sd_targets gauge
droplets_sd_targets 2
# HELP droplets_sd_refresh_duration_seconds Duration of refreshes, with retries and waits for the rate limit.
# TYPE droplets_sd_refresh_duration_seconds histogram
droplets_sd_refresh_duration_seconds_bucket{le="0.1"} 1
droplets_sd_refresh_duration_seconds_bucket{le="0.25"} 1
droplets_sd_refresh_duration_seconds_bucket{le="0.5"} 1
droplets_sd_refresh_duration_seconds_bucket{le="1"} 1
droplets_sd_refresh_duration_seconds_bucket{le="2.5"} 2
droplets_sd_refresh_duration_seconds_bucket{le="5"} 2
droplets_sd_refresh_duration_seconds_bucket{le="10"} 2
droplets_sd_refresh_duration_seconds_bucket{le="30"} 2
droplets_sd_refresh_duration_seconds_bucket{le="60"} 2
droplets_sd_refresh_duration_seconds_bucket{le="120"} 2
droplets_sd_refresh_duration_seconds_bucket{le="300"} 2
droplets_sd_refresh_duration_seconds_bucket{le="+Inf"} 2
droplets_sd_refresh_duration_seconds_sum 2
droplets_sd_refresh_duration_seconds_count 2
`), "droplets_sd_refreshes_total", "droplets_sd_file_writes_total", "droplets_sd_targets", "droplets_sd_refresh_duration_seconds"))
		assert.InDelta(t, float64(began.Unix()), testutil.ToFloat64(h.metrics.lastSuccess), 0.001)
	})
}

func TestRateLimitIsExportedOnceKnown(t *testing.T) {
	t.Parallel()
	api := dropletstest.New(dropletstest.WithRateLimit(0, 100))
	client := api.Client()
	c := newRateLimitCollector(client)
	assert.Equal(t, 0, testutil.CollectAndCount(c))
	_, err := client.Droplets.List(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(`
# HELP droplets_rate_limit Requests that the API allows in an hour.
# TYPE droplets_rate_limit gauge
droplets_rate_limit 100
# HELP droplets_rate_limit_remaining Requests that were left at the last response.
# TYPE droplets_rate_limit_remaining gauge
droplets_rate_limit_remaining 99
`)))
}

func TestRequestsAreMeasuredByOperation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		measured := newMeasuredTransport(api.Transport(), prometheus.NewRegistry())
		client := api.Client(droplets.WithHTTPClient(&http.Client{Transport: measured}))
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: http.StatusServiceUnavailable})
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakAnswer})
		_, err := client.Droplets.List(t.Context(), nil)
		require.NoError(t, err)
		req, err := client.NewRequest(t.Context(), http.MethodGet, "v2/account", nil)
		require.NoError(t, err)
		_, err = client.Do(req, nil)
		require.NoError(t, err)
		assert.Equal(t, 4, testutil.CollectAndCount(measured.duration))
		for _, labels := range [][]string{{"droplets_list", "503"}, {"droplets_list", "error"}, {"droplets_list", "200"}, {"other", "200"}} {
			assert.True(t, measured.duration.DeleteLabelValues(labels...), labels)
		}
	})
}
