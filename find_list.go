package droplets

import (
	"context"
	"slices"
)

// listNames returns the Droplets that the API's lists show for each name. The API has one list of GPU Droplets and one of
// all others. Each is read whole or filtered by one name after the other, whichever takes fewer requests.
func (s *DropletsService) listNames(ctx context.Context, names []string, co []CallOption) (map[string][]Droplet, error) {
	found := make(map[string][]Droplet)
	for _, kind := range []DropletType{DropletTypeGPUs, ""} {
		if err := s.listNamesOf(ctx, kind, names, found, co); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s *DropletsService) listNamesOf(ctx context.Context, kind DropletType, names []string, found map[string][]Droplet, co []CallOption) error {
	if len(names) > 1 { // for one name the filter is never more expensive
		complete, err := s.listWhole(ctx, kind, names, found, co)
		if err != nil || complete {
			return err
		}
	}
	for _, name := range names {
		for d, err := range s.All(ctx, &DropletListOptions{Name: name, Type: kind}, co...) {
			if err != nil {
				return err
			}
			s.collectName(found, names, d)
		}
	}
	return nil
}

// listWhole reads a list unless it has more pages than there are names left to filter by. It reports whether it read all.
func (s *DropletsService) listWhole(ctx context.Context, kind DropletType, names []string, found map[string][]Droplet, co []CallOption) (bool, error) {
	var first *Page[Droplet]
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Droplet], error) {
		p, err := s.List(ctx, &DropletListOptions{ListOptions: page, Type: kind}, co...)
		if page.Page == 1 && first == nil {
			first = p // read by the consumer's goroutine, before any page is read ahead
		}
		return p, err
	}
	n := 0
	for d, err := range all(ctx, ListOptions{}, co, fetch, func(d *Droplet) int64 { return d.ID }) {
		if err != nil {
			return false, err
		}
		s.collectName(found, names, d)
		if n++; n == len(first.Items) && first.LastPage > 1+len(names) {
			return false, nil // one page is read; the filter takes len(names) more requests
		}
	}
	return true, nil
}

// collectName adds a listed Droplet to those of its name. The API's filter ignores case; this does not.
func (s *DropletsService) collectName(found map[string][]Droplet, names []string, d Droplet) {
	if !slices.Contains(names, d.Name) || s.created.wasDeleted(d.ID) {
		return
	}
	s.created.markSeen(d.ID)
	same := func(f Droplet) bool { return f.ID == d.ID }
	if !slices.ContainsFunc(found[d.Name], same) {
		found[d.Name] = append(found[d.Name], d)
	}
}
