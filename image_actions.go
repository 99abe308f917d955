package droplets

import (
	"context"
	"iter"
	"net/http"
	"strconv"
)

// ListActions returns one page of an image's actions. ResourceID and ResourceType are those of the image if the response does
// not have them. If there is no such image, the error matches [ErrNotFound]. The token needs the scope image:read.
//
// DigitalOcean API: GET /v2/images/{image_id}/actions
func (s *ImagesService) ListActions(ctx context.Context, imageID int64, opts *ListOptions, co ...CallOption) (*Page[Action], error) {
	if err := checkID("imageID", imageID); err != nil {
		return nil, err
	}
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root actionsRoot
	err = s.pipeline.invoke(ctx, call{operation: "imageActions_list", method: http.MethodGet, path: imagePath(imageID, "/actions"),
		query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	for i := range root.Actions {
		setImage(&root.Actions[i], imageID)
	}
	return newPage(root.Actions, root.pageInfo, opts), nil
}

// AllActions returns an iterator over the actions of an image. It works like [DropletsService.All], with the same guarantee
// and the same errors.
//
// DigitalOcean API: GET /v2/images/{image_id}/actions
func (s *ImagesService) AllActions(ctx context.Context, imageID int64, opts *ListOptions, co ...CallOption) iter.Seq2[Action, error] {
	return allOf(ctx, s.ListActions, imageID, opts, co, func(a *Action) int64 { return a.ID })
}

// GetAction returns one action of an image. If there is no such image or action, the error matches [ErrNotFound]. The token
// needs the scope image:read.
//
// DigitalOcean API: GET /v2/images/{image_id}/actions/{action_id}
func (s *ImagesService) GetAction(ctx context.Context, imageID, actionID int64, co ...CallOption) (*Action, error) {
	if err := checkID("imageID", imageID); err != nil {
		return nil, err
	}
	if err := checkID("actionID", actionID); err != nil {
		return nil, err
	}
	return s.invokeForAction(ctx, imageID, call{operation: "imageActions_get", method: http.MethodGet,
		path: imagePath(imageID, "/actions/"+strconv.FormatInt(actionID, 10))}, co)
}

// Transfer copies one of the account's images to another region, in addition to its other regions, and returns the action.
// The image cannot be removed from one region alone: [ImagesService.Delete] deletes it in all of them. A snapshot is billed
// once, whatever the number of its regions. To wait until the image is available there, use
// [DropletActionsService.WaitForActions]:
//
//	action, err := client.Images.Transfer(ctx, imageID, droplets.TransferRequest{Region: "fra1"})
//	…
//	_, err = client.DropletActions.WaitForActions(ctx, *action)
//
// A transfer is not retried if its outcome is unknown. The error then matches [ErrMaybeApplied], and the action may be in
// progress: see [ImagesService.ListActions]. The token needs the scope image:update.
//
// DigitalOcean API: POST /v2/images/{image_id}/actions
func (s *ImagesService) Transfer(ctx context.Context, imageID int64, req TransferRequest, co ...CallOption) (*Action, error) {
	if err := checkID("imageID", imageID); err != nil {
		return nil, err
	}
	if err := req.check(); err != nil {
		return nil, err
	}
	return s.initiate(ctx, imageID, req.wire(), co)
}

// Convert makes a snapshot of a backup, and returns the action. It cannot be undone. As a snapshot the image is kept until it
// is deleted, while backups are replaced by newer ones, and it is billed by its size. To wait for the action, see
// [ImagesService.Transfer].
//
// A conversion is not retried if its outcome is unknown. The error then matches [ErrMaybeApplied], and the action may be in
// progress: see [ImagesService.ListActions]. The token needs the scope image:update.
//
// DigitalOcean API: POST /v2/images/{image_id}/actions
func (s *ImagesService) Convert(ctx context.Context, imageID int64, co ...CallOption) (*Action, error) {
	if err := checkID("imageID", imageID); err != nil {
		return nil, err
	}
	return s.initiate(ctx, imageID, imageActionWire{Type: ActionTypeConvert}, co)
}

func (s *ImagesService) initiate(ctx context.Context, imageID int64, body imageActionWire, co []CallOption) (*Action, error) {
	return s.invokeForAction(ctx, imageID, call{operation: "imageActions_post", method: http.MethodPost,
		path: imagePath(imageID, "/actions"), body: body}, co)
}

// invokeForAction sends a call whose response is one action of an image.
func (s *ImagesService) invokeForAction(ctx context.Context, imageID int64, cl call, co []CallOption) (*Action, error) {
	var root imageActionRoot
	if err := s.pipeline.invoke(ctx, cl, &root, co); err != nil {
		return nil, err
	}
	a := root.action()
	setImage(a, imageID)
	return a, nil
}

// setImage sets the resource of an action on an image, which the API may leave out. A waiter needs it to read the action again
// without the scope for the account's actions.
func setImage(a *Action, imageID int64) {
	if a.ResourceType == "" {
		a.ResourceType = resourceTypeImage
	}
	if a.ResourceID == 0 && a.ResourceType == resourceTypeImage {
		a.ResourceID = imageID
	}
}
