package droplets

import (
	"slices"
	"time"
)

const (
	// stallInterval is how long a slow request may keep others from being sent after a pause.
	stallInterval = time.Second
	// minProbeInterval is the shortest time between two requests that test whether a limit is still in force. A shorter
	// interval would make such requests a large share of all requests when the API allows only a few per second.
	minProbeInterval = 15 * time.Second
)

// pace decides how many requests may be in flight, given the refusals so far. It has no clock and no lock of its own.
//
// Before the first refusal, it allows everything. A 429 that names a delay starts a pause. After the pause, requests are
// admitted one at a time, then two, four and so on, up to the number that the API accepted before the refusal, in a
// window that is as long as the time from the first of them to the end of the pause. Then one request at a time tests
// whether the API accepts more.
type pace struct {
	maxInFlight int
	maxDelay    time.Duration // MaxRetryAfter: no pause is longer

	pauses int       // number of pauses so far
	until  time.Time // end of the latest pause
	ramp   int       // requests in flight that the slow start allows
	slowAt int       // above this number, ramp grows by one for each round trip instead of doubling
	since  int       // number of accepted requests since ramp has grown

	// The run: the requests that were admitted since the latest pause.
	inFlight  int       // those that have not ended
	lastAdmit time.Time // when the last one was admitted
	runCount  int       // those that the API accepted
	runStart  time.Time // end of the first accepted one

	// The limit: what the latest run has shown. It is unknown if count is 0.
	learnedFrom int           // the number of pauses before that run
	count       int           // requests that are accepted in a window
	length      time.Duration // of the window
	window      []time.Time   // when the requests in the window were accepted; in order
	nextProbe   time.Time     // before this time the limit is not tested
	above       int           // number of requests that were accepted above count
}

// limited reports whether anything but maxInFlight can hold back a request.
func (p *pace) limited() bool { return p.pauses > 0 && (p.count > 0 || p.ramp < p.maxInFlight) }

// paused reports whether a pause is in force.
func (p *pace) paused(now time.Time) bool { return now.Before(p.until) }

// mayAdmit reports whether a request may be sent while inFlight others are in flight. If not, retry is the time at which
// the result changes by itself; it is zero if only the end of a request in flight changes it.
func (p *pace) mayAdmit(now time.Time, inFlight int) (ok bool, retry time.Time) {
	switch {
	case inFlight >= p.maxInFlight:
		return false, time.Time{}
	case p.pauses == 0:
		return true, time.Time{}
	case p.paused(now):
		return false, p.until
	case p.inFlight >= p.ramp:
		return p.stalled(now)
	case !p.full(now):
		return true, time.Time{}
	case now.Before(p.nextProbe):
		retry = p.nextProbe
		if len(p.window) > 0 {
			retry = earlier(retry, p.window[0].Add(p.length))
		}
		return false, retry
	case p.inFlight >= p.probes():
		return p.stalled(now)
	}
	return true, time.Time{}
}

// stalled admits a request although the slow start waits for those in flight, if none has ended for some time: a
// connection that hangs must not stop all calls.
func (p *pace) stalled(now time.Time) (ok bool, retry time.Time) {
	retry = p.lastAdmit.Add(stallInterval)
	return !now.Before(retry), retry
}

// admit records that a request is sent.
func (p *pace) admit(now time.Time) permit {
	p.inFlight++
	p.lastAdmit = now
	return permit{pauses: p.pauses}
}

// permit is what an admitted request holds until it ends.
type permit struct {
	pauses int // number of pauses when it was admitted
}

// end records that an admitted request has ended.
func (p *pace) end(of permit) {
	if of.pauses == p.pauses {
		p.inFlight--
	}
}

// full reports whether the window has as many requests as the limit allows.
func (p *pace) full(now time.Time) bool {
	p.slide(now)
	return p.count > 0 && len(p.window)+p.inFlight >= p.count
}

// slide removes what has left the window.
func (p *pace) slide(now time.Time) {
	gone := 0
	for gone < len(p.window) && !now.Before(p.window[gone].Add(p.length)) {
		gone++
	}
	p.window = slices.Delete(p.window, 0, gone)
}

// probes is how many requests may test the limit at the same time. It grows by an eighth for each round trip: fast enough
// if the limit is gone, and a new limit then refuses few requests.
func (p *pace) probes() int { return 1 + p.above/8 }

// accept records a response other than a 429: the API has counted the request.
func (p *pace) accept(now time.Time, of permit) {
	if of.pauses == p.pauses {
		if p.runCount == 0 {
			p.runStart = now
		}
		p.runCount++
	}
	if p.pauses == 0 {
		return
	}
	p.grow()
	if p.count == 0 {
		return
	}
	p.slide(now)
	p.window = append(p.window, now)
	switch {
	case of.pauses == p.learnedFrom && of.pauses != p.pauses:
		p.count++ // it was in flight when another request of its run was refused
	case len(p.window) > p.count:
		p.count = len(p.window)
		if p.above++; p.probes() > p.maxInFlight {
			p.count, p.window = 0, nil // the API no longer refuses anything
		}
	}
}

// grow lets more requests be in flight after one was accepted.
func (p *pace) grow() {
	if p.since++; p.ramp < p.slowAt || p.since >= p.ramp {
		p.ramp, p.since = min(p.ramp+1, p.maxInFlight), 0
	}
}

// refuse records a 429 that names a delay. The first refusal after a pause ends the run and sets the limit.
func (p *pace) refuse(now time.Time, of permit, delay time.Duration) {
	end := now.Add(delay)
	if end.After(p.until) {
		p.until = end
	}
	if of.pauses != p.pauses {
		return // it was sent before a pause that is known already
	}
	p.slide(now)
	wasFull := p.count > 0 && len(p.window) >= p.count
	p.learn(end)
	p.slowAt, p.nextProbe = max(1, (p.inFlight+1)/2), time.Time{}
	if wasFull { // the limit is still in force
		p.slowAt, p.nextProbe = p.maxInFlight, now.Add(min(max(p.length, minProbeInterval), p.maxDelay))
	}
	p.pauses++
	p.inFlight, p.runCount, p.above, p.ramp, p.since = 0, 0, 0, 1, 0
}

// learn sets the limit from a run that was refused until end. A run that is much longer than a pause was not at the limit
// all the time, and shows only that a limit exists. An empty run shows nothing new.
func (p *pace) learn(end time.Time) {
	if p.runCount == 0 {
		return
	}
	p.count, p.length, p.learnedFrom = p.runCount, end.Sub(p.runStart), p.pauses
	if p.length > 2*p.maxDelay {
		p.count, p.window = 0, nil
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
