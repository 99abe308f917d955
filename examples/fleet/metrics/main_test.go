package main

import (
	"bytes"
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
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func TestEveryAttemptIsMeasured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out, stderr bytes.Buffer
		require.NoError(t, run(t.Context(), program.Env{Out: &out, Err: &stderr}))
		assert.Contains(t, stderr.String(), "changes nothing")
		prom, rest, _ := strings.Cut(out.String(), "== OpenTelemetry, spans")
		spans, metrics, _ := strings.Cut(rest, "== OpenTelemetry, metrics")
		for _, line := range []string{
			`droplets_requests_total{operation="dropletActions_list",status="200"} 3`,
			`droplets_requests_total{operation="droplets_get",status="404"} 1`,
			`droplets_requests_total{operation="droplets_list",status="200"} 1`,
			`droplets_requests_total{operation="droplets_list",status="429"} 1`,
			`droplets_request_duration_seconds_count{operation="droplets_list",status="429"} 1`,
			`droplets_call_wait_seconds_total{reason="pause"} 1`,
			`droplets_call_wait_seconds_total{reason="backoff"} 0`,
			`droplets_calls_queued 0`,
			`droplets_requests_in_flight 0`,
			`droplets_rate_limit_pause_seconds 0`,
		} {
			assert.Contains(t, prom, line+"\n")
		}
		assert.Equal(t, 3, strings.Count(spans, "dropletActions_list"), "each attempt is a span")
		assert.Regexp(t, `droplets_list +429`, spans)
		assert.Regexp(t, `droplets_list +200`, spans)
		assert.Regexp(t, `http.client.request.duration +dropletActions_list +200 +3`, metrics)
		assert.Regexp(t, `http.client.request.duration +droplets_get +404 +1`, metrics)
		assert.NotContains(t, out.String(), dropletstest.Token)
	})
}

func TestQueueDuringAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3))
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"20"}}})
		client := api.Client()
		registry := prometheus.NewRegistry()
		require.NoError(t, registry.Register(newQueueCollector(client)))
		done := make(chan error)
		for range 2 {
			go func() {
				_, err := client.Droplets.List(t.Context(), nil)
				done <- err
			}()
			synctest.Wait()
		}
		<-time.After(5 * time.Second)
		var out bytes.Buffer
		require.NoError(t, printPrometheus(&out, registry))
		assert.Contains(t, out.String(), "droplets_calls_queued 2\n")
		assert.Contains(t, out.String(), "droplets_rate_limit_pause_seconds 15\n")
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		out.Reset()
		require.NoError(t, printPrometheus(&out, registry))
		assert.Contains(t, out.String(), `droplets_call_wait_seconds_total{reason="pause"} 40`+"\n")
	})
}

func TestMissingResponseIsCounted(t *testing.T) {
	t.Parallel()
	api := dropletstest.New()
	api.Respond(-1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakAnswer})
	measured, err := newPrometheusTransport(api.Transport(), prometheus.NewRegistry())
	require.NoError(t, err)
	client := api.Client(droplets.WithHTTPClient(&http.Client{Transport: measured}))
	_, err = client.Droplets.List(t.Context(), nil, droplets.WithoutRetries())
	require.ErrorAs(t, err, new(*droplets.TransportError))
	assert.InDelta(t, 1, testutil.ToFloat64(measured.requests.WithLabelValues("droplets_list", "error")), 0)
}

func TestRequestsOfDoAreLabeledOther(t *testing.T) {
	t.Parallel()
	api := dropletstest.New()
	measured, err := newPrometheusTransport(api.Transport(), prometheus.NewRegistry())
	require.NoError(t, err)
	client := api.Client(droplets.WithHTTPClient(&http.Client{Transport: measured}))
	req, err := client.NewRequest(t.Context(), http.MethodGet, "v2/account", nil)
	require.NoError(t, err)
	_, err = client.Do(req, nil)
	require.NoError(t, err)
	assert.InDelta(t, 1, testutil.ToFloat64(measured.requests.WithLabelValues("other", "200")), 0)
}

func TestDoubleRegistrationIsAnError(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	_, err := newPrometheusTransport(http.DefaultTransport, registry)
	require.NoError(t, err)
	_, err = newPrometheusTransport(http.DefaultTransport, registry)
	require.ErrorAs(t, err, new(prometheus.AlreadyRegisteredError))
}
