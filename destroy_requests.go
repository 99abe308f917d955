package droplets

import (
	"maps"
	"sync"
	"time"
)

const (
	// outdatedStatusWait is how long after a request to destroy the API may still return the failed status of an earlier
	// destroy.
	outdatedStatusWait = 2 * time.Minute
	// failureMemory is how long a failed status is kept, to recognize it after a later request.
	failureMemory = time.Hour
)

// destroyRequests records the requests of a client to destroy Droplets with associated resources, and the failed statuses that
// the API returned. After a new request, it recognizes the status of the destroy before.
type destroyRequests struct {
	mu   sync.Mutex
	byID map[int64]destroyRequest
}

type destroyRequest struct {
	failedAt   time.Time // CompletedAt of the latest failed status, by the clock of the API
	seenAt     time.Time // when the API returned that status, by the local clock
	acceptedAt time.Time // when the API accepted the latest request, by the local clock
	outdated   time.Time // value of failedAt when that request was accepted
}

// recordFailure records a failed status. Its CompletedAt must not be nil.
func (r *destroyRequests) recordFailure(dropletID int64, s *DestroyStatus) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.byID[dropletID]
	d.failedAt, d.seenAt = *s.CompletedAt, time.Now()
	r.put(dropletID, d)
}

// recordRequest records that the API has accepted a request to destroy, or may have accepted it.
func (r *destroyRequests) recordRequest(dropletID int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.byID[dropletID]
	d.acceptedAt, d.outdated = time.Now(), d.failedAt
	r.put(dropletID, d)
}

// put stores a record and removes those that are too old to be used. The caller holds the lock.
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

// isOutdated reports whether a failed status is that of the destroy before the latest request. It is if the same status was
// seen before the request, or if the destroy ended before the request; acceptedAt is truncated because times of the API have
// whole seconds. If the local clock is ahead of that of the API, a new failure soon after the request can count as outdated too,
// but not longer than outdatedStatusWait after the request. If it is behind, a failure shortly before the request that was not
// seen can count as new.
func (r *destroyRequests) isOutdated(dropletID int64, s *DestroyStatus) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.byID[dropletID]
	if !ok || time.Since(d.acceptedAt) > outdatedStatusWait {
		return false
	}
	return s.CompletedAt.Equal(d.outdated) || s.CompletedAt.Before(d.acceptedAt.Truncate(time.Second))
}

// isRecent reports whether the latest request is not older than createGrace, so that the API may not return a status yet.
func (r *destroyRequests) isRecent(dropletID int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.byID[dropletID]
	return ok && time.Since(d.acceptedAt) <= createGrace
}
