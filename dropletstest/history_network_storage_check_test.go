package dropletstest_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/droplets-go/droplets"
)

// networkStorageState is the part of a saved state that the invariants of VPCs, volumes, firewalls and reserved IPs need.
type networkStorageState struct {
	Droplets []struct {
		ID        int64             `json:"id"`
		Region    string            `json:"region_slug"`
		VPC       string            `json:"vpc_uuid"`
		VolumeIDs []string          `json:"volume_ids"`
		Networks  droplets.Networks `json:"networks"`
		Network   struct{ Host int }
	} `json:"droplets"`
	Tags    []struct{ Name string } `json:"tags"`
	VPCs    []savedVPC              `json:"vpcs"`
	Volumes []struct {
		ID, Region string
		DropletID  int64 `json:"droplet_id"`
	} `json:"volumes"`
	ReservedIPs []struct {
		Address, Region string
		DropletID       int64 `json:"droplet_id"`
	} `json:"reserved_ips"`
	Firewalls []struct {
		testFirewall
		LastChange int64 `json:"last_change"`
	} `json:"firewalls"`
	Agenda []struct {
		Seq      int64
		Kind     string
		Firewall string `json:"firewall_id"`
	} `json:"agenda"`

	violations []string
}

type savedVPC struct {
	ID, Name, Region string
	IPRange          string `json:"ip_range"`
	Default          bool
}

func (s *networkStorageState) ids() map[string][]string {
	ids := make(map[string][]string)
	for _, v := range s.VPCs {
		ids["vpc"] = append(ids["vpc"], v.ID)
	}
	for _, f := range s.Firewalls {
		ids["firewall"] = append(ids["firewall"], f.ID)
	}
	return ids
}

func (s *networkStorageState) require(holds bool, format string, args ...any) {
	if !holds {
		s.violations = append(s.violations, fmt.Sprintf(format, args...))
	}
}

// violated returns the invariants that do not hold.
func (s *networkStorageState) violated() []string {
	regions := make(map[int64]string)
	for _, d := range s.Droplets {
		regions[d.ID] = d.Region
	}
	s.checkVPCs()
	s.checkRegions(regions)
	s.checkReservedIPs()
	s.checkFirewalls(regions)
	return s.violations
}

// checkVPCs checks that each region has one default VPC, and that each Droplet is in a VPC of its region and has an address that no other
// Droplet has, in the range of the VPC.
func (s *networkStorageState) checkVPCs() {
	defaults, names, addresses := make(map[string]int), make(map[string]bool), make(map[string]bool)
	for _, v := range s.VPCs {
		if v.Default {
			defaults[v.Region]++
		}
		s.require(!names[v.Name], "two VPCs have the name %s", v.Name)
		names[v.Name] = true
	}
	for _, v := range s.VPCs {
		s.require(defaults[v.Region] == 1, "the region %s has %d default VPCs", v.Region, defaults[v.Region])
	}
	for _, d := range s.Droplets {
		i := slices.IndexFunc(s.VPCs, func(v savedVPC) bool { return v.ID == d.VPC && v.Region == d.Region })
		s.require(i >= 0, "the Droplet %d is in the VPC %s, which does not exist or is in another region", d.ID, d.VPC)
		for _, v4 := range d.Networks.V4 {
			s.require(!addresses[v4.IPAddress], "two Droplets have the address %s", v4.IPAddress)
			addresses[v4.IPAddress] = true
			if i >= 0 && v4.Type == droplets.NetworkTypePrivate {
				r := netip.MustParsePrefix(s.VPCs[i].IPRange)
				s.require(r.Contains(netip.MustParseAddr(v4.IPAddress)), "the Droplet %d has the address %s in a VPC with %s", d.ID, v4.IPAddress, r)
			}
		}
	}
}

