package dropletstest

import (
	"slices"
	"time"
)

// EntryKind is the kind of a ledger entry.
type EntryKind string

// The kinds of entries.
const (
	EntryCreate EntryKind = "create"
	EntryDelete EntryKind = "delete"
)

// Entry records that a request created or deleted a Droplet.
type Entry struct {
	// Kind is EntryCreate or EntryDelete.
	Kind EntryKind `json:"kind"`
	// Time is when the Droplet was created or deleted.
	Time time.Time `json:"time"`
	// DropletID and Name are the id and the name of the Droplet.
	DropletID int64  `json:"droplet_id"`
	Name      string `json:"name"`
	// RequestID and Operation identify the request.
	RequestID string `json:"request_id"`
	Operation string `json:"operation"`
}

type ledger struct {
	entries         []Entry
	destroyRequests map[int64]requestRef // by the id of the Droplet that the destroy has not deleted yet
}

// requestRef identifies a request.
type requestRef struct {
	RequestID string `json:"request_id"`
	Operation string `json:"operation"`
}

// record adds an entry for the Droplet that a request created or deleted.
func (l *ledger) record(c *call, kind EntryKind, d *droplet) {
	l.add(kind, c.now, d, requestRef{c.id, c.operation()})
}

func (l *ledger) add(kind EntryKind, at time.Time, d *droplet, req requestRef) {
	l.entries = append(l.entries, Entry{Kind: kind, Time: roundTripTime(at), DropletID: d.ID, Name: d.Name,
		RequestID: req.RequestID, Operation: req.Operation})
}

// recordDestroyRequest keeps the request of a destroy with associated resources until the destroy deletes the Droplet.
func (l *ledger) recordDestroyRequest(c *call, dropletID int64) {
	if l.destroyRequests == nil {
		l.destroyRequests = make(map[int64]requestRef)
	}
	l.destroyRequests[dropletID] = requestRef{c.id, c.operation()}
}

// recordDestroyed adds an entry for a Droplet that a destroy with associated resources deleted.
func (l *ledger) recordDestroyed(d *droplet, at time.Time) {
	l.add(EntryDelete, at, d, l.destroyRequests[d.ID])
	delete(l.destroyRequests, d.ID)
}

// Ledger returns all creates and deletes of Droplets through requests, the oldest first.
func (a *API) Ledger() []Entry {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	return slices.Clone(a.ledger.entries)
}
