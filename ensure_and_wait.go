package droplets

import (
	"context"
	"errors"
	"time"
)

// EnsureAndWait does what [DropletsService.Ensure] does and then waits until the Droplet can be used, as
// [DropletsService.CreateAndWait] does, also if another call or another program has created it. It returns the Droplet as
// last seen, and created reports whether this call created it.
//
// A Droplet that is more than ten minutes old can be used if it is active, whatever addresses it has. A Droplet that exists
// and is off is an error: EnsureAndWait does not power it on. Once the Droplet exists, every error is a [*StepError].
//
// DigitalOcean API: GET /v2/droplets
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: POST /v2/droplets
//
// DigitalOcean API: GET /v2/actions
func (s *DropletsService) EnsureAndWait(ctx context.Context, req DropletCreateRequest, co ...CallOption) (d *Droplet, created bool, err error) {
	co = forWait(forOneChange(req, co))
	d, created, err = s.Ensure(ctx, req, quiet(co)...)
	if err != nil {
		return d, created, err
	}
	ready := readyFor(req.PublicNetworking, req.IPv6)
	if !created && d.Status != DropletStatusNew && time.Since(d.CreatedAt) > createMemory {
		ready = IsActive
	}
	if ready(d) {
		return d, created, nil
	}
	if d.Status != DropletStatusNew && d.Status != DropletStatusActive {
		return d, created, &StepError{Step: stepCreate, Droplet: d, Err: errors.New("droplets: the Droplet exists and is not running")}
	}
	var actions []Action
	if id := s.created.createAction(d.ID); id > 0 && d.Status == DropletStatusNew {
		actions = []Action{createAction(id, d.ID)}
	}
	all, err := s.waitForCreated(ctx, []Droplet{*d}, actions, ready, co)
	return &all[0], created, err
}
