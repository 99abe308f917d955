package droplets

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// lastOf is how a wait ended.
func lastOf[T any](looks iter.Seq2[*T, error]) (last *T, err error) {
	for last, err = range looks {
	}
	return last, err
}

// wait is the one loop behind every wait.
type wait[T any] struct {
	service   *service
	dropletID int64
	options   []CallOption
	poll      func() (*T, error)
	done      func(*T) (bool, error)
	describe  func(last *T) string
	// minInterval returns the shortest delay after the latest poll; it may be nil.
	minInterval func() time.Duration
}

// last waits to the end and returns it.
func (w *wait[T]) last(ctx context.Context) (*T, error) {
	return lastOf(func(yield func(*T, error) bool) { w.run(ctx, yield) })
}

// run yields what each look sees, until that is done or the wait has failed.
func (w *wait[T]) run(ctx context.Context, yield func(*T, error) bool) {
	if ctx == nil {
		yield(nil, invalid("ctx", "must not be nil"))
		return
	}
	options, err := newCallOptions(w.options)
	if err != nil {
		yield(nil, err)
		return
	}
	policy := options.pollPolicy(w.service.pipeline.config)
	began := time.Now()
	var last *T
	failures := 0
	for n := 0; ; n++ {
		seen, err := w.poll()
		switch {
		case err == nil:
			last, failures = seen, 0
			over, failed := w.done(seen)
			if !yield(seen, failed) || over {
				return
			}
		case ctx.Err() != nil:
			yield(last, w.contextError(ctx, began, last))
			return
		case errors.Is(err, ErrNotFound) && w.service.isRecent(w.dropletID):
		case isTransientError(err) && failures < maxRetries(w.service.pipeline, w.options):
			failures++
		default:
			yield(last, err)
			return
		}
		delay := pollDelay(policy, n, rand.Float64())
		if w.minInterval != nil {
			delay = max(delay, w.minInterval())
		}
		if sleep(ctx, delay) != nil {
			yield(last, w.contextError(ctx, began, last))
			return
		}
	}
}

// cut is the error of a wait whose context ended.
func (w *wait[T]) contextError(ctx context.Context, began time.Time, last *T) error {
	took := time.Since(began).Round(time.Millisecond)
	return fmt.Errorf("droplets: waited %s %s: %w", took, w.describe(last), contextError(ctx))
}

// retriesOf is how often a call may be sent again, and how many looks of a wait in a row may fail.
func maxRetries(p *pipeline, co []CallOption) int {
	if o, _ := newCallOptions(co); o.noRetries {
		return 0
	}
	return p.config.retry.MaxRetries
}

// isTransientError tells the failures that may be over by the next look.
func isTransientError(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return isTransient(e.StatusCode)
	}
	e, ok := errors.AsType[*callError](err)
	return ok && !e.final
}

// isRecent tells whether this client has just created the Droplet.
func (s *service) isRecent(dropletID int64) bool {
	recent, _ := s.created.lookup(dropletID)
	return recent
}
