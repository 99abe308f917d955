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

// Entry records the create or the delete of a Droplet by a request or an autoscale pool; see [API.Ledger].
type Entry struct {
	// Kind is EntryCreate or EntryDelete.
	Kind EntryKind `json:"kind"`
	// Time is when the Droplet was created or deleted.
	Time time.Time `json:"time"`
	// DropletID and Name are the id and the name of the Droplet.
	DropletID int64  `json:"droplet_id"`
	Name      string `json:"name"`
	// RequestID and Operation identify the request. They are empty if an autoscale pool created or deleted the Droplet by itself.
	RequestID string `json:"request_id"`
	Operation string `json:"operation"`
}

type ledger struct {
	entries         []Entry
	destroyRequests map[int64]requestRef // the requests of destroys in progress, by the id of the Droplet
}

// requestRef identifies a request.
type requestRef struct {
	RequestID string `json:"request_id"`
	Operation string `json:"operation"`
}

// recordDelete adds an entry for the Droplet that a request deleted.
func (l *ledger) recordDelete(c *call, d *droplet) {
	l.add(EntryDelete, c.now, d, requestRef{c.id, c.operation()})
}

func (l *ledger) add(kind EntryKind, at time.Time, d *droplet, req requestRef) {
	l.entries = append(l.entries, Entry{Kind: kind, Time: roundTripTime(at), DropletID: d.ID, Name: d.Name,
		RequestID: req.RequestID, Operation: req.Operation})
}

// recordDestroyRequest stores the request of a destroy until the Droplet is deleted, for recordDestroyed.
func (l *ledger) recordDestroyRequest(req requestRef, dropletID int64) {
	if l.destroyRequests == nil {
		l.destroyRequests = make(map[int64]requestRef)
	}
	l.destroyRequests[dropletID] = req
}

// recordDestroyed adds an entry for a Droplet that a destroy with associated resources or a pool is about to delete. The entry has the
// request of the destroy, if there is one.
func (l *ledger) recordDestroyed(d *droplet, at time.Time) {
	l.add(EntryDelete, at, d, l.destroyRequests[d.ID])
}

// Ledger returns an entry for each create and delete of a Droplet by a request or by an autoscale pool, the oldest first. If the
// create of a Droplet fails later, there is no entry for the removal of the Droplet.
func (a *API) Ledger() []Entry {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	return slices.Clone(a.ledger.entries)
}
