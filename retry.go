package droplets

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// RetryPolicy says how often and how patiently a request is sent again. What may be sent again at all is not a matter
// of policy: see the table in the package documentation. The zero value switches retries off; with MaxRetries set,
// a zero delay takes its default.
type RetryPolicy struct {
	// MaxRetries is how often a request is sent again at most; 3 by default.
	MaxRetries int
	// MinDelay is the first delay after a failure; it doubles from one to the next. 0.5 s by default.
	MinDelay time.Duration
	// MaxDelay is the longest such delay; 30 s by default.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest delay asked for by the server that is slept; above it the 429 comes back at once.
	// 90 s by default: the burst limit asks for up to 60.
	MaxRetryAfter time.Duration
}

// DefaultRetryPolicy is the policy of a client that was given none.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxRetries: 3, MinDelay: 500 * time.Millisecond, MaxDelay: 30 * time.Second, MaxRetryAfter: 90 * time.Second}
}

func (p RetryPolicy) check() error {
	switch {
	case p.MaxRetries < 0:
		return invalid("RetryPolicy.MaxRetries", "must not be negative, got %d", p.MaxRetries)
	case p.MinDelay < 0 || p.MaxDelay < 0 || p.MaxRetryAfter < 0:
		return invalid("RetryPolicy", "must not have a negative delay")
	}
	return nil
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MaxRetries == 0 {
		return RetryPolicy{}
	}
	def := DefaultRetryPolicy()
	if p.MinDelay == 0 {
		p.MinDelay = def.MinDelay
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = max(def.MaxDelay, p.MinDelay)
	}
	if p.MaxRetryAfter == 0 {
		p.MaxRetryAfter = def.MaxRetryAfter
	}
	return p
}

// fate is what is known of a request after an attempt.
type fate int

const (
	fateSettled fate = iota // an answer that sending again would not change
	fateRefused             // the server has certainly not acted on it
	fateUnknown             // it was sent, and may have been acted on
)

// fateOf tells the fate of a request that was answered with a status outside 2xx.
func fateOf(status int) fate {
	switch {
	case status == http.StatusTooManyRequests:
		return fateRefused
	case status >= http.StatusInternalServerError:
		return fateUnknown
	}
	return fateSettled
}

// passes tells the statuses of a failure that may pass: the four that gateways give, and those that Cloudflare, which
// stands before this API, gives when it can not reach it.
func passes(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout, 520, 521, 522, 523, 524:
		return true
	}
	return false
}

// mayResend is the rule of the table: what was certainly not acted on may go again; what may have been, only if doing
// it twice is doing it once.
func mayResend(method string, f fate) bool {
	switch f {
	case fateRefused:
		return true
	case fateUnknown:
		return isRead(method) || method == http.MethodDelete
	default:
		return false
	}
}

func isRead(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// gate is the pause that a 429 asks for, shared by all calls of a client.
type gate struct {
	mu    sync.Mutex
	until time.Time
}

// extend makes the pause last until t at least.
func (g *gate) extend(t time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.After(g.until) {
		g.until = t
	}
}

// left is how long the pause still lasts, zero or less when there is none.
func (g *gate) left() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.until.IsZero() {
		return 0
	}
	return time.Until(g.until)
}

// sleep waits for d or for the context to end.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		if ctx.Err() != nil {
			return ended(ctx)
		}
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// timeLeft is how long the context lasts, and whether a delay ends before it does.
func timeLeft(ctx context.Context, d time.Duration) (left time.Duration, fits bool) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0, true
	}
	left = time.Until(deadline)
	return left, left > d
}
