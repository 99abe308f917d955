package droplets

import (
	"context"
	"errors"
	"time"
)

// ShutdownGracefully turns a Droplet off. It asks the operating system to shut down and waits for the Droplet to be off, for
// grace at most. After that it cuts the power, unless a last read shows the Droplet off. It returns the Droplet when it is
// off, at once if the API shows it off already.
//
// The grace starts when the API has accepted the shutdown; before that, an event of another program on the Droplet may end,
// which is waited for up to five minutes. The grace includes the wait for the shutdown's own action. If that action is still
// pending afterwards, the power_off is sent as soon as it ends.
//
// Shutdown and power_off are harmless if they are applied twice, so they are retried even if a response was lost. An error
// after the Droplet was found is a [*StepError], with the Droplet as last seen beside it. If a shutdown or power_off may have
// been applied, its text says what state the Droplet is in, from a read after the failure. After ctx is done that read takes
// at most five seconds, and no change is sent.
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
	r, err := s.newStepRunner(ctx, dropletID, co)
	if err != nil || IsOff(r.droplet) {
		return r.droplet, err
	}
	r.shutDown(ctx, grace)
	err = r.finish(ctx)
	return r.droplet, err
}

// shutDown asks for a shutdown and cuts the power after the grace.
func (r *stepRunner) shutDown(ctx context.Context, grace time.Duration) (ok bool) {
	if err := r.requestShutdown(ctx); err != nil {
		return r.end(ActionTypeShutdown, err)
	}
	graceCtx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if err := r.waitUntilShutDown(ctx, graceCtx); err != nil || IsOff(r.droplet) {
		return r.end(ActionTypeShutdown, err)
	}
	return r.powerOff(ctx)
}

// requestShutdown sends the shutdown. A shutdown that is refused is no error: the Droplet may be off already, and if not, the
// power is cut after the grace. If the outcome is unknown, the shutdown may have been accepted.
func (r *stepRunner) requestShutdown(ctx context.Context) error {
	err := r.start(ctx, ActionTypeShutdown, ShutdownRequest{}, ResendUncertain())
	refused := errors.Is(err, ErrUnprocessable) && !errors.Is(err, ErrPendingEvent)
	if ctx.Err() == nil && (refused || errors.Is(err, ErrMaybeApplied)) {
		return nil
	}
	return err
}

// waitUntilShutDown waits until the shutdown's action has ended and the Droplet is off, or the grace is over. Then it reads
// the Droplet: between two polls it may have gone off. A failure of the action is no error, the grace is for that too.
func (r *stepRunner) waitUntilShutDown(ctx, graceCtx context.Context) error {
	if r.action != nil {
		_ = r.watch(graceCtx) // only the Droplet's own status counts
	}
	err := r.waitFor(graceCtx, ActionTypeShutdown, IsOff)
	if err == nil || ctx.Err() != nil {
		return err
	}
	err = r.refresh(ctx)
	if err == nil && !IsOff(r.droplet) && graceCtx.Err() == nil { // an outage has ended the wait before the grace was over
		if err = r.waitFor(graceCtx, ActionTypeShutdown, IsOff); err != nil {
			<-graceCtx.Done()
			err = r.refresh(ctx)
		}
	}
	return err
}
