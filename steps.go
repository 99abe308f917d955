package droplets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// pendingEventWait is how long a step waits for the end of a pending event on the Droplet, such as that of another program.
	pendingEventWait = 5 * time.Minute
	// statusWait is how long a step waits until the API shows the status to which a power action leads.
	statusWait = 2 * time.Minute
	// finalReadTimeout limits the read of the Droplet after the caller's context is done.
	finalReadTimeout = 5 * time.Second
)

// stepRunner runs the steps of a method that sends several requests for one Droplet.
type stepRunner struct {
	service  *DropletsService
	options  []CallOption // of every request
	progress func(Progress)
	droplet  *Droplet // as last seen
	action   *Action  // of the current step, as last seen; nil until the API has accepted it
	failures []*StepError

	// changed is true after a power action or a resize that the API accepted or may have accepted.
	changed bool
	// unconfirmed is the type of the last power action that the API accepted or may have accepted, until a response shows its
	// effect. It is empty if there is none.
	unconfirmed ActionType
	// seenOff is true after a response that showed the Droplet off.
	seenOff bool
	// unreadable is true if the last attempt to read the Droplet failed.
	unreadable bool
}

// newStepRunner reads the Droplet and returns the runner of the steps. If there is an error, the runner has no Droplet.
func (s *DropletsService) newStepRunner(ctx context.Context, dropletID int64, co []CallOption) (*stepRunner, error) {
	co = forWait(co)
	o, err := newCallOptions(co)
	if err != nil {
		return &stepRunner{}, err
	}
	d, err := s.Get(ctx, dropletID, co...)
	if err != nil {
		return &stepRunner{}, err
	}
	r := &stepRunner{service: s, options: co, progress: o.progress}
	r.record(d)
	return r, nil
}

// record stores the Droplet as last seen, and whether it shows the effect of the last power action.
func (r *stepRunner) record(d *Droplet) {
	r.droplet, r.unreadable = d, false
	if IsOff(d) {
		r.seenOff = true
	}
	switch r.unconfirmed {
	case ActionTypeShutdown, ActionTypePowerOff:
		if IsOff(d) {
			r.unconfirmed = ""
		}
	case ActionTypePowerOn:
		// If no response has shown the Droplet off, "active" may be the status from before it was turned off.
		if IsActive(d) && r.seenOff {
			r.unconfirmed = ""
		}
	}
}

// start sends the request for an action and stores the action. It retries while the Droplet has a pending event, for up to
// pendingEventWait.
func (r *stepRunner) start(ctx context.Context, step ActionType, req ActionRequest, more ...CallOption) error {
	r.action = nil
	co := slices.Concat([]CallOption{RetryPendingEvent(pendingEventWait)}, more, r.options)
	started, err := r.service.actions().Initiate(ctx, r.droplet.ID, req, co...)
	if (err == nil || errors.Is(err, ErrMaybeApplied)) && step != ActionTypeSnapshot {
		r.changed = true
		if step != ActionTypeResize {
			r.unconfirmed = step
		}
	}
	if err != nil {
		return err
	}
	r.action = started
	if r.progress != nil {
		r.progress(Progress{DropletID: r.droplet.ID, Step: string(step), Action: started})
	}
	return nil
}

// watch waits until the action of the current step has ended.
func (r *stepRunner) watch(ctx context.Context) (err error) {
	var seen *Action
	for seen, err = range r.service.actions().Watch(ctx, r.droplet.ID, r.action.ID, r.options...) {
		if seen != nil {
			r.action = seen
		}
	}
	return err
}

// run starts an action and waits until it has ended. If an outage ends the wait and the Droplet can then be read, run waits
// once more.
func (r *stepRunner) run(ctx context.Context, step ActionType, req ActionRequest, more ...CallOption) error {
	before := r.unconfirmed
	if err := r.start(ctx, step, req, more...); err != nil {
		return err
	}
	err := r.watch(ctx)
	if r.isOutage(ctx, err) && r.refresh(ctx) == nil {
		err = r.watch(ctx)
	}
	switch {
	case errors.Is(err, ErrActionFailed):
		r.unconfirmed = before
	case err == nil && step == ActionTypePowerOn:
		r.seenOff = true // a power_on completes only if the Droplet was off
	}
	return err
}

// isOutage reports whether err is a transient error after which a step may try again: retries are not disabled, and ctx is
// not done.
func (r *stepRunner) isOutage(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && isTransientError(err) && maxRetries(r.service.pipeline, r.options) > 0
}

// notApplied reports whether the current step, which failed with err, has certainly changed nothing.
func (r *stepRunner) notApplied(err error) bool {
	return errors.Is(err, ErrActionFailed) || r.action == nil && !errors.Is(err, ErrMaybeApplied)
}

