package dropletstest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// firewall is a firewall as clients see it, and its internal state.
type firewall struct {
	firewallResource
	lastChange int64 // the event of the last change, which also applies all earlier changes
	willFail   bool  // the last change fails
}

// firewallResource is a firewall in responses.
type firewallResource struct {
	ID             string                           `json:"id"`
	Name           string                           `json:"name"`
	Status         droplets.FirewallStatus          `json:"status"`
	CreatedAt      time.Time                        `json:"created_at"`
	PendingChanges []droplets.FirewallPendingChange `json:"pending_changes"` // by Droplet
	DropletIDs     []int64                          `json:"droplet_ids"`
	Tags           []string                         `json:"tags"`
	firewallRules
}

func (s *state) findFirewall(id string) *firewall {
	return find(s.firewalls, func(f *firewall) bool { return f.ID == id })
}

// covers reports whether a firewall is assigned to a Droplet, by its id or by a tag.
func (f *firewall) covers(d *droplet) bool {
	return slices.Contains(f.DropletIDs, d.ID) || slices.ContainsFunc(f.Tags, d.hasTag)
}

// covered returns the ids of the Droplets that a firewall is assigned to.
func (s *state) covered(f *firewall) []int64 {
	ids := slices.Clone(f.DropletIDs)
	for _, name := range f.Tags {
		for _, d := range s.tagged(name).droplets.list {
			ids = append(ids, d.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// removeFromFirewalls removes a Droplet that is deleted from the firewalls and their rules.
func (s *state) removeFromFirewalls(dropletID int64) {
	for _, f := range s.firewalls {
		f.DropletIDs = removeValue(f.DropletIDs, dropletID)
		for _, target := range f.targets() {
			target.DropletIDs = removeValue(target.DropletIDs, dropletID)
		}
		if f.removePending(func(id int64) bool { return id == dropletID }) {
			f.updateStatus()
		}
	}
}

// removePending removes the pending changes of the Droplets for which remove returns true. It reports whether there were any.
func (f *firewall) removePending(remove func(dropletID int64) bool) bool {
	before := len(f.PendingChanges)
	f.PendingChanges = slices.DeleteFunc(f.PendingChanges, func(change droplets.FirewallPendingChange) bool { return remove(change.DropletID) })
	return len(f.PendingChanges) < before
}

// removeTagFromFirewalls removes a tag that is deleted from the firewalls and their rules.
func (s *state) removeTagFromFirewalls(name string) {
	for _, f := range s.firewalls {
		f.Tags = removeValue(f.Tags, name)
		for _, target := range f.targets() {
			target.Tags = removeValue(target.Tags, name)
		}
	}
}

// AddFirewall adds a firewall to the account without a request, and returns a copy of the firewall that it added. The firewall
// applies to the Droplets whose ids or tags it lists. If ID, Name, Status or CreatedAt is empty, it is filled in; the status is then
// succeeded. All rules allow traffic. Tags that do not exist are added; ids of Droplets that do not exist are removed. Names and rules
// are not checked. AddFirewall panics if the ID is in use, or if the name of a tag is invalid.
func (a *API) AddFirewall(f droplets.Firewall) droplets.Firewall {
	now := a.lockToAdd()
	defer a.mu.Unlock()
	added, err := a.addFirewall(f, now)
	if err != nil {
		panic("dropletstest: AddFirewall: " + err.Error())
	}
	return added
}

func (a *API) addFirewall(f droplets.Firewall, now time.Time) (droplets.Firewall, error) {
	added := newFirewall(copyFirewall(f))
	tags := slices.Clone(added.Tags)
	for _, target := range added.targets() {
		tags = append(tags, target.Tags...)
	}
	if a.findFirewall(f.ID) != nil {
		return f, fmt.Errorf("the ID %q is in use", f.ID)
	}
	if apiErr := checkTagNames(tags); apiErr != nil {
		return f, errors.New(apiErr.message)
	}
	a.useUUID(f.ID)
	if f.ID == "" {
		added.ID = a.nextUUID()
	}
	added.Name = cmp.Or(f.Name, "firewall")
	added.Status = cmp.Or(f.Status, droplets.FirewallStatusSucceeded)
	if f.CreatedAt.IsZero() {
		added.CreatedAt = wholeSeconds(now)
	}
	added.CreatedAt = roundTripTime(added.CreatedAt)
	added.removeUnknownDroplets(func(id int64) bool { return a.droplets[id] == nil })
	a.addTags(tags)
	a.firewalls = append(a.firewalls, added)
	return added.model(), nil
}

// removeUnknownDroplets removes the ids for which unknown returns true.
func (f *firewall) removeUnknownDroplets(unknown func(id int64) bool) {
	f.DropletIDs = slices.DeleteFunc(f.DropletIDs, unknown)
	f.removePending(unknown)
	slices.SortFunc(f.PendingChanges, comparePending)
	for _, target := range f.targets() {
		target.DropletIDs = slices.DeleteFunc(target.DropletIDs, unknown)
	}
}

func comparePending(a, b droplets.FirewallPendingChange) int {
	return cmp.Compare(a.DropletID, b.DropletID)
}

func (s *state) addTags(names []string) {
	for _, name := range names {
		s.addTag(name)
	}
}

// newFirewall returns a firewall whose rules allow traffic. It keeps the lists of its argument, which must not be nil.
func newFirewall(f droplets.Firewall) *firewall {
	added := &firewall{firewallResource: firewallResource{ID: f.ID, Name: f.Name, Status: f.Status, CreatedAt: f.CreatedAt,
		PendingChanges: f.PendingChanges, DropletIDs: f.DropletIDs, Tags: f.Tags}}
	added.Inbound, added.Outbound = []inboundRule{}, []outboundRule{}
	for _, r := range f.InboundRules {
		added.Inbound = append(added.Inbound, inboundRule{ruleBase{r.Protocol, r.Ports, ruleAllows}, &r.Sources})
	}
	for _, r := range f.OutboundRules {
		added.Outbound = append(added.Outbound, outboundRule{ruleBase{r.Protocol, r.Ports, ruleAllows}, &r.Destinations})
	}
	return added
}

// model returns a copy as a value of package droplets, which has no field for the action of a rule.
func (f *firewall) model() droplets.Firewall {
	v := droplets.Firewall{ID: f.ID, Name: f.Name, Status: f.Status, CreatedAt: f.CreatedAt, PendingChanges: f.PendingChanges,
		DropletIDs: f.DropletIDs, Tags: f.Tags}
	for _, r := range f.Inbound {
		v.InboundRules = append(v.InboundRules, droplets.FirewallInboundRule{Protocol: r.Protocol, Ports: r.Ports, Sources: *r.Sources})
	}
	for _, r := range f.Outbound {
		v.OutboundRules = append(v.OutboundRules,
			droplets.FirewallOutboundRule{Protocol: r.Protocol, Ports: r.Ports, Destinations: *r.Destinations})
	}
	return copyFirewall(v)
}
