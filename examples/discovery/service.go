package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/droplets-go/droplets"
)

// service refreshes the file at an interval.
type service struct {
	client  *droplets.Client
	config  config
	file    *file
	health  *health
	metrics *metrics
	log     *slog.Logger
}

// run refreshes the file at once and then at each interval, until ctx is done. A refresh that takes longer than the interval delays
// the next one. refresh counts and logs errors; the next refresh is the retry.
func (s *service) run(ctx context.Context) error {
	ticker := time.NewTicker(s.config.interval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		_ = s.refresh(ctx)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	return nil
}

// refresh lists the Droplets and updates the file. If it returns an error, the file is unchanged.
func (s *service) refresh(ctx context.Context) error {
	began := time.Now()
	found, err := s.list(ctx)
	switch {
	case err != nil && ctx.Err() != nil: // the program ends: this is neither logged nor counted
		return err
	case err != nil:
		return s.failed(ctx, began, resultListError, err)
	}
	groups := newTargetGroups(found, s.config.port)
	content, err := encode(groups)
	if err != nil {
		return s.failed(ctx, began, resultWriteError, err)
	}
	written, err := s.file.update(content)
	if err != nil {
		return s.failed(ctx, began, resultWriteError, err)
	}
	s.succeeded(ctx, began, len(found), len(groups), written)
	return nil
}

func (s *service) list(ctx context.Context) ([]droplets.Droplet, error) {
	var options []droplets.CallOption
	if s.config.verify {
		options = append(options, droplets.VerifyList())
	}
	return listDroplets(ctx, s.client, s.config.tag, options...)
}

func (s *service) failed(ctx context.Context, began time.Time, result string, err error) error {
	s.metrics.refreshed(result, time.Since(began))
	s.log.ErrorContext(ctx, "refresh failed, the file is unchanged", "result", result, "error", err, "duration", time.Since(began))
	return err
}

func (s *service) succeeded(ctx context.Context, began time.Time, found, targets int, written bool) {
	s.health.succeeded(time.Now())
	s.metrics.refreshed(resultSuccess, time.Since(began))
	s.metrics.lastSuccess.SetToCurrentTime()
	s.metrics.targets.Set(float64(targets))
	s.metrics.skipped.Set(float64(found - targets))
	level, message := slog.LevelDebug, "no change"
	if written {
		s.metrics.writes.Inc()
		level, message = slog.LevelInfo, "file written"
	}
	s.log.Log(ctx, level, message, "targets", targets, "without_address", found-targets, "duration", time.Since(began))
}
