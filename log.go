package droplets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"time"
)

// log writes one record of metadata for a call, if the client has a logger.
func (p *pipeline) log(ctx context.Context, r *request, resp httpResponse, err error, took time.Duration) {
	if p.config.logger == nil {
		return
	}
	level, message := slog.LevelDebug, "droplets: call done"
	if err != nil {
		level, message = slog.LevelWarn, "droplets: call failed"
	}
	if !p.config.logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", r.operation),
		slog.String("method", r.method),
		slog.String("path", path.Clean("/"+r.path)),
		slog.Int("status", resp.status),
		slog.Int("attempts", r.attempts),
		slog.Duration("duration", took),
		slog.String("request_id", resp.header.Get(headerRequestID)),
	}
	if r.turn.waits.Total() > 0 {
		attrs = append(attrs, slog.Any("waits", r.turn.waits))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", errorKind(err)))
	}
	p.config.logger.LogAttrs(ctx, level, message, attrs...)
}

// errorKind describes an error without any text from the server: with the first sentinel error that it matches, or else with
// the status of the response, if there is one.
func errorKind(err error) string {
	for _, kind := range append(sentinels(), context.Canceled, context.DeadlineExceeded) {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return fmt.Sprintf("status %d", e.StatusCode)
	}
	return "no response"
}
