package droplets

import (
	"math"
	"time"
)

// PollPolicy sets the intervals of a waiter. A waiter polls at once, and then after delays that grow from Initial by Factor up
// to Max. Each delay is shortened at random by up to a tenth, so that waiters that started together spread their requests. A
// field with the zero value has its default.
type PollPolicy struct {
	// Initial is the delay after the first poll; 2 s by default.
	Initial time.Duration
	// Max is the longest delay; by default 10 s, or Initial if that is longer.
	Max time.Duration
	// Factor is the ratio of each delay to the one before, at least 1; 1.5 by default.
	Factor float64
}

// DefaultPollPolicy returns the policy of a client without [WithPollPolicy].
func DefaultPollPolicy() PollPolicy {
	return PollPolicy{Initial: 2 * time.Second, Max: 10 * time.Second, Factor: 1.5}
}

func (p PollPolicy) check() error {
	switch {
	case p.Initial < 0 || p.Max < 0:
		return invalid("PollPolicy", "must not have a negative delay")
	case p.Factor != 0 && !(p.Factor >= 1):
		return invalid("PollPolicy.Factor", "must be at least 1, got %v", p.Factor)
	}
	return nil
}

func (p PollPolicy) withDefaults() PollPolicy {
	def := DefaultPollPolicy()
	if p.Initial == 0 {
		p.Initial = def.Initial
	}
	if p.Max == 0 {
		p.Max = max(def.Max, p.Initial)
	}
	if p.Factor == 0 {
		p.Factor = def.Factor
	}
	return p
}

// pollDelay returns the delay after a poll; poll counts from 0. The delay grows by Factor from Initial up to Max. jitter, a
// number in [0, 1), shortens it by up to a tenth.
func pollDelay(p PollPolicy, poll int, jitter float64) time.Duration {
	d := float64(p.Initial) * math.Pow(p.Factor, float64(poll))
	d = min(d, float64(p.Max))
	return time.Duration(d * (1 - jitter/10))
}
