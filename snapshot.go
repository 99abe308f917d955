package droplets

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// SnapshotAndWait makes a snapshot of a Droplet's disk and returns the image that it created. An error after the Droplet
// was found is a [*StepError].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/snapshots
func (s *DropletsService) SnapshotAndWait(ctx context.Context, dropletID int64, req SnapshotRequest, co ...CallOption) (*DropletSnapshot, error) {
	r, err := s.procedure(ctx, dropletID, co)
	if err != nil {
		return nil, err
	}
	if err := r.runAction(ctx, req); err != nil {
		return nil, r.failed(ActionTypeSnapshot, err)
	}
	image, err := r.findSnapshot(ctx, req.Name)
	return image, r.failed(ActionTypeSnapshot, err)
}

// snapshotListWait is how long a new image is looked for after its action has ended.
const snapshotListWait = time.Minute

// findSnapshot finds the image of the snapshot action: one that the Droplet did not have before, created when the action
// began, or the only new one of that name. The API may show it a moment after the action's end.
func (r *procedure) findSnapshot(ctx context.Context, name string) (*DropletSnapshot, error) {
	var image *DropletSnapshot
	began := time.Now()
	w := wait[Droplet]{
		service: (*service)(r.service), dropletID: r.droplet.ID, options: r.options,
		poll: func() (*Droplet, error) {
			var added []DropletSnapshot
			for snapshot, err := range r.service.AllSnapshots(ctx, r.droplet.ID, nil, r.options...) {
				if err != nil {
					return nil, err
				}
				if !slices.Contains(r.droplet.SnapshotIDs, snapshot.ID) {
					added = append(added, snapshot)
				}
			}
			image = pickSnapshot(added, name, r.action.StartedAt)
			return r.droplet, nil
		},
		done: func(*Droplet) (bool, error) {
			if image == nil && time.Since(began) > snapshotListWait {
				return true, fmt.Errorf("the snapshot of action %d is not among the Droplet's, or cannot be distinguished from others: %w", r.action.ID, ErrInvalidResponse)
			}
			return image != nil, nil
		},
		describe: func(*Droplet) string { return fmt.Sprintf("for the snapshot of Droplet %d to be listed", r.droplet.ID) },
	}
	_, err := w.last(ctx)
	return image, err
}

func pickSnapshot(added []DropletSnapshot, name string, started time.Time) *DropletSnapshot {
	for _, fits := range []func(DropletSnapshot) bool{
		func(s DropletSnapshot) bool { return !started.IsZero() && s.CreatedAt.Equal(started) },
		func(s DropletSnapshot) bool { return name == "" || s.Name == name },
	} {
		matching := slices.DeleteFunc(slices.Clone(added), func(s DropletSnapshot) bool { return !fits(s) })
		if len(matching) == 1 {
			return &matching[0]
		}
	}
	return nil
}
