package droplets

import (
	"context"
	"time"
)

// sleep waits for d and returns nil, or returns the error of the context as soon as the context is done.
func sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return contextError(ctx)
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

// timeLeft returns the time until the context's deadline, and reports whether it is longer than d. Without a deadline, it
// returns 0 and true.
func timeLeft(ctx context.Context, d time.Duration) (left time.Duration, fits bool) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0, true
	}
	left = time.Until(deadline)
	return left, left > d
}
