package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// summary is the data of the template summary. Its texts are not escaped, as in the data of the other templates: the templates escape
// them.
type summary struct {
	Droplets, Statuses string
	PriceMonthly       string
	Now                time.Time
	Clock              string // see describeClock
	Limits             []limitView
}

type limitView struct {
	Name, Text, Detail string
	Remaining, Limit   int
	Low                int // the meter is in the color of a warning below this number
}

// newSummary returns the data of the summary. manual is that of the fake's clock; realTime is the time of the computer.
func newSummary(o dropletstest.Overview, manual bool, realTime time.Time) summary {
	s := summary{Droplets: formatInt(o.DropletCount), Statuses: describeStatuses(o.DropletsByStatus), PriceMonthly: formatPrice(o.PriceMonthly),
		Now: o.Time.Truncate(time.Second), Clock: describeClock(manual, o.Time.Sub(realTime))}
	for _, w := range o.RateLimits {
		s.Limits = append(s.Limits, newLimitView(w))
	}
	return s
}

func newLimitView(w dropletstest.RateLimitWindow) limitView {
	v := limitView{Name: "per " + formatWindow(w.Length), Remaining: w.Remaining, Limit: w.Limit, Low: w.Limit / 5,
		Text: formatInt(w.Remaining) + " of " + formatInt(w.Limit)}
	switch {
	case !w.Enforced:
		v.Detail = ", not enforced"
	case w.Remaining == 0:
		v.Detail = ", 429 until " + w.Reset.Format(time.TimeOnly)
	}
	return v
}

// describeClock returns "manual" or "real time", with the duration by which the clock is ahead of real time.
func describeClock(manual bool, ahead time.Duration) string {
	ahead = ahead.Round(time.Second)
	switch {
	case manual:
		return "manual"
	case ahead > 0:
		return "real time + " + formatDuration(ahead)
	default:
		return "real time"
	}
}

// describeStatuses returns the number of Droplets in each status: "9 active, 1 new".
func describeStatuses(counts map[droplets.DropletStatus]int) string {
	var texts []string
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, formatInt(counts[status])+"\u00a0"+string(status)) // a space that does not break
	}
	return cmp.Or(strings.Join(texts, ", "), "none yet")
}
