package droplets

import (
	"context"
	"fmt"
	"slices"
)

// CreateAndWait creates a Droplet and waits until it can be used: its create action has completed, it is active, and it has
// the public IPv4 address and the IPv6 address that were requested. It returns the Droplet as last seen.
//
// Once the API has accepted the create, every error is a [*StepError] with the Droplet and its create action, and the
// Droplet is returned as last seen. If the create action failed, the error matches [ErrActionFailed] and the Droplet is gone;
// otherwise it exists and is billed. Store the IDs of both to wait again later, with
// [DropletActionsService.WaitForAction] and [DropletsService.WaitFor]. The Droplet may be invisible to reads while its
// create action runs and for a minute after that.
//
// The call options apply to every request. [OnProgress] is called after each poll.
//
// DigitalOcean API: POST /v2/droplets
//
// DigitalOcean API: GET /v2/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) CreateAndWait(ctx context.Context, req DropletCreateRequest, co ...CallOption) (*Droplet, error) {
	co = forWait(forOneChange(req, co))
	result, err := s.Create(ctx, req, quiet(co)...)
	if err != nil {
		return nil, err
	}
	ready := readyFor(req.PublicNetworking, req.IPv6)
	all, err := s.waitForCreated(ctx, []Droplet{*result.Droplet}, result.PendingActions(), ready, co)
	return &all[0], err
}

// CreateMultipleAndWait creates any number of Droplets, ten with each request, and waits until all of them can be used, as
// [DropletsService.CreateAndWait] does. It returns the Droplets as last seen, in the order created. Names may repeat, as in
// [DropletsService.CreateMultiple].
//
// If a create request fails, no further one is sent. CreateMultipleAndWait then waits for the Droplets that exist and
// returns them with the error. The errors of all Droplets are joined: each is a [*StepError] with that Droplet, its create
// action and its own failure. Find them with [errors.As] for the first one, or with Unwrap() []error for all.
//
// DigitalOcean API: POST /v2/droplets
//
// DigitalOcean API: GET /v2/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) CreateMultipleAndWait(ctx context.Context, req DropletMultiCreateRequest, co ...CallOption) ([]Droplet, error) {
	co = forWait(forOneChange(req, co))
	if err := req.checkAnyNumber(); err != nil {
		return nil, err
	}
	created, actions, createErr := s.createAll(ctx, req, quiet(co))
	if len(created) == 0 {
		return nil, createErr
	}
	ready := readyFor(req.PublicNetworking, req.IPv6)
	created, err := s.waitForCreated(ctx, created, actions, ready, co)
	return created, joinErrors(createErr, err)
}

// createAll creates Droplets with ten names in a request, until a request fails.
func (s *DropletsService) createAll(ctx context.Context, req DropletMultiCreateRequest, co []CallOption) (created []Droplet, actions []Action, err error) {
	names := req.Names
	for start := 0; start < len(names); start += maxNames {
		req.Names = names[start:min(start+maxNames, len(names))]
		result, err := s.CreateMultiple(ctx, req, co...)
		if err == nil {
			created = append(created, result.Droplets...)
			actions = append(actions, result.PendingActions()...)
			err = checkNumber(req.Names, result.Droplets)
		}
		if err != nil && len(names) > maxNames {
			err = joinErrors(err, fmt.Errorf("droplets: of %d Droplets %d were created", len(names), len(created)))
		}
		if err != nil {
			return created, actions, err
		}
	}
	return created, actions, nil
}

func checkNumber(names []string, created []Droplet) error {
	if len(created) == len(names) {
		return nil
	}
	return fmt.Errorf("droplets: the API accepted a create of %s and responded with %d Droplets: %w: %w",
		quoteSome(names), len(created), ErrInvalidResponse, ErrMaybeApplied)
}

// readyFor returns a condition that is met if the Droplet runs and has the addresses that were requested.
func readyFor(publicNetworking *bool, ipv6 bool) func(*Droplet) bool {
	return func(d *Droplet) bool {
		_, hasIPv6 := d.PublicIPv6()
		private := publicNetworking != nil && !*publicNetworking
		return IsActive(d) && (private || HasPublicIPv4(d)) && (!ipv6 || hasIPv6)
	}
}

const stepCreate = string(ActionTypeCreate)

// quiet removes OnProgress from the options of the calls that a helper makes.
func quiet(co []CallOption) []CallOption { return append(slices.Clip(co), withoutProgress) }
