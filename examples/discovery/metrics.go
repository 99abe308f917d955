package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/droplets-go/droplets"
)

// The values of the label result.
const (
	resultSuccess    = "success"
	resultListError  = "list_error"
	resultWriteError = "write_error"
)

// metrics are the metrics of the service.
type metrics struct {
	refreshes   *prometheus.CounterVec
	duration    prometheus.Histogram
	targets     prometheus.Gauge
	skipped     prometheus.Gauge
	lastSuccess prometheus.Gauge
	writes      prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		refreshes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "droplets_sd_refreshes_total",
			Help: "Refreshes that have ended, by result: success, list_error or write_error.",
		}, []string{"result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "droplets_sd_refresh_duration_seconds",
			Help:    "Duration of refreshes, with retries and waits for the rate limit.",
			Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300},
		}),
		targets: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "droplets_sd_targets",
			Help: "Targets in the file after the last successful refresh.",
		}),
		skipped: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "droplets_sd_droplets_without_address",
			Help: "Droplets without an IPv4 address in the last successful refresh, which are not in the file.",
		}),
		lastSuccess: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "droplets_sd_last_success_timestamp_seconds",
			Help: "Time of the last successful refresh, 0 if there was none.",
		}),
		writes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "droplets_sd_file_writes_total",
			Help: "How often the file was replaced because the targets had changed.",
		}),
	}
	for _, result := range []string{resultSuccess, resultListError, resultWriteError} {
		m.refreshes.WithLabelValues(result) // exports 0, so that increase and rate include the first failure
	}
	registry.MustRegister(m.refreshes, m.duration, m.targets, m.skipped, m.lastSuccess, m.writes)
	return m
}

func (m *metrics) refreshed(result string, took time.Duration) {
	m.refreshes.WithLabelValues(result).Inc()
	m.duration.Observe(took.Seconds())
}

// rateLimitCollector exports the rate limit of the most recent response that the client received. Before the first response it
// exports nothing.
type rateLimitCollector struct {
	client           *droplets.Client
	limit, remaining *prometheus.Desc
}

func newRateLimitCollector(client *droplets.Client) *rateLimitCollector {
	return &rateLimitCollector{
		client:    client,
		limit:     prometheus.NewDesc("droplets_rate_limit", "Requests that the API allows in an hour.", nil, nil),
		remaining: prometheus.NewDesc("droplets_rate_limit_remaining", "Requests that were left at the last response.", nil, nil),
	}
}

// Describe sends the descriptions of all metrics.
func (c *rateLimitCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.limit
	ch <- c.remaining
}

// Collect sends the current values.
func (c *rateLimitCollector) Collect(ch chan<- prometheus.Metric) {
	rl, ok := c.client.RateLimit()
	if !ok {
		return
	}
	ch <- prometheus.MustNewConstMetric(c.limit, prometheus.GaugeValue, float64(rl.Limit))
	ch <- prometheus.MustNewConstMetric(c.remaining, prometheus.GaugeValue, float64(rl.Remaining))
}
