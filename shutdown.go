package droplets

import (
	"context"
	"errors"
	"time"
)

// ShutdownGracefully turns a Droplet off. It sends a shutdown, which the operating system can handle or ignore, and waits for
// up to grace until the Droplet is off. If a last read shows that the Droplet is still on, it sends a power_off, which cuts the
// power. It returns the Droplet when it is off, and at once if the API shows it off already.
//
// The grace starts when the API has accepted the shutdown. Before that, ShutdownGracefully waits for up to five minutes until
// a pending event on the Droplet has ended. The grace includes the wait for the shutdown's own action. If that action is still
// pending afterwards, the power_off is retried for up to five minutes, until the action has ended.
//
// Shutdown and power_off are harmless if they are applied twice, so they are retried even if a response was lost. After the
// first read of the Droplet, every error is a [*StepError], and the Droplet is returned as last seen. If a shutdown or
// power_off may have been applied, the text of the error has the status of the Droplet from a read after the failure. After
// ctx is done, that read takes at most five seconds, and no change is sent.
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

// shutDown sends a shutdown, and after the grace a power_off. It reports whether the Droplet is off; otherwise it has recorded
// the failure.
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

// requestShutdown sends the shutdown. A shutdown that the API rejects with 422 is not an error: the Droplet may be off already,
// and if not, the power is cut after the grace. An unknown outcome is not an error either: the API may have accepted the
// shutdown.
func (r *stepRunner) requestShutdown(ctx context.Context) error {
	err := r.start(ctx, ActionTypeShutdown, ShutdownRequest{}, ResendUncertain())
	rejected := errors.Is(err, ErrUnprocessable) && !errors.Is(err, ErrPendingEvent)
	if ctx.Err() == nil && (rejected || errors.Is(err, ErrMaybeApplied)) {
		return nil
	}
	return err
}

// waitUntilShutDown waits until the shutdown's action has ended and the Droplet is off, or until the grace is over. In the
// second case it reads the Droplet once more, because the Droplet can go off between two polls. A failed action is not an
// error: the Droplet can still go off during the grace, and after it the power is cut.
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
			<-graceCtx.Done() // the power is not cut before that
			err = r.refresh(ctx)
		}
	}
	return err
}
