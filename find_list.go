package droplets

import (
	"context"
	"slices"
)

// listNames returns the Droplets that the API's lists show, by name. The API has one list of GPU Droplets and one of all
// other Droplets. Each of them is either read completely or filtered once for each name, whichever takes fewer requests.
func (s *DropletsService) listNames(ctx context.Context, names []string, co []CallOption) (map[string][]Droplet, error) {
	found := make(map[string][]Droplet)
	for _, kind := range []DropletType{DropletTypeGPUs, ""} {
		if err := s.listNamesOf(ctx, kind, names, found, co); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// listNamesOf adds the Droplets of one list to found.
func (s *DropletsService) listNamesOf(ctx context.Context, kind DropletType, names []string, found map[string][]Droplet, co []CallOption) error {
	if len(names) > 1 { // for one name, the filter never takes more requests
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

// listWhole adds the Droplets of one list to found. It stops after the first page if there are more further pages than
// names, because filtering by each name then takes fewer requests. It reports whether it has read the whole list.
func (s *DropletsService) listWhole(ctx context.Context, kind DropletType, names []string, found map[string][]Droplet, co []CallOption) (bool, error) {
	var first *Page[Droplet]
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Droplet], error) {
		p, err := s.List(ctx, &DropletListOptions{ListOptions: page, Type: kind}, co...)
		if page.Page == 1 && first == nil {
			first = p // no race: the first page is requested by the goroutine of the loop below
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
			return false, nil // the filter takes len(names) requests
		}
	}
	return true, nil
}

// collectName adds a listed Droplet to found if it has one of the names and this client has not deleted it. It compares
// names exactly, although the API's filter ignores case.
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
