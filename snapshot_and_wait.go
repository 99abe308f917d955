package droplets

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// SnapshotAndWait takes a snapshot of a Droplet's disk, waits for the action to complete, and returns the image that this
// action has made.
//
// The API does not say which image belongs to an action. SnapshotAndWait looks for an image that the Droplet did not have
// before, that has the name of the request, and that was created while the action ran. It reads the Droplet's other snapshot
// actions, and returns an error if one of them may have made the image too. It waits up to a minute for the image to be
// listed.
//
// An error after the Droplet was found is a [*StepError]. If the API has accepted the action, the error has the Action, to
// wait for again.
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

// findSnapshot waits until the image of the completed action is listed and can be told from those of other actions.
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

// pollSnapshots reads the Droplet's images, and after them its actions: each action that has made one of the images is then
// in the list.
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

// snapshotSearch has what is known when the image of an action is looked for.
type snapshotSearch struct {
	action *Action
	name   string            // of the image; empty for any
	before []int64           // IDs of the images before the action
	images []DropletSnapshot // of the Droplet now
	others []Action          // snapshot actions of the Droplet except this one
}

// result returns the image that only this action can have made; nil if there is none or more than one.
func (s *snapshotSearch) result() *DropletSnapshot {
	rivals := slices.Clone(s.others)
	var added []DropletSnapshot
	for _, image := range s.images {
		if !slices.Contains(s.before, image.ID) {
			added = append(added, image)
			continue
		}
		if i := slices.IndexFunc(rivals, func(a Action) bool { return madeDuring(&a, image, 0) }); i >= 0 {
			rivals = slices.Delete(rivals, i, i+1) // its image is known from before
		}
	}
	var own *DropletSnapshot
	for i := range added {
		if !s.isOwn(added[i], rivals) {
			continue
		}
		if own != nil {
			return nil
		}
		own = &added[i]
	}
	return own
}

func (s *snapshotSearch) isOwn(image DropletSnapshot, rivals []Action) bool {
	// clockSkew allows for a service of the API that writes created_at by a clock of its own.
	const clockSkew = 2 * time.Second
	if s.name != "" && image.Name != s.name || !madeDuring(s.action, image, clockSkew) {
		return false
	}
	exact := image.CreatedAt.Equal(s.action.StartedAt)
	for i := range rivals {
		if madeDuring(&rivals[i], image, 0) && (!exact || image.CreatedAt.Equal(rivals[i].StartedAt)) {
			return false
		}
	}
	return true
}

// madeDuring reports whether an image was created while an action ran. Times of the API have whole seconds.
func madeDuring(a *Action, image DropletSnapshot, tolerance time.Duration) bool {
	return !image.CreatedAt.Before(a.StartedAt.Add(-tolerance)) &&
		(a.CompletedAt == nil || !image.CreatedAt.After(a.CompletedAt.Add(tolerance)))
}