// waitFor waits until the Droplet meets a condition. OnProgress gets the name of the step.
func (r *stepRunner) waitFor(ctx context.Context, step ActionType, met func(*Droplet) bool) error {
	co := r.options
	if r.progress != nil {
		co = append(slices.Clip(co), OnProgress(func(p Progress) {
			p.Step = string(step)
			r.progress(p)
		}))
	}
	d, err := r.service.WaitFor(ctx, r.droplet.ID, met, co...)
	if d != nil {
		r.record(d)
	}
	return err
}

// refresh reads the Droplet. It tolerates transient errors as a waiter does. It does not call the function of OnProgress, and
// does not change the Response of CaptureResponse.
func (r *stepRunner) refresh(ctx context.Context) error {
	co := append(slices.Clip(r.options), OnProgress(nil), CaptureResponse(nil))
	d, err := r.service.WaitFor(ctx, r.droplet.ID, func(*Droplet) bool { return true }, co...)
	if d != nil {
		r.record(d)
	}
	r.unreadable = err != nil && ctx.Err() == nil
	return err
}

// powerOff cuts the power and waits until the Droplet is off. It reports whether that succeeded.
func (r *stepRunner) powerOff(ctx context.Context) (ok bool) {
	err := r.setPower(ctx, ActionTypePowerOff, PowerOffRequest{}, IsOff)
	if errors.Is(err, ErrActionFailed) && r.refresh(ctx) == nil && IsOff(r.droplet) {
		err = nil // the operating system has shut down meanwhile
	}
	return r.end(ActionTypePowerOff, err)
}

// powerOn turns the Droplet on and waits until it is active.
func (r *stepRunner) powerOn(ctx context.Context) {
	r.end(ActionTypePowerOn, r.setPower(ctx, ActionTypePowerOn, PowerOnRequest{}, IsActive))
}

// setPower runs a power action and waits until the Droplet shows its effect. The action is harmless if it is applied twice, so
// it is sent once more if an outage has ended the first call and the Droplet can then be read.
func (r *stepRunner) setPower(ctx context.Context, step ActionType, req ActionRequest, met func(*Droplet) bool) error {
	err := r.run(ctx, step, req, ResendUncertain())
	if r.action == nil && r.isOutage(ctx, err) && r.refresh(ctx) == nil {
		err = r.run(ctx, step, req, ResendUncertain())
	}
	return r.confirm(ctx, step, met, err)
}

// confirm waits until the Droplet shows the effect of a power action that ended with err. The effect counts, not err: a 422 may
// mean that the Droplet is in that state already, and a lost response may belong to an action that was applied. confirm waits
// for up to statusWait, because the API may show the status late. If the effect does not appear, it returns err, or the reason
// if err is nil.
func (r *stepRunner) confirm(ctx context.Context, step ActionType, met func(*Droplet) bool, err error) error {
	rejected := errors.Is(err, ErrUnprocessable) && !errors.Is(err, ErrPendingEvent)
	if err != nil && (ctx.Err() != nil || !rejected && r.notApplied(err)) {
		return err
	}
	statusCtx, cancel := context.WithTimeout(ctx, statusWait)
	defer cancel()
	waitErr := r.waitFor(statusCtx, step, met)
	switch {
	case waitErr == nil:
		return nil
	case err != nil:
		return err
	case ctx.Err() == nil && statusCtx.Err() != nil:
		return fmt.Errorf("action %d has completed, but the Droplet was still shown as %s after %s",
			r.action.ID, oneLine(string(r.droplet.Status)), statusWait)
	}
	return waitErr
}

// end records the failure of a step if err is not nil. It reports whether the step has succeeded.
func (r *stepRunner) end(step ActionType, err error) (ok bool) {
	if err != nil {
		r.failures = append(r.failures, &StepError{Step: string(step), Action: r.action, Err: err})
	}
	return err == nil
}

// finish returns the joined errors of all steps that failed, or nil. If a step may have changed the Droplet, they have the
// status of the Droplet from a read after the failure.
func (r *stepRunner) finish(ctx context.Context) error {
	if len(r.failures) == 0 {
		return nil
	}
	if last := r.failures[len(r.failures)-1]; ctx.Err() != nil && !errors.Is(last.Err, ctx.Err()) {
		last.Err = joinErrors(last.Err, contextError(ctx)) // the reason why nothing more was sent
	}
	observed := r.observe(ctx)
	errs := make([]error, 0, len(r.failures))
	for _, e := range r.failures {
		e.Droplet, e.observed = r.droplet, observed
		errs = append(errs, e)
	}
	return joinErrors(errs...)
}

// observe reads the Droplet after a failure and returns the text for StepError.observed. If the caller's context is done, the
// read has a timeout of its own, because the error must contain whether the Droplet is off.
func (r *stepRunner) observe(ctx context.Context) string {
	if !r.changed {
		return ""
	}
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), finalReadTimeout)
		defer cancel()
	}
	observed := " after the failure"
	if r.unreadable || r.refresh(ctx) != nil {
		observed = " before the failure and not readable since"
	}
	if r.unconfirmed != "" {
		observed += ", but " + string(r.unconfirmed) + " was requested, so this may have changed"
	}
	return observed
}
