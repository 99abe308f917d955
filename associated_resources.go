package droplets

import (
	"context"
	"errors"
	"net/http"
)

// AssociatedResourcesService destroys Droplets together with their associated resources: volumes, snapshots and reserved
// IPs, which otherwise are kept and remain billed. It is safe for concurrent use.
type AssociatedResourcesService service

// associatedPath returns a path below that of the associated resources of a Droplet.
func associatedPath(dropletID int64, more string) string {
	return dropletPath(dropletID, "/destroy_with_associated_resources"+more)
}

// List returns the resources that are associated with a Droplet, each with the cost in USD per month that remains billed if
// the resource is kept.
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

// DestroySelective destroys a Droplet and the resources in the request permanently. Other resources are kept and remain
// billed. It returns when the API has accepted the request; use [AssociatedResourcesService.WaitForDestroy] to wait for
// the result.
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
		path: associatedPath(dropletID, "/selective"), body: req, created: (*service)(s).createdLookup(dropletID)}, nil, co)
	s.recordDestroy(dropletID, err)
	return err
}

// DestroyAll destroys a Droplet and all its associated resources permanently. It returns when the API has accepted the
// request; use [AssociatedResourcesService.WaitForDestroy] to wait for the result.
//
// DigitalOcean API: DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/dangerous
func (s *AssociatedResourcesService) DestroyAll(ctx context.Context, dropletID int64, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	err := s.pipeline.invoke(ctx, call{operation: "droplets_destroy_withAssociatedResourcesDangerous", method: http.MethodDelete,
		path: associatedPath(dropletID, "/dangerous"), header: http.Header{"X-Dangerous": {"true"}},
		created: (*service)(s).createdLookup(dropletID)}, nil, co)
	s.recordDestroy(dropletID, err)
	return err
}

// Status returns the progress of a destroy with associated resources. It does not return a [*DestroyError] if the destroy has
// failures; [AssociatedResourcesService.WaitForDestroy] does.
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
		s.destroys.recordFailure(dropletID, &root.DestroyStatus)
	}
	return &root.DestroyStatus, nil
}

// Retry starts the destroy of the resources that an earlier destroy failed to destroy. It returns when the API has accepted
// the request; use [AssociatedResourcesService.WaitForDestroy] to wait for the result. If the earlier destroy is still in
// progress, the error matches [ErrConflict].
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

// recordDestroy records a request to destroy or to retry if the API accepted it or may have accepted it. err is the error of
// the request.
func (s *AssociatedResourcesService) recordDestroy(dropletID int64, err error) {
	if err == nil || errors.Is(err, ErrMaybeApplied) {
		s.destroys.recordRequest(dropletID)
	}
}
