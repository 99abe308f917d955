package droplets

import "time"

// AutoscalePoolEvent is a change of the number of Droplets of a pool. The history of the pool lists these events.
type AutoscalePoolEvent struct {
	// ID identifies the event.
	ID string `json:"history_event_id"`
	// CurrentInstanceCount is the number of Droplets when the event began.
	CurrentInstanceCount int `json:"current_instance_count"`
	// DesiredInstanceCount is the number of Droplets that the pool should have.
	DesiredInstanceCount int `json:"desired_instance_count"`
	// Reason is the reason for the change.
	Reason AutoscaleEventReason `json:"reason"`
	// Status is the state of the event.
	Status AutoscaleEventStatus `json:"status"`
	// ErrorReason is the reason of an event with the status error; empty if the API does not return it. DigitalOcean's OpenAPI
	// document does not have this field.
	ErrorReason string `json:"error_reason,omitzero"`
	// CreatedAt is the time at which the event began.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// UpdatedAt is the time at which the event last changed.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// AutoscaleEventReason is the reason of an event. Values that are not listed here are decoded unchanged.
type AutoscaleEventReason string

// The reasons that the API documents.
const (
	AutoscaleEventReasonConfigurationChange AutoscaleEventReason = "CONFIGURATION_CHANGE"
	AutoscaleEventReasonScaleUp             AutoscaleEventReason = "SCALE_UP"
	AutoscaleEventReasonScaleDown           AutoscaleEventReason = "SCALE_DOWN"
)

// AutoscaleEventStatus is the state of an event. Values that are not listed here are decoded unchanged.
type AutoscaleEventStatus string

// The states of an event that the API documents.
const (
	AutoscaleEventStatusInProgress AutoscaleEventStatus = "in_progress"
	AutoscaleEventStatusSuccess    AutoscaleEventStatus = "success"
	AutoscaleEventStatusError      AutoscaleEventStatus = "error"
)

type autoscaleHistoryRoot struct {
	History []AutoscalePoolEvent `json:"history"`
	pageInfo
}

func (r *autoscaleHistoryRoot) missing() string { return missingIf(r.History == nil, "history") }
