package droplets

import (
	"context"
	"errors"
	"time"
)

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
	r, err := s.procedure(ctx, dropletID, co)
	if err != nil || IsOff(r.droplet) {
		return r.droplet, err
	}
	began := time.Now()
	// A shutdown that is refused or errors is what the grace is for; anything else ends the procedure.
	if err := r.runAction(ctx, ShutdownRequest{}); err != nil && !errors.Is(err, ErrActionFailed) && !errors.Is(err, ErrUnprocessable) {
		return r.droplet, r.failed(ActionTypeShutdown, err)
	}
	graceCtx, cancel := context.WithTimeout(ctx, grace-time.Since(began))
	defer cancel()
	err = r.waitFor(graceCtx, string(ActionTypeShutdown), IsOff)
	if graceOver := graceCtx.Err() != nil && ctx.Err() == nil; err != nil && graceOver {
		return r.droplet, r.powerOff(ctx)
	}
	return r.droplet, r.failed(ActionTypeShutdown, err)
}
