package droplets

import (
	"context"
	"errors"
	"time"
)

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
	r, err := s.procedure(ctx, dropletID, co)
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
	if err := r.runAction(ctx, req); err != nil {
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
