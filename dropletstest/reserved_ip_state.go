package dropletstest

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/droplets-go/droplets"
)

// reservedIP is a reserved IP, which is assigned to a Droplet or reserved to a region.
type reservedIP struct {
	Address   string `json:"address"`
	Region    string `json:"region"`
	DropletID int64  `json:"droplet_id"` // 0 if it is not assigned

	actions []*action // the oldest first
}

// reservedBlocks are the ranges of reserved IPs, which are those for documentation (RFC 5737).
var reservedBlocks = []string{"203.0.113.", "198.51.100.", "192.0.2."}

const addressesPerBlock = 254

// busy reports whether an action is in progress.
func (r *reservedIP) busy() bool { return inProgress(r.actions) }

// number returns the address as a number, which is the resource id of the actions.
func (r *reservedIP) number() int64 {
	b := netip.MustParseAddr(r.Address).As4()
	return int64(binary.BigEndian.Uint32(b[:]))
}

// network returns the interface that a Droplet has while the address is assigned to it.
func (r *reservedIP) network() droplets.NetworkV4 {
	b := netip.MustParseAddr(r.Address).As4()
	b[3] = 1
	return droplets.NetworkV4{IPAddress: r.Address, Netmask: "255.255.255.0", Gateway: netip.AddrFrom4(b).String(),
		Type: droplets.NetworkTypePublic}
}

// assignReservedIP assigns an address to a Droplet, and unassigns it from another one. If the Droplet has no addresses yet,
// assignAddresses adds all of them later.
func (s *state) assignReservedIP(r *reservedIP, d *droplet) {
	s.unassignReservedIP(r)
	r.DropletID = d.ID
	if len(d.Networks.V4) > 0 {
		d.Networks.V4 = append(d.Networks.V4, r.network())
	}
}

func (s *state) unassignReservedIP(r *reservedIP) {
	if d := s.droplets[r.DropletID]; d != nil {
		d.Networks.V4 = removeValue(d.Networks.V4, r.network())
	}
	r.DropletID = 0
}

// unassignReservedIPs unassigns the addresses of a Droplet that is removed.
func (s *state) unassignReservedIPs(d *droplet) {
	for _, r := range s.reservedIPs {
		if r.DropletID == d.ID {
			r.DropletID = 0
		}
	}
}

// reservedIPOf returns the reserved IP of a Droplet, or nil.
func (s *state) reservedIPOf(d *droplet) *reservedIP {
	return find(s.reservedIPs, func(r *reservedIP) bool { return r.DropletID == d.ID })
}

func (s *state) findReservedIP(address string) *reservedIP {
	return find(s.reservedIPs, func(r *reservedIP) bool { return r.Address == address })
}

// newReservedIP reserves the next free address in a region. It returns nil if no address is free.
func (s *state) newReservedIP(region string) *reservedIP {
	total := int64(len(reservedBlocks) * addressesPerBlock)
	if int64(len(s.reservedIPs)) >= total {
		return nil
	}
	for range total {
		n := nextID(&s.counters.IP) % total
		address := fmt.Sprintf("%s%d", reservedBlocks[n/addressesPerBlock], n%addressesPerBlock+1)
		if s.findReservedIP(address) == nil && !s.hasAddress(address) {
			r := &reservedIP{Address: address, Region: region}
			if s.counters.IP > total { // it may have been reserved and deleted before; its actions can still be read
				r.actions = filter(s.actionHistory, func(act *action) bool { return act.effect.Address == address })
			}
			s.reservedIPs = append(s.reservedIPs, r)
			return r
		}
	}
	return nil
}

// removeReservedIP removes an address from the account and from its Droplet, if it exists.
func (s *state) removeReservedIP(address string) {
	if r := s.findReservedIP(address); r != nil {
		s.unassignReservedIP(r)
		s.reservedIPs = removeValue(s.reservedIPs, r)
	}
}

// destroyFailure returns the reason why a destroy with associated resources cannot destroy the address, or "". The address can be
// nil.
func (r *reservedIP) destroyFailure(dropletID int64) string {
	switch {
	case r == nil:
		return ""
	case r.DropletID != 0 && r.DropletID != dropletID:
		return fmt.Sprintf("The reserved IP is assigned to Droplet %d.", r.DropletID)
	case r.busy():
		return "The reserved IP has an action in progress."
	}
	return ""
}

// AddReservedIP assigns a new reserved IP to a Droplet, immediately and without an action. It returns the address, which is also the
// id of the reserved IP, or "" if the Droplet does not exist. Unlike a request, it can assign several addresses to a Droplet. It
// panics if no address is free.
func (a *API) AddReservedIP(dropletID int64) string {
	a.lockToAdd()
	defer a.mu.Unlock()
	d := a.droplets[dropletID]
	if d == nil {
		return ""
	}
	r := a.newReservedIP(d.Region.Slug)
	if r == nil {
		panic("dropletstest: AddReservedIP: " + noFreeReservedIP.message)
	}
	a.assignReservedIP(r, d)
	return r.Address
}

var noFreeReservedIP = unprocessable("You have reached the limit of %d reserved IPs.", len(reservedBlocks)*addressesPerBlock)
