package droplets

import (
	"context"
	"time"
)

// ResizeAndRestart resizes a Droplet. It turns the Droplet off as [DropletsService.ShutdownGracefully] does, with the same
// grace, resizes it, and turns it on again if it was on. It returns the Droplet as last seen.
//
// It returns at once and sends no change if the Droplet has the size already, and, with req.Disk, a disk of that size. A
// Droplet that was off stays off. That includes a Droplet that an earlier, interrupted call has resized and left off: check
// the Status of the Droplet that is returned.
//
// If a step fails and the resize has certainly not happened, the Droplet is turned on again if this call may have turned it
// off. If the outcome of the resize is unknown, because its response was lost or the end of its action was not observed, the
// Droplet is left as it is. After ctx is done, no further change is sent.
//
// After the first read of the Droplet, every error is a [*StepError], and the Droplet is returned as last seen. The Step of the
// error is the step that failed first; the error of a failed attempt to turn the Droplet on again is joined to it. Action is
// the action to wait for again. If a step may have changed the Droplet, the text of the error has the status of the Droplet
// from a read after the failure. After ctx is done, that read takes at most five seconds.
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
	if grace < 0 {
		return nil, invalid("grace", "must not be negative, got %s", grace)
	}
	r, err := s.newStepRunner(ctx, dropletID, co)
	if err != nil || req.done(r.droplet) {
		return r.droplet, err
	}
	r.resizeAndRestart(ctx, req, grace)
	err = r.finish(ctx)
	return r.droplet, err
}

// done reports whether the Droplet has the size already. With Disk, its disk must be at least as large as that of the size.
func (r ResizeRequest) done(d *Droplet) bool {
	return d.SizeSlug == r.Size && (!r.Disk || d.Size != nil && d.Disk >= d.Size.Disk)
}

// resizeAndRestart runs the steps of ResizeAndRestart.
func (r *stepRunner) resizeAndRestart(ctx context.Context, req ResizeRequest, grace time.Duration) {
	wasOn := !IsOff(r.droplet)
	if wasOn && !r.shutDown(ctx, grace) {
		if r.changed && ctx.Err() == nil {
			r.powerOn(ctx)
		}
		return
	}
	err := r.run(ctx, ActionTypeResize, req)
	unknown := err != nil && (ctx.Err() != nil || !r.notApplied(err))
	if err == nil && !wasOn { // otherwise powerOn reads the Droplet
		err = r.refresh(ctx)
	}
	r.end(ActionTypeResize, err)
	if wasOn && !unknown {
		r.powerOn(ctx)
	}
}
