package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/droplets-go/droplets/dropletstest"
)

// planned lists the faults and failures that are planned, and the Droplets that ignore shutdowns.
type planned struct {
	Items []string
	More  string // the number of those that are not in Items; "" for none
}

func newPlanned(o dropletstest.Overview) planned {
	var v planned
	for _, f := range o.Faults {
		v.Items = append(v.Items, describeFault(f))
	}
	for _, f := range o.ActionFailures {
		v.Items = append(v.Items, describeActionFailure(f))
	}
	if o.AllIgnoreShutdown {
		v.Items = append(v.Items, "All Droplets ignore shutdowns")
	}
	for _, id := range o.IgnoresShutdown {
		v.Items = append(v.Items, fmt.Sprintf("Droplet %d ignores shutdowns", id))
	}
	for _, id := range slices.Sorted(maps.Keys(o.DestroyFailures)) {
		v.Items = append(v.Items, fmt.Sprintf("Next destroy of %s: %s", id, o.DestroyFailures[id]))
	}
	if more := len(v.Items) - shownFaults; more > 0 {
		v.Items, v.More = v.Items[:shownFaults], formatInt(more)
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
	if match == nil {
		match = []string{"request"}
	}
	if f.Match.BodyContains != "" {
		match = append(match, fmt.Sprintf("with %q", f.Match.BodyContains))
	}
	if f.Match.Func != nil {
		match = append(match, "with a condition")
	}
	requests := strings.Join(match, " ")
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
