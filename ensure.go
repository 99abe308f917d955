package droplets

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Ensure returns the Droplet with exactly the name of the request if there is one, whatever else it is like, and
// creates it otherwise; created tells which. It does not wait for a new one to run.
//
// Where the outcome of a create is unknown, Ensure looks for the Droplet before it creates again, for a minute; a
// client without retries does not create again, and the error is an [ErrMaybeApplied]. Two programs that ensure the
// same name at the same moment can both create: the API does not keep names unique.
//
// DigitalOcean API: GET /v2/droplets
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) Ensure(ctx context.Context, req DropletCreateRequest, co ...CallOption) (d *Droplet, created bool, err error) {
	if err := req.check(); err != nil {
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
	return &all[0], len(added) == 1, err
}

// EnsureMultiple does what [DropletsService.Ensure] does for up to ten names: it returns the Droplets with these names
// in the order of the request, and beside them those that it created. Each name may stand once. With an error, it
// returns those that are known to be there.
//
// DigitalOcean API: GET /v2/droplets
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) EnsureMultiple(ctx context.Context, req DropletMultiCreateRequest, co ...CallOption) (all, created []Droplet, err error) {
	if err := req.check(); err != nil {
		return nil, nil, err
	}
	for i, name := range req.Names {
		if slices.Contains(req.Names[:i], name) {
			return nil, nil, invalid(fmt.Sprintf("Names[%d]", i), "repeats %q", name)
		}
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
	return s.ensure(ctx, req.Names, create, co)
}

// uncertainCreateWait is how long an uncertain create is looked for before it is sent again. A create that the API has taken is
// in its lists within seconds.
const uncertainCreateWait = time.Minute

func (s *DropletsService) ensure(ctx context.Context, names []string, create func([]string) ([]Droplet, error), co []CallOption) (all, created []Droplet, err error) {
	known := make(map[string]Droplet)
	missing, err := s.findNames(ctx, names, known, co)
	added := make(map[string]bool)
	for _, name := range missing {
		added[name] = true
	}
	for retries := 0; err == nil && len(missing) > 0; retries++ {
		var created []Droplet
		created, err = create(missing)
		if err == nil {
			err = assignByName(known, missing, created)
			break
		}
		if !errors.Is(err, ErrMaybeApplied) || ctx.Err() != nil {
			break
		}
		uncertain := err
		missing, err = s.findUncertain(ctx, missing, known, co)
		switch {
		case err != nil:
			err = joinErrors(uncertain, err)
		case len(missing) > 0 && (retries >= maxRetries(s.pipeline, co) || errors.Is(uncertain, ErrInvalidResponse)):
			err = uncertain // a 2xx that can not be read was taken all the same: it is not sent again
		}
	}
	for _, name := range names {
		if d, ok := known[name]; ok {
			all = append(all, d)
			if added[name] {
				created = append(created, d)
			}
		}
	}
	return all, created, err
}

// assign puts what was created under the names that were asked for: the API lists it in their order.
func assignByName(known map[string]Droplet, names []string, created []Droplet) error {
	for i, name := range names {
		if i >= len(created) {
			return fmt.Errorf("droplets: the API has taken a create of %q and answers with %d of them: %w: %w", names, len(created), ErrInvalidResponse, ErrMaybeApplied)
		}
		at := slices.IndexFunc(created, func(d Droplet) bool { return d.Name == name })
		if at < 0 {
			at = i
		}
		known[name] = created[at]
	}
	return nil
}

// findNames looks for each name and returns those that no Droplet has.
func (s *DropletsService) findNames(ctx context.Context, names []string, known map[string]Droplet, co []CallOption) (missing []string, err error) {
	for _, name := range names {
		d, err := s.find(ctx, name, co)
		switch {
		case err != nil:
			return nil, err
		case d == nil:
			missing = append(missing, name)
		default:
			known[name] = *d
		}
	}
	return missing, nil
}

// findUncertain looks until what an uncertain create was to make is there, or long enough to know that it is not.
func (s *DropletsService) findUncertain(ctx context.Context, missing []string, known map[string]Droplet, co []CallOption) ([]string, error) {
	began := time.Now()
	for n := 0; ; n++ {
		var err error
		missing, err = s.findNames(ctx, missing, known, co)
		if err != nil || len(missing) == 0 {
			return missing, err
		}
		d := pollDelay(s.pipeline.config.poll, n, rand.Float64())
		if time.Since(began)+d > uncertainCreateWait {
			return missing, nil
		}
		if err := sleep(ctx, d); err != nil {
			return missing, fmt.Errorf("droplets: looked for %q after a create whose outcome is unknown: %w", missing, err)
		}
	}
}
