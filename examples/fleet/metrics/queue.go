package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/droplets-go/droplets"
)

// queueCollector exports the statistics of a client's queue: how many calls wait, for how long, and why. The client counts them;
// the collector reads them when Prometheus scrapes it.
type queueCollector struct {
	client                          *droplets.Client
	inFlight, queued, pause, waited *prometheus.Desc
}

func newQueueCollector(client *droplets.Client) *queueCollector {
	return &queueCollector{
		client: client,
		inFlight: prometheus.NewDesc("droplets_requests_in_flight",
			"Requests that were sent and whose response has not been read completely.", nil, nil),
		queued: prometheus.NewDesc("droplets_calls_queued",
			"Calls that wait for the rate limit or for a request in flight.", nil, nil),
		pause: prometheus.NewDesc("droplets_rate_limit_pause_seconds",
			"Remaining time of the pause that the API has requested.", nil, nil),
		waited: prometheus.NewDesc("droplets_call_wait_seconds_total",
			"Time that calls have waited before their requests were sent, by reason.", []string{"reason"}, nil),
	}
}

// Describe sends the descriptions of all metrics.
func (q *queueCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(q, ch) }

// Collect sends the current values.
func (q *queueCollector) Collect(ch chan<- prometheus.Metric) {
	s := q.client.Stats()
	gauge := func(desc *prometheus.Desc, value float64) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	gauge(q.inFlight, float64(s.InFlight))
	gauge(q.queued, float64(s.Queued))
	gauge(q.pause, max(0, remaining(s.PausedUntil)).Seconds())
	for reason, d := range map[string]time.Duration{
		"pause":     s.Waited.Pause,    // a 429 named a delay
		"queue":     s.Waited.Queue,    // the calls of a backlog are admitted in order after a pause
		"in_flight": s.Waited.InFlight, // WithMaxInFlight
		"limiter":   s.Waited.Limiter,  // WithRateLimiter
		"backoff":   s.Waited.Backoff,  // retries
	} {
		ch <- prometheus.MustNewConstMetric(q.waited, prometheus.CounterValue, d.Seconds(), reason)
	}
}

// remaining returns the time until a time, 0 for the zero time.
func remaining(until time.Time) time.Duration {
	if until.IsZero() {
		return 0
	}
	return time.Until(until)
}
