package droplets

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// waitForCreated waits for the create actions and then for the Droplets. The actions come first because only they have the
// reason if a create fails: the Droplet is then a 404. It returns the Droplets as last seen, and a StepError for each Droplet
// that failed.
func (s *DropletsService) waitForCreated(ctx context.Context, created []Droplet, actions []Action, ready func(*Droplet) bool, co []CallOption) ([]Droplet, error) {
	for i := range created {
		s.created.markProven(created[i].ID)
	}
	ended, waitErr := s.actions().waitForActions(ctx, actions, co)
	if len(ended) < len(actions) {
		ended = actions // the options were rejected
	}
	var errs []error
	for i := range created {
		d := &created[i]
		action := actionOf(ended, d.ID)
		err := s.createFailure(ctx, action, waitErr)
		if err == nil {
			err = s.waitUntilReady(ctx, d, ready, co)
		}
		if err != nil {
			errs = append(errs, &StepError{Step: stepCreate, Droplet: d, Action: action, Err: err})
		}
	}
	return created, joinErrors(errs...)
}

// actionOf returns the create action of a Droplet, or nil.
func actionOf(actions []Action, dropletID int64) *Action {
	for i := range actions {
		if actions[i].ResourceID == dropletID {
			return &actions[i]
		}
	}
	return nil
}

// createFailure returns the reason why the create action failed, or why its end was not observed, and nil if it has completed.
// waitErr is the error of the wait for all actions.
func (s *DropletsService) createFailure(ctx context.Context, a *Action, waitErr error) error {
	if a == nil {
		return nil // without an action, only the state of the Droplet counts
	}
	over, failure := a.finished()
	switch {
	case failure != nil:
		s.created.remove(a.ResourceID)
		return failure
	case over:
		s.created.markProven(a.ResourceID)
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("droplets: waited for action %d, last seen %s: %w", a.ID, oneLine(string(a.Status)), contextError(ctx))
	}
	return ownError(waitErr, a.ID)
}

// ownError returns the part of the error of a wait for several actions that is about one of them: the errors of requests for
// this action, or else the errors of requests for no single action, such as for the account's list.
func ownError(err error, actionID int64) error {
	var own, shared []error
	for _, e := range errorParts(err) {
		path := requestPath(e)
		switch {
		case errors.Is(e, ErrActionFailed): // of another action
		case strings.HasSuffix(path, fmt.Sprintf("/actions/%d", actionID)):
			own = append(own, e)
		case !strings.Contains(path, "/actions/"):
			shared = append(shared, e)
		}
	}
	if len(own) > 0 {
		return joinErrors(own...)
	}
	if len(shared) > 0 {
		return joinErrors(shared...)
	}
	return fmt.Errorf("droplets: the end of action %d was not observed", actionID)
}

// errorParts returns the errors that were joined into err.
func errorParts(err error) []error {
	switch e := err.(type) { //nolint:errorlint // it takes the error apart
	case nil:
		return nil
	case *TransportError: // its parts describe one call
		return []error{e}
	case interface{ Unwrap() []error }:
		var parts []error
		for _, part := range e.Unwrap() {
			parts = append(parts, errorParts(part)...)
		}
		return parts
	}
	return []error{err}
}

// requestPath returns the path of the request that failed with err, or "".
func requestPath(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Path
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.Path
	}
	return ""
}

// waitUntilReady waits until the Droplet meets ready, and stores it in d as last seen.
func (s *DropletsService) waitUntilReady(ctx context.Context, d *Droplet, ready func(*Droplet) bool, co []CallOption) error {
	options, err := newCallOptions(co)
	if err != nil {
		return err
	}
	met := func(seen *Droplet) bool {
		if options.progress != nil {
			options.progress(Progress{DropletID: seen.ID, Step: stepCreate, Droplet: seen})
		}
		return ready(seen)
	}
	seen, err := s.WaitFor(ctx, d.ID, met, quiet(co)...)
	if seen != nil {
		*d = *seen
	}
	return err
}
