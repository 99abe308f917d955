package droplets

import (
	"context"
	"errors"
	"fmt"
)

// WaitFor waits until met is true of the Droplet and returns it. [IsActive], [IsOff], [IsUnlocked] and [HasPublicIPv4]
// are ready-created conditions. A Droplet that is not there ends the wait with an [ErrNotFound], unless this client has
// created it within the last half minute. When the wait fails, the last state seen comes with the error, which for an
// ended context is the context's; nil if none was seen.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) WaitFor(ctx context.Context, dropletID int64, met func(*Droplet) bool, co ...CallOption) (*Droplet, error) {
	if met == nil {
		return nil, invalid("met", "must not be nil")
	}
	w := wait[Droplet]{
		service:   (*service)(s),
		dropletID: dropletID,
		options:   co,
		poll:      func() (*Droplet, error) { return s.Get(ctx, dropletID, co...) },
		done:      func(d *Droplet) (bool, error) { return met(d), nil },
		describe: func(last *Droplet) string {
			if last == nil {
				return fmt.Sprintf("for Droplet %d", dropletID)
			}
			return fmt.Sprintf("for Droplet %d (%s), last seen %s", dropletID, oneLine(last.Name), oneLine(string(last.Status)))
		},
	}
	return w.last(ctx)
}

// WaitForDeleted waits until the Droplet is not there any more. Deleting it is the caller's: this looks and nothing
// else. A Droplet that this client has created within the last half minute, and neither seen since nor deleted, is not
// taken for gone: it may not be there yet.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) WaitForDeleted(ctx context.Context, dropletID int64, co ...CallOption) error {
	type observation struct {
		gone   bool
		status DropletStatus
	}
	w := wait[observation]{
		service:   (*service)(s),
		dropletID: dropletID,
		options:   co,
		poll: func() (*observation, error) {
			d, err := s.Get(ctx, dropletID, co...)
			switch {
			case err == nil:
				return &observation{status: d.Status}, nil
			case ctx.Err() != nil || !errors.Is(err, ErrNotFound):
				return nil, err
			}
			if recent, seen := s.created.lookup(dropletID); recent && !seen {
				return &observation{}, nil // not there yet, rather than not there any more
			}
			return &observation{gone: true}, nil
		},
		done: func(s *observation) (bool, error) { return s.gone, nil },
		describe: func(last *observation) string {
			if last == nil {
				return fmt.Sprintf("for Droplet %d to be gone", dropletID)
			}
			return fmt.Sprintf("for Droplet %d to be gone, last seen %s", dropletID, last.status)
		},
	}
	_, err := w.last(ctx)
	return err
}
