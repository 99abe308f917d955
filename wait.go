package droplets

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// lastOf returns the last pair of a sequence.
func lastOf[T any](polls iter.Seq2[*T, error]) (last *T, err error) {
	for last, err = range polls {
	}
	return last, err
}

// wait is the poll loop of every waiter.
type wait[T any] struct {
	service   *service
	dropletID int64 // for isRecent
	options   []CallOption
	// poll reads the state that is waited for.
	poll func() (*T, error)
	// done reports whether the result of a poll ends the wait, and the error of the wait if it has failed.
	done func(*T) (bool, error)
	// describe returns what is waited for, for errors: a text that begins with "for". last is the last result of a poll; nil
	// if no poll has succeeded.
	describe func(last *T) string
	// progress describes the result of a poll for OnProgress; nil if the method has no such option.
	progress func(*T) Progress
	// notYetVisible reports whether a 404 may mean that the API does not show a new resource yet. It is not called after a
	// poll that has succeeded. If it is nil, isRecent is used.
	notYetVisible func() bool
	// isTransient reports whether a poll that failed with err may succeed later; if it is nil, isTransientError is used.
	isTransient func(err error) bool
	// minInterval returns the shortest delay after the latest poll; nil if there is none.
	minInterval func() time.Duration
}

// last runs the wait to its end and returns the last result of a poll and the error of the wait.
func (w *wait[T]) last(ctx context.Context) (*T, error) {
	return lastOf(func(yield func(*T, error) bool) { w.run(ctx, yield) })
}

// run yields the result of each successful poll. It ends when done reports the end, or when yield returns false. If the wait
// fails, it yields the last result again, nil if there is none, and the error.
func (w *wait[T]) run(ctx context.Context, yield func(*T, error) bool) {
	if ctx == nil {
		yield(nil, invalid("ctx", "must not be nil"))
		return
	}
	options, err := newCallOptions(forWait(w.options))
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
			if options.progress != nil && w.progress != nil {
				options.progress(w.progress(seen))
			}
			over, failed := w.done(seen)
			if !yield(seen, failed) || over {
				return
			}
		case ctx.Err() != nil:
			yield(last, w.contextError(ctx, began, last))
			return
		case errors.Is(err, ErrNotFound) && last == nil && w.mayBecomeVisible():
		case w.mayPass(err) && failures < maxRetries(w.service.pipeline, w.options):
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

// mayBecomeVisible reports whether a 404 may mean that the API does not show a new resource yet.
func (w *wait[T]) mayBecomeVisible() bool {
	if w.notYetVisible != nil {
		return w.notYetVisible()
	}
	return w.service.isRecent(w.dropletID)
}

// mayPass reports whether a poll that failed with err may succeed later.
func (w *wait[T]) mayPass(err error) bool {
	if w.isTransient != nil {
		return w.isTransient(err)
	}
	return isTransientError(err)
}

// contextError returns the error of a wait that ends because ctx is done.
func (w *wait[T]) contextError(ctx context.Context, began time.Time, last *T) error {
	took := time.Since(began).Round(time.Millisecond)
	return fmt.Errorf("droplets: waited %s %s: %w", took, w.describe(last), contextError(ctx))
}

// maxRetries returns how often a call may be retried. As many consecutive polls of a wait may fail without ending it.
func maxRetries(p *pipeline, co []CallOption) int {
	if o, _ := newCallOptions(co); o.noRetries {
		return 0
	}
	return p.config.retry.MaxRetries
}

// isTransientError reports whether a call that failed with err may succeed at the next poll.
func isTransientError(err error) bool {
	if e, ok := errors.AsType[*TransportError](err); ok { // first, because it may wrap the *Error of an earlier attempt
		return !e.final
	}
	e, ok := errors.AsType[*Error](err)
	return ok && isTransient(e.StatusCode)
}

// isRecent reports whether this client created the Droplet within the grace period.
func (s *service) isRecent(dropletID int64) bool {
	recent, _ := s.created.lookup(dropletID)
	return recent
}

// isUnseen reports whether this client created the Droplet within the grace period and the API has not returned it since.
func (s *service) isUnseen(dropletID int64) bool {
	recent, seen := s.created.lookup(dropletID)
	return recent && !seen
}
