package droplets

import (
	"fmt"
	"time"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// Action is something that the API does to a resource, over some time.
type Action struct {
	// ID names the action. Ids are past 2³¹ by now.
	ID int64 `json:"id"`
	// Status tells whether it has ended, and how.
	Status ActionStatus `json:"status"`
	// Type is what is done. A create's is "create".
	Type ActionType `json:"type"`
	// StartedAt is when it began.
	StartedAt time.Time `json:"started_at,omitzero"`
	// CompletedAt is when it ended; nil until then.
	CompletedAt *time.Time `json:"completed_at"`
	// ResourceID is the Droplet, or whatever ResourceType says; 0 where the API does not say.
	ResourceID int64 `json:"resource_id,omitzero"`
	// ResourceType is the kind of resource, such as "droplet".
	ResourceType string `json:"resource_type"`
	// Region is where it happens; nil where the API does not say.
	Region *Region `json:"region,omitzero"`
	// RegionSlug names the region; empty where the API does not say.
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

// ended tells whether an action has ended, and the error if it has failed.
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

// ActionStatus tells whether an action has ended, and how. A value that is not listed here decodes too, and counts as
// still running.
type ActionStatus string

// The action statuses that the API documents.
const (
	ActionStatusInProgress ActionStatus = "in-progress"
	ActionStatusCompleted  ActionStatus = "completed"
	ActionStatusErrored    ActionStatus = "errored"
)

// ActionType is what an action does. A value that is not listed here decodes too.
type ActionType string

// The action types that can be initiated, and the one of a create.
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

const resourceTypeDroplet = "droplet"

// ActionError is an action that the API took and then reported as errored. It is an [ErrActionFailed].
type ActionError struct {
	// Action is the failed action as last seen.
	Action *Action
}

// Error names the action, its type and the resource that it was for.
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

type actionsRoot struct {
	Actions []Action `json:"actions"`
	pageInfo
}

func (v *actionsRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "actions", &v.Actions, (*Action).fields)
	v.pageFields(r)
}

func (v *actionsRoot) missing() string { return missingIf(v.Actions == nil, "actions") }

type tagActionsRoot struct {
	Actions []Action `json:"actions"`
}

func (v *tagActionsRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "actions", &v.Actions, (*Action).fields)
}

func (v *tagActionsRoot) missing() string { return missingIf(v.Actions == nil, "actions") }
