// Metrics collects metrics and traces of a client with two transports in its http.Client, one for Prometheus and one for
// OpenTelemetry. Both label requests with the operation ID and not with the path, which contains IDs of resources.
// It also exports the state of the client's queue, from Client.Stats.
//
// By default it uses an in-memory fake of the API; with -live it uses the real API. It is read-only.
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
		rejectOnce(api)
	}
	registry := prometheus.NewRegistry()
	measured, err := newPrometheusTransport(base, registry)
	if err != nil {
		return err
	}
	telemetry := newTelemetry()
	defer func() { err = errors.Join(err, telemetry.shutdown(context.WithoutCancel(ctx))) }()

	// Both transports process every attempt, so that retries are counted too. The timeout applies to one attempt.
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

// rejectOnce makes the fake reject one list request, so that the output shows a retry.
func rejectOnce(api *dropletstest.API) {
	api.Respond(1, dropletstest.Match{Operation: "droplets_list"},
		dropletstest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}})
}

// work makes some calls, so that there is something to measure.
func work(ctx context.Context, client *droplets.Client) error {
	for d, err := range client.Droplets.All(ctx, nil) {
		if err != nil {
			return err
		}
		if _, err := client.DropletActions.List(ctx, d.ID, nil); err != nil {
			return err
		}
	}
	_, err := client.Droplets.Get(ctx, 1) // a Droplet that does not exist
	if !errors.Is(err, droplets.ErrNotFound) {
		return fmt.Errorf("want ErrNotFound for a Droplet that does not exist, got: %w", err)
	}
	return nil
}

// report prints the metrics and the spans.
func report(ctx context.Context, out io.Writer, registry prometheus.Gatherer, telemetry *telemetry) error {
	fmt.Fprintln(out, "== Prometheus, text format")
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
