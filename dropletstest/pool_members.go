package dropletstest

import (
	"fmt"

	"github.com/droplets-go/droplets"
)

type (
	membersPage struct {
		Members []droplets.AutoscalePoolMember `json:"droplets"`
		pageInfo
	}
	historyPage struct {
		History []*droplets.AutoscalePoolEvent `json:"history"`
		pageInfo
	}
)

// listMembers lists the Droplets of a pool by id.
func (a *API) listMembers(c *call, p *pool) (result, *apiError) {
	return paginate(c, len(p.members), func(i int) droplets.AutoscalePoolMember { return p.members[i].view(p) },
		func(items []droplets.AutoscalePoolMember, info pageInfo) membersPage { return membersPage{items, info} })
}

// view returns the member as clients read it. A created Droplet that is not active is unhealthy.
func (m *poolMember) view(p *pool) droplets.AutoscalePoolMember {
	v := droplets.AutoscalePoolMember{DropletID: m.droplet.ID, CreatedAt: m.createdAt, UpdatedAt: m.updatedAt,
		HealthStatus: droplets.AutoscaleHealthStatusHealthy, Status: droplets.AutoscaleMemberStatusActive}
	switch {
	case m.deleting:
		v.Status = droplets.AutoscaleMemberStatusDeleting
	case m.droplet.actualStatus == droplets.DropletStatusNew:
		v.Status = droplets.AutoscaleMemberStatusProvisioning
	case !m.isActive():
		v.Status, v.HealthStatus = droplets.AutoscaleMemberStatusOff, droplets.AutoscaleHealthStatusUnhealthy
		v.UnhealthyReason = "Droplet is powered off"
	case p.utilization != nil:
		v.CurrentUtilization = *p.utilization
	}
	return v
}

// listHistory lists the events of a pool, the newest first.
func (a *API) listHistory(c *call, p *pool) (result, *apiError) {
	last := len(p.history) - 1
	return paginate(c, len(p.history), func(i int) *droplets.AutoscalePoolEvent { return p.history[last-i] },
		func(items []*droplets.AutoscalePoolEvent, info pageInfo) historyPage { return historyPage{items, info} })
}

// SetPoolUtilization sets the utilization of the running Droplets of an autoscale pool, as fractions from 0 to 1. It stays the same
// until the next call, even if the pool scales. A dynamic pool of n Droplets then scales to n×utilization/target, rounded up, within
// its limits: immediately, or when the cooldown since its last change is over, and again after each cooldown. Without a call, a
// dynamic pool does not scale.
//
// SetPoolUtilization returns false if the pool does not exist, and panics if a value is not between 0 and 1.
func (a *API) SetPoolUtilization(poolID string, cpu, memory float64) bool {
	if !(cpu >= 0 && cpu <= 1 && memory >= 0 && memory <= 1) {
		panic(fmt.Sprintf("dropletstest: SetPoolUtilization: cpu and memory must be between 0 and 1, not %v and %v", cpu, memory))
	}
	now := a.lockToAdd()
	defer a.mu.Unlock()
	p := a.findPool(poolID)
	if p == nil {
		return false
	}
	p.utilization = &droplets.AutoscaleUtilization{CPU: cpu, Memory: memory}
	a.checkPool(p, now)
	return true
}
