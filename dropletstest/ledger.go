package dropletstest

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// Request is a request that the API received.
type Request struct {
	// Time is when it came.
	Time time.Time
	// ID is the request id that its answer has.
	ID string
	// Operation is the API's own id of the operation, such as "droplets_create"; empty where there is none.
	Operation string
	// Method and Path are those of the request.
	Method, Path string
	// Query is what the URL asks for.
	Query url.Values
	// Header is the request's; the token in it is replaced by "REDACTED".
	Header http.Header
	// Body is what was sent; nil when that was nothing.
	Body []byte
	// Status is the answer's; 0 when the connection broke before there was one.
	Status int
}

// EntryKind tells creates from deletes in the ledger.
type EntryKind string

// The kinds of entries.
const (
	EntryCreate EntryKind = "create"
	EntryDelete EntryKind = "delete"
)

// Entry is a Droplet that was created or deleted, through a request.
type Entry struct {
	// Kind tells which.
	Kind EntryKind `json:"kind"`
	// Time is when.
	Time time.Time `json:"time"`
	// DropletID and Name are the Droplet's.
	DropletID int64  `json:"droplet_id"`
	Name      string `json:"name"`
	// RequestID and Operation are those of the request that asked for it.
	RequestID string `json:"request_id"`
	Operation string `json:"operation"`
}

// maxRequests is how many requests are remembered: enough for a test, and bounded for a process that runs for days.
const maxRequests = 10_000

type ledger struct {
	requests []*Request
	entries  []Entry
	destroys map[int64]cause // of Droplets that a destroy will take
}

type cause struct {
	RequestID string `json:"request_id"`
	Operation string `json:"operation"`
}

// remember keeps a request from its arrival on; the status of its answer comes later.
func (a *API) remember(c *call) {
	h := c.req.Header.Clone()
	if h.Get("Authorization") != "" {
		h.Set("Authorization", "REDACTED")
	}
	l := &a.ledger
	if len(l.requests) >= 2*maxRequests {
		l.requests = slices.Delete(l.requests, 0, maxRequests)
	}
	c.record = &Request{Time: plain(c.began), ID: c.id, Operation: c.operation(), Method: c.req.Method,
		Path: c.req.URL.Path, Query: c.query, Header: h, Body: c.body}
	l.requests = append(l.requests, c.record)
}

// settleRequest notes how a request was answered, if it was, and logs it.
func (a *API) settleRequest(c *call, rep reply, answered bool) {
	if !answered {
		rep.status = 0
	}
	a.mu.Lock()
	c.record.Status = rep.status
	a.mu.Unlock()
	if l := a.config.logger; l != nil {
		l.LogAttrs(c.req.Context(), slog.LevelInfo, "request", slog.String("method", c.req.Method),
			slog.String("path", c.req.URL.RequestURI()), slog.Int("status", rep.status), slog.String("operation", c.operation()),
			slog.Duration("took", time.Since(c.began)), slog.String("request_id", c.id))
	}
}

func (l *ledger) record(c *call, kind EntryKind, d *droplet) {
	l.add(Entry{Kind: kind, Time: c.now, DropletID: d.ID, Name: d.Name, RequestID: c.id, Operation: c.operation()})
}

func (l *ledger) add(e Entry) {
	e.Time = plain(e.Time)
	l.entries = append(l.entries, e)
}

// note remembers who asked for a destroy that is still to happen.
func (l *ledger) note(c *call, dropletID int64) {
	if l.destroys == nil {
		l.destroys = make(map[int64]cause)
	}
	l.destroys[dropletID] = cause{c.id, c.operation()}
}

// ended is for a destroy, whose Droplet goes some time after the request.
func (l *ledger) ended(d *droplet, at time.Time) {
	by := l.destroys[d.ID]
	delete(l.destroys, d.ID)
	l.add(Entry{Kind: EntryDelete, Time: at, DropletID: d.ID, Name: d.Name, RequestID: by.RequestID, Operation: by.Operation})
}

// Requests returns the requests that the API received, the oldest first; of more than 10,000 the newest 10,000 at
// least. They are the caller's own.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]Request, len(a.ledger.requests))
	for i, r := range a.ledger.requests {
		all[i] = *r
		all[i].Query, all[i].Header = url.Values(http.Header(r.Query).Clone()), r.Header.Clone()
		all[i].Body = bytes.Clone(r.Body)
	}
	return all
}

// Ledger returns what was created and deleted through requests, the oldest first, all of it.
func (a *API) Ledger() []Entry {
	a.lockNow()
	defer a.mu.Unlock()
	return slices.Clone(a.ledger.entries)
}

// Droplets returns the Droplets as they are now, by id, those too that a lag still hides. They are the caller's own.
func (a *API) Droplets() []droplets.Droplet {
	a.lockNow()
	defer a.mu.Unlock()
	all := make([]droplets.Droplet, len(a.ordered))
	for i, d := range a.ordered {
		all[i] = copyDroplet(d.Droplet)
	}
	return all
}
