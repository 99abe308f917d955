package droplets

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// FindByName returns the Droplet with exactly that name, a GPU Droplet too. None is an [ErrNotFound]; more than one is
// an [*AmbiguousNameError], because the API does not keep names unique.
//
// DigitalOcean API: GET /v2/droplets
func (s *DropletsService) FindByName(ctx context.Context, name string, co ...CallOption) (*Droplet, error) {
	if err := checkText("name", name); err != nil {
		return nil, err
	}
	d, err := s.find(ctx, name, co)
	if err == nil && d == nil {
		return nil, fmt.Errorf("droplets: no Droplet is named %q: %w", name, ErrNotFound)
	}
	return d, err
}

// find is FindByName with nil for none. The API's filter does not tell upper from lower case, and its lists have either
// the GPU Droplets or the others.
func (s *DropletsService) find(ctx context.Context, name string, co []CallOption) (*Droplet, error) {
	var found []Droplet
	for _, kind := range []DropletType{"", DropletTypeGPUs} {
		for d, err := range s.All(ctx, &DropletListOptions{Name: name, Type: kind}, co...) {
			if err != nil {
				return nil, err
			}
			if d.Name == name && !slices.ContainsFunc(found, func(f Droplet) bool { return f.ID == d.ID }) {
				found = append(found, d)
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, nil //nolint:nilnil // none is an answer here; FindByName makes it an error
	case 1:
		return &found[0], nil
	}
	ambiguous := &AmbiguousNameError{Name: name}
	for i := range found {
		ambiguous.IDs = append(ambiguous.IDs, found[i].ID)
	}
	slices.Sort(ambiguous.IDs)
	return nil, ambiguous
}

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
	all, fresh, err := s.ensure(ctx, []string{req.Name}, create, co)
	if len(all) == 0 {
		return nil, false, err
	}
	return &all[0], len(fresh) == 1, err
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

// ensureLook is how long an uncertain create is looked for before it is sent again. A create that the API has taken is
// in its lists within seconds.
const ensureLook = time.Minute

func (s *DropletsService) ensure(ctx context.Context, names []string, create func([]string) ([]Droplet, error), co []CallOption) (all, created []Droplet, err error) {
	known := make(map[string]Droplet)
	missing, err := s.findEach(ctx, names, known, co)
	fresh := make(map[string]bool)
	for _, name := range missing {
		fresh[name] = true
	}
	for retries := 0; err == nil && len(missing) > 0; retries++ {
		var made []Droplet
		made, err = create(missing)
		if err == nil {
			err = assign(known, missing, made)
			break
		}
		if !errors.Is(err, ErrMaybeApplied) || ctx.Err() != nil {
			break
		}
		uncertain := err
		missing, err = s.lookForCreated(ctx, missing, known, co)
		switch {
		case err != nil:
			err = joinErrors(uncertain, err)
		case len(missing) > 0 && (retries >= retriesOf(s.client, co) || errors.Is(uncertain, ErrInvalidResponse)):
			err = uncertain // a 2xx that can not be read was taken all the same: it is not sent again
		}
	}
	for _, name := range names {
		if d, ok := known[name]; ok {
			all = append(all, d)
			if fresh[name] {
				created = append(created, d)
			}
		}
	}
	return all, created, err
}

// assign puts what was made under the names that were asked for: the API lists it in their order.
func assign(known map[string]Droplet, names []string, made []Droplet) error {
	for i, name := range names {
		if i >= len(made) {
			return fmt.Errorf("droplets: the API has taken a create of %q and answers with %d of them: %w: %w", names, len(made), ErrInvalidResponse, ErrMaybeApplied)
		}
		at := slices.IndexFunc(made, func(d Droplet) bool { return d.Name == name })
		if at < 0 {
			at = i
		}
		known[name] = made[at]
	}
	return nil
}

// findEach looks for each name and returns those that no Droplet has.
func (s *DropletsService) findEach(ctx context.Context, names []string, known map[string]Droplet, co []CallOption) (missing []string, err error) {
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

// lookForCreated looks until what an uncertain create was to make is there, or long enough to know that it is not.
func (s *DropletsService) lookForCreated(ctx context.Context, missing []string, known map[string]Droplet, co []CallOption) ([]string, error) {
	began := time.Now()
	for n := 0; ; n++ {
		var err error
		missing, err = s.findEach(ctx, missing, known, co)
		if err != nil || len(missing) == 0 {
			return missing, err
		}
		d := pollDelay(s.client.config.poll, n, rand.Float64())
		if time.Since(began)+d > ensureLook {
			return missing, nil
		}
		if err := sleep(ctx, d); err != nil {
			return missing, fmt.Errorf("droplets: looked for %q after a create whose outcome is unknown: %w", missing, err)
		}
	}
}
