package droplets

import (
	"context"
	"errors"
	"net/http"
)

// AssociatedResourcesService destroys Droplets together with what belongs to them and would otherwise stay, and stay
// billed: volumes, snapshots and reserved IPs. It is safe for concurrent use.
type AssociatedResourcesService service

func associatedPath(dropletID int64, more string) string {
	return dropletPath(dropletID, "/destroy_with_associated_resources"+more)
}

// List returns what belongs to a Droplet and what each would cost, in USD a month, if it were kept after the Droplet.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/destroy_with_associated_resources
func (s *AssociatedResourcesService) List(ctx context.Context, dropletID int64, co ...CallOption) (*AssociatedResources, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root associatedRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_list_associatedResources", method: http.MethodGet,
		path: associatedPath(dropletID, "")}, &root, co)
	if err != nil {
		return nil, err
	}
	return &root.AssociatedResources, nil
}

// DestroySelective begins to destroy a Droplet and those resources that the request names; the others stay and stay
// billed. It returns when the API has taken the request: [AssociatedResourcesService.WaitForDestroy] waits for it.
//
// DigitalOcean API: DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/selective
func (s *AssociatedResourcesService) DestroySelective(ctx context.Context, dropletID int64, req SelectiveDestroyRequest, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	if err := req.check(); err != nil {
		return err
	}
	err := s.pipeline.invoke(ctx, call{operation: "droplets_destroy_withAssociatedResourcesSelective", method: http.MethodDelete,
		path: associatedPath(dropletID, "/selective"), body: req}, nil, co)
	s.recordDestroy(dropletID, err)
	return err
}

// DestroyAll begins to destroy a Droplet and everything that belongs to it, for good. It returns when the API has
// taken the request: [AssociatedResourcesService.WaitForDestroy] waits for it.
//
// DigitalOcean API: DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/dangerous
func (s *AssociatedResourcesService) DestroyAll(ctx context.Context, dropletID int64, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	err := s.pipeline.invoke(ctx, call{operation: "droplets_destroy_withAssociatedResourcesDangerous", method: http.MethodDelete,
		path: associatedPath(dropletID, "/dangerous"), header: http.Header{"X-Dangerous": {"true"}}}, nil, co)
	s.recordDestroy(dropletID, err)
	return err
}

// Status returns how far a destroy with associated resources has come.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/destroy_with_associated_resources/status
func (s *AssociatedResourcesService) Status(ctx context.Context, dropletID int64, co ...CallOption) (*DestroyStatus, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root destroyStatusRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_get_DestroyAssociatedResourcesStatus", method: http.MethodGet,
		path: associatedPath(dropletID, "/status")}, &root, co)
	if err != nil {
		return nil, err
	}
	if _, failed := root.finished(); failed != nil {
		s.destroys.sawFailure(dropletID, &root.DestroyStatus)
	}
	return &root.DestroyStatus, nil
}

// Retry tries again to destroy what a destroy has failed to. While that destroy is still under way the API refuses:
// an [ErrConflict].
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/destroy_with_associated_resources/retry
func (s *AssociatedResourcesService) Retry(ctx context.Context, dropletID int64, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	err := s.pipeline.invoke(ctx, call{operation: "droplets_destroy_retryWithAssociatedResources", method: http.MethodPost,
		path: associatedPath(dropletID, "/retry")}, nil, co)
	s.recordDestroy(dropletID, err)
	return err
}

// recordDestroy records a request to destroy that was accepted, or that may have been.
func (s *AssociatedResourcesService) recordDestroy(dropletID int64, err error) {
	if err == nil || errors.Is(err, ErrMaybeApplied) {
		s.destroys.accepted(dropletID)
	}
}
