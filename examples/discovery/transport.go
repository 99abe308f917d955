package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/droplets-go/droplets"
)

// measuredTransport measures the duration of each request to the API, including retries, by operation and status.
type measuredTransport struct {
	next     http.RoundTripper
	duration *prometheus.HistogramVec
}

func newMeasuredTransport(next http.RoundTripper, registry prometheus.Registerer) *measuredTransport {
	t := &measuredTransport{
		next: next,
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "droplets_request_duration_seconds",
			Help:    "Time from sending a request to the API until the response header; each attempt is counted.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation", "status"}),
	}
	registry.MustRegister(t.duration)
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *measuredTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := t.next.RoundTrip(req)
	status := "error" // without a response, there is no status
	if err == nil {
		status = strconv.Itoa(resp.StatusCode)
	}
	operation, ok := droplets.OperationFromContext(req.Context())
	if !ok {
		operation = "other"
	}
	t.duration.WithLabelValues(operation, status).Observe(time.Since(began).Seconds())
	return resp, err
}
