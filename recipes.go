package droplets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Progress is one look of a recipe at what it is doing.
type Progress struct {
	// DropletID is the Droplet.
	DropletID int64
	// Step is what is being done, such as "power_off" or "resize": the type of the action where the step is one.
	Step string
	// Action is the step's action as last seen; nil once the action has ended and the Droplet's own state is waited for.
	Action *Action
}

// OnProgress tells f of each look of a recipe: [DropletsService.ShutdownGracefully], [DropletsService.ResizeAndRestart],
// [DropletsService.SnapshotAndWait]. f is called by the caller's own goroutine, between requests.
func OnProgress(f func(Progress)) CallOption { return func(o *callOptions) { o.progress = f } }

// StepError is a recipe that stopped at one of its steps.
type StepError struct {
	// Step is the step that failed, such as "power_off" or "resize".
	Step string
	// Droplet is the Droplet as last seen.
	Droplet *Droplet
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

// ShutdownGracefully turns a Droplet off: it asks the operating system to shut down, waits for as long as grace for it
// to be off, and cuts the power only then. It returns the Droplet when it is off, at once if it was. An error is a
// [*StepError], beside the Droplet as last seen.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletsService) ShutdownGracefully(ctx context.Context, dropletID int64, grace time.Duration, co ...CallOption) (*Droplet, error) {
	if grace < 0 {
		return nil, invalid("grace", "must not be negative, got %s", grace)
	}
	r, err := s.recipe(ctx, dropletID, co)
	if err != nil || IsOff(r.droplet) {
		return r.droplet, err
	}
	began := time.Now()
	// A shutdown that is refused or errors is what the grace is for; anything else ends the recipe.
	if err := r.act(ctx, ShutdownRequest{}); err != nil && !errors.Is(err, ErrActionFailed) && !errors.Is(err, ErrUnprocessable) {
		return r.droplet, r.failed(ActionTypeShutdown, err)
	}
	patience, cancel := context.WithTimeout(ctx, grace-time.Since(began))
	defer cancel()
	err = r.wait(patience, string(ActionTypeShutdown), IsOff)
	if graceOver := patience.Err() != nil && ctx.Err() == nil; err != nil && graceOver {
		return r.droplet, r.powerOff(ctx)
	}
	return r.droplet, r.failed(ActionTypeShutdown, err)
}

// ResizeAndRestart resizes a Droplet: it turns it off, as ShutdownGracefully does, resizes it, and turns it on again if
// it was on. A resize that fails or is refused is followed by turning it on as well. It returns the Droplet as it is
// then, at once if it has the size already and the disk is not to grow. An error is a [*StepError], beside the Droplet as
// last seen; its Step is the one that failed first, and where turning it on again failed too, that is joined to it.
//
// Where it is not known what became of the resize, because the context ended or the answer was lost, the Droplet is left
// as it is.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletsService) ResizeAndRestart(ctx context.Context, dropletID int64, req ResizeRequest, grace time.Duration, co ...CallOption) (*Droplet, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	r, err := s.recipe(ctx, dropletID, co)
	if err != nil || r.droplet.SizeSlug == req.Size && !req.Disk {
		return r.droplet, err
	}
	wasOn := !IsOff(r.droplet)
	if wasOn {
		d, err := s.ShutdownGracefully(ctx, dropletID, grace, co...)
		if err != nil {
			return d, err
		}
		r.droplet = d
	}
	if err := r.act(ctx, req); err != nil {
		var back error
		settled := errors.Is(err, ErrActionFailed) || errors.Is(err, ErrUnprocessable)
		if wasOn && settled && !errors.Is(err, ErrMaybeApplied) {
			back = r.powerOn(ctx)
		}
		return r.droplet, joinErrors(r.failed(ActionTypeResize, err), back)
	}
	if wasOn {
		err = r.powerOn(ctx)
	} else {
		err = r.failed(ActionTypeResize, r.refresh(ctx))
	}
	return r.droplet, err
}

// SnapshotAndWait makes a snapshot of a Droplet's disk and returns the image that it made. An error after the Droplet
// was found is a [*StepError].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/snapshots
func (s *DropletsService) SnapshotAndWait(ctx context.Context, dropletID int64, req SnapshotRequest, co ...CallOption) (*DropletSnapshot, error) {
	r, err := s.recipe(ctx, dropletID, co)
	if err != nil {
		return nil, err
	}
	if err := r.act(ctx, req); err != nil {
		return nil, r.failed(ActionTypeSnapshot, err)
	}
	image, err := r.findSnapshot(ctx, req.Name)
	return image, r.failed(ActionTypeSnapshot, err)
}

// recipe is a sequence of steps on one Droplet.
type recipe struct {
	service  *DropletsService
	options  []CallOption
	progress func(Progress)
	droplet  *Droplet // as last seen
	action   *Action  // the last step's
}

