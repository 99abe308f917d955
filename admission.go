package droplets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// admission is the queue of all calls of a client. A call needs a permit for each attempt and holds it until the response
// body was read. Permits are given in the order in which the calls started.
type admission struct {
	mu       sync.Mutex
	pace     pace
	inFlight int
	queue    ticketQueue
	timer    *time.Timer
	timerAt  time.Time // when timer fires; zero if it is stopped
	stats    admissionStats

	lastNumber uint64 // number of the call that started last
}

func newAdmission(maxInFlight int, maxDelay time.Duration) *admission {
	return &admission{pace: pace{maxInFlight: maxInFlight, maxDelay: maxDelay, ramp: maxInFlight}}
}

// rateEffect is the effect of an attempt on the rate limit. The zero value is that of an attempt without any: it was not
// sent, or the API did not process it.
type rateEffect struct {
	accepted bool          // the API processed the request, or may have: it counts against the limit
	refused  bool          // the response is a 429
	delay    time.Duration // of the 429, for all calls of the client; 0 if there is none
}

// acquire waits until the call may send a request, and returns a permit that the caller must release. It returns an error
// if ctx is done first, or as soon as the end of a pause is known to be after the deadline of ctx.
func (a *admission) acquire(ctx context.Context, t *turn) (permit, error) {
	if ctx.Err() != nil {
		return permit{}, contextError(ctx)
	}
	now := time.Now()
	deadline, _ := ctx.Deadline()
	a.mu.Lock()
	if t.number == 0 {
		a.lastNumber++
		t.number = a.lastNumber
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

// enqueue adds a ticket to the queue, or rejects it if its deadline is before the end of the pause. The caller holds the
// lock.
func (a *admission) enqueue(tk *ticket, now time.Time) {
	if a.pace.paused(now) && tk.endsBy(a.pace.until) {
		tk.reject()
		return
	}
	a.queue.push(tk)
	a.dispatch(now)
}

// await returns when a ticket was admitted or rejected, or when ctx is done. A pause can begin after dispatch has admitted a
// ticket and before await runs. Such a ticket is queued again, because its request would be sent during the pause.
func (a *admission) await(ctx context.Context, tk *ticket) {
	for {
		select {
		case <-tk.ready:
		case <-ctx.Done():
			return
		}
		now := time.Now()
		a.mu.Lock()
		valid := tk.rejected || tk.granted.pauses == a.pace.pauses || !a.pace.paused(now)
		if !valid {
			a.end(tk.granted, rateEffect{}, now)
			tk.ready = make(chan struct{})
			a.enqueue(tk, now)
		}
		a.mu.Unlock()
		if valid {
			return
		}
	}
}

// leave ends the wait of a ticket after await. It returns the permit of the ticket, or an error if the ticket was rejected
// or ctx is done.
func (a *admission) leave(ctx context.Context, t *turn, tk *ticket, start time.Time, pausedBefore time.Duration) (permit, error) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	limited := a.pace.limited()
	t.waits.add(a.stats.ended(now, start, a.pace.until, pausedBefore, limited))
	switch {
	case ctx.Err() == nil && tk.rejected:
		return permit{}, pausedError("not sent", a.pace.until.Sub(now), tk.deadline.Sub(now))
	case ctx.Err() == nil:
		return tk.granted, nil
	case tk.rejected: // it is not in the queue and has no permit
	case tk.index >= 0:
		a.queue.remove(tk)
	default: // the ticket was admitted at the moment at which ctx was done
		a.end(tk.granted, rateEffect{}, now)
	}
	a.dispatch(now)
	if (limited || tk.rejected) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		waited := now.Sub(start).Round(time.Millisecond)
		return permit{}, fmt.Errorf("not sent: %w: waited %s, with %d other calls in the queue: %w", ErrRateLimited, waited, len(a.queue), contextError(ctx))
	}
	return permit{}, contextError(ctx)
}

// pausedError returns the error of a call with a deadline before the end of a pause. The context is not done yet, but the
// error matches context.DeadlineExceeded, as it would if the call waited. The times are negative if the deadline has passed
// and the context's timer has not run yet.
func pausedError(what string, pause, left time.Duration) error {
	return fmt.Errorf("%s: %w: the rate limit requires a delay of %s, and the context ends in %s: %w", what,
		ErrRateLimited, max(0, pause), max(0, left), context.DeadlineExceeded)
}

// release returns the permit of an attempt that has ended, and admits further calls.
func (a *admission) release(of permit, r rateEffect) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.refused {
		a.stats.refused++
	}
	a.end(of, r, now)
	a.dispatch(now)
}

// admit returns a new permit. The caller holds the lock.
func (a *admission) admit(now time.Time) permit {
	a.inFlight++
	return a.pace.admit(now)
}

// end takes a permit back and records the effect of its attempt: a delay starts a pause. The caller holds the lock.
func (a *admission) end(of permit, r rateEffect, now time.Time) {
	a.inFlight--
	a.pace.end(of)
	switch {
	case r.accepted:
		a.pace.accept(now, of)
	case r.delay > 0:
		a.stats.pauseStarts(now, a.pace.until)
		a.pace.refuse(now, of, r.delay)
		for _, tk := range a.queue.removeUntil(a.pace.until) {
			tk.reject()
		}
	}
}

// dispatch admits as many queued calls as the pace allows, and sets the timer for the others. The caller holds the lock.
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

// setTimer schedules the next dispatch for a time; the zero time stops the timer. The timer runs only while calls are
// queued. The caller holds the lock.
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
