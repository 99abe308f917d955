// Metrics measures a client from outside, through its http.Client: a transport for Prometheus and one for
// OpenTelemetry, each of which names a request by the API's operation rather than by its path, which has ids in it.
//
// It runs against an API in memory unless -live asks for the real one. It changes nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func main() { program.Main("metrics", run) }

func run(ctx context.Context, env program.Env) (err error) {
	flags, live := env.Flags("metrics")
	if err := env.Parse(flags); err != nil {
		return err
	}
	api := dropletstest.New(dropletstest.WithDroplets(3))
	base := http.DefaultTransport
	if !*live {
		base = api.Transport()
		refuseOnce(api)
	}
	registry := prometheus.NewRegistry()
	measured, err := newPrometheusTransport(base, registry)
	if err != nil {
		return err
	}
	telemetry := newTelemetry()
	defer func() { err = errors.Join(err, telemetry.shutdown(context.WithoutCancel(ctx))) }()

	// The outer transport sees what the inner one does, and each sees every attempt: what the client sends again counts
	// again. The timeout is for one attempt.
	hc := &http.Client{Transport: telemetry.transport(measured), Timeout: time.Minute}
	client, err := env.Client(*live, "reads Droplets and their actions and changes nothing", api, droplets.WithHTTPClient(hc))
	if err != nil {
		return err
	}
	if err := registry.Register(newQueueCollector(client)); err != nil {
		return err
	}
	if err := work(ctx, client); err != nil {
		return err
	}
	return report(ctx, env.Out, registry, telemetry)
}

// refuseOnce lets the API in memory refuse one list, so that there is a second attempt to be seen.
func refuseOnce(api *dropletstest.API) {
	api.Respond(1, dropletstest.Match{Operation: "droplets_list"},
		dropletstest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}})
}

// work is some reading, so that there is something to measure.
func work(ctx context.Context, client *droplets.Client) error {
	for d, err := range client.Droplets.All(ctx, nil) {
		if err != nil {
			return err
		}
		if _, err := client.DropletActions.List(ctx, d.ID, nil); err != nil {
			return err
		}
	}
	_, err := client.Droplets.Get(ctx, 1) // that nobody has
	if !errors.Is(err, droplets.ErrNotFound) {
		return fmt.Errorf("a Droplet that nobody has was to be not found: %w", err)
	}
	return nil
}

func report(ctx context.Context, out io.Writer, registry prometheus.Gatherer, telemetry *telemetry) error {
	fmt.Fprintln(out, "== Prometheus, as a scrape sees it")
	if err := printPrometheus(out, registry); err != nil {
		return err
	}
	fmt.Fprintln(out, "\n== OpenTelemetry, spans")
	if err := telemetry.printSpans(out); err != nil {
		return err
	}
	fmt.Fprintln(out, "\n== OpenTelemetry, metrics")
	return telemetry.printMetrics(ctx, out)
}
