package droplets

import "context"

// CreateAndWait creates a Droplet and waits until it can be used: its create action has completed, it is active, and
// it has the public IPv4 address, and the IPv6 address, that were asked for. A create that fails is the action's
// [*ActionError].
//
// Once the Droplet exists, every error is a [*StepError], and the Droplet comes back as last seen beside it: it is
// billed until it is deleted.
//
// DigitalOcean API: POST /v2/droplets
//
// DigitalOcean API: GET /v2/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) CreateAndWait(ctx context.Context, req DropletCreateRequest, co ...CallOption) (*Droplet, error) {
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
	ended, err := s.client.DropletActions.WaitForActions(ctx, actions...)
	failed := make(map[int64]error)
	for i := range ended {
		over, failure := ended[i].ended()
		if !over {
			return created, &StepError{Step: stepCreate, Droplet: &created[0], Err: err} // the wait was cut short
		}
		failed[ended[i].ResourceID] = failure
	}
	var errs []error
	for i := range created {
		d := &created[i]
		if err := failed[d.ID]; err != nil {
			errs = append(errs, &StepError{Step: stepCreate, Droplet: d, Err: err})
			continue
		}
		seen, err := s.WaitFor(ctx, d.ID, ready, co...)
		if seen != nil {
			*d = *seen
		}
		if err != nil {
			errs = append(errs, &StepError{Step: stepCreate, Droplet: d, Err: err})
		}
	}
	return created, joinErrors(errs...)
}

const stepCreate = string(ActionTypeCreate)
