package droplets

import (
	"maps"
	"sync"
	"time"
)

const (
	// outdatedStatusWait is how long after a request to destroy the API may still show the failure of the destroy before.
	outdatedStatusWait = 2 * time.Minute
	// failureMemory is how long the client remembers that it has seen a failed destroy.
	failureMemory = time.Hour
)

// destroyRequests records the destroys with associated resources of a client, to recognize the status of an earlier one.
type destroyRequests struct {
	mu   sync.Mutex
	byID map[int64]destroyRequest
}

type destroyRequest struct {
	failedAt   time.Time // CompletedAt of the last failure that was seen, by the clock of the API
	seenAt     time.Time // when that was
	acceptedAt time.Time // when the API accepted the last request
	outdated   time.Time // CompletedAt of the failure that was seen before the last request
}

// sawFailure records a status that reports a failure.
func (r *destroyRequests) sawFailure(dropletID int64, s *DestroyStatus) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.byID[dropletID]
	d.failedAt, d.seenAt = *s.CompletedAt, time.Now()
	r.put(dropletID, d)
}

// accepted records that the API has accepted a request to destroy, or may have accepted it.
func (r *destroyRequests) accepted(dropletID int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.byID[dropletID]
	d.acceptedAt, d.outdated = time.Now(), d.failedAt
	r.put(dropletID, d)
}

// put stores a record and removes those that no longer count.
func (r *destroyRequests) put(dropletID int64, d destroyRequest) {
	now := time.Now()
	maps.DeleteFunc(r.byID, func(_ int64, d destroyRequest) bool {
		return now.Sub(d.acceptedAt) > outdatedStatusWait && now.Sub(d.seenAt) > failureMemory
	})
	if r.byID == nil {
		r.byID = make(map[int64]destroyRequest)
	}
	r.byID[dropletID] = d
}

// isOutdated reports whether a status with a failure is that of the destroy before the last request. Times of the API have
// whole seconds.
func (r *destroyRequests) isOutdated(dropletID int64, s *DestroyStatus) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.byID[dropletID]
	if !ok || time.Since(d.acceptedAt) > outdatedStatusWait {
		return false
	}
	return s.CompletedAt.Equal(d.outdated) || s.CompletedAt.Before(d.acceptedAt.Truncate(time.Second))
}

// isRecent reports whether a destroy was accepted so short a time ago that the API may not show its status yet.
func (r *destroyRequests) isRecent(dropletID int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.byID[dropletID]
	return ok && time.Since(d.acceptedAt) <= createGrace
}
