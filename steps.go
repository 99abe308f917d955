package droplets

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// StepError is a procedure that stopped at one of its steps.
type StepError struct {
	// Step is the step that failed, such as "power_off" or "resize".
	Step string
	// Droplet is the Droplet as last seen.
	Droplet *Droplet
	// Action is the step's action as last seen, to wait for again; nil if there is none.
	Action *Action
	// Err is why the step failed.
	Err error
}

// Error names the step, the Droplet, what state it was last seen in, and why the step failed.
func (e *StepError) Error() string {
	d := e.Droplet
	if d == nil || e.Err == nil {
		return "droplets: " + e.Step + " failed"
	}
	return fmt.Sprintf("droplets: %s of Droplet %d (%s, last seen %s) failed: %s", e.Step, d.ID, oneLine(d.Name), d.Status, withoutPrefix(e.Err))
}

// Unwrap returns why the step failed.
func (e *StepError) Unwrap() error { return e.Err }

// procedure is a sequence of steps on one Droplet.
type procedure struct {
	service  *DropletsService
	options  []CallOption
	progress func(Progress)
	droplet  *Droplet // as last seen
	action   *Action  // the last step's
}

func (s *DropletsService) procedure(ctx context.Context, dropletID int64, co []CallOption) (*procedure, error) {
	o, err := newCallOptions(co)
	if err != nil {
		return &procedure{}, err
	}
	d, err := s.Get(ctx, dropletID, co...)
	if err != nil {
		return &procedure{}, err
	}
	return &procedure{service: s, options: co, progress: o.progress, droplet: d}, nil
}

// pendingEventWait is how long a step waits for an event on the Droplet that is not of the procedure's making.
const pendingEventWait = 5 * time.Minute

// act starts an action and waits for its end.
func (r *procedure) runAction(ctx context.Context, req ActionRequest) error {
	co := append([]CallOption{RetryPendingEvent(pendingEventWait)}, r.options...)
	actions := r.service.actions()
	started, err := actions.Initiate(ctx, r.droplet.ID, req, co...)
	if err != nil {
		return err
	}
	r.action = started
	r.report(string(started.Type), started)
	for seen, err := range actions.Watch(ctx, r.droplet.ID, started.ID, r.options...) {
		if seen != nil {
			r.action = seen
			r.report(string(started.Type), seen)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wait waits for the Droplet to be in a state.
func (r *procedure) waitFor(ctx context.Context, step string, met func(*Droplet) bool) error {
	d, err := r.service.WaitFor(ctx, r.droplet.ID, func(d *Droplet) bool {
		r.report(step, nil)
		return met(d)
	}, r.options...)
	if d != nil {
		r.droplet = d
	}
	return err
}

func (r *procedure) powerOff(ctx context.Context) error {
	err := r.runAction(ctx, PowerOffRequest{})
	if errors.Is(err, ErrUnprocessable) && r.refresh(ctx) == nil && IsOff(r.droplet) {
		return nil // it went off by itself, and was not to be turned off again
	}
	if err == nil {
		err = r.waitFor(ctx, string(ActionTypePowerOff), IsOff)
	}
	return r.failed(ActionTypePowerOff, err)
}

func (r *procedure) powerOn(ctx context.Context) error {
	err := r.runAction(ctx, PowerOnRequest{})
	if err == nil {
		err = r.waitFor(ctx, string(ActionTypePowerOn), IsActive)
	}
	return r.failed(ActionTypePowerOn, err)
}

func (r *procedure) refresh(ctx context.Context) error {
	d, err := r.service.Get(ctx, r.droplet.ID, r.options...)
	if err == nil {
		r.droplet = d
	}
	return err
}

func (r *procedure) report(step string, action *Action) {
	if r.progress != nil {
		r.progress(Progress{DropletID: r.droplet.ID, Step: step, Action: action})
	}
}

// failed says at which step the procedure stopped; nil stays nil.
func (r *procedure) failed(step ActionType, err error) error {
	if err == nil {
		return nil
	}
	return &StepError{Step: string(step), Droplet: r.droplet, Err: err}
}
