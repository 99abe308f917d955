package dropletstest

import (
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// droplet is a Droplet as clients see it, and its internal state.
type droplet struct {
	droplets.Droplet
	actualStatus droplets.DropletStatus // Status lags behind it by Lag.Status
	pending      *action                // the action in progress, if any
	hidden       bool                   // not visible to clients yet
	backupPolicy *droplets.BackupPolicy // nil if backups are disabled
	privateOnly  bool                   // without public networking
	network      networkSpec            // determines the addresses
	actions      []*action              // the oldest first
	pool         *pool                  // the autoscale pool of which it is a member, if any
}

func (d *droplet) key() int64 { return d.ID }

func (d *droplet) hasTag(tag string) bool { return slices.Contains(d.Tags, tag) }

// storeDroplet adds a Droplet to the account. The caller claims its addresses.
func (s *state) storeDroplet(d *droplet) {
	s.droplets[d.ID] = d
	s.orderedDroplets.add(d)
	s.dropletsByType(d.GPUInfo != nil).add(d)
	if d.hidden {
		s.hiddenDroplets++
	}
	s.indexTags(d)
	s.joinVPC(d)
}

// dropletsByType returns the list of the Droplets with GPUs, or that of the others. A Droplet does not change its list.
func (s *state) dropletsByType(gpus bool) *sortedList[int64, *droplet] {
	if gpus {
		return &s.gpuDroplets
	}
	return &s.otherDroplets
}

// removeDroplet removes a Droplet from the account. An action that is in progress ends as errored; volumes and reserved IPs
// are detached and kept; an autoscale pool creates another Droplet.
func (a *API) removeDroplet(d *droplet, at time.Time) {
	delete(a.droplets, d.ID)
	a.orderedDroplets.remove(d.ID)
	a.dropletsByType(d.GPUInfo != nil).remove(d.ID)
	a.showDroplet(d)
	a.unindexTags(d)
	a.releaseAddresses(d)
	a.leaveVPC(d)
	a.detachVolumes(d)
	a.unassignReservedIPs(d)
	a.removeFromHost(d.ID)
	a.removeFromFirewalls(d.ID)
	a.memberRemoved(d, at)
	delete(a.ledger.destroyRequests, d.ID)
	if d.pending != nil {
		d.pending.finish(droplets.ActionStatusErrored, at)
		d.pending = nil
	}
}

// hideDroplet makes a new Droplet invisible to clients until showDroplet is called.
func (s *state) hideDroplet(d *droplet) {
	d.hidden = true
	s.hiddenDroplets++
}

func (s *state) showDroplet(d *droplet) {
	if d.hidden {
		d.hidden = false
		s.hiddenDroplets--
	}
}

// visible returns the Droplets of a list that are visible to clients. If all of them are, it returns the list itself.
func (s *state) visible(list []*droplet) []*droplet {
	if s.hiddenDroplets == 0 {
		return list
	}
	return filter(list, func(d *droplet) bool { return !d.hidden })
}
