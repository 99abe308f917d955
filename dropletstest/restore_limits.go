package dropletstest

import (
	"fmt"
	"time"
)

// maxID is the largest id. Larger whole numbers are not exact in the JSON of many languages, and the next id must not overflow.
const maxID = 1 << 53

// The times of events are between these. An earlier one would be a backup for each day since then, and a later one could not be
// encoded.
var (
	firstEventTime = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastEventTime  = time.Date(9000, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// checkLimits returns an error if the next id or the time of an event is out of range.
func (s *state) checkLimits() error {
	for name, last := range map[string]int64{"Droplet": s.counters.Droplet, "action": s.counters.Action, "image": s.counters.Image,
		"SSH key": s.counters.Key, "request": s.counters.Request, "event": s.counters.Event, "UUID": s.counters.UUID, "IP": s.counters.IP} {
		if last < 0 || last >= maxID {
			return fmt.Errorf("the last %s has the number %d, which is not between 0 and %d", name, last, int64(maxID))
		}
	}
	for _, e := range s.events {
		if e.At.Before(firstEventTime) || e.At.After(lastEventTime) {
			return fmt.Errorf("the time of an event is out of range: %s", e.At)
		}
	}
	return nil
}
