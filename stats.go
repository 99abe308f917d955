package droplets

import (
	"log/slog"
	"time"
)

// Waits is how long calls waited before their requests were sent, by reason.
type Waits struct {
	// Pause is the time in pauses, which start with a 429 that names a delay.
	Pause time.Duration
	// Queue is the time in the queue after a pause, while requests are sent no faster than the API is known to accept.
	Queue time.Duration
	// InFlight is the time in the queue while as many requests were in flight as [WithMaxInFlight] allows.
	InFlight time.Duration
	// Limiter is the time in the Wait method of the limiter that [WithRateLimiter] sets.
	Limiter time.Duration
	// Backoff is the time of the delays before retries, including those because of a pending event.
	Backoff time.Duration
}

// RateLimit returns how long the rate limit of the API delayed calls: Pause and Queue.
func (w Waits) RateLimit() time.Duration { return w.Pause + w.Queue }

// Total returns the sum of all reasons.
func (w Waits) Total() time.Duration { return w.Pause + w.Queue + w.InFlight + w.Limiter + w.Backoff }

// LogValue returns a group with the reasons for which calls waited. Zero values are left out.
func (w Waits) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, a := range []slog.Attr{slog.Duration("pause", w.Pause), slog.Duration("queue", w.Queue), slog.Duration("in_flight", w.InFlight),
		slog.Duration("limiter", w.Limiter), slog.Duration("backoff", w.Backoff)} {
		if a.Value.Duration() != 0 {
			attrs = append(attrs, a)
		}
	}
	return slog.GroupValue(attrs...)
}

func (w *Waits) add(more Waits) {
	w.Pause += more.Pause
	w.Queue += more.Queue
	w.InFlight += more.InFlight
	w.Limiter += more.Limiter
	w.Backoff += more.Backoff
}

// Stats is the state of a client's queue at one moment, and totals since the client was created.
type Stats struct {
	// InFlight is the number of requests in flight. A request is in flight until its response was read.
	InFlight int
	// Queued is the number of calls that wait for the end of a pause, for the rate limit, or for the end of a request in flight.
	Queued int
	// PausedUntil is the end of the current pause, which a 429 has started; zero if there is none.
	PausedUntil time.Time
	// Refused is the number of 429 responses.
	Refused int64
	// Waited is how long calls have waited, in total. The time of a wait is added when the wait ends.
	Waited Waits
}

// snapshot returns the current Stats.
func (a *admission) snapshot() Stats {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Stats{InFlight: a.inFlight, Queued: len(a.queue), Refused: a.stats.refused, Waited: a.stats.waited}
	if a.pace.paused(now) {
		s.PausedUntil = a.pace.until
	}
	return s
}

// addWait records a wait outside the queue.
func (a *admission) addWait(t *turn, w Waits) {
	t.waits.add(w)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stats.waited.add(w)
}

// admissionStats has the waits of all calls, and what is needed to compute them. The admission's lock protects it.
type admissionStats struct {
	refused    int64 // number of 429 responses
	waited     Waits
	pauseStart time.Time     // of the latest pause
	pauses     time.Duration // total length of the pauses before
}

// pauseStarts records that a 429 starts a pause, or extends the current one. until is the end of the latest pause without that
// 429.
func (s *admissionStats) pauseStarts(now, until time.Time) {
	if now.Before(until) {
		return // the current pause is extended
	}
	s.pauses = s.pausedFor(now, until)
	s.pauseStart = now
}

// pausedFor returns the total length of all pauses up to now. until is the end of the latest pause.
func (s *admissionStats) pausedFor(now, until time.Time) time.Duration {
	if s.pauseStart.IsZero() {
		return s.pauses
	}
	return s.pauses + earlier(now, until).Sub(s.pauseStart)
}

// ended records the wait of a call in the queue and returns it. start is the beginning of the wait, pausedBefore the result of
// pausedFor at that time, and until the end of the latest pause. limited is true if the rate limit can have caused the part of
// the wait outside pauses.
func (s *admissionStats) ended(now, start, until time.Time, pausedBefore time.Duration, limited bool) Waits {
	w := Waits{Pause: s.pausedFor(now, until) - pausedBefore}
	if rest := now.Sub(start) - w.Pause; limited {
		w.Queue = rest
	} else {
		w.InFlight = rest
	}
	s.waited.add(w)
	return w
}
