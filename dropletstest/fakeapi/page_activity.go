package main

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

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
			item.Class, item.Time = "busy", formatElapsed(a.Elapsed)+" of "+formatDuration(a.Duration)
		}
		v.Items = append(v.Items, item)
	}
	return v
}

// ElapsedSeconds returns the value of the progress bar, to a tenth of a second.
func (v actionView) ElapsedSeconds() string { return fmt.Sprintf("%.1f", v.Elapsed.Seconds()) }

// DurationSeconds returns the maximum of the progress bar, which HTML requires to be positive.
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
	v := requestList{Shown: formatInt(len(o.Requests)), Total: formatInt(o.RequestCount),
		Truncated: len(o.Requests) < o.RequestCount, Example: example}
	for _, r := range o.Requests {
		v.Items = append(v.Items, newRequestView(r))
	}
	return v
}

// The largest numbers of bytes of texts that are shown. Clients can send far longer ones.
const (
	maxShownURL       = 400
	maxShownUserAgent = 120
	maxShownMethod    = 20
)

func newRequestView(r dropletstest.Request) requestView {
	address := r.Path
	if query := r.Query.Encode(); query != "" {
		address += "?" + query
	}
	v := requestView{Request: r, URL: shorten(address, maxShownURL), UserAgent: shorten(r.Header.Get("User-Agent"), maxShownUserAgent),
		DurationText: formatDuration(r.Duration), StatusText: strconv.Itoa(r.Status)}
	v.Method, v.Operation = shorten(r.Method, maxShownMethod), cmp.Or(r.Operation, "unknown operation")
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
