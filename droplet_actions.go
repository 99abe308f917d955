package droplets

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// DropletActionsService initiates actions on Droplets, lists actions and waits for them. It is safe for concurrent use.
//
// The request for an action is not retried if its outcome is unknown. The error then matches [ErrMaybeApplied], and the action
// may be in progress. While another action on the Droplet is in progress, the API rejects a new one and the error matches
// [ErrPendingEvent]; with [RetryPendingEvent] the call is retried until the other action has ended.
type DropletActionsService service

// List returns one page of a Droplet's actions, newest first. If opts is nil, it returns the first page of 20.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) List(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[Action], error) {
	var root actionsRoot
	err := listOfDroplet(ctx, s.pipeline, "dropletActions_list", dropletID, "/actions", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Actions, root.pageInfo, opts), nil
}

// All returns an iterator over the actions of a Droplet, newest first. It works like [DropletsService.All], with the
// same guarantee and the same errors.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) All(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[Action, error] {
	return allOf(ctx, s.List, dropletID, opts, co, func(a *Action) int64 { return a.ID })
}

// Get returns an action of a Droplet. If the Droplet has no such action, the error matches [ErrNotFound].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletActionsService) Get(ctx context.Context, dropletID, actionID int64, co ...CallOption) (*Action, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	if err := checkID("actionID", actionID); err != nil {
		return nil, err
	}
	return invokeForAction(ctx, s.pipeline, call{operation: "dropletActions_get", method: http.MethodGet,
		path: dropletPath(dropletID, "/actions/"+strconv.FormatInt(actionID, 10))}, co)
}

// Initiate initiates an action on a Droplet and returns the action, usually in progress. To wait until it has ended, use
// [DropletActionsService.WaitForAction]. For most actions there is also a method with the name of the action; these methods
// return the same.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) Initiate(ctx context.Context, dropletID int64, req ActionRequest, co ...CallOption) (*Action, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	if isNil(req) {
		return nil, invalid("req", "must not be nil")
	}
	if err := checkOwn(req); err != nil {
		return nil, err
	}
	if err := req.check(); err != nil {
		return nil, err
	}
	body := req.wire()
	a, err := invokeForAction(ctx, s.pipeline, call{operation: "dropletActions_post", method: http.MethodPost,
		path: dropletPath(dropletID, "/actions"), body: body}, co)
	if err != nil {
		return nil, err
	}
	if name, ok := newName(body, co); ok {
		s.created.rename(dropletID, name, a.ID)
	}
	return a, nil
}

// newName returns the new name in a request that the API has accepted, and false if the request is not a rename. The name of a
// CustomActionRequest can be of any type, or in an option, so that newName reads it from what was sent.
func newName(body any, co []CallOption) (name string, ok bool) {
	sent := request{}
	sent.payload, _ = encode(body)
	sent.opts, _ = newCallOptions(co)
	_ = sent.addBodyFields(body) // none of the three returns an error, because the request was sent
	var rename struct {
		Type ActionType `json:"type"`
		Name string     `json:"name"`
	}
	err := json.Unmarshal(sent.payload, &rename)
	return rename.Name, err == nil && rename.Type == ActionTypeRename
}

// InitiateByTag initiates an action on every Droplet that has the tag and returns one action for each Droplet. It rejects an
// empty or blank tag. To wait until all actions have ended, use [DropletActionsService.WaitForActions].
//
// DigitalOcean API: POST /v2/droplets/actions
func (s *DropletActionsService) InitiateByTag(ctx context.Context, tag string, req TagActionRequest, co ...CallOption) ([]Action, error) {
	if err := checkText("tag", tag); err != nil {
		return nil, err
	}
	if isNil(req) {
		return nil, invalid("req", "must not be nil")
	}
	if err := checkOwn(req); err != nil {
		return nil, err
	}
	if err := req.check(); err != nil {
		return nil, err
	}
	if err := req.checkForTag(); err != nil {
		return nil, err
	}
	var root tagActionsRoot
	err := s.pipeline.invoke(ctx, call{operation: "dropletActions_post_byTag", method: http.MethodPost,
		path: "v2/droplets/actions", query: tagQuery(tag), body: req.wire()}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.Actions, nil
}

// tagQuery returns the query of an operation on all Droplets with a tag.
func tagQuery(tag string) url.Values { return url.Values{"tag_name": {tag}} }

// Reboot requests a reboot from the operating system of a Droplet.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) Reboot(ctx context.Context, dropletID int64, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, RebootRequest{}, co...)
}

// PowerCycle powers a Droplet off, like a power cut, and on again.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) PowerCycle(ctx context.Context, dropletID int64, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, PowerCycleRequest{}, co...)
}

// Shutdown requests a shutdown from the operating system of a Droplet. The action completes even if the operating system
// ignores the request; see [DropletsService.ShutdownGracefully].
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) Shutdown(ctx context.Context, dropletID int64, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, ShutdownRequest{}, co...)
}

// PowerOff powers a Droplet off, like a power cut.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) PowerOff(ctx context.Context, dropletID int64, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, PowerOffRequest{}, co...)
}

// PowerOn powers on a Droplet that is off.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) PowerOn(ctx context.Context, dropletID int64, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, PowerOnRequest{}, co...)
}

// PasswordReset resets the root password of a Droplet. DigitalOcean sends the new password by email.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) PasswordReset(ctx context.Context, dropletID int64, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, PasswordResetRequest{}, co...)
}

// EnableIPv6 adds a public IPv6 address to a Droplet. The address cannot be removed.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) EnableIPv6(ctx context.Context, dropletID int64, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, EnableIPv6Request{}, co...)
}

// DisableBackups disables the backups of a Droplet.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) DisableBackups(ctx context.Context, dropletID int64, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, DisableBackupsRequest{}, co...)
}

// EnableBackups enables the backups of a Droplet. Backups are billed in addition to the Droplet.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) EnableBackups(ctx context.Context, dropletID int64, req EnableBackupsRequest, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, req, co...)
}

// ChangeBackupPolicy changes the backup policy of a Droplet. Backups must be enabled.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) ChangeBackupPolicy(ctx context.Context, dropletID int64, req ChangeBackupPolicyRequest, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, req, co...)
}

// Restore replaces the disk of a Droplet with one of its backups. The data on the disk is lost.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) Restore(ctx context.Context, dropletID int64, req RestoreRequest, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, req, co...)
}

// Resize changes the size of a Droplet. The Droplet must be off; [DropletsService.ResizeAndRestart] also turns it off and on.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) Resize(ctx context.Context, dropletID int64, req ResizeRequest, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, req, co...)
}

// Rebuild replaces the disk of a Droplet with a new copy of an image. The data on the disk is lost.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) Rebuild(ctx context.Context, dropletID int64, req RebuildRequest, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, req, co...)
}

// Rename changes the name of a Droplet.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) Rename(ctx context.Context, dropletID int64, req RenameRequest, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, req, co...)
}

// ChangeKernel changes the kernel of a Droplet that boots an external kernel.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) ChangeKernel(ctx context.Context, dropletID int64, req ChangeKernelRequest, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, req, co...)
}

// Snapshot creates a snapshot of a Droplet's disk, which is billed as long as it is kept. The action does not have the ID of the
// snapshot; [DropletsService.SnapshotAndWait] returns the snapshot.
//
// DigitalOcean API: POST /v2/droplets/{droplet_id}/actions
func (s *DropletActionsService) Snapshot(ctx context.Context, dropletID int64, req SnapshotRequest, co ...CallOption) (*Action, error) {
	return s.Initiate(ctx, dropletID, req, co...)
}
