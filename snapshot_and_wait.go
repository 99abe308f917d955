package droplets

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// SnapshotAndWait creates a snapshot of a Droplet's disk, waits for the action to complete, and returns the image that this
// action has created.
//
// The API does not return which image belongs to an action. SnapshotAndWait searches for an image that the Droplet did not have
// before, that has the name of the request, and that was created while the action ran. It reads the Droplet's other snapshot
// actions, and returns an error if one of them may have created the image too. It waits for up to a minute until the image is
// listed.
//
// After the first read of the Droplet, every error is a [*StepError]. If the API has accepted the action, the error has the
// Action, to wait for again.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/snapshots
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions
func (s *DropletsService) SnapshotAndWait(ctx context.Context, dropletID int64, req SnapshotRequest, co ...CallOption) (*DropletSnapshot, error) {
	r, err := s.newStepRunner(ctx, dropletID, forOneChange(req, co))
	if err != nil {
		return nil, err
	}
	var image *DropletSnapshot
	err = r.run(ctx, ActionTypeSnapshot, req)
	if err == nil {
		image, err = r.findSnapshot(ctx, req.Name)
	}
	r.end(ActionTypeSnapshot, err)
	return image, r.finish(ctx)
}

// snapshotListWait is how long a new image may be missing in the list after its action has completed.
const snapshotListWait = time.Minute

// findSnapshot waits until the image of the completed action is listed and can be distinguished from those of other actions.
// After snapshotListWait it returns an error. name is the name of the image; empty for any.
func (r *stepRunner) findSnapshot(ctx context.Context, name string) (*DropletSnapshot, error) {
	search := &snapshotSearch{action: r.action, name: name, before: r.droplet.SnapshotIDs}
	began := time.Now()
	w := wait[snapshotSearch]{
		service: (*service)(r.service), dropletID: r.droplet.ID, options: r.options,
		poll: func() (*snapshotSearch, error) { return search, r.pollSnapshots(ctx, search) },
		done: func(*snapshotSearch) (bool, error) {
			found := search.result()
			if found == nil && time.Since(began) > snapshotListWait {
				return true, fmt.Errorf("the image of action %d is not among the Droplet's snapshots, or cannot be distinguished from others: %w",
					r.action.ID, ErrInvalidResponse)
			}
			return found != nil, nil
		},
		describe: func(*snapshotSearch) string {
			return fmt.Sprintf("for the snapshot of Droplet %d to be listed", r.droplet.ID)
		},
		progress: func(*snapshotSearch) Progress {
			return Progress{DropletID: r.droplet.ID, Step: string(ActionTypeSnapshot)}
		},
	}
	if _, err := w.last(ctx); err != nil {
		return nil, err
	}
	return search.result(), nil
}

// pollSnapshots reads the Droplet's images into search, and after them its snapshot actions. In this order, the actions of all
// images are in the list.
func (r *stepRunner) pollSnapshots(ctx context.Context, search *snapshotSearch) error {
	search.images, search.others = nil, nil
	for image, err := range r.service.AllSnapshots(ctx, r.droplet.ID, nil, r.options...) {
		if err != nil {
			return err
		}
		search.images = append(search.images, image)
	}
	actions, err := r.service.actions().List(ctx, r.droplet.ID, &ListOptions{PerPage: maxPerPage}, r.options...)
	if err != nil {
		return err
	}
	for _, a := range actions.Items {
		if a.Type == ActionTypeSnapshot && a.ID != search.action.ID && a.Status != ActionStatusErrored {
			search.others = append(search.others, a)
		}
	}
	return nil
}

// snapshotSearch is the data from which the image of an action is found.
type snapshotSearch struct {
	action *Action           // that has created the image
	name   string            // of the image; empty for any
	before []int64           // IDs of the images before the action
	images []DropletSnapshot // of the Droplet now
	others []Action          // snapshot actions of the Droplet except this one
}

// result returns the image that only this action can have created; nil if there is none or more than one.
func (s *snapshotSearch) result() *DropletSnapshot {
	others := slices.Clone(s.others)
	var added []DropletSnapshot
	for _, image := range s.images {
		if !slices.Contains(s.before, image.ID) {
			added = append(added, image)
			continue
		}
		if i := slices.IndexFunc(others, func(a Action) bool { return createdDuring(&a, image, 0) }); i >= 0 {
			others = slices.Delete(others, i, i+1) // it has created this image, which is an earlier one
		}
	}
	var own *DropletSnapshot
	for i := range added {
		if !s.isOwn(added[i], others) {
			continue
		}
		if own != nil {
			return nil
		}
		own = &added[i]
	}
	return own
}

// isOwn reports whether this action can have created an image, and none of the others can.
func (s *snapshotSearch) isOwn(image DropletSnapshot, others []Action) bool {
	// clockSkew is how much the clock for created_at may differ from the clock for the times of actions.
	const clockSkew = 2 * time.Second
	if s.name != "" && image.Name != s.name || !createdDuring(s.action, image, clockSkew) {
		return false
	}
	exact := image.CreatedAt.Equal(s.action.StartedAt) // then an action that started at another time has not created the image
	for i := range others {
		if createdDuring(&others[i], image, 0) && (!exact || image.CreatedAt.Equal(others[i].StartedAt)) {
			return false
		}
	}
	return true
}

// createdDuring reports whether an image was created while an action ran, or up to tolerance before or after. Times of the API
// have whole seconds.
func createdDuring(a *Action, image DropletSnapshot, tolerance time.Duration) bool {
	return !image.CreatedAt.Before(a.StartedAt.Add(-tolerance)) &&
		(a.CompletedAt == nil || !image.CreatedAt.After(a.CompletedAt.Add(tolerance)))
}
