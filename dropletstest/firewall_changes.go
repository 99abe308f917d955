package dropletstest

import (
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// ActionTypeFirewall is the type of a change of a firewall in [WithActionDuration] and [API.FailNextAction]. It is not an
// action type of the API, which reports the progress through the status and the pending changes of the firewall.
const ActionTypeFirewall droplets.ActionType = "firewall_change"

// changeFirewall calls change and adds pending changes for the affected Droplets, which are applied later. The affected Droplets are
// those that are added or removed and, if the rules change, all Droplets of the firewall.
func (a *API) changeFirewall(f *firewall, now time.Time, changesRules bool, change func()) {
	before := a.covered(f)
	change()
	after := a.covered(f)
	for _, id := range before {
		if _, stays := slices.BinarySearch(after, id); !stays {
			f.setPending(id, true)
		}
	}
	for _, id := range after {
		if _, was := slices.BinarySearch(before, id); !was || changesRules {
			f.setPending(id, false)
		}
	}
	f.willFail = a.actionFailures.takeNamed(ActionTypeFirewall)
	f.Status = droplets.FirewallStatusWaiting
	f.updateStatus()
	if f.Status == droplets.FirewallStatusWaiting {
		a.schedule(event{At: now.Add(a.config.durationFor(ActionTypeFirewall)), Kind: eventFirewallApplied, Firewall: f.ID})
		f.lastChange = a.counters.Event
	}
}

// setPending adds a pending change of a Droplet, or replaces the one that it has.
func (f *firewall) setPending(dropletID int64, removing bool) {
	pending := droplets.FirewallPendingChange{DropletID: dropletID, Removing: removing, Status: droplets.FirewallStatusWaiting}
	i, found := slices.BinarySearchFunc(f.PendingChanges, pending, comparePending)
	if found {
		f.PendingChanges[i] = pending
	} else {
		f.PendingChanges = slices.Insert(f.PendingChanges, i, pending)
	}
}

// updateStatus sets the status to succeeded if no change is pending.
func (f *firewall) updateStatus() {
	if len(f.PendingChanges) == 0 {
		f.Status = droplets.FirewallStatusSucceeded
	}
}

// apply applies the pending changes, unless a later change replaced its event. If they fail, the firewall has the status failed
// until its next change. If no change is pending any more, because the Droplets were deleted, the firewall cannot fail.
func (f *firewall) apply(e event) {
	if e.Seq != f.lastChange {
		return
	}
	if !f.willFail || len(f.PendingChanges) == 0 {
		f.PendingChanges = []droplets.FirewallPendingChange{}
		f.updateStatus()
		return
	}
	f.Status = droplets.FirewallStatusFailed
	for i := range f.PendingChanges {
		f.PendingChanges[i].Status = droplets.FirewallStatusFailed
	}
}
