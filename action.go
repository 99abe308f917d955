package droplets

import (
	"fmt"
	"time"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// Action is an asynchronous operation of the API on a resource.
type Action struct {
	// ID identifies the action. IDs exceed 2³¹.
	ID int64 `json:"id"`
	// Status is the state of the action.
	Status ActionStatus `json:"status"`
	// Type is the type of the action. The action of a create has the type "create".
	Type ActionType `json:"type"`
	// StartedAt is the time at which the action started.
	StartedAt time.Time `json:"started_at,omitzero"`
	// CompletedAt is the time at which the action completed or failed; nil while it is in progress.
	CompletedAt *time.Time `json:"completed_at"`
	// ResourceID is the ID of the resource; 0 if the API does not return it.
	ResourceID int64 `json:"resource_id,omitzero"`
	// ResourceType is the type of the resource, such as "droplet" or "image".
	ResourceType string `json:"resource_type"`
	// Region is the region of the resource; nil if the API does not return it.
	Region *Region `json:"region,omitzero"`
	// RegionSlug is the slug of the region; empty if the API does not return it.
	RegionSlug string `json:"region_slug,omitzero"`
}

func (a *Action) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "id", &a.ID)
	jsonread.Text(r, "status", &a.Status)
	jsonread.Text(r, "type", &a.Type)
	jsonread.Time(r, "started_at", &a.StartedAt)
	jsonread.OptionalTime(r, "completed_at", &a.CompletedAt)
	jsonread.Integer(r, "resource_id", &a.ResourceID)
	jsonread.Text(r, "resource_type", &a.ResourceType)
	jsonread.Pointer(r, "region", &a.Region, (*Region).fields)
	jsonread.Text(r, "region_slug", &a.RegionSlug)
}

// isOfDroplet reports whether the action has the ID of a resource that is a Droplet, or that may be one because its type is
// unknown.
func (a *Action) isOfDroplet() bool {
	return a.ResourceID > 0 && (a.ResourceType == "" || a.ResourceType == resourceTypeDroplet)
}

// finished reports whether the action has ended, and returns an [*ActionError] if it failed.
func (a *Action) finished() (bool, error) {
	switch a.Status {
	case ActionStatusCompleted:
		return true, nil
	case ActionStatusErrored:
		return true, &ActionError{Action: a}
	default:
		return false, nil
	}
}

// ActionStatus is the state of an action. Values that are not listed here are decoded unchanged, and waiters treat them
// as in progress.
type ActionStatus string

// The action statuses that the API documents.
const (
	ActionStatusInProgress ActionStatus = "in-progress"
	ActionStatusCompleted  ActionStatus = "completed"
	ActionStatusErrored    ActionStatus = "errored"
)

// ActionType is the type of an action. Values that are not listed here are decoded unchanged.
type ActionType string

// The types of the actions on Droplets that [DropletActionsService] can initiate, and of the action of a create.
const (
	ActionTypeCreate             ActionType = "create"
	ActionTypeEnableBackups      ActionType = "enable_backups"
	ActionTypeDisableBackups     ActionType = "disable_backups"
	ActionTypeChangeBackupPolicy ActionType = "change_backup_policy"
	ActionTypeReboot             ActionType = "reboot"
	ActionTypePowerCycle         ActionType = "power_cycle"
	ActionTypeShutdown           ActionType = "shutdown"
	ActionTypePowerOff           ActionType = "power_off"
	ActionTypePowerOn            ActionType = "power_on"
	ActionTypeRestore            ActionType = "restore"
	ActionTypePasswordReset      ActionType = "password_reset"
	ActionTypeResize             ActionType = "resize"
	ActionTypeRebuild            ActionType = "rebuild"
	ActionTypeRename             ActionType = "rename"
	ActionTypeChangeKernel       ActionType = "change_kernel"
	ActionTypeEnableIPv6         ActionType = "enable_ipv6"
	ActionTypeSnapshot           ActionType = "snapshot"
)

// The types of actions on images.
const (
	ActionTypeTransfer ActionType = "transfer"
	ActionTypeConvert  ActionType = "convert"
)

const (
	resourceTypeDroplet = "droplet"
	resourceTypeImage   = "image"
)

// ActionError is returned for an action that the API accepted and later reported as errored. It matches
// [ErrActionFailed].
type ActionError struct {
	// Action is the failed action as last returned by the API.
	Action *Action
}

// Error returns one line with the action's ID, its type and its resource.
func (e *ActionError) Error() string {
	a := e.Action
	if a == nil {
		return "droplets: an action errored"
	}
	return oneLine(fmt.Sprintf("droplets: action %d (%s) on %s %d errored", a.ID, a.Type, a.ResourceType, a.ResourceID))
}

// Is reports whether target is [ErrActionFailed].
func (e *ActionError) Is(target error) bool { return target == ErrActionFailed }

type actionRoot struct {
	Action *Action `json:"action"`
}

func (v *actionRoot) fields(r *jsonread.Reader) {
	jsonread.Pointer(r, "action", &v.Action, (*Action).fields)
}

func (v *actionRoot) missing() string {
	switch {
	case v.Action == nil:
		return "action"
	case v.Action.ID < 1:
		return "action.id"
	}
	return ""
}

// imageActionRoot is the root of a response with one action on an image. In the schema of the OpenAPI document the action is
// the root; in its examples the action is under the key "action". Both are decoded.
type imageActionRoot struct {
	Wrapped *Action `json:"action"`
	Action
}

func (v *imageActionRoot) fields(r *jsonread.Reader) {
	jsonread.Pointer(r, "action", &v.Wrapped, (*Action).fields)
	v.Action.fields(r)
}

func (v *imageActionRoot) missing() string {
	switch {
	case v.Wrapped == nil && v.ID < 1:
		return "action"
	case v.Wrapped != nil && v.Wrapped.ID < 1:
		return "action.id"
	}
	return ""
}

func (v *imageActionRoot) action() *Action {
	if v.Wrapped != nil {
		return v.Wrapped
	}
	return &v.Action
}

type actionsRoot struct {
	Actions []Action `json:"actions"`
	pageInfo
}

func (v *actionsRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "actions", &v.Actions, (*Action).fields)
	v.pageFields(r)
}

func (v *actionsRoot) missing() string { return missingIf(v.Actions == nil, "actions") }

// tagActionsRoot is the root of the response to an action by tag. It has no pages.
type tagActionsRoot struct {
	Actions []Action `json:"actions"`
}

func (v *tagActionsRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "actions", &v.Actions, (*Action).fields)
}

func (v *tagActionsRoot) missing() string { return missingIf(v.Actions == nil, "actions") }
