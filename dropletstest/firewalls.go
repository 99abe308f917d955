package dropletstest

import (
	"slices"

	"github.com/droplets-go/droplets"
)

type firewallsPage struct {
	Firewalls []*droplets.Firewall `json:"firewalls"`
	pageInfo
}

func (a *API) listFirewalls(c *call, d *droplet) (result, *apiError) {
	var found []*droplets.Firewall
	for _, f := range a.firewalls {
		if slices.Contains(f.DropletIDs, d.ID) || slices.ContainsFunc(f.Tags, d.hasTag) {
			found = append(found, f)
		}
	}
	return paginateSlice(c, found,
		func(items []*droplets.Firewall, info pageInfo) firewallsPage { return firewallsPage{items, info} })
}

// removeFromFirewalls removes a Droplet from the firewalls that list its id.
func (s *state) removeFromFirewalls(dropletID int64) {
	for _, f := range s.firewalls {
		f.DropletIDs = removeValue(f.DropletIDs, dropletID)
	}
}

// AddFirewall adds a firewall to the account. The firewall applies to the Droplets whose ids or tags it lists. If ID, Name,
// Status or CreatedAt is empty, it is filled in. AddFirewall returns a copy of the firewall that it added.
func (a *API) AddFirewall(f droplets.Firewall) droplets.Firewall {
	now := a.lockAndApplyDue()
	defer a.mu.Unlock()
	if f.ID == "" {
		f.ID = a.nextUUID()
	}
	if f.Name == "" {
		f.Name = "firewall"
	}
	if f.Status == "" {
		f.Status = droplets.FirewallStatusSucceeded
	}
	if f.CreatedAt.IsZero() {
		f.CreatedAt = wholeSeconds(now)
	}
	f = copyFirewall(f)
	added := copyFirewall(f)
	a.firewalls = append(a.firewalls, &added)
	return f
}
