package droplets

import "context"

// CreateAndWait creates a Droplet and waits until it can be used: its create action has completed, it is active, and
// it has the public IPv4 address, and the IPv6 address, that were asked for. A create that fails is the action's
// [*ActionError].
//
// Once the API has taken the create, every error is a [*StepError], and the Droplet comes back as last seen beside it.
// Where the create itself failed, an [ErrActionFailed], it is gone; otherwise it is billed until it is deleted.
//
// DigitalOcean API: POST /v2/droplets
//
// DigitalOcean API: GET /v2/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) CreateAndWait(ctx context.Context, req DropletCreateRequest, co ...CallOption) (*Droplet, error) {
	co = forWait(co)
	result, err := s.Create(ctx, req, co...)
	if err != nil {
		return nil, err
	}
	ready := readyFor(req.PublicNetworking, req.IPv6)
	all, err := s.waitForCreated(ctx, []Droplet{*result.Droplet}, result.PendingActions(), ready, co)
	return &all[0], err
}

// CreateMultipleAndWait creates up to ten Droplets and waits until all of them can be used, as
// [DropletsService.CreateAndWait] does. Once they exist, they come back as last seen, in the order created, beside the
// joined errors of those that failed.
//
// DigitalOcean API: POST /v2/droplets
//
// DigitalOcean API: GET /v2/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) CreateMultipleAndWait(ctx context.Context, req DropletMultiCreateRequest, co ...CallOption) ([]Droplet, error) {
	co = forWait(co)
	result, err := s.CreateMultiple(ctx, req, co...)
	if err != nil {
		return nil, err
	}
	ready := readyFor(req.PublicNetworking, req.IPv6)
	return s.waitForCreated(ctx, result.Droplets, result.PendingActions(), ready, co)
}

// readyFor is true of a Droplet that runs and has the addresses that were asked for.
func readyFor(publicNetworking *bool, ipv6 bool) func(*Droplet) bool {
	return func(d *Droplet) bool {
		_, hasIPv6 := d.PublicIPv6()
		private := publicNetworking != nil && !*publicNetworking
		return IsActive(d) && (private || HasPublicIPv4(d)) && (!ipv6 || hasIPv6)
	}
}

// waitForCreated waits for the actions first: they tell a create that fails, where the Droplet is a 404 and no more.
func (s *DropletsService) waitForCreated(ctx context.Context, created []Droplet, actions []Action, ready func(*Droplet) bool, co []CallOption) ([]Droplet, error) {
	ended, waitErr := s.actions().WaitForActions(ctx, actions...)
	if waitErr != nil && ctx.Err() != nil {
		return created, &StepError{Step: stepCreate, Droplet: &created[0], Err: waitErr}
	}
	outcome := make(map[int64]error)
	for i := range ended {
		over, failure := ended[i].finished()
		if !over {
			failure = waitErr // it could not be looked at to its end
		}
		outcome[ended[i].ResourceID] = failure
	}
	var errs []error
	for i := range created {
		d := &created[i]
		err := outcome[d.ID]
		if err == nil {
			err = s.waitUntilReady(ctx, d, ready, co)
		}
		if err != nil {
			errs = append(errs, &StepError{Step: stepCreate, Droplet: d, Err: err})
		}
	}
	return created, joinErrors(errs...)
}

// waitUntilReady leaves d as last seen.
func (s *DropletsService) waitUntilReady(ctx context.Context, d *Droplet, ready func(*Droplet) bool, co []CallOption) error {
	seen, err := s.WaitFor(ctx, d.ID, ready, co...)
	if seen != nil {
		*d = *seen
	}
	return err
}

const stepCreate = string(ActionTypeCreate)
