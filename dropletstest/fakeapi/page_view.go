package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// The types in this file are the data of the templates. Their texts are not escaped; the templates do that.

type summary struct {
	Droplets, Statuses string
	PriceMonthly       string
	Now                time.Time
	Clock              string // how it runs
	Limits             []limitView
}

type limitView struct {
	Name, Text, Detail string
	Remaining, Limit   int
	Low                int // below it, the display warns
}

// newSummary returns the data of the summary. The clock is manual or follows real, the time of the computer.
func newSummary(o dropletstest.Overview, manual bool, real time.Time) summary {
	s := summary{Droplets: formatInt(o.DropletCount), Statuses: describeStatuses(o.DropletsByStatus), PriceMonthly: formatPrice(o.PriceMonthly),
		Now: o.Time.Truncate(time.Second), Clock: describeClock(manual, o.Time.Sub(real))}
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

// describeClock says how the clock runs, and how far one that follows real time is ahead of it.
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

// planned lists the faults and failures that are planned.
type planned struct{ Items []string }

func newPlanned(o dropletstest.Overview) planned {
	var v planned
	for _, f := range o.Faults {
		v.Items = append(v.Items, describeFault(f))
	}
	for _, f := range o.ActionFailures {
		v.Items = append(v.Items, describeActionFailure(f))
	}
	return v
}

func describeFault(f dropletstest.PlannedFault) string {
	var match []string
	for _, text := range []string{f.Match.Operation, f.Match.Method, f.Match.Path} {
		if text != "" {
			match = append(match, text)
		}
	}
	if f.Match.BodyContains != "" {
		match = append(match, fmt.Sprintf("with %q", f.Match.BodyContains))
	}
	if f.Match.Func != nil {
		match = append(match, "with a condition")
	}
	requests := cmp.Or(strings.Join(match, " "), "request")
	switch {
	case f.Remaining < 0:
		requests = "Every " + requests
	case f.Remaining == 1:
		requests = "Next " + requests
	default:
		requests = fmt.Sprintf("Next %d × %s", f.Remaining, requests)
	}
	return requests + ": " + strings.Join(describeEffects(f.Fault), ", ")
}

func describeEffects(f dropletstest.Fault) (effects []string) {
	if f.Delay > 0 {
		effects = append(effects, formatDuration(f.Delay)+" delay")
	}
	if f.Status != 0 {
		effects = append(effects, fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status)))
	}
	if delay := f.Header.Get("Retry-After"); delay != "" {
		effects = append(effects, "Retry-After "+delay)
	}
	switch f.Break {
	case dropletstest.BreakAnswer:
		effects = append(effects, "connection breaks before the response")
	case dropletstest.BreakBody:
		effects = append(effects, "connection breaks in the body")
	case dropletstest.BreakDial:
		effects = append(effects, "connection refused")
	case dropletstest.BreakNone:
	}
	if f.Applied {
		effects = append(effects, "after the request was processed")
	}
	if len(effects) == 0 {
		effects = append(effects, "other header or body")
	}
	return effects
}

func describeActionFailure(f dropletstest.PlannedActionFailure) string {
	names := make([]string, len(f.Types))
	for i, t := range f.Types {
		names[i] = string(t)
	}
	action := cmp.Or(strings.Join(names, " or "), "action")
	if f.Nth == 1 {
		return "Next " + action + " fails"
	}
	return fmt.Sprintf("The %s number %d from now fails", action, f.Nth)
}

type actionList struct {
	Shown, Total string
	Truncated    bool
	Items        []actionView
}

type actionView struct {
	dropletstest.ActionProgress
	Class, Time string
	Running     bool
}

func newActionList(o dropletstest.Overview) actionList {
	v := actionList{Shown: formatInt(len(o.Actions)), Total: formatInt(o.ActionCount), Truncated: len(o.Actions) < o.ActionCount}
	for _, a := range o.Actions {
		item := actionView{ActionProgress: a, Running: a.Status == droplets.ActionStatusInProgress}
		switch a.Status {
		case droplets.ActionStatusCompleted:
			item.Class, item.Time = "good", "took "+formatDuration(a.Duration)
		case droplets.ActionStatusErrored:
			item.Class, item.Time = "bad", "after "+formatDuration(a.Duration)
		default:
			item.Class, item.Time = "busy", formatSeconds(a.Elapsed)+" of "+formatDuration(a.Duration)
		}
		v.Items = append(v.Items, item)
	}
	return v
}

// ElapsedSeconds returns the progress for the progress bar. It is exact to a tenth of a second.
func (v actionView) ElapsedSeconds() string { return fmt.Sprintf("%.1f", v.Elapsed.Seconds()) }

// DurationSeconds returns the total for the progress bar, which must not be 0.
func (v actionView) DurationSeconds() string {
	return fmt.Sprintf("%.1f", max(v.Duration.Seconds(), 0.1))
}

type requestList struct {
	Shown, Total string
	Truncated    bool
	Items        []requestView
	Example      curlExample
}

type requestView struct {
	dropletstest.Request
	URL, Class, StatusText, DurationText, UserAgent string
}

func newRequestList(o dropletstest.Overview, example curlExample) requestList {
	v := requestList{Shown: formatInt(len(o.Requests)), Total: formatInt(o.RequestCount), Truncated: len(o.Requests) < o.RequestCount, Example: example}
	for _, r := range o.Requests {
		v.Items = append(v.Items, newRequestView(r))
	}
	return v
}

func newRequestView(r dropletstest.Request) requestView {
	v := requestView{Request: r, URL: r.Path, DurationText: formatDuration(r.Duration), UserAgent: r.Header.Get("User-Agent"),
		StatusText: fmt.Sprint(r.Status)}
	if query := r.Query.Encode(); query != "" {
		v.URL += "?" + query
	}
	v.Operation = cmp.Or(r.Operation, "unknown operation")
	switch {
	case r.InProgress:
		v.Class, v.StatusText, v.DurationText = "busy", "in progress", "–"
	case r.Status == 0:
		v.Class, v.StatusText = "bad", "broken"
	case r.Status >= http.StatusInternalServerError, r.Status == http.StatusTooManyRequests:
		v.Class = "bad"
	case r.Status >= http.StatusBadRequest:
		v.Class = "warn"
	default:
		v.Class = "good"
	}
	return v
}
