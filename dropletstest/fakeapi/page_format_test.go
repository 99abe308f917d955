package main

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestFormats(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 10_000: "10,000", 123_456_789: "123,456,789", -1234: "-1,234",
		math.MaxInt32: "2,147,483,647"} {
		assert.Equal(t, want, formatInt(n))
	}
	for usd, want := range map[float64]string{0: "$0.00", 4.4: "$4.40", 0.1 + 0.2: "$0.30", 17796.48: "$17,796.48", 1e6: "$1,000,000.00"} {
		assert.Equal(t, want, formatPrice(usd))
	}
	for mb, want := range map[int]string{512: "512 MB", 1024: "1 GB", 1536: "1,536 MB", 1966080: "1,920 GB"} {
		assert.Equal(t, want, formatMemory(mb))
	}
	for d, want := range map[time.Duration]string{0: "0 ms", 12 * time.Microsecond: "0.01 ms", 1234 * time.Microsecond: "1.2 ms",
		456 * time.Millisecond: "456 ms", time.Second: "1 s", 1550 * time.Millisecond: "1.6 s", 70 * time.Second: "1 min 10 s",
		25*time.Hour + 3*time.Minute: "25 h 3 min"} {
		assert.Equal(t, want, formatDuration(d))
	}
	assert.Equal(t, "5.0 s", formatElapsed(5*time.Second))
	assert.Equal(t, "2 min 5 s", formatElapsed(125*time.Second))
	for d, want := range map[time.Duration]string{time.Minute: "minute", time.Hour: "hour", 6 * time.Second: "6 s"} {
		assert.Equal(t, want, formatWindow(d))
	}
}

func TestShorten(t *testing.T) {
	assert.Equal(t, "abc", shorten("abc", 3))
	assert.Equal(t, "abc…", shorten("abcd", 3))
	assert.Equal(t, "a…", shorten("aäö", 2), "no partial character")
	assert.Equal(t, "a\ufffdb", shorten("a\xffb", 9))
}

func TestLongTextsAreShortened(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	v := newRequestView(dropletstest.Request{Method: long, Path: "/" + long, Header: http.Header{"User-Agent": {long}}})
	assert.Less(t, len(v.Method)+len(v.URL)+len(v.UserAgent), 1000)
}

func TestRequestViews(t *testing.T) {
	for status, class := range map[int]string{200: "good", 204: "good", 302: "good", 404: "warn", 422: "warn",
		429: "bad", 500: "bad", 503: "bad", 0: "bad"} {
		assert.Equal(t, class, newRequestView(dropletstest.Request{Status: status}).Class, status)
	}
	v := newRequestView(dropletstest.Request{InProgress: true})
	assert.Equal(t, "in progress", v.StatusText)
	assert.Equal(t, "unknown operation", v.Operation)
}

func TestActionViews(t *testing.T) {
	action := func(status droplets.ActionStatus, elapsed, duration time.Duration) dropletstest.ActionProgress {
		return dropletstest.ActionProgress{Action: droplets.Action{Status: status}, Elapsed: elapsed, Duration: duration}
	}
	list := newActionList(dropletstest.Overview{ActionCount: 1000, Actions: []dropletstest.ActionProgress{
		action(droplets.ActionStatusInProgress, 0, 0),
		action(droplets.ActionStatusErrored, time.Minute, time.Minute),
	}})
	assert.Equal(t, "2 of 1,000", list.Shown+" of "+list.Total)
	assert.Equal(t, "0.1", list.Items[0].DurationSeconds(), "the maximum of a progress bar is positive")
	assert.Equal(t, "after 1 min 0 s", list.Items[1].Time)
	assert.False(t, list.Items[1].Running)
}

func TestLimitViews(t *testing.T) {
	reset := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	v := newLimitView(dropletstest.RateLimitWindow{Length: time.Minute, Limit: 250, Enforced: true, Reset: reset})
	assert.Equal(t, "0 of 250 per minute, 429 until 03:04:05", v.Text+" "+v.Name+v.Detail)
}

func TestClockTexts(t *testing.T) {
	assert.Equal(t, "manual", describeClock(true, time.Hour))
	assert.Equal(t, "real time", describeClock(false, -time.Microsecond))
	assert.Equal(t, "real time + 55 s", describeClock(false, 55*time.Second-time.Microsecond))
	assert.Equal(t, "none yet", describeStatuses(nil))
}

func TestPlannedTexts(t *testing.T) {
	for want, f := range map[string]dropletstest.PlannedFault{
		"Next request: 503 Service Unavailable": {Remaining: 1, Fault: dropletstest.Fault{Status: 503}},
		"Every droplets_create: connection refused": {Remaining: -1, Match: dropletstest.Match{Operation: "droplets_create"},
			Fault: dropletstest.Fault{Break: dropletstest.BreakDial}},
		"Next 3 × GET /v2/droplets/*: 5 s delay, connection breaks in the body": {Remaining: 3,
			Match: dropletstest.Match{Method: "GET", Path: "/v2/droplets/*"},
			Fault: dropletstest.Fault{Delay: 5 * time.Second, Break: dropletstest.BreakBody}},
		`Next request with "web" with a condition: other header or body`: {Remaining: 1,
			Match: dropletstest.Match{BodyContains: "web", Func: func(*http.Request) bool { return true }}, Fault: dropletstest.Fault{Body: "x"}},
	} {
		assert.Equal(t, want, describeFault(f))
	}
	assert.Equal(t, "Next resize or reboot fails", describeActionFailure(dropletstest.PlannedActionFailure{Nth: 1,
		Types: []droplets.ActionType{droplets.ActionTypeResize, droplets.ActionTypeReboot}}))
	assert.Equal(t, "The action number 2 from now fails", describeActionFailure(dropletstest.PlannedActionFailure{Nth: 2}))

	assert.Equal(t, []string{"All Droplets ignore shutdowns", "Droplet 4 ignores shutdowns", "Droplet 5 ignores shutdowns",
		"Next destroy of 6: in use", "Next destroy of v: busy"},
		newPlanned(dropletstest.Overview{DestroyFailures: map[string]string{"v": "busy", "6": "in use"},
			IgnoresShutdown: []int64{4, 5}, AllIgnoreShutdown: true}).Items)

	many := newPlanned(dropletstest.Overview{Faults: make([]dropletstest.PlannedFault, 1000),
		ActionFailures: make([]dropletstest.PlannedActionFailure, 25)})
	assert.Len(t, many.Items, shownFaults)
	assert.Equal(t, "1,005", many.More)
}
