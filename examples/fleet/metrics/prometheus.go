package main

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/droplets-go/droplets"
)

// prometheusTransport counts requests and measures their duration, by operation and status.
type prometheusTransport struct {
	next     http.RoundTripper
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newPrometheusTransport(next http.RoundTripper, registry prometheus.Registerer) (*prometheusTransport, error) {
	labels := []string{"operation", "status"}
	t := &prometheusTransport{
		next: next,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "droplets_requests_total",
			Help: "Requests sent to the Droplets API, each attempt counted.",
		}, labels),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "droplets_request_duration_seconds",
			Help:    "Time from sending a request until the response header.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, labels),
	}
	return t, errors.Join(registry.Register(t.requests), registry.Register(t.duration))
}

// RoundTrip implements http.RoundTripper.
func (t *prometheusTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := t.next.RoundTrip(req)
	status := "error" // without a response, there is no status
	if err == nil {
		status = strconv.Itoa(resp.StatusCode)
	}
	name := operation(req)
	t.requests.WithLabelValues(name, status).Inc()
	t.duration.WithLabelValues(name, status).Observe(time.Since(began).Seconds())
	return resp, err
}

// operation returns the operation ID of the API. There are few operation IDs, so they are suitable as labels.
func operation(req *http.Request) string {
	if name, ok := droplets.OperationFromContext(req.Context()); ok {
		return name
	}
	return "other" // a request of Client.Do without WithOperation
}

func printPrometheus(out io.Writer, registry prometheus.Gatherer) error {
	families, err := registry.Gather()
	if err != nil {
		return err
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(out, family); err != nil {
			return err
		}
	}
	return nil
}
