package droplets

import (
	"context"
	"errors"
	"fmt"
)

// WaitFor waits until met returns true for the Droplet and returns it. [IsActive], [IsOff], [IsUnlocked] and
// [HasPublicIPv4] are conditions for common cases. Polls follow the client's [PollPolicy], or that of [WithPolling].
//
// If the Droplet does not exist, the wait ends with an [ErrNotFound]. Within half a minute after this client has created the
// Droplet, a 404 does not end the wait, unless the API has returned the Droplet before: then the Droplet is gone. A transient
// error (5xx, 429, a broken connection) ends the wait only if more consecutive polls fail than the client's [RetryPolicy] has
// retries. If the wait fails, WaitFor returns the Droplet as last seen (nil if no poll has succeeded) and the error. If ctx is
// done, the error wraps that of the context.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) WaitFor(ctx context.Context, dropletID int64, met func(*Droplet) bool, co ...CallOption) (*Droplet, error) {
	if met == nil {
		return nil, invalid("met", "must not be nil")
	}
	co = forWait(co)
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
		progress: func(d *Droplet) Progress {
			return Progress{DropletID: dropletID, Step: stepWait, Droplet: d}
		},
		notYetVisible: func() bool { return (*service)(s).isUnseen(dropletID) },
	}
	return w.last(ctx)
}

// WaitForDeleted waits until the Droplet no longer exists. It only polls; the caller deletes the Droplet. If this client has
// created the Droplet within the last half minute, a 404 counts only after the API has returned the Droplet once or has
// accepted its deletion: before that, the API may not show it yet. Transient errors are tolerated as in
// [DropletsService.WaitFor]. If ctx is done, the error wraps that of the context.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) WaitForDeleted(ctx context.Context, dropletID int64, co ...CallOption) error {
	co = forWait(co)
	w := wait[observation]{
		service:   (*service)(s),
		dropletID: dropletID,
		options:   co,
		poll:      func() (*observation, error) { return s.observe(ctx, dropletID, co) },
		done:      func(o *observation) (bool, error) { return o.gone, nil },
		describe: func(last *observation) string {
			if last == nil || last.droplet == nil {
				return fmt.Sprintf("for Droplet %d to be gone", dropletID)
			}
			return fmt.Sprintf("for Droplet %d to be gone, last seen %s", dropletID, oneLine(string(last.droplet.Status)))
		},
		progress: func(o *observation) Progress {
			return Progress{DropletID: dropletID, Step: stepDestroy, Droplet: o.droplet}
		},
	}
	_, err := w.last(ctx)
	return err
}

// observation is what one poll of WaitForDeleted returned. Both fields are zero while a new Droplet is not visible yet.
type observation struct {
	droplet *Droplet
	gone    bool
}

// observe reads the Droplet for WaitForDeleted. A 404 is not an error.
func (s *DropletsService) observe(ctx context.Context, dropletID int64, co []CallOption) (*observation, error) {
	d, err := s.Get(ctx, dropletID, co...)
	switch {
	case err == nil:
		return &observation{droplet: d}, nil
	case ctx.Err() != nil || !errors.Is(err, ErrNotFound):
		return nil, err
	}
	return &observation{gone: !(*service)(s).isUnseen(dropletID)}, nil
}
