package droplets

import "time"

// AutoscalePoolMember is a Droplet of a pool.
type AutoscalePoolMember struct {
	// DropletID is the ID of the Droplet.
	DropletID int64 `json:"droplet_id"`
	// CreatedAt is the time at which the Droplet became a member.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// UpdatedAt is the time at which the member last changed.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	// HealthStatus is the result of the API's health check.
	HealthStatus AutoscaleHealthStatus `json:"health_status"`
	// UnhealthyReason is the reason why the Droplet is unhealthy; empty otherwise.
	UnhealthyReason string `json:"unhealthy_reason,omitzero"`
	// Status is the state of the Droplet in the pool.
	Status AutoscaleMemberStatus `json:"status"`
	// CurrentUtilization is the utilization of the Droplet.
	CurrentUtilization AutoscaleUtilization `json:"current_utilization"`
}

// AutoscaleHealthStatus is the result of a health check. Values that are not listed here are decoded unchanged.
type AutoscaleHealthStatus string

// The results of a health check that the API documents.
const (
	AutoscaleHealthStatusHealthy   AutoscaleHealthStatus = "healthy"
	AutoscaleHealthStatusUnhealthy AutoscaleHealthStatus = "unhealthy"
)

// AutoscaleMemberStatus is the state of a Droplet in a pool. Values that are not listed here are decoded unchanged.
type AutoscaleMemberStatus string

// The states of a member that the API documents.
const (
	AutoscaleMemberStatusProvisioning AutoscaleMemberStatus = "provisioning"
	AutoscaleMemberStatusActive       AutoscaleMemberStatus = "active"
	AutoscaleMemberStatusDeleting     AutoscaleMemberStatus = "deleting"
	AutoscaleMemberStatusOff          AutoscaleMemberStatus = "off"
)

type autoscaleMembersRoot struct {
	Members []AutoscalePoolMember `json:"droplets"`
	pageInfo
}

func (r *autoscaleMembersRoot) missing() string { return missingIf(r.Members == nil, "droplets") }
