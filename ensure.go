package droplets

import (
	"context"
	"fmt"
	"slices"
)

// Ensure returns the Droplet with exactly the name of the request, whatever its other properties are, or creates it if
// there is none. created reports whether this call created it. Ensure does not wait until a new Droplet runs; see
// [DropletsService.EnsureAndWait]. If several Droplets have the name, it returns an [*AmbiguousNameError].
//
// A client does not create a second Droplet of a name that it has created within the last ten minutes or is creating,
// whichever method creates it: calls for the same name wait for each other, and a Droplet that the lists do not show yet is
// read by its ID (see [DropletsService.FindByName]). Two clients that ensure the same name at the same moment can both
// create it, because the API does not keep names unique.
//
// If the outcome of a create is unknown, Ensure searches for the Droplet for one minute. It creates again only if none of
// the names of that request has appeared, at most as often as the client's [RetryPolicy] allows; otherwise the error
// matches [ErrMaybeApplied]. A later call within that minute searches until the minute is over. If a Droplet of an uncertain
// create appears after that, the name is ambiguous, and [AmbiguousNameError].Uncertain is true.
//
// An error after an uncertain create always matches [ErrMaybeApplied], also if the API rejected the next create: the Droplet of
// the uncertain one may still appear and be billed.
//
// DigitalOcean API: GET /v2/droplets
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) Ensure(ctx context.Context, req DropletCreateRequest, co ...CallOption) (d *Droplet, created bool, err error) {
	if err := req.check(); err != nil {
		return nil, false, err
	}
	if co, err = forSearch(forOneChange(req, co)); err != nil {
		return nil, false, err
	}
	create := func([]string) ([]Droplet, error) {
		result, err := s.Create(ctx, req, co...)
		if err != nil {
			return nil, err
		}
		return []Droplet{*result.Droplet}, nil
	}
	all, added, err := s.ensure(ctx, []string{req.Name}, create, co)
	if len(all) == 0 {
		return nil, false, err
	}
	return &all[0], len(added) > 0, err
}

// EnsureMultiple does what [DropletsService.Ensure] does for any number of names. It creates the missing Droplets with ten
// names in a request. all has the Droplets with these names in the order of the request, created those of them that this
// call created. A name must not occur twice.
//
// If a request fails, EnsureMultiple sends no further create and returns the Droplets that are known to exist with the
// error. If the response to a create does not have the names of the request, the error matches [ErrInvalidResponse] and
// [ErrMaybeApplied], and Droplets with other names are last in all and created.
//
// The account's lists are read whole if that takes fewer requests than one for each name.
//
// DigitalOcean API: GET /v2/droplets
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) EnsureMultiple(ctx context.Context, req DropletMultiCreateRequest, co ...CallOption) (all, created []Droplet, err error) {
	if err := req.checkAnyNumber(); err != nil {
		return nil, nil, err
	}
	if co, err = forSearch(forOneChange(req, co)); err != nil {
		return nil, nil, err
	}
	index := make(map[string]int, len(req.Names))
	for i, name := range req.Names {
		if _, repeated := index[name]; repeated {
			return nil, nil, invalid(fmt.Sprintf("Names[%d]", i), "repeats %q", name)
		}
		index[name] = i
	}
	create := func(names []string) ([]Droplet, error) {
		missing := req
		missing.Names = names
		result, err := s.CreateMultiple(ctx, missing, co...)
		if err != nil {
			return nil, err
		}
		return result.Droplets, nil
	}
	return s.ensure(ctx, slices.Clone(req.Names), create, co)
}