func (s *DropletsService) recipe(ctx context.Context, dropletID int64, co []CallOption) (*recipe, error) {
	o, err := newCallOptions(co)
	if err != nil {
		return &recipe{}, err
	}
	d, err := s.Get(ctx, dropletID, co...)
	if err != nil {
		return &recipe{}, err
	}
	return &recipe{service: s, options: co, progress: o.progress, droplet: d}, nil
}

// pendingEventWait is how long a step waits for an event on the Droplet that is not of the recipe's making.
const pendingEventWait = 5 * time.Minute

// act starts an action and waits for its end.
func (r *recipe) act(ctx context.Context, req ActionRequest) error {
	co := append([]CallOption{RetryPendingEvent(pendingEventWait)}, r.options...)
	actions := r.service.client.DropletActions
	started, err := actions.Initiate(ctx, r.droplet.ID, req, co...)
	if err != nil {
		return err
	}
	r.action = started
	r.tell(string(started.Type), started)
	for seen, err := range actions.Watch(ctx, r.droplet.ID, started.ID, r.options...) {
		if seen != nil {
			r.action = seen
			r.tell(string(started.Type), seen)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wait waits for the Droplet to be in a state.
func (r *recipe) wait(ctx context.Context, step string, met func(*Droplet) bool) error {
	d, err := r.service.WaitFor(ctx, r.droplet.ID, func(d *Droplet) bool {
		r.tell(step, nil)
		return met(d)
	}, r.options...)
	if d != nil {
		r.droplet = d
	}
	return err
}

func (r *recipe) powerOff(ctx context.Context) error {
	err := r.act(ctx, PowerOffRequest{})
	if errors.Is(err, ErrUnprocessable) && r.refresh(ctx) == nil && IsOff(r.droplet) {
		return nil // it went off by itself, and was not to be turned off again
	}
	if err == nil {
		err = r.wait(ctx, string(ActionTypePowerOff), IsOff)
	}
	return r.failed(ActionTypePowerOff, err)
}

func (r *recipe) powerOn(ctx context.Context) error {
	err := r.act(ctx, PowerOnRequest{})
	if err == nil {
		err = r.wait(ctx, string(ActionTypePowerOn), IsActive)
	}
	return r.failed(ActionTypePowerOn, err)
}

func (r *recipe) refresh(ctx context.Context) error {
	d, err := r.service.Get(ctx, r.droplet.ID, r.options...)
	if err == nil {
		r.droplet = d
	}
	return err
}

// snapshotLook is how long a new image is looked for after its action has ended.
const snapshotLook = time.Minute

// findSnapshot finds the image of the snapshot action: one that the Droplet did not have before, made when the action
// began, or the only new one of that name. The API may show it a moment after the action's end.
func (r *recipe) findSnapshot(ctx context.Context, name string) (*DropletSnapshot, error) {
	var image *DropletSnapshot
	began := time.Now()
	w := wait[Droplet]{
		client: r.service.client, dropletID: r.droplet.ID, options: r.options,
		look: func() (*Droplet, error) {
			var fresh []DropletSnapshot
			for snapshot, err := range r.service.AllSnapshots(ctx, r.droplet.ID, nil, r.options...) {
				if err != nil {
					return nil, err
				}
				if !slices.Contains(r.droplet.SnapshotIDs, snapshot.ID) {
					fresh = append(fresh, snapshot)
				}
			}
			image = pickSnapshot(fresh, name, r.action.StartedAt)
			return r.droplet, nil
		},
		done: func(*Droplet) (bool, error) {
			if image == nil && time.Since(began) > snapshotLook {
				return true, fmt.Errorf("the snapshot of action %d is not among the Droplet's, or not to be told from others: %w", r.action.ID, ErrInvalidResponse)
			}
			return image != nil, nil
		},
		describe: func(*Droplet) string { return fmt.Sprintf("for the snapshot of Droplet %d to be listed", r.droplet.ID) },
	}
	_, err := w.last(ctx)
	return image, err
}

func pickSnapshot(fresh []DropletSnapshot, name string, started time.Time) *DropletSnapshot {
	for _, fits := range []func(DropletSnapshot) bool{
		func(s DropletSnapshot) bool { return !started.IsZero() && s.CreatedAt.Equal(started) },
		func(s DropletSnapshot) bool { return name == "" || s.Name == name },
	} {
		matching := slices.DeleteFunc(slices.Clone(fresh), func(s DropletSnapshot) bool { return !fits(s) })
		if len(matching) == 1 {
			return &matching[0]
		}
	}
	return nil
}

func (r *recipe) tell(step string, action *Action) {
	if r.progress != nil {
		r.progress(Progress{DropletID: r.droplet.ID, Step: step, Action: action})
	}
}

// failed says at which step the recipe stopped; nil stays nil.
func (r *recipe) failed(step ActionType, err error) error {
	if err == nil {
		return nil
	}
	return &StepError{Step: string(step), Droplet: r.droplet, Err: err}
}
