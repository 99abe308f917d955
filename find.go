package droplets

import (
	"context"
	"fmt"
	"slices"
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

// AmbiguousNameError is a name that more than one Droplet has: the API does not keep names unique.
type AmbiguousNameError struct {
	// Name is the name that was looked for.
	Name string
	// IDs are the ids of all Droplets that have it.
	IDs []int64
}

// Error names the name and the Droplets that share it.
func (e *AmbiguousNameError) Error() string {
	return fmt.Sprintf("droplets: %d Droplets are named %q: %v", len(e.IDs), e.Name, e.IDs)
}
