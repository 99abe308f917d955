package droplets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// admission is the one queue of all calls of a client. A call needs a permit for each attempt and holds it until the
// response body was read. Permits are given in the order in which the calls started.
type admission struct {
	mu       sync.Mutex
	pace     pace
	inFlight int
	queue    ticketQueue
	numbers  uint64 // the number of the newest call
	timer    *time.Timer
	timerAt  time.Time // when timer fires; zero if it is stopped
	stats    admissionStats
}

func newAdmission(maxInFlight int, maxDelay time.Duration) *admission {
	return &admission{pace: pace{maxInFlight: maxInFlight, maxDelay: maxDelay, ramp: maxInFlight}}
}

// result is how an attempt ended, as far as the rate limit is concerned.
type result struct {
	accepted bool          // the API has processed or may have processed the request: it counts
	refused  bool          // a 429
	delay    time.Duration // that the 429 names for all calls; 0 if it names none
}

// acquire waits until the call may send a request. The caller must call release if the error is nil.
func (a *admission) acquire(ctx context.Context, t *turn) (permit, error) {
	if ctx.Err() != nil {
		return permit{}, contextError(ctx)
	}
	now := time.Now()
	deadline, _ := ctx.Deadline()
	a.mu.Lock()
	if t.number == 0 {
		a.numbers++
		t.number = a.numbers
	}
	if len(a.queue) == 0 {
		if ok, _ := a.pace.mayAdmit(now, a.inFlight); ok {
			defer a.mu.Unlock()
			return a.admit(now), nil
		}
	}
	tk := &ticket{number: t.number, deadline: deadline, ready: make(chan struct{})}
	start, pausedBefore := now, a.stats.pausedFor(now, a.pace.until)
	a.enqueue(tk, now)
	a.mu.Unlock()
	a.await(ctx, tk)
	return a.leave(ctx, t, tk, start, pausedBefore)
}

// enqueue adds a ticket to the queue, or dooms it if its context ends before the pause. The caller holds the lock.
func (a *admission) enqueue(tk *ticket, now time.Time) {
	if a.pace.paused(now) && !tk.deadline.IsZero() && !tk.deadline.After(a.pace.until) {
		tk.index = -1
		tk.doom()
		return
	}
	a.queue.push(tk)
	a.dispatch(now)
}

// await returns when a ticket was admitted or doomed, or when its context is done. A ticket that was admitted just before
// a pause began is queued again.
func (a *admission) await(ctx context.Context, tk *ticket) {
	for {
		select {
		case <-tk.ready:
		case <-ctx.Done():
			return
		}
		now := time.Now()
		a.mu.Lock()
		valid := tk.doomed || tk.granted.pauses == a.pace.pauses || !a.pace.paused(now)
		if !valid {
			a.end(tk.granted, result{}, now)
			tk.ready = make(chan struct{})
			a.enqueue(tk, now)
		}
		a.mu.Unlock()
		if valid {
			return
		}
	}
}

// leave ends the wait of a ticket that was admitted or doomed, or whose context is done.
func (a *admission) leave(ctx context.Context, t *turn, tk *ticket, start time.Time, pausedBefore time.Duration) (permit, error) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	limited := a.pace.limited()
	t.waits.add(a.stats.ended(now, start, a.pace.until, pausedBefore, limited))
	switch {
	case tk.doomed && errors.Is(ctx.Err(), context.Canceled):
		return permit{}, contextError(ctx)
	case tk.doomed:
		return permit{}, pausedError("not sent", a.pace.until.Sub(now), tk.deadline.Sub(now))
	case ctx.Err() == nil:
		return tk.granted, nil
	case tk.index >= 0:
		a.queue.remove(tk)
	default: // it was admitted at the same time
		a.end(tk.granted, result{}, now)
	}
	a.dispatch(now)
	if limited && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		waited := now.Sub(start).Round(time.Millisecond)
		return permit{}, fmt.Errorf("not sent: %w: waited %s, with %d other calls in the queue: %w", ErrRateLimited, waited, len(a.queue), contextError(ctx))
	}
	return permit{}, contextError(ctx)
}

// pausedError is the error of a call whose context ends before a pause.
func pausedError(what string, pause, left time.Duration) error {
	return fmt.Errorf("%s: %w: calls of this client wait for %s, and the context ends in %s: %w", what,
		ErrRateLimited, pause, left, context.DeadlineExceeded)
}

// release ends an attempt.
func (a *admission) release(of permit, r result) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.refused {
		a.stats.refused++
	}
	a.end(of, r, now)
	a.dispatch(now)
}

// admit takes a permit. The caller holds the lock.
func (a *admission) admit(now time.Time) permit {
	a.inFlight++
	return a.pace.admit(now)
}

// end gives a permit back and starts the pause that a 429 names. The caller holds the lock.
func (a *admission) end(of permit, r result, now time.Time) {
	a.inFlight--
	a.pace.end(of)
	switch {
	case r.accepted:
		a.pace.accept(now, of)
	case r.delay > 0:
		a.stats.pauseStarts(now, a.pace.until)
		a.pace.refuse(now, of, r.delay)
		for _, tk := range a.queue.removeUntil(a.pace.until) {
			tk.doom()
		}
	}
}

// dispatch admits as many calls as the pace allows, and sets the timer for the others. The caller holds the lock.
func (a *admission) dispatch(now time.Time) {
	for len(a.queue) > 0 {
		ok, retry := a.pace.mayAdmit(now, a.inFlight)
		if !ok {
			a.setTimer(now, retry)
			return
		}
		tk := a.queue.pop()
		tk.granted = a.admit(now)
		close(tk.ready)
	}
	a.setTimer(now, time.Time{})
}

// setTimer makes the queue be dispatched again at a time; the zero time stops the timer. A timer runs only while calls
// wait. The caller holds the lock.
func (a *admission) setTimer(now, at time.Time) {
	if at.Equal(a.timerAt) {
		return
	}
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
	a.timerAt = at
	if !at.IsZero() {
		a.timer = time.AfterFunc(at.Sub(now), a.onTimer)
	}
}

func (a *admission) onTimer() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer, a.timerAt = nil, time.Time{}
	a.dispatch(time.Now())
}
