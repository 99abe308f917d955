package droplets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// uncertainCreateWait is how long the Droplets or the SSH key of an uncertain create are searched for before it is sent again.
const uncertainCreateWait = time.Minute

// ensureCall is one call of Ensure or EnsureMultiple.
type ensureCall struct {
	service *DropletsService
	options []CallOption
	create  func(names []string) ([]Droplet, error)
	found   map[string]Droplet
	added   map[string]bool // names in found that this call created
	other   []Droplet       // created by this call, with names that were not requested
}

func (s *DropletsService) ensure(ctx context.Context, names []string, create func([]string) ([]Droplet, error), co []CallOption) (all, created []Droplet, err error) {
	e := &ensureCall{service: s, options: co, create: create, found: make(map[string]Droplet), added: make(map[string]bool)}
	err = e.run(ctx, names)
	for _, name := range names {
		if d, ok := e.found[name]; ok {
			all = append(all, d)
			if e.added[name] {
				created = append(created, d)
			}
		}
	}
	return append(all, e.other...), append(created, e.other...), err
}

func (e *ensureCall) run(ctx context.Context, names []string) error {
	start := time.Now()
	missing, err := e.find(ctx, names)
	if err != nil || len(missing) == 0 {
		return err
	}
	hold, err := e.service.created.holdAlone(ctx, missing)
	if err != nil {
		return err
	}
	defer hold.release()
	missing, err = e.findOwn(ctx, missing, start)
	if err != nil {
		return err
	}
	for names := range slices.Chunk(missing, maxNames) {
		if err := e.createMissing(ctx, names); err != nil {
			return err
		}
	}
	return nil
}

// find searches the API for the names and returns those that no Droplet has.
func (e *ensureCall) find(ctx context.Context, names []string) (missing []string, err error) {
	found, err := e.service.findNames(ctx, names, e.options)
	for _, name := range names {
		if d, ok := found[name]; ok {
			e.found[name] = d
		} else {
			missing = append(missing, name)
		}
	}
	return missing, err
}

// findOwn finds what other calls of this client have created since start, and searches for the Droplets of their recent
// uncertain creates. It returns the names that no Droplet has.
func (e *ensureCall) findOwn(ctx context.Context, names []string, start time.Time) (missing []string, err error) {
	var uncertainAt time.Time
	for _, name := range names {
		all, err := e.service.recall(ctx, name, nil, start, e.options)
		switch {
		case err != nil:
			return nil, err
		case len(all) > 1:
			return nil, e.service.ambiguous(name, all)
		case len(all) == 1:
			e.found[name] = all[0]
			continue
		}
		missing = append(missing, name)
		if t := e.service.created.uncertainSince(name); t.After(uncertainAt) {
			uncertainAt = t
		}
	}
	// The lists were read from start on. A Droplet of an uncertain create may have appeared since, for example while this
	// call waited for another one.
	if end := uncertainAt.Add(uncertainCreateWait); len(missing) > 0 && start.Before(end) {
		return e.search(ctx, missing, max(0, time.Until(end)))
	}
	return missing, nil
}

// createMissing creates up to ten Droplets. After an uncertain create it searches for them before it creates them again. If a
// later create is rejected, the error also has that of the uncertain one, whose Droplets may appear.
func (e *ensureCall) createMissing(ctx context.Context, names []string) error {
	var uncertain error // of the latest create whose outcome is unknown
	for retries := 0; ; retries++ {
		created, err := e.create(names)
		switch {
		case err == nil:
			return e.assign(names, created)
		case !errors.Is(err, ErrMaybeApplied):
			return joinErrors(err, uncertain)
		case ctx.Err() != nil:
			return err
		}
		uncertain = err
		missing, searchErr := e.search(ctx, names, uncertainCreateWait)
		certain := e.claimFound(names)
		switch {
		case searchErr != nil:
			return joinErrors(err, searchErr)
		case len(missing) == 0 && certain:
			return nil
		case len(missing) < len(names): // others may still appear
			return err
		case retries >= maxRetries(e.service.pipeline, e.options) || errors.Is(err, ErrInvalidResponse):
			return err // a 2xx that cannot be read was applied
		}
	}
}

// claimFound records the Droplets that appeared after an uncertain create as created by this call. It reports false if one
// is known to be from another create of this client: the outcome of this one is then still unknown.
func (e *ensureCall) claimFound(names []string) (certain bool) {
	certain = true
	for _, name := range names {
		d, ok := e.found[name]
		if !ok {
			continue
		}
		if slices.ContainsFunc(e.service.created.claims(name), func(c nameClaim) bool { return c.dropletID == d.ID }) {
			certain = false
			continue
		}
		e.added[name] = true
		e.service.created.add(&d, 0)
		e.service.created.markSeen(d.ID)
	}
	return certain
}

// search polls the lists until all names have a Droplet or the time is over, and returns the names that have none.
func (e *ensureCall) search(ctx context.Context, names []string, d time.Duration) (missing []string, err error) {
	searchCtx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	missing = names
	w := wait[ensureCall]{
		service: (*service)(e.service),
		options: e.options,
		poll: func() (*ensureCall, error) {
			left, err := e.find(searchCtx, missing)
			missing = left
			return e, err
		},
		done: func(*ensureCall) (bool, error) { return len(missing) == 0, nil },
		describe: func(*ensureCall) string {
			return "for " + quoteSome(missing) + " after a create whose outcome is unknown"
		},
	}
	_, err = w.last(searchCtx)
	if err != nil && searchCtx.Err() != nil && ctx.Err() == nil {
		return e.find(ctx, missing)
	}
	return missing, err
}

// assign gives each name the Droplet of the create response that has it. The API may change the case of a name, and the
// name of a single Droplet.
func (e *ensureCall) assign(names []string, created []Droplet) error {
	rest := slices.Clone(created)
	missing := slices.Clone(names)
	for _, equal := range []func(a, b string) bool{
		func(a, b string) bool { return a == b },
		strings.EqualFold,
		func(string, string) bool { return len(missing) == 1 && len(rest) == 1 },
	} {
		for _, name := range slices.Clone(missing) {
			i := slices.IndexFunc(rest, func(d Droplet) bool { return equal(d.Name, name) })
			if i < 0 {
				continue
			}
			e.found[name], e.added[name] = rest[i], true
			rest = slices.Delete(rest, i, i+1)
			missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
		}
	}
	e.other = append(e.other, rest...)
	if len(missing) == 0 && len(rest) == 0 {
		return nil
	}
	e.service.created.markUncertain(missing...)
	return fmt.Errorf("droplets: the API accepted a create of %s and responded with %d Droplets, without %s: %w: %w",
		quoteSome(names), len(created), quoteSome(missing), ErrInvalidResponse, ErrMaybeApplied)
}
