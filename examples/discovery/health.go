package main

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// healthyIntervals is the maximum age of the last success, in intervals.
const healthyIntervals = 3

// health records the last successful refresh. It is safe for concurrent use.
type health struct {
	maxAge time.Duration
	last   atomic.Pointer[time.Time]
}

func newHealth(interval time.Duration) *health { return &health{maxAge: healthyIntervals * interval} }

func (h *health) succeeded(at time.Time) { h.last.Store(&at) }

// check returns a text with the age of the last success, or an error if it is too old or if there was none.
func (h *health) check() (string, error) {
	last := h.last.Load()
	if last == nil {
		return "", errors.New("no refresh has succeeded yet")
	}
	age := time.Since(*last)
	if age > h.maxAge {
		return "", fmt.Errorf("the last successful refresh was %s ago, the limit is %s", age.Round(time.Second), h.maxAge)
	}
	return fmt.Sprintf("the last successful refresh was %s ago", age.Round(time.Second)), nil
}
