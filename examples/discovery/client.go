package main

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/droplets-go/droplets"
)

// newClient returns a client of the real API with metrics of its requests.
func newClient(c config, registry prometheus.Registerer, log *slog.Logger) (*droplets.Client, error) {
	return droplets.NewClient(c.token, clientOptions(c, newAPITransport(), registry, log)...)
}

func clientOptions(c config, transport http.RoundTripper, registry prometheus.Registerer, log *slog.Logger) []droplets.Option {
	options := []droplets.Option{
		droplets.WithHTTPClient(&http.Client{Transport: newMeasuredTransport(transport, registry)}),
		droplets.WithUserAgent("droplets-discovery"),
		droplets.WithLogger(log),
	}
	if c.baseURL != "" {
		options = append(options, droplets.WithBaseURL(c.baseURL))
	}
	return options
}

// pingTimeout is how long an HTTP/2 connection may be silent before net/http checks it with a ping. Without the ping, every retry
// would use the same broken connection.
const pingTimeout = 15 * time.Second

func newAPITransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingTimeout, PingTimeout: pingTimeout}
	return t
}
