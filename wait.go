package droplets

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"sync"
	"time"
)

// PollPolicy says how often a wait looks: first after Initial, then after delays that grow by Factor up to Max, each
// shortened by up to a tenth so that waits that began together do not look together. A zero field takes its default.
type PollPolicy struct {
	// Initial is the delay after the first look; 2 s by default.
	Initial time.Duration
	// Max is the longest delay; 10 s by default.
	Max time.Duration
	// Factor is what a delay is multiplied by for the next, 1 at least; 1.5 by default.
	Factor float64
}

// DefaultPollPolicy is the policy of a client that was given none.
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

// createGrace is how long after a create the API may not know yet what it has created.
const createGrace = 30 * time.Second

// Watch iterates over what an action looks like, from now until it has ended: one action for each look, paced by the
// client's [PollPolicy]. The last pair has the completed action and no error; or the failed action and an
// [*ActionError]; or the last action seen, nil if none was, and the error that ended the watch, which for an ended
// context is the context's.
//
// An action whose status is unknown to this package counts as running. What may pass (a 5xx, a 429, a broken
// connection) ends the watch only when it does not pass for as many looks in a row as the client's [RetryPolicy] has
// retries.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletActionsService) Watch(ctx context.Context, dropletID, actionID int64, co ...CallOption) iter.Seq2[*Action, error] {
	return func(yield func(*Action, error) bool) {
		w := wait[Action]{
			client:    s.client,
			dropletID: dropletID,
			options:   co,
			look:      func() (*Action, error) { return s.Get(ctx, dropletID, actionID, co...) },
			done:      (*Action).ended,
			describe: func(last *Action) string {
				if last == nil {
					return fmt.Sprintf("for action %d on Droplet %d", actionID, dropletID)
				}
				return fmt.Sprintf("for action %d (%s) on Droplet %d, last seen %s", actionID, last.Type, dropletID, last.Status)
			},
		}
		w.run(ctx, yield)
	}
}

// WaitForAction waits until an action has ended and returns it. A failed action comes with an [*ActionError]. When the
// wait itself fails, the last action seen comes with the error, which for an ended context is the context's; nil if
// none was seen. See [DropletActionsService.Watch] for what ends a wait.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletActionsService) WaitForAction(ctx context.Context, dropletID, actionID int64, co ...CallOption) (*Action, error) {
	return lastOf(s.Watch(ctx, dropletID, actionID, co...))
}

// lastOf is how a wait ended.
func lastOf[T any](looks iter.Seq2[*T, error]) (last *T, err error) {
	for last, err = range looks {
	}
	return last, err
}

// ended tells whether an action has ended, and the error if it has failed.
func (a *Action) ended() (bool, error) {
	switch a.Status {
	case ActionStatusCompleted:
		return true, nil
	case ActionStatusErrored:
		return true, &ActionError{Action: a}
	default:
		return false, nil
	}
}

// wait is the one loop behind every wait.
type wait[T any] struct {
	client    *Client
	dropletID int64
	options   []CallOption
	look      func() (*T, error)
	done      func(*T) (bool, error)
	describe  func(last *T) string
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
	began := time.Now()
	var last *T
	failures := 0
	for n := 0; ; n++ {
		seen, err := w.look()
		switch {
		case err == nil:
			last, failures = seen, 0
			over, failed := w.done(seen)
			if !yield(seen, failed) || over {
				return
			}
		case ctx.Err() != nil:
			yield(last, w.cut(ctx, began, last))
			return
		case errors.Is(err, ErrNotFound) && w.client.created.within(w.dropletID, createGrace):
		case mayPass(err) && failures < retriesOf(w.client, w.options):
			failures++
		default:
			yield(last, err)
			return
		}
		if sleep(ctx, pollDelay(w.client.config.poll, n, rand.Float64())) != nil {
			yield(last, w.cut(ctx, began, last))
			return
		}
	}
}

// cut is the error of a wait whose context ended.
func (w *wait[T]) cut(ctx context.Context, began time.Time, last *T) error {
	took := time.Since(began).Round(time.Millisecond)
	return fmt.Errorf("droplets: waited %s %s: %w", took, w.describe(last), ended(ctx))
}

// retriesOf is how often a call may be sent again, and how many looks of a wait in a row may fail.
func retriesOf(c *Client, co []CallOption) int {
	if o, _ := newCallOptions(co); o.noRetries {
		return 0
	}
	return c.config.retry.MaxRetries
}

// mayPass tells the failures that may be over by the next look.
func mayPass(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return passes(e.StatusCode)
	}
	e, ok := errors.AsType[*callError](err)
	return ok && !e.final
}

// creates remembers which Droplets this client has just created: the API may not know them yet everywhere.
type creates struct {
	mu sync.Mutex
	at map[int64]time.Time
}

func (c *creates) add(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(c.at, func(_ int64, at time.Time) bool { return now.Sub(at) > createGrace })
	if c.at == nil {
		c.at = make(map[int64]time.Time)
	}
	c.at[id] = now
}

func (c *creates) forget(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.at, id)
}

func (c *creates) within(id int64, d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.at[id]
	return ok && time.Since(at) <= d
}
