package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// parseActionDurations parses "500ms,resize=30s".
func parseActionDurations(text string) (options []dropletstest.Option, err error) {
	for part := range strings.SplitSeq(text, ",") {
		name, value, named := strings.Cut(part, "=")
		if !named {
			value = name
		}
		d, err := parseDuration(value)
		if err != nil {
			return nil, err
		}
		if !named {
			options = append(options, dropletstest.WithActionDuration(d))
			continue
		}
		t, err := parseActionType(name)
		if err != nil {
			return nil, err
		}
		options = append(options, dropletstest.WithActionDuration(d, t))
	}
	return options, nil
}

// parseDuration parses a duration. It returns an error for a negative one.
func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("must be a duration such as 1m30s, not %q", text)
	case d < 0:
		return 0, fmt.Errorf("must not be negative: %s", text)
	}
	return d, nil
}

func parseActionType(name string) (droplets.ActionType, error) {
	t := droplets.ActionType(name)
	if !slices.Contains(dropletstest.ActionTypes(), t) {
		return "", fmt.Errorf("must be a type of action such as resize, not %q", name)
	}
	return t, nil
}

// parseLag parses "visibility=8s,status=20s".
func parseLag(text string) (lag dropletstest.Lag, err error) {
	fields := map[string]*time.Duration{"visibility": &lag.Visibility, "addresses": &lag.Addresses, "status": &lag.Status,
		"snapshots": &lag.Snapshots}
	if text == "" {
		return lag, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		field := fields[name]
		if field == nil {
			return lag, fmt.Errorf("must have visibility, addresses, status or snapshots, not %q", name)
		}
		if *field, err = parseDuration(value); err != nil {
			return lag, fmt.Errorf("%s %w", name, err)
		}
	}
	return lag, nil
}

const (
	clockReal   = "real"
	clockManual = "manual"
)

// lastClockTime is the latest time of a clock. It is far before the year 10000, which cannot be encoded as JSON, because an account has
// later times, such as those of events.
var lastClockTime = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC)

// parseClock parses "real", "manual" and "manual@2030-01-02T03:04:05Z". A manual clock without a time stands at start.
func parseClock(text string, start time.Time) (*dropletstest.Clock, error) {
	mode, at, hasTime := strings.Cut(text, "@")
	switch {
	case mode != clockReal && mode != clockManual || mode == clockReal && hasTime:
		return nil, fmt.Errorf("must be real, manual or manual@2030-01-02T03:04:05Z, not %q", text)
	case mode == clockReal:
		return new(dropletstest.Clock), nil
	case !hasTime:
		return dropletstest.NewManualClock(start.UTC().Truncate(time.Second)), nil
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return nil, fmt.Errorf("must have a time such as manual@2030-01-02T03:04:05Z, not %q", text)
	}
	if t.Before(time.Unix(0, 0)) || t.After(lastClockTime) {
		return nil, errors.New("must be between the years 1970 and 2200")
	}
	return dropletstest.NewManualClock(t.UTC()), nil
}

// parseRateLimit parses "perMinute[/window][,perHour[/window]]". It returns no options if text is empty.
func parseRateLimit(text string) ([]dropletstest.Option, error) {
	if text == "" {
		return nil, nil
	}
	limits, windows := [2]int{}, [2]time.Duration{time.Minute, time.Hour}
	parts := strings.Split(text, ",")
	if len(parts) > len(limits) {
		return nil, fmt.Errorf("must have one or two limits, not %q", text)
	}
	for i, part := range parts {
		count, window, hasWindow := strings.Cut(part, "/")
		var err error
		if limits[i], err = strconv.Atoi(count); err != nil || limits[i] < 0 {
			return nil, fmt.Errorf("must have a number of requests, not %q", count)
		}
		if !hasWindow {
			continue
		}
		if windows[i], err = time.ParseDuration(window); err != nil || windows[i] <= 0 {
			return nil, fmt.Errorf("must have a window such as 6s, not %q", window)
		}
	}
	return []dropletstest.Option{dropletstest.WithRateLimit(limits[0], limits[1]),
		dropletstest.WithRateLimitWindows(windows[0], windows[1])}, nil
}
