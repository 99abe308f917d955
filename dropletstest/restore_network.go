package dropletstest

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

func (s *state) restoreVPC(v *vpc) error {
	if v == nil || v.ID == "" || s.findVPC(v.ID) != nil {
		return errors.New("a VPC has no id, or one that is not unique")
	}
	if s.findRegion(v.Region) == nil {
		return fmt.Errorf("the VPC %q is in the unknown region %q", v.ID, v.Region)
	}
	_, apiErr := s.checkVPCRange(v.IPRange)
	if apiErr == nil {
		apiErr = s.checkVPCName(v.Name, nil)
	}
	if apiErr != nil {
		return fmt.Errorf("the VPC %q is invalid: %s", v.ID, apiErr.message)
	}
	s.useUUID(v.ID)
	s.storeVPC(v)
	return nil
}

// checkDefaultVPCs returns an error unless each region has one default VPC.
func (s *state) checkDefaultVPCs() error {
	for _, r := range s.regions {
		if n := len(filter(s.vpcs, func(v *vpc) bool { return v.Default && v.Region == r.Slug })); n != 1 {
			return fmt.Errorf("the region %s has %d default VPCs", r.Slug, n)
		}
	}
	return nil
}

// checkMembership returns an error if the VPC of a Droplet does not exist, or if the Droplet cannot have its private address there.
func (s *state) checkMembership(d *droplet) error {
	v, host := s.findVPC(d.VPCUUID), d.network.Host
	switch {
	case v == nil:
		return fmt.Errorf("the Droplet %d is in the VPC %q, which does not exist", d.ID, d.VPCUUID)
	case v.Region != d.Region.Slug:
		return fmt.Errorf("the Droplet %d is not in the region of its VPC", d.ID)
	case host == 0:
		return nil
	case !v.isHost(host):
		return fmt.Errorf("the address of Droplet %d is not in the range of its VPC", d.ID)
	}
	if _, used := v.hosts[host]; used {
		return fmt.Errorf("the Droplet %d has the address of another one", d.ID)
	}
	return nil
}

// maxNumber is above all numbers of network specs. With a higher one, an IPv6 address would not be valid.
const maxNumber = 1<<32 - 0x10000

// restoreAddresses adds the addresses of a Droplet to those that are in use. It is called after reserved IPs are restored.
func (s *state) restoreAddresses(d *droplet) error {
	if d.network.Number < noNumber || d.network.Number >= maxNumber {
		return fmt.Errorf("the network number %d of Droplet %d is out of range", d.network.Number, d.ID)
	}
	for _, address := range s.ownAddresses(d) {
		if s.hasAddress(address) {
			return fmt.Errorf("the Droplet %d has the address %q of another one", d.ID, address)
		}
	}
	s.claimAddresses(d)
	return nil
}

func (s *state) restoreReservedIP(r *reservedIP) error {
	if r == nil {
		return errors.New("a reserved IP is null")
	}
	addr, err := netip.ParseAddr(r.Address)
	d := s.droplets[r.DropletID]
	switch {
	case err != nil || !addr.Is4() || addr.String() != r.Address || s.findReservedIP(r.Address) != nil:
		return fmt.Errorf("the reserved IP %q is invalid or not unique", r.Address)
	case s.findRegion(r.Region) == nil:
		return fmt.Errorf("the reserved IP %s is in the unknown region %q", r.Address, r.Region)
	case r.DropletID != 0 && (d == nil || d.Region.Slug != r.Region):
		return fmt.Errorf("the reserved IP %s is assigned to Droplet %d, which does not exist or is in another region",
			r.Address, r.DropletID)
	}
	s.reservedIPs = append(s.reservedIPs, r)
	return nil
}

func (s *state) restoreReservedIPAction(act *action) error {
	r, d := s.findReservedIP(act.effect.Address), s.droplets[act.effect.Droplet]
	if act.CompletedAt == nil {
		switch {
		case r == nil || r.busy() || d == nil || d.Region.Slug != r.Region:
			return fmt.Errorf("action %d is in progress, but its reserved IP or Droplet does not exist, has another action, or is in another region", act.ID)
		case act.Type == ActionTypeAssignIP:
		case act.Type != ActionTypeUnassignIP || r.DropletID != d.ID:
			return fmt.Errorf("action %d has an unknown type or does not match the reserved IP", act.ID)
		}
		if err := s.restorePending(d, act); err != nil {
			return err
		}
	}
	if r != nil {
		r.actions = append(r.actions, act)
	}
	return nil
}

func (s *state) restoreFirewall(saved savedFirewall) error {
	if saved.ID == "" || s.findFirewall(saved.ID) != nil {
		return errors.New("a firewall has no id, or one that is not unique")
	}
	f := &firewall{saved.firewallResource, saved.LastChange, saved.WillFail}
	f.DropletIDs, f.Tags, f.PendingChanges = nonNil(f.DropletIDs), nonNil(f.Tags), nonNil(f.PendingChanges)
	f.Inbound, f.Outbound = nonNil(f.Inbound), nonNil(f.Outbound)
	targets := f.targets()
	if slices.Contains(targets, nil) {
		return fmt.Errorf("a rule of the firewall %q has no target", f.ID)
	}
	ids, tags := slices.Clone(f.DropletIDs), slices.Clone(f.Tags)
	for _, target := range targets {
		ids, tags = append(ids, target.DropletIDs...), append(tags, target.Tags...)
	}
	for _, change := range f.PendingChanges {
		ids = append(ids, change.DropletID)
	}
	unknownID := slices.ContainsFunc(ids, func(id int64) bool { return s.droplets[id] == nil })
	unknownTag := slices.ContainsFunc(tags, func(name string) bool { return s.findTag(name) == nil })
	if unknownID || unknownTag || !slices.IsSortedFunc(f.PendingChanges, comparePending) {
		return fmt.Errorf("the firewall %q refers to a Droplet or a tag that does not exist, or its pending changes are not sorted", f.ID)
	}
	s.useUUID(f.ID)
	s.firewalls = append(s.firewalls, f)
	return nil
}
