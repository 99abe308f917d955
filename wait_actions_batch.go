package droplets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// batch is the state of a wait for several actions. All of them are read in rounds. A round takes several polls if it needs
// many requests.
type batch struct {
	service  *service
	options  []CallOption
	progress func(Progress)
	retries  int // number of consecutive failed requests for one action, or for the list, that are tolerated
	budget   pollBudget

	actions      []Action
	waiting      map[int64]*waitingAction // by ID
	failed       map[int64]error          // by ID, why an action is not read again
	round        *round                   // nil between two rounds
	rounds       int                      // number of rounds that have begun
	listFailures int                      // number of consecutive 403 responses for the list that did not come from the API
}

// waitingAction is an action that has not ended.
type waitingAction struct {
	position int   // in batch.actions
	more     []int // further positions, if the action is in the arguments more than once
	page     int   // page of the account's list that had the action last; 0 if it is unknown; or notListed
	failures int   // number of consecutive failed requests
	round    int   // the last round in which the list had the action
}

// notListed is the page of an action that is read by itself.
const notListed = -1

// round reads each action once.
type round struct {
	list     bool        // pages of the account's list are read
	page     int         // the page that is read next, or was read last
	misses   int         // number of consecutive pages with none of the actions
	expected map[int]int // number of actions that were not on a page yet, by the page that is likely to have them
	unknown  int         // number of actions that were not on a page yet and whose page is not known
	singles  []int64     // IDs of the actions that remain to be read one by one
}

// over reports whether each action was read.
func (r *round) over() bool { return !r.list && len(r.singles) == 0 }

// newBatch returns a batch for the actions that have not ended. The batch updates actions in place.
func newBatch(s *service, actions []Action, co []CallOption, progress func(Progress)) *batch {
	b := &batch{service: s, options: slices.Clip(co), progress: progress, retries: maxRetries(s.pipeline, co), actions: actions,
		waiting: make(map[int64]*waitingAction, len(actions)), failed: make(map[int64]error)}
	all := make([]waitingAction, len(actions)) // one allocation
	for i := range actions {
		if over, _ := actions[i].finished(); over {
			continue
		}
		if w := b.waiting[actions[i].ID]; w != nil {
			w.more = append(w.more, i)
			continue
		}
		all[i].position = i
		b.waiting[actions[i].ID] = &all[i]
	}
	b.budget.reserve = min(maxPollRequests+b.retries, maxPerMinute/2)
	return b
}

// poll sends the next requests of a round, about maxPollRequests. It returns an error of the account's list, or one that ends
// the wait for all actions. If no request has succeeded and actions remain, it returns the error of the last request.
func (b *batch) poll(ctx context.Context) error {
	if b.round == nil {
		b.newRound(time.Now())
	}
	var failure error
	succeeded := false
	b.budget.spent = 0
	for r := b.round; b.budget.spent < maxPollRequests && !r.over(); {
		var fatal, failed error
		if r.list {
			fatal = b.readPage(ctx, r)
		} else {
			fatal, failed = b.readNext(ctx, r)
		}
		if fatal != nil {
			return fatal
		}
		if failed == nil {
			succeeded = true
		} else {
			failure = failed
		}
	}
	if b.round.over() {
		b.round = nil
	}
	if succeeded || len(b.waiting) == 0 { // the error of the last action is one of b.failures
		return nil
	}
	return failure
}

// requestOptions returns the options of one request. They add the attempts of the request to the budget.
func (b *batch) requestOptions(more ...CallOption) []CallOption {
	return append(append(b.options, countAttempts(b.budget.add)), more...)
}

// readNext reads one action by itself. fatal is an error that ends the wait for all actions. failed is the error of this
// action's request, which does not delay the other actions.
func (b *batch) readNext(ctx context.Context, r *round) (fatal, failed error) {
	id := r.singles[0]
	r.singles = r.singles[1:]
	w := b.waiting[id]
	a := b.actions[w.position]
	seen, err := b.get(ctx, a)
	switch {
	case err == nil:
		b.update(*seen)
	case ctx.Err() != nil || errors.Is(err, ErrUnauthorized):
		return err, nil
	case errors.Is(err, ErrNotFound) && a.isOfDroplet() && b.service.isRecent(a.ResourceID):
	case isTransientForActions(err) && w.failures < b.retries:
		w.failures++
		return nil, err
	default:
		delete(b.waiting, id)
		b.failed[id] = err
		if isTransientForActions(err) {
			return nil, err
		}
	}
	return nil, nil
}

// isTransientForActions reports whether a request for an action that failed with err may succeed in the next round. The 403 of a
// proxy says nothing about the token, neither for the list nor for an action.
func isTransientForActions(err error) bool { return isTransientError(err) || isForeignForbidden(err) }

// get sends one request for an action. It uses the path of the action's Droplet or image, because the account's actions require
// another scope. It retries only after a 429: the next round reads the action again.
func (b *batch) get(ctx context.Context, a Action) (*Action, error) {
	co := b.requestOptions(onlyRateLimitRetries)
	switch {
	case a.isOfDroplet():
		return (*DropletActionsService)(b.service).Get(ctx, a.ResourceID, a.ID, co...)
	case a.ResourceID > 0 && a.ResourceType == resourceTypeImage:
		return (*ImagesService)(b.service).GetAction(ctx, a.ResourceID, a.ID, co...)
	}
	return (*ActionsService)(b.service).Get(ctx, a.ID, co...)
}

// update stores an action from a response. It does nothing if the action is not waited for.
func (b *batch) update(seen Action) {
	w := b.waiting[seen.ID]
	if w == nil {
		return
	}
	w.failures = 0
	if before := &b.actions[w.position]; seen.ResourceID == 0 { // the API may leave out the resource, which does not change
		seen.ResourceID, seen.ResourceType = before.ResourceID, before.ResourceType
	}
	b.actions[w.position] = seen
	for _, i := range w.more {
		b.actions[i] = seen
	}
	if over, _ := seen.finished(); over {
		delete(b.waiting, seen.ID)
	}
	if b.progress != nil {
		p := Progress{Step: string(seen.Type), Action: &seen}
		if seen.ResourceType == resourceTypeDroplet {
			p.DropletID = seen.ResourceID
		}
		b.progress(p)
	}
}

// failures joins the errors of all actions that failed or cannot be read, each once, in the order of the arguments.
func (b *batch) failures() error {
	var errs []error
	reported := make(map[int64]bool)
	for i := range b.actions {
		a := &b.actions[i]
		if reported[a.ID] {
			continue
		}
		reported[a.ID] = true
		_, err := a.finished()
		errs = append(errs, err, b.failed[a.ID])
	}
	return joinErrors(errs...)
}

// describe returns a text with the first actions that have not ended, and the number of the others.
func (b *batch) describe() string {
	const most = 10
	var parts []string
	named := make(map[int64]bool, most)
	for i := range b.actions {
		a := &b.actions[i]
		if b.waiting[a.ID] == nil || named[a.ID] {
			continue
		}
		if len(parts) == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(b.waiting)-most))
			break
		}
		named[a.ID] = true
		parts = append(parts, fmt.Sprintf("%d (%s)", a.ID, oneLine(string(a.Type))))
	}
	return fmt.Sprintf("%d of %d actions, still running: %s", len(b.waiting), len(b.actions), strings.Join(parts, ", "))
}
