package dropletstest

import (
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
	Kind EntryKind
	// Time is when.
	Time time.Time
	// DropletID and Name are the Droplet's.
	DropletID int64
	Name      string
	// RequestID and Operation are those of the request that asked for it.
	RequestID, Operation string
}

// maxRequests is how many requests are remembered: enough for a test, and bounded for a process that runs for days.
const maxRequests = 10_000

type ledger struct {
	requests []Request
	entries  []Entry
	destroys map[int64]cause // of Droplets that a destroy will take
}

type cause struct{ requestID, operation string }

func (a *API) remember(c *call, rep reply) {
	h := c.req.Header.Clone()
	if h.Get("Authorization") != "" {
		h.Set("Authorization", "REDACTED")
	}
	l := &a.ledger
	if len(l.requests) >= 2*maxRequests {
		l.requests = slices.Delete(l.requests, 0, len(l.requests)-maxRequests)
	}
	l.requests = append(l.requests, Request{Time: c.now, ID: c.id, Operation: c.operation, Method: c.req.Method,
		Path: c.req.URL.Path, Query: c.query, Header: h, Body: c.body, Status: rep.status})
}

func (l *ledger) record(c *call, kind EntryKind, d *droplet) {
	l.add(Entry{Kind: kind, Time: c.now, DropletID: d.ID, Name: d.Name, RequestID: c.id, Operation: c.operation})
}

func (l *ledger) add(e Entry) { l.entries = append(l.entries, e) }

// note remembers who asked for a destroy that is still to happen.
func (l *ledger) note(c *call, dropletID int64) {
	if l.destroys == nil {
		l.destroys = make(map[int64]cause)
	}
	l.destroys[dropletID] = cause{c.id, c.operation}
}

// Requests returns the requests that the API received, the oldest first; of more than 10,000 the newest 10,000 at
// least. They are the caller's own.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := slices.Clone(a.ledger.requests)
	for i := range all {
		all[i].Query, all[i].Header = url.Values(http.Header(all[i].Query).Clone()), all[i].Header.Clone()
		all[i].Body = slices.Clone(all[i].Body)
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
		all[i] = copyOf(d.Droplet)
	}
	return all
}
