package dropletstest

import (
	"time"

	"github.com/droplets-go/droplets"
)

// pool is an autoscale pool and its internal state. CurrentUtilization and ActiveResourcesCount are set in view only.
type pool struct {
	droplets.AutoscalePool
	utilization *droplets.AutoscaleUtilization // nil until SetPoolUtilization is called
	desired     int                            // the number of Droplets that it is to have
	members     sortedList[int64, *poolMember]
	history     []*droplets.AutoscalePoolEvent // the oldest first
	changedAt   time.Time                      // when its number of Droplets was last changed
	nextCheck   time.Time                      // the time for which a check after the cooldown is scheduled
	serial      int                            // the number of Droplets that were ever created for it
	destroying  bool                           // its delete includes its Droplets
}

func (p *pool) key() string { return p.ID }

// poolMember is a Droplet of a pool.
type poolMember struct {
	droplet   *droplet
	createdAt time.Time
	updatedAt time.Time
	deleting  bool // its Droplet is being deleted and no longer counts
}

func (m *poolMember) key() int64 { return m.droplet.ID }

// isActive reports whether the Droplet of a member is running and is not being deleted.
func (m *poolMember) isActive() bool {
	return !m.deleting && m.droplet.actualStatus == droplets.DropletStatusActive
}

// findPool returns the pool with an id, or nil.
func (s *state) findPool(id string) *pool {
	if i, found := s.pools.search(id); found {
		return s.pools[i]
	}
	return nil
}

// addMember adds a Droplet to the pool.
func (p *pool) addMember(d *droplet, at time.Time) {
	at = wholeSeconds(at)
	d.pool = p
	p.members.add(&poolMember{droplet: d, createdAt: at, updatedAt: at})
}

// member returns the member for a Droplet of the pool.
func (p *pool) member(d *droplet) *poolMember {
	i, _ := p.members.search(d.ID)
	return p.members[i]
}

// releaseMembers removes all members and keeps their Droplets.
func (p *pool) releaseMembers() {
	for _, m := range p.members {
		m.droplet.pool = nil
	}
	p.members = nil
}

// count returns the number of Droplets that are not being deleted, running or not.
func (p *pool) count() (n int) {
	for _, m := range p.members {
		if !m.deleting {
			n++
		}
	}
	return n
}

// countActive returns the number of Droplets that are running and are not being deleted.
func (p *pool) countActive() (n int) {
	for _, m := range p.members {
		if m.isActive() {
			n++
		}
	}
	return n
}

// countCreated returns the number of Droplets whose create has completed, including those that are being deleted.
func (p *pool) countCreated() (n int) {
	for _, m := range p.members {
		if m.droplet.actualStatus != droplets.DropletStatusNew {
			n++
		}
	}
	return n
}

// memberChanged records that the status of a Droplet has changed, and schedules a check of its pool, if it has one.
func (a *API) memberChanged(d *droplet, at time.Time) {
	if d.pool != nil {
		d.pool.member(d).updatedAt = wholeSeconds(at)
		a.schedule(event{At: at, Kind: eventPoolCheck, Pool: d.pool.ID})
	}
}

// memberRemoved removes a deleted Droplet from its pool, if it has one, and schedules a check, which replaces the Droplet.
func (a *API) memberRemoved(d *droplet, at time.Time) {
	p := d.pool
	if p == nil {
		return
	}
	d.pool = nil
	p.members.remove(d.ID)
	if d.actualStatus == droplets.DropletStatusNew && d.pending == nil { // its create has failed
		p.endHistory(droplets.AutoscaleEventStatusError, at)
	}
	a.schedule(event{At: at, Kind: eventPoolCheck, Pool: p.ID})
}

func (p *pool) cooldown() time.Duration {
	if p.Config.CooldownMinutes == 0 {
		return defaultCooldown
	}
	return time.Duration(p.Config.CooldownMinutes) * time.Minute
}

// defaultCooldown is the cooldown of static pools, and of dynamic ones without CooldownMinutes.
const defaultCooldown = 10 * time.Minute
