package droplets

import (
	"fmt"
	"log/slog"
	"time"
)

// AutoscalePool is a pool of Droplets that the API creates from a template and deletes by itself.
//
// fmt and slog print a pool without the user data of its template. encoding/json encodes the whole pool. Redaction does not
// apply if fmt or slog bypass these methods: for a pool in an unexported field of another struct, and in a slice that slog
// encodes as JSON.
type AutoscalePool struct {
	// ID identifies the pool in requests; it is a UUID.
	ID string `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Config is the fixed number of Droplets, or the limits and targets by which the API scales the pool.
	Config AutoscaleConfig `json:"config"`
	// DropletTemplate describes the Droplets that the API creates for the pool.
	DropletTemplate AutoscaleDropletTemplate `json:"droplet_template"`
	// CreatedAt is the time at which the pool was created.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// UpdatedAt is the time at which the pool was last updated.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	// CurrentUtilization is the average utilization of the Droplets; nil if the API does not return it, for example for a new
	// pool.
	CurrentUtilization *AutoscaleUtilization `json:"current_utilization,omitzero"`
	// Status is the state of the pool. It is not the state of its Droplets.
	Status AutoscalePoolStatus `json:"status"`
	// ActiveResourcesCount is the number of active Droplets in the pool.
	ActiveResourcesCount int `json:"active_resources_count"`
}

// Request returns a request with the name, the configuration and the template of the pool. [AutoscalePoolsService.Update]
// replaces all of them: to change a part, call Request, change that part in the result, and call Update with it.
func (p *AutoscalePool) Request() AutoscalePoolRequest {
	return AutoscalePoolRequest{Name: p.Name, Config: p.Config, DropletTemplate: p.DropletTemplate}
}

// String returns the pool as JSON, without the user data.
func (p AutoscalePool) String() string {
	p.DropletTemplate = p.DropletTemplate.redacted()
	return jsonText(p)
}

// Format writes what String returns, for every verb.
func (p AutoscalePool) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// LogValue returns what String returns.
func (p AutoscalePool) LogValue() slog.Value { return slog.StringValue(p.String()) }

// AutoscalePoolStatus is the state of a pool. Values that are not listed here are decoded unchanged.
type AutoscalePoolStatus string

// The states of a pool that the API documents.
const (
	AutoscalePoolStatusActive   AutoscalePoolStatus = "active"
	AutoscalePoolStatusDeleting AutoscalePoolStatus = "deleting"
	AutoscalePoolStatusError    AutoscalePoolStatus = "error"
)

// AutoscaleUtilization is the utilization of a Droplet, or the average utilization of the Droplets of a pool.
type AutoscaleUtilization struct {
	// Memory is the memory utilization, as a fraction from 0 to 1.
	Memory float64 `json:"memory"`
	// CPU is the CPU utilization, as a fraction from 0 to 1.
	CPU float64 `json:"cpu"`
}

type autoscalePoolRoot struct {
	Pool *AutoscalePool `json:"autoscale_pool"`
}

func (r *autoscalePoolRoot) missing() string {
	switch {
	case r.Pool == nil:
		return "autoscale_pool"
	case r.Pool.ID == "":
		return "autoscale_pool.id"
	}
	return ""
}

type autoscalePoolsRoot struct {
	Pools []AutoscalePool `json:"autoscale_pools"`
	pageInfo
}

func (r *autoscalePoolsRoot) missing() string { return missingIf(r.Pools == nil, "autoscale_pools") }
