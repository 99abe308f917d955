package dropletstest

import (
	"fmt"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

type savedPool struct {
	droplets.AutoscalePool
	Utilization *droplets.AutoscaleUtilization `json:"utilization,omitempty"`
	Desired     int                            `json:"desired"`
	Members     []savedMember                  `json:"members"`
	History     []*droplets.AutoscalePoolEvent `json:"history"`
	ChangedAt   time.Time                      `json:"changed_at"`
	NextCheck   time.Time                      `json:"next_check"`
	Serial      int                            `json:"serial"`
	Destroying  bool                           `json:"destroying,omitempty"`
}

type savedMember struct {
	DropletID int64     `json:"droplet_id"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Deleting  bool      `json:"deleting,omitempty"`
}

func (p *pool) save() savedPool {
	saved := savedPool{AutoscalePool: p.AutoscalePool, Utilization: p.utilization, Desired: p.desired, Members: []savedMember{},
		History: nonNil(p.history), ChangedAt: p.changedAt, NextCheck: p.nextCheck, Serial: p.serial, Destroying: p.destroying}
	for _, m := range p.members {
		saved.Members = append(saved.Members, savedMember{m.droplet.ID, m.createdAt, m.updatedAt, m.deleting})
	}
	return saved
}

func (s *state) restorePool(saved savedPool) error {
	p := &pool{AutoscalePool: saved.AutoscalePool, utilization: saved.Utilization, desired: saved.Desired, history: saved.History,
		changedAt: saved.ChangedAt, nextCheck: saved.NextCheck, serial: saved.Serial, destroying: saved.Destroying}
	switch {
	case p.ID == "" || s.findPool(p.ID) != nil:
		return fmt.Errorf("the id %q of a pool is empty or not unique", p.ID)
	case checkPoolConfig(p.Config) != nil || p.desired < 1 || p.desired > maxInstances:
		return fmt.Errorf("the configuration of pool %q is invalid", p.ID)
	case slices.Contains(p.history, nil):
		return fmt.Errorf("an event of pool %q is null", p.ID)
	}
	for _, m := range saved.Members {
		d := s.droplets[m.DropletID]
		if d == nil || d.pool != nil {
			return fmt.Errorf("the pool %q has the Droplet %d, which does not exist or is in another pool", p.ID, m.DropletID)
		}
		d.pool = p
		p.members.add(&poolMember{d, m.CreatedAt, m.UpdatedAt, m.Deleting})
	}
	s.pools.add(p)
	return nil
}
