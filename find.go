package droplets

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// FindByName returns the Droplet with exactly this name. It finds GPU Droplets too. If no Droplet has the name, it returns
// an error that matches [ErrNotFound]; if several have it, an [*AmbiguousNameError].
//
// A Droplet that this client created within the last ten minutes and that the lists do not show yet is read by its ID. If
// the response is a 404, the API has not returned the Droplet before, and its create action has not failed, FindByName
// returns the Droplet of the create response. A Droplet that this client deleted is not found, even if the lists still show
// it.
//
// DigitalOcean API: GET /v2/droplets
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletsService) FindByName(ctx context.Context, name string, co ...CallOption) (*Droplet, error) {
	if err := checkText("name", name); err != nil {
		return nil, err
	}
	found, err := s.findNames(ctx, []string{name}, co)
	if err != nil {
		return nil, err
	}
	d, ok := found[name]
	if !ok || d.Name != name { // a rename to this name has not completed
		return nil, fmt.Errorf("droplets: no Droplet is named %q: %w", name, ErrNotFound)
	}
	return &d, nil
}

// findNames returns the Droplets that have one of the names, by name. A Droplet that this client is renaming to a name can
// still have its old name. If several Droplets have one name, findNames returns an *AmbiguousNameError for the first such
// name, together with the Droplets of the other names.
func (s *DropletsService) findNames(ctx context.Context, names []string, co []CallOption) (map[string]Droplet, error) {
	listed, err := s.listNames(ctx, names, co)
	if err != nil {
		return nil, err
	}
	found := make(map[string]Droplet)
	var ambiguous error
	for _, name := range names {
		all, err := s.recall(ctx, name, listed[name], time.Time{}, co)
		if err != nil {
			return nil, err
		}
		switch {
		case len(all) == 1:
			found[name] = all[0]
		case len(all) > 1 && ambiguous == nil:
			ambiguous = s.ambiguous(name, all)
		}
	}
	return found, ambiguous
}

func (s *DropletsService) ambiguous(name string, all []Droplet) error {
	e := &AmbiguousNameError{Name: name, Uncertain: !s.created.uncertainSince(name).IsZero()}
	for i := range all {
		e.IDs = append(e.IDs, all[i].ID)
	}
	slices.Sort(e.IDs)
	return e
}

// AmbiguousNameError is returned if more than one Droplet has a name: the API does not keep names unique.
type AmbiguousNameError struct {
	// Name is the name that they have.
	Name string
	// IDs are the IDs of all Droplets that have it.
	IDs []int64
	// Uncertain is true if this client sent a create of this name whose outcome was unknown, within the last ten minutes. One
	// of the Droplets may be from that create.
	Uncertain bool
}

// Error returns the name and the IDs of the Droplets that have it.
func (e *AmbiguousNameError) Error() string {
	text := fmt.Sprintf("droplets: %d Droplets are named %q: %v", len(e.IDs), e.Name, e.IDs)
	if e.Uncertain {
		text += "; one of them may be from a create of this client whose outcome was unknown"
	}
	return text
}
