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
				return fmt.Sprintf("for action %d (%s) on Droplet %d, last seen %s", actionID, oneLine(string(last.Type)), dropletID, oneLine(string(last.Status)))
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
		case errors.Is(err, ErrNotFound) && w.client.isRecent(w.dropletID):
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

// isRecent tells whether this client has just created the Droplet.
func (c *Client) isRecent(dropletID int64) bool {
	recent, _ := c.created.recent(dropletID)
	return recent
}

// creates remembers which Droplets this client has just created: the API may not know them yet everywhere.
type creates struct {
	mu sync.Mutex
	of map[int64]creation
}

type creation struct {
	at   time.Time
	seen bool // the API has shown it since
}

func (c *creates) add(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(c.of, func(_ int64, made creation) bool { return now.Sub(made.at) > createGrace })
	if c.of == nil {
		c.of = make(map[int64]creation)
	}
	c.of[id] = creation{at: now}
}

func (c *creates) saw(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made, ok := c.of[id]; ok {
		made.seen = true
		c.of[id] = made
	}
}

func (c *creates) forget(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.of, id)
}

// recent tells whether a Droplet is so new that a 404 may not mean anything, and whether it has been seen all the same.
func (c *creates) recent(id int64) (recent, seen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	made, ok := c.of[id]
	return ok && time.Since(made.at) <= createGrace, made.seen
}
