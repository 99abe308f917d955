package dropletstest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// Overview is the state of an API at one moment, for a display that is refreshed often. Droplets, Actions and Requests are limited and
// begin with the newest item. It is a copy.
type Overview struct {
	// Time is the time of the API's clock.
	Time time.Time
	// Droplets are the newest Droplets, including those that are not visible to clients yet because of [Lag].
	Droplets []droplets.Droplet
	// DropletCount is the number of all Droplets.
	DropletCount int
	// DropletsByStatus has the number of Droplets of each status.
	DropletsByStatus map[droplets.DropletStatus]int
	// PriceMonthly is the price of all Droplets in USD per month.
	PriceMonthly float64
	// Actions are the newest actions.
	Actions []ActionProgress
	// ActionCount is the number of all actions.
	ActionCount int
	// Requests are the newest requests, without their bodies.
	Requests []Request
	// RequestCount is the number of requests that are kept; see [API.Requests].
	RequestCount int
	// RateLimits are the windows of the rate limit, the shortest first.
	RateLimits []RateLimitWindow
	// Faults are the planned faults, as [API.Faults] returns them.
	Faults []PlannedFault
	// ActionFailures are the failures that [API.FailAction] planned, the oldest first.
	ActionFailures []PlannedActionFailure
	// DestroyFailures are the failures that [API.FailNextDestroy] planned: the error messages by the ID of the resource.
	DestroyFailures map[string]string
	// IgnoresShutdown are the IDs of the Droplets whose guests ignore shutdowns because [API.IgnoreShutdown] was called with them,
	// sorted.
	IgnoresShutdown []int64
	// AllIgnoreShutdown reports whether the guests of all Droplets ignore shutdowns.
	AllIgnoreShutdown bool
}

// ActionProgress is an action with its progress. Its Region is nil; RegionSlug is set.
type ActionProgress struct {
	droplets.Action
	// Elapsed is how long the action has run. It equals Duration if the action has ended.
	Elapsed time.Duration
	// Duration is how long the action takes or took. The times of an action that has ended are whole seconds.
	Duration time.Duration
}

// RateLimitWindow is a sliding window in which requests are counted.
type RateLimitWindow struct {
	// Length is the length of the window.
	Length time.Duration
	// Limit is the number of requests that are admitted in the window.
	Limit int
	// Remaining is the number of requests that are still admitted in the window.
	Remaining int
	// Enforced reports whether requests above the limit are rejected; see [WithRateLimit].
	Enforced bool
	// Reset is when the oldest request leaves the window; the current time if there is none.
	Reset time.Time
}

// PlannedActionFailure is a failure that [API.FailAction] planned.
type PlannedActionFailure struct {
	// Nth is the number of the action that fails, counted from now: 1 for the next one.
	Nth int
	// Types are the types of the actions that count; if it is empty, actions of all types count.
	Types []droplets.ActionType
}

// OverviewOptions limits the lists of an [Overview]. With the zero value, the three lists are empty.
type OverviewOptions struct {
	// Droplets, Actions and Requests are the largest numbers of items. They must not be negative.
	Droplets, Actions, Requests int
}

// Overview returns the state of the API at one moment. It copies only the Droplets, actions and requests that opts selects, so that it
// is fast even if the account has many. It panics if a number in opts is negative.
func (a *API) Overview(opts OverviewOptions) Overview {
	if min(opts.Droplets, opts.Actions, opts.Requests) < 0 {
		panic(fmt.Sprintf("dropletstest: Overview: the numbers must not be negative: %+v", opts))
	}
	now := a.lockAndApplyDue().UTC()
	defer a.mu.Unlock()
	o := Overview{Time: now, DropletCount: len(a.orderedDroplets), DropletsByStatus: make(map[droplets.DropletStatus]int),
		Actions: a.actionProgress(now, opts.Actions), ActionCount: len(a.actionHistory), RequestCount: len(a.requests.list),
		RateLimits: a.limiter.describe(now, a.config.limits), Faults: a.plannedFaults(), DestroyFailures: maps.Clone(a.destroyFailures),
		AllIgnoreShutdown: a.guests.allIgnoreShutdown}
	for _, d := range newest(a.orderedDroplets, opts.Droplets) {
		o.Droplets = append(o.Droplets, copyDroplet(d.Droplet))
	}
	for _, d := range a.orderedDroplets {
		o.DropletsByStatus[d.Status]++
		if a.guests.ignoreShutdown[d.ID] {
			o.IgnoresShutdown = append(o.IgnoresShutdown, d.ID)
		}
		if d.Size != nil {
			o.PriceMonthly += d.Size.PriceMonthly
		}
	}
	for _, r := range newest(a.requests.list, opts.Requests) {
		o.Requests = append(o.Requests, r.copyWithoutBody())
	}
	for _, f := range a.actionFailures {
		o.ActionFailures = append(o.ActionFailures, PlannedActionFailure{f.nth, slices.Clone(f.types)})
	}
	return o
}

// newest returns the last n items of a list in reverse order.
func newest[T any](list []T, n int) []T {
	last := slices.Clone(list[max(len(list)-n, 0):])
	slices.Reverse(last)
	return last
}

func (r *Request) copyWithoutBody() Request {
	c := *r
	c.Query, c.Header, c.Body = url.Values(http.Header(r.Query).Clone()), r.Header.Clone(), nil
	return c
}

// actionProgress returns the newest n actions.
func (a *API) actionProgress(now time.Time, n int) []ActionProgress {
	ends := make(map[int64]time.Time)
	for _, e := range a.events {
		if e.Kind == eventActionEnds {
			ends[e.Action] = e.At
		}
	}
	var all []ActionProgress
	for _, act := range newest(a.actionHistory, n) {
		p := ActionProgress{Action: act.Action}
		p.Region, p.CompletedAt = nil, copyPointer(act.CompletedAt)
		if act.CompletedAt == nil {
			started := act.startTime(ends[act.ID], a.config.durationFor(act.Type))
			p.Elapsed, p.Duration = now.Sub(started), ends[act.ID].Sub(started)
		} else {
			p.Duration = act.CompletedAt.Sub(act.StartedAt)
			p.Elapsed = p.Duration
		}
		all = append(all, p)
	}
	return all
}

// startTime returns when an action started that ends at end. StartedAt is truncated to seconds, so that the usual duration gives a
// more exact time. If they do not agree, because a state was loaded in which actions take another time, it returns StartedAt.
func (act *action) startTime(end time.Time, usual time.Duration) time.Time {
	started := end.Add(-usual)
	if !wholeSeconds(started).Equal(act.StartedAt) {
		return act.StartedAt
	}
	return started
}

// describe returns the windows that have a limit, or the window per hour that the headers report if none has.
func (l *limiter) describe(now time.Time, lim limits) []RateLimitWindow {
	l.slide(now, lim)
	var all []RateLimitWindow
	add := func(w window, length time.Duration, limit int, enforced bool) {
		reset := now
		if len(w) > 0 {
			reset = w[0].Add(length).UTC()
		}
		all = append(all, RateLimitWindow{Length: length, Limit: limit, Remaining: max(limit-len(w), 0), Enforced: enforced, Reset: reset})
	}
	if lim.perMinute > 0 {
		add(l.minute, lim.minute, lim.perMinute, true)
	}
	switch {
	case lim.perHour > 0:
		add(l.hour, lim.hour, lim.perHour, true)
	case lim.perMinute == 0:
		add(l.hour, lim.hour, defaultHourlyLimit, false)
	}
	return all
}
