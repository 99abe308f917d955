package droplets

import (
	"log/slog"
	"time"
)

// Waits is how long calls waited before their requests were sent, by reason.
type Waits struct {
	// Pause is the time in pauses that the API asked for with a 429.
	Pause time.Duration
	// Queue is the time in the queue after such a pause, while no more calls were admitted than the API is known to accept.
	Queue time.Duration
	// InFlight is the time in which as many requests were in flight as [WithMaxInFlight] allows.
	InFlight time.Duration
	// Limiter is the time in the Wait method of the limiter that [WithRateLimiter] sets.
	Limiter time.Duration
	// Backoff is the delay before retries, and while a pending event lasts.
	Backoff time.Duration
}

// RateLimit returns how long the rate limit of the API delayed calls: Pause and Queue.
func (w Waits) RateLimit() time.Duration { return w.Pause + w.Queue }

// Total returns the sum of all reasons.
func (w Waits) Total() time.Duration { return w.Pause + w.Queue + w.InFlight + w.Limiter + w.Backoff }

// LogValue returns the reasons that are not zero.
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
	// InFlight is the number of requests that were sent and whose response was not read completely.
	InFlight int
	// Queued is the number of calls that wait for a pause, for the rate limit or for a request in flight to end.
	Queued int
	// PausedUntil is the end of the pause that the API asked for; zero if there is none.
	PausedUntil time.Time
	// Refused is the number of 429 responses.
	Refused int64
	// Waited is how long calls have waited. A wait is added when it ends.
	Waited Waits
}

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

// admissionStats counts the waits of all calls.
type admissionStats struct {
	refused    int64
	waited     Waits
	pauseStart time.Time     // of the latest pause
	pauses     time.Duration // total length of the pauses before
}

// pauseStarts records a refusal, before the pause is extended. until is the end of the pause so far.
func (s *admissionStats) pauseStarts(now, until time.Time) {
	if now.Before(until) {
		return // the pause that is in force is extended
	}
	s.pauses = s.pausedFor(now, until)
	s.pauseStart = now
}

// pausedFor returns the total length of all pauses up to now.
func (s *admissionStats) pausedFor(now, until time.Time) time.Duration {
	if s.pauseStart.IsZero() {
		return s.pauses
	}
	return s.pauses + earlier(now, until).Sub(s.pauseStart)
}

// ended returns and records the wait of a call in the queue. pausedBefore is pausedFor at its start.
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
