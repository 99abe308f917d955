package dropletstest

import (
	"fmt"
	"time"
)

// maxID is above all ids. Many languages cannot represent larger integers of JSON exactly, and the next id must not overflow.
const maxID = 1 << 53

// The times of events are between these. After an earlier backup, the fake would make one for each day since then. A later time could
// not be encoded as JSON.
var (
	firstEventTime = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastEventTime  = time.Date(9000, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// checkLimits returns an error if the next id or the time of an event is out of range.
func (s *state) checkLimits() error {
	for name, last := range map[string]int64{"Droplet": s.counters.Droplet, "action": s.counters.Action, "image": s.counters.Image,
		"SSH key": s.counters.Key, "request": s.counters.Request, "event": s.counters.Event, "UUID": s.counters.UUID, "IP": s.counters.IP} {
		if last < 0 || last >= maxID {
			return fmt.Errorf("the last %s has the number %d, which is not between 0 and %d", name, last, int64(maxID)-1)
		}
	}
	for _, e := range s.events {
		if e.At.Before(firstEventTime) || e.At.After(lastEventTime) {
			return fmt.Errorf("the time of an event is out of range: %s", e.At)
		}
	}
	return nil
}
