package dropletstest

import (
	"errors"
	"fmt"
	"time"
)

const (
	// maxID is above all ids. Many languages cannot represent larger integers of JSON exactly.
	maxID = 1 << 53
	// spareIDs is the number of ids below maxID that only events use. An account that has no other ids left rejects changes, so that it
	// can still be saved and loaded.
	spareIDs = 1 << 32
	// maxGivenID is above all ids that AddDroplet and AddImage accept.
	maxGivenID = maxID - 2*spareIDs
)

var noMoreIDs = unprocessable("The account has no more ids.")

// checkIDs returns an error if the account has no more ids for new objects and events. The ids of requests can be used again.
func (c *counters) checkIDs() *apiError {
	if max(c.Droplet, c.Action, c.Image, c.Key, c.Event, c.UUID, c.IP) >= maxID-spareIDs {
		return noMoreIDs
	}
	return nil
}

// lockToAdd is like lockAndApplyDue, but panics if the account has no more ids.
func (a *API) lockToAdd() time.Time {
	now := a.lockAndApplyDue()
	if apiErr := a.checkIDs(); apiErr != nil {
		a.mu.Unlock()
		panic("dropletstest: " + apiErr.message)
	}
	return now
}

// The times of events are between these. After an earlier backup, the fake would make one for each day since then. A later time could
// not be encoded as JSON.
var (
	firstEventTime = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastEventTime  = time.Date(9000, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// checkLimits returns an error if a counter or the time of an event is out of range.
func (s *state) checkLimits() error {
	for name, last := range map[string]int64{"Droplet": s.counters.Droplet, "action": s.counters.Action, "image": s.counters.Image,
		"SSH key": s.counters.Key, "request": s.counters.Request, "event": s.counters.Event, "UUID": s.counters.UUID, "IP": s.counters.IP} {
		if last < 0 || last >= maxID {
			return fmt.Errorf("the last %s has the number %d, which is not between 0 and %d", name, last, int64(maxID)-1)
		}
	}
	if s.checkIDs() != nil && len(s.events) > 0 {
		return errors.New("it has scheduled events, but no more ids for what they create")
	}
	for _, e := range s.events {
		if e.At.Before(firstEventTime) || e.At.After(lastEventTime) {
			return fmt.Errorf("the time of an event is out of range: %s", e.At)
		}
	}
	return nil
}