// checkRegions checks that volumes and reserved IPs are in the region of their Droplet, and that a Droplet has up to 15 volumes.
func (s *networkStorageState) checkRegions(regions map[int64]string) {
	for _, v := range s.Volumes {
		s.require(v.DropletID == 0 || regions[v.DropletID] == v.Region,
			"the volume %s is in %s, its Droplet in %q", v.ID, v.Region, regions[v.DropletID])
	}
	for _, r := range s.ReservedIPs {
		s.require(r.DropletID == 0 || regions[r.DropletID] == r.Region,
			"the reserved IP %s is in %s, its Droplet in %q", r.Address, r.Region, regions[r.DropletID])
	}
	for _, d := range s.Droplets {
		s.require(len(d.VolumeIDs) <= 15, "the Droplet %d has %d volumes", d.ID, len(d.VolumeIDs))
	}
}

// checkReservedIPs checks that a Droplet with addresses has exactly the reserved IPs that are assigned to it.
func (s *networkStorageState) checkReservedIPs() {
	var assigned []string
	for _, r := range s.ReservedIPs {
		assigned = append(assigned, fmt.Sprintf("%s of %d", r.Address, r.DropletID))
	}
	for _, d := range s.Droplets {
		n := 0
		for _, v4 := range d.Networks.V4 {
			if strings.HasPrefix(v4.IPAddress, "203.0.113.") {
				n++
				s.require(slices.Contains(assigned, fmt.Sprintf("%s of %d", v4.IPAddress, d.ID)),
					"the Droplet %d has %s, which is not assigned to it", d.ID, v4.IPAddress)
			}
		}
		want := 0
		for _, r := range s.ReservedIPs {
			if r.DropletID == d.ID && len(d.Networks.V4) > 0 {
				want++
			}
		}
		s.require(n == want, "the Droplet %d has %d reserved IPs, %d are assigned to it", d.ID, n, want)
	}
}

// checkFirewalls checks that the Droplets and tags of firewalls and their rules exist, that a firewall without pending changes has the
// status succeeded, and that an event is scheduled for one that is waiting.
func (s *networkStorageState) checkFirewalls(regions map[int64]string) {
	for _, f := range s.Firewalls {
		ids, tags := slices.Clone(f.DropletIDs), slices.Clone(f.Tags)
		for _, rule := range slices.Concat(f.InboundRules, f.OutboundRules) {
			for _, target := range []*droplets.FirewallTarget{rule.Sources, rule.Destinations} {
				if target != nil {
					ids, tags = append(ids, target.DropletIDs...), append(tags, target.Tags...)
				}
			}
		}
		for _, change := range f.PendingChanges {
			ids = append(ids, change.DropletID)
		}
		for _, id := range ids {
			s.require(regions[id] != "", "the firewall %s refers to the Droplet %d", f.ID, id)
		}
		for _, name := range tags {
			s.require(slices.Contains(s.Tags, struct{ Name string }{name}), "the firewall %s refers to the tag %s", f.ID, name)
		}
		scheduled := false
		for _, e := range s.Agenda {
			scheduled = scheduled || e.Firewall == f.ID && e.Seq == f.LastChange
		}
		s.require((f.Status == "succeeded") == (len(f.PendingChanges) == 0),
			"the firewall %s has %d pending changes and the status %s", f.ID, len(f.PendingChanges), f.Status)
		s.require(f.Status != "waiting" || scheduled, "no event is scheduled for the firewall %s, which is waiting", f.ID)
	}
}

// networkStoragePaths are the lists of VPCs, volumes, firewalls and reserved IPs.
func (h *history) networkStoragePaths() []string {
	paths := []string{"vpcs", "volumes", "volumes?region=nyc3", "volumes?name=v", "volumes?name=w1", "firewalls", "reserved_ips", "floating_ips"}
	for kind, lists := range map[string][]string{"vpc": {"vpcs/%s", "vpcs/%s/members"},
		"volume":   {"volumes/%s", "volumes/%s/actions", "volumes/%s/snapshots"},
		"firewall": {"firewalls/%s"}, "reserved IP": {"reserved_ips/%s", "reserved_ips/%s/actions"}} {
		for _, id := range h.known[kind] {
			for _, list := range lists {
				paths = append(paths, fmt.Sprintf(list, id))
			}
		}
	}
	return paths
}
