package dropletstest

import (
	"context"
	"sync"
	"time"
)

// Clock is the clock of an [API]. The zero value follows [time.Now]; a clock from [NewManualClock] stands still. [Clock.Advance]
// moves either forward. A Clock is safe for concurrent use and can be shared by several APIs.
type Clock struct {
	mu       sync.Mutex
	manual   bool
	at       time.Time     // the time of a manual clock
	ahead    time.Duration // the sum of all advances
	sleepers map[chan struct{}]struct{}
}

// NewManualClock returns a clock that stands at start until [Clock.Advance] is called.
func NewManualClock(start time.Time) *Clock { return &Clock{manual: true, at: start} }

// Now returns the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manual {
		return c.at
	}
	return time.Now().Add(c.ahead)
}

// Manual reports whether the clock stands still until [Clock.Advance] is called.
func (c *Clock) Manual() bool { return c.manual }

// Advance moves the clock forward by d. Delays of faults end if they are over. Other changes that are due take effect when the API
// receives its next request. Advance panics if d is negative, because changes of an account cannot be undone, or if the sum of all
// advances would exceed the largest [time.Duration], 292 years.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d < 0 || c.ahead+d < c.ahead {
		panic("dropletstest: the clock cannot be advanced by " + d.String())
	}
	c.at, c.ahead = c.at.Add(d), c.ahead+d
	for wake := range c.sleepers {
		select {
		case wake <- struct{}{}:
		default: // a wake-up is already pending
		}
	}
}

// sleep waits until the clock has moved forward by d and returns true. If the context ends first, it returns false.
func (c *Clock) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	wake := c.addSleeper()
	defer c.removeSleeper(wake)
	for end := c.Now().Add(d); ; {
		remaining := end.Sub(c.Now())
		if remaining <= 0 {
			return true
		}
		if !c.wait(ctx, remaining, wake) {
			return false
		}
	}
}

// wait waits until the clock is advanced or, unless it is manual, d has passed. It returns false if the context ends first.
func (c *Clock) wait(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	var passed <-chan time.Time
	if !c.manual {
		t := time.NewTimer(d)
		defer t.Stop()
		passed = t.C
	}
	select {
	case <-passed:
	case <-wake:
	case <-ctx.Done():
		return false
	}
	return true
}

// addSleeper returns a channel that receives a value when the clock is advanced. It is called in the goroutine that sleeps, so that
// inside a testing/synctest bubble the channel belongs to the bubble.
func (c *Clock) addSleeper() chan struct{} {
	wake := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sleepers == nil {
		c.sleepers = make(map[chan struct{}]struct{})
	}
	c.sleepers[wake] = struct{}{}
	return wake
}

func (c *Clock) removeSleeper(wake chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sleepers, wake)
}

// WithClock sets the clock of the API. Without this option, or if c is nil, the API has a clock of its own that follows [time.Now];
// see [API.Clock].
//
// Under a manual clock, the delay of a [Fault] ends when the clock has been advanced by the delay or the request's context ends, and
// a rate limit admits requests again when the clock has been advanced. Retry-After and the reset times of responses refer to this
// clock: a client that waits for them in real time gets a 429 again.
func WithClock(c *Clock) Option { return func(cfg *config) { cfg.clock = c } }

// Clock returns the clock of the API.
func (a *API) Clock() *Clock { return a.config.clock }
