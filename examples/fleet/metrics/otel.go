package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

const (
	operationKey = attribute.Key("droplets.operation")
	statusKey    = attribute.Key("http.response.status_code")
)

// telemetry is an OpenTelemetry SDK with in-memory exporters. A real program exports to its collector.
type telemetry struct {
	spans   *tracetest.InMemoryExporter
	metrics *metric.ManualReader
	tracers *trace.TracerProvider
	meters  *metric.MeterProvider
}

func newTelemetry() *telemetry {
	t := &telemetry{spans: tracetest.NewInMemoryExporter(), metrics: metric.NewManualReader()}
	t.tracers = trace.NewTracerProvider(trace.WithSyncer(t.spans))
	t.meters = metric.NewMeterProvider(metric.WithReader(t.metrics))
	return t
}

// transport returns a transport that records a span and measurements for each attempt. The attributes follow the semantic
// conventions for HTTP. The name of the span and the attribute droplets.operation are those of this program.
func (t *telemetry) transport(next http.RoundTripper) http.RoundTripper {
	return &labeled{otelhttp.NewTransport(next,
		otelhttp.WithTracerProvider(t.tracers),
		otelhttp.WithMeterProvider(t.meters),
		otelhttp.WithSpanNameFormatter(func(_ string, req *http.Request) string { return operation(req) }),
	)}
}

// labeled adds the operation to the measurements of the inner transport.
type labeled struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (l *labeled) RoundTrip(req *http.Request) (*http.Response, error) {
	var labels otelhttp.Labeler
	labels.Add(operationKey.String(operation(req)))
	return l.next.RoundTrip(req.WithContext(otelhttp.ContextWithClientLabeler(req.Context(), &labels)))
}

func (t *telemetry) shutdown(ctx context.Context) error {
	return errors.Join(t.tracers.Shutdown(ctx), t.meters.Shutdown(ctx))
}

func (t *telemetry) printSpans(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SPAN\tSTATUS\tMILLISECONDS")
	for _, span := range t.spans.GetSpans() {
		set := attribute.NewSet(span.Attributes...)
		took := span.EndTime.Sub(span.StartTime).Seconds() * 1000
		fmt.Fprintf(w, "%s\t%s\t%.2f\n", span.Name, value(&set, statusKey), took)
	}
	return w.Flush()
}

func (t *telemetry) printMetrics(ctx context.Context, out io.Writer) error {
	var collected metricdata.ResourceMetrics
	if err := t.metrics.Collect(ctx, &collected); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "METRIC\tOPERATION\tSTATUS\tCOUNT")
	for _, scope := range collected.ScopeMetrics {
		for _, m := range scope.Metrics {
			if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
				printHistogram(w, m.Name, h)
			}
		}
	}
	return w.Flush()
}

func printHistogram(w io.Writer, name string, h metricdata.Histogram[float64]) {
	for _, point := range h.DataPoints {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", name, value(&point.Attributes, operationKey),
			value(&point.Attributes, statusKey), point.Count)
	}
}

func value(set *attribute.Set, key attribute.Key) string {
	if v, ok := set.Value(key); ok {
		return v.String()
	}
	return "-"
}
