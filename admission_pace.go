package droplets

import (
	"slices"
	"time"
)

const (
	// stallInterval is how long requests in flight can delay the next request after a pause. Then one more request is
	// admitted in each interval.
	stallInterval = time.Second
	// minProbeInterval is the shortest time from a 429 that confirms the limit to the next request that tests the limit,
	// unless MaxRetryAfter is shorter. If the API allows only a few requests per second, a shorter interval would make
	// these tests a large part of all requests.
	minProbeInterval = 15 * time.Second
)

// pace computes how many requests may be in flight from the responses so far. It has no clock and no lock: its methods take
// the current time, and their callers hold the lock of the admission. In this file, a refusal is a 429 that names a delay
// and that is not longer than MaxRetryAfter.
//
// Before the first refusal, only maxInFlight limits the requests. A refusal starts a pause. After the pause, one request is
// in flight at a time, then two, four and so on (ramp). When a full window of requests was accepted, one request at a time
// tests whether the API accepts more. The window is measured in the requests since the pause before: count is the number of
// them that the API accepted until the refusal, and length is the time from the first of these to the end of the new pause.
type pace struct {
	maxInFlight int
	maxDelay    time.Duration // MaxRetryAfter: no pause is longer

	pauses int       // number of pauses so far
	until  time.Time // end of the latest pause
	ramp   int       // requests in flight that the slow start allows
	slowAt int       // up to this number, ramp doubles with each round trip; above it, ramp grows by one with each
	since  int       // number of accepted requests since ramp last grew

	// The run: the requests that were admitted since the latest pause began.
	inFlight  int       // number of them that have not ended
	lastAdmit time.Time // when the last one was admitted
	runCount  int       // number of them that the API accepted
	runStart  time.Time // end of the first accepted one

	// The limit that was measured in an earlier run. It is unknown if count is 0.
	learnedFrom int           // the number of pauses before that run
	count       int           // number of requests that the API accepts in a window
	length      time.Duration // of the window
	window      []time.Time   // when the requests in the current window were accepted, in order
	nextProbe   time.Time     // no request tests the limit before this time
	accepted    int           // number of requests of this run that tested the limit and were accepted
}

// limited reports whether a request can have to wait for a reason other than maxInFlight.
func (p *pace) limited() bool { return p.count > 0 || p.ramp < p.maxInFlight }

// paused reports whether a pause is in force.
func (p *pace) paused(now time.Time) bool { return now.Before(p.until) }

// mayAdmit reports whether a request may be sent while inFlight others are in flight. If not, retry is the time at which
// the result can change although no request ends; it is zero if there is no such time.
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

// stalled reports whether a request is admitted although as many requests as allowed are in flight: it is if none was
// admitted within stallInterval. A connection that hangs must not stop all calls. retry is the end of that interval.
func (p *pace) stalled(now time.Time) (ok bool, retry time.Time) {
	retry = p.lastAdmit.Add(stallInterval)
	return !now.Before(retry), retry
}

// admit records that a request is sent and returns its permit.
func (p *pace) admit(now time.Time) permit {
	granted := permit{pauses: p.pauses, probe: p.full(now)}
	p.inFlight++
	p.lastAdmit = now
	return granted
}

// permit is held by an admitted request until it ends.
type permit struct {
	pauses int  // number of pauses when it was admitted
	probe  bool // the window was full, so that the request tests the limit
}

// end records that an admitted request has ended. Requests from before the latest pause are not counted in inFlight.
func (p *pace) end(of permit) {
	if of.pauses == p.pauses {
		p.inFlight--
	}
}

// full reports whether the window, with the requests in flight, has as many requests as the limit allows.
func (p *pace) full(now time.Time) bool {
	p.slide(now)
	return p.count > 0 && len(p.window)+p.inFlight >= p.count
}

// slide removes the requests that are too old for the window.
func (p *pace) slide(now time.Time) {
	old := 0
	for old < len(p.window) && !now.Before(p.window[old].Add(p.length)) {
		old++
	}
	p.window = slices.Delete(p.window, 0, old)
}

// probes returns how many requests may test the limit at the same time: one, and one more for each eight of them that were
// accepted. So it grows by about an eighth with each round trip. If the limit was lifted, that is fast enough; if there is a new
// limit, few requests are refused.
func (p *pace) probes() int { return 1 + p.accepted/8 }

// accept records that the API has processed a request, or may have, so that it counts against the limit.
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
	case of.pauses == p.learnedFrom:
		p.count++ // the request was in flight when another one of its run was refused
	case of.probe && of.pauses == p.pauses:
		p.count = max(p.count, len(p.window))
		if p.accepted++; p.probes() > p.maxInFlight {
			p.count, p.window = 0, nil // the limit was lifted
		}
	}
}

// grow raises ramp after a request was accepted: by one for each request below slowAt, which doubles ramp with each round
// trip, and above it by one for each ramp requests.
func (p *pace) grow() {
	if p.since++; p.ramp < p.slowAt || p.since >= p.ramp {
		p.ramp, p.since = min(p.ramp+1, p.maxInFlight), 0
	}
}

// refuse records a 429 that names a delay. The first refusal of a run ends the run, sets the limit and starts the next
// pause. Later ones of the same run can only make the pause longer.
func (p *pace) refuse(now time.Time, of permit, delay time.Duration) {
	end := now.Add(delay)
	if end.After(p.until) {
		p.until = end
	}
	if of.pauses != p.pauses {
		return // the request was sent before the latest pause began
	}
	p.slide(now)
	wasFull := p.count > 0 && len(p.window) >= p.count
	p.learn(now, end)
	// Half of the requests that were in flight: this one has ended and is no longer in inFlight.
	p.slowAt, p.nextProbe = (p.inFlight+1)/2, time.Time{}
	if wasFull { // the request has tested the limit, which is still in force
		p.slowAt, p.nextProbe = p.maxInFlight, now.Add(min(max(p.length, minProbeInterval), p.maxDelay))
	}
	p.pauses++
	p.inFlight, p.runCount, p.accepted, p.ramp = 0, 0, 0, 1
}

// learn sets the limit from the run that a refusal has ended; end is the end of the new pause. A run without an accepted request
// leaves the limit as it is.
func (p *pace) learn(now, end time.Time) {
	if p.runCount == 0 {
		return
	}
	known := p.count > 0
	p.learnedFrom = p.pauses
	if before, _ := slices.BinarySearchFunc(p.window, p.runStart, time.Time.Compare); before >= p.runCount {
		// Most requests of the window are from before the run. The API still counts them, so the run alone says little: when the
		// pause ends, only the oldest of them are no longer counted, and two new requests can be one too many.
		p.count = len(p.window)
		return
	}
	p.count, p.length = p.runCount, end.Sub(p.runStart)
	switch {
	case p.length > 2*p.maxDelay: // not all of its requests were sent at the limit, which is unknown
		p.count, p.window = 0, nil
	case !known:
		p.window = spread(p.runStart, now, p.runCount)
	}
}

// spread returns count times from start on, at equal distances and before end.
func spread(start, end time.Time, count int) []time.Time {
	times := make([]time.Time, count)
	for i := range times {
		times[i] = start.Add(end.Sub(start) / time.Duration(count) * time.Duration(i))
	}
	return times
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
