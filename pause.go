package droplets

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pause is the time until which no call of the client is sent, because a 429 named a delay.
type pause struct {
	mu    sync.Mutex
	until time.Time
}

// extend moves the end of the pause to t, if it is earlier.
func (p *pause) extend(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.After(p.until) {
		p.until = t
	}
}

// remaining returns the rest of the pause; zero or negative if there is none.
func (p *pause) remaining() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until.IsZero() {
		return 0
	}
	return time.Until(p.until)
}

// waitForPermission waits for the end of the pause and for the caller's rate limiter. It holds no lock while it sleeps.
func (p *pipeline) waitForPermission(ctx context.Context) error {
	for limited := false; ; {
		if ctx.Err() != nil {
			return contextError(ctx)
		}
		if d := p.pause.remaining(); d > 0 {
			if left, fits := timeLeft(ctx, d); !fits {
				return fmt.Errorf("not sent: %w: the API asked this client to wait %s more, and the context ends in %s: %w",
					ErrRateLimited, d, left, context.DeadlineExceeded)
			}
			if err := sleep(ctx, d); err != nil {
				return err
			}
			continue
		}
		if limited || p.config.limiter == nil {
			return nil
		}
		if err := p.config.limiter.Wait(ctx); err != nil {
			return fmt.Errorf("rate limiter: %w", err)
		}
		limited = true
	}
}

// sleep waits for d or until the context is done.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		if ctx.Err() != nil {
			return contextError(ctx)
		}
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

// timeLeft returns the time until the context's deadline, and reports whether it is longer than d.
func timeLeft(ctx context.Context, d time.Duration) (left time.Duration, fits bool) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0, true
	}
	left = time.Until(deadline)
	return left, left > d
}
