package droplets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// WaitForActions waits until all of the actions have ended and returns them as they ended, in the order asked. It
// takes what [DropletActionsService.InitiateByTag] returns as it is, and the PendingActions of a create. Actions that
// have ended already cost no request; for the others, each look reads the newest actions of the account, 200 a page, and
// asks one by one for those that are not among them. A token without the scope actions:read costs one request once;
// then all are asked for one by one.
//
// The failures of all actions are joined into the error, [*ActionError] each. When the wait itself fails, the error
// names what was still running, and each action comes back as last seen.
//
// DigitalOcean API: GET /v2/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletActionsService) WaitForActions(ctx context.Context, actions ...Action) ([]Action, error) {
	for i, a := range actions {
		if err := checkID(fmt.Sprintf("actions[%d].ID", i), a.ID); err != nil {
			return nil, err
		}
	}
	b := &batch{service: (*service)(s), actions: slices.Clone(actions), failed: make(map[int64]error)}
	if len(b.running()) == 0 {
		return b.actions, b.failures()
	}
	w := wait[batch]{
		service:  (*service)(s),
		poll:     func() (*batch, error) { return b, b.poll(ctx) },
		done:     func(*batch) (bool, error) { return len(b.running()) == 0, b.failures() },
		describe: func(*batch) string { return "for " + b.describe() },
	}
	_, err := w.last(ctx)
	if len(b.running()) > 0 {
		return b.actions, joinErrors(b.failures(), err)
	}
	return b.actions, err
}

// batch is a number of actions that are waited for together.
type batch struct {
	service *service
	actions []Action
	failed  map[int64]error // that can not be asked for any more
}

// running lists the ids that are still waited for, each once.
func (b *batch) running() (ids []int64) {
	for i := range b.actions {
		a := &b.actions[i]
		if over, _ := a.finished(); !over && b.failed[a.ID] == nil && !slices.Contains(ids, a.ID) {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// failures joins why actions failed, each once, in the order asked.
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

func (b *batch) describe() string {
	var parts []string
	reported := make(map[int64]bool)
	running := b.running()
	for i := range b.actions {
		if a := &b.actions[i]; !reported[a.ID] && slices.Contains(running, a.ID) {
			reported[a.ID] = true
			parts = append(parts, fmt.Sprintf("%d (%s)", a.ID, a.Type))
		}
	}
	return fmt.Sprintf("%d of %d actions, still running: %s", len(parts), len(b.actions), strings.Join(parts, ", "))
}

// look sees every running action once. An error is one that may pass, or that ends the wait for all of them.
func (b *batch) poll(ctx context.Context) error {
	waiting := b.running()
	if !b.service.actionListForbidden.is(time.Now()) {
		rest, err := b.pollAccountList(ctx, waiting)
		if errors.Is(err, ErrForbidden) {
			b.service.actionListForbidden.set(time.Now())
		} else if err != nil {
			return err
		}
		waiting = rest
	}
	for _, id := range waiting {
		if err := b.pollOne(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// pollAccountList reads as many pages of the account's actions as the waiting ones could fill, and returns those that are
// not on them.
func (b *batch) pollAccountList(ctx context.Context, waiting []int64) (rest []int64, err error) {
	opts := &ListOptions{PerPage: maxPerPage}
	for pages := (len(waiting) + maxPerPage - 1) / maxPerPage; opts.Page < pages && len(waiting) > 0; {
		opts.Page++
		p, err := (*ActionsService)(b.service).List(ctx, opts)
		if err != nil {
			return waiting, err
		}
		for i := range p.Items {
			if id := p.Items[i].ID; slices.Contains(waiting, id) {
				b.update(p.Items[i])
				waiting = slices.DeleteFunc(waiting, func(w int64) bool { return w == id })
			}
		}
		if p.NextPage == 0 {
			break
		}
	}
	return waiting, nil
}

func (b *batch) pollOne(ctx context.Context, id int64) error {
	a := b.actions[slices.IndexFunc(b.actions, func(a Action) bool { return a.ID == id })]
	var seen *Action
	var err error
	if a.ResourceID > 0 && (a.ResourceType == "" || a.ResourceType == resourceTypeDroplet) {
		seen, err = (*DropletActionsService)(b.service).Get(ctx, a.ResourceID, id)
	} else {
		seen, err = (*ActionsService)(b.service).Get(ctx, id)
	}
	switch {
	case err == nil:
		b.update(*seen)
	case ctx.Err() != nil || isTransientError(err) || errors.Is(err, ErrUnauthorized):
		return err
	case errors.Is(err, ErrNotFound) && b.service.isRecent(a.ResourceID):
	default:
		b.failed[id] = err
	}
	return nil
}

func (b *batch) update(seen Action) {
	for i := range b.actions {
		if b.actions[i].ID != seen.ID {
			continue
		}
		if seen.ResourceID == 0 { // the API may leave it out; it does not change
			seen.ResourceID, seen.ResourceType = b.actions[i].ResourceID, b.actions[i].ResourceType
		}
		b.actions[i] = seen
	}
}
