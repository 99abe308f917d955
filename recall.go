package droplets

import (
	"context"
	"errors"
	"slices"
	"time"
)

// recall returns the Droplets that have a name: the listed ones, and those that the lists do not show although this client
// created them with this name, or renamed them to it, within createMemory. It reads each of the latter by its ID. If the
// Droplet was created at or after fresh, recall uses the response to the create instead; the zero time disables that.
func (s *DropletsService) recall(ctx context.Context, name string, listed []Droplet, fresh time.Time, co []CallOption) ([]Droplet, error) {
	for _, claim := range s.created.claims(name) {
		if slices.ContainsFunc(listed, func(d Droplet) bool { return d.ID == claim.dropletID }) {
			continue
		}
		response := s.created.response(claim.dropletID)
		if response != nil && !fresh.IsZero() && !claim.at.Before(fresh) {
			listed = append(listed, *response)
			continue
		}
		d, err := s.recallOne(ctx, name, claim, response, co)
		if err != nil {
			return nil, err
		}
		if d != nil {
			listed = append(listed, *d)
		}
	}
	return listed, nil
}

// recallOne returns the Droplet of a claim, or nil if it is gone or has another name. A Droplet for which the API responds
// with 404 is not gone if the API has not returned it before and its create action has not failed. response is the Droplet
// of the create response; it may be nil.
func (s *DropletsService) recallOne(ctx context.Context, name string, claim nameClaim, response *Droplet, co []CallOption) (*Droplet, error) {
	d, err := s.Get(ctx, claim.dropletID, co...)
	switch {
	case err == nil && d.Name == name:
		return d, nil
	case err == nil && claim.renamed && time.Since(claim.at) <= provenGrace: // the API may still show the old name
	case err == nil, errors.Is(err, ErrNotFound) && !s.created.mayBeHidden(claim.dropletID):
		s.created.dropClaim(name, claim.dropletID)
		return nil, nil //nolint:nilnil // no Droplet is a result here
	case !errors.Is(err, ErrNotFound):
		return nil, err
	default:
		d = response
		if d == nil { // another call has read the Droplet meanwhile
			d = &Droplet{ID: claim.dropletID, Name: name, Status: DropletStatusNew}
		}
	}
	failed, err := s.hasFailed(ctx, claim, co)
	if failed {
		s.created.dropClaim(name, claim.dropletID)
		return nil, err
	}
	return d, err
}

// hasFailed reads the action of a claim, a create or a rename, and reports whether it has failed. It reports false if the
// action is unknown or the API does not return it.
func (s *DropletsService) hasFailed(ctx context.Context, claim nameClaim, co []CallOption) (bool, error) {
	if claim.actionID == 0 {
		return false, nil
	}
	action, err := s.actions().Get(ctx, claim.dropletID, claim.actionID, co...)
	if errors.Is(err, ErrNotFound) {
		return false, nil // the API may hide the action for as long as the Droplet
	}
	return err == nil && action.Status == ActionStatusErrored, err
}
