package dropletstest

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// vpc is a private network of one region.
type vpc struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Region      string    `json:"region"`
	IPRange     string    `json:"ip_range"`
	CreatedAt   time.Time `json:"created_at"`
	Default     bool      `json:"default"`
	LastHost    uint32    `json:"last_host"` // the offset of the address that was last assigned

	prefix  netip.Prefix
	hosts   map[uint32]struct{} // the offsets of the addresses in use
	members sortedList[int64, *droplet]
}

func (v *vpc) key() string { return v.ID }

// A host is the offset of an address in the range of a VPC. The first two addresses are the network address and the gateway, the last
// one is the broadcast address.
const (
	firstHost     = 2
	reservedHosts = 3
)

// capacity returns the number of Droplets that the range has addresses for.
func (v *vpc) capacity() int { return 1<<(32-v.prefix.Bits()) - reservedHosts }

// free returns the number of addresses that are not in use.
func (v *vpc) free() int { return v.capacity() - len(v.hosts) }

// nextHost returns the next host that is not in use, of which there must be one. It reuses a host only after all others were used.
func (v *vpc) nextHost() uint32 {
	for {
		v.LastHost++
		if !v.isHost(v.LastHost) {
			v.LastHost = firstHost
		}
		if _, used := v.hosts[v.LastHost]; !used {
			return v.LastHost
		}
	}
}

// isHost reports whether a Droplet can have the address with an offset.
func (v *vpc) isHost(host uint32) bool {
	return host >= firstHost && host < firstHost+uint32(v.capacity())
}

// address returns the address of a host.
func (v *vpc) address(host uint32) netip.Addr {
	b := v.prefix.Addr().As4()
	binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])+host)
	return netip.AddrFrom4(b)
}

// host returns the host that has an address, or 0.
func (v *vpc) host(addr netip.Addr) uint32 {
	if !v.prefix.Contains(addr) {
		return 0
	}
	a, b := addr.As4(), v.prefix.Addr().As4()
	if host := binary.BigEndian.Uint32(a[:]) - binary.BigEndian.Uint32(b[:]); v.isHost(host) {
		return host
	}
	return 0
}

// netmask returns the netmask of the range in dotted form.
func (v *vpc) netmask() string { return net.IP(net.CIDRMask(v.prefix.Bits(), 32)).String() }

// storeVPC adds a VPC to the account. Its range must be valid.
func (s *state) storeVPC(v *vpc) {
	v.prefix = netip.MustParsePrefix(v.IPRange)
	v.hosts = make(map[uint32]struct{})
	s.vpcs.add(v)
}

// findVPC returns the VPC with an id, or nil.
func (s *state) findVPC(id string) *vpc {
	if i, found := s.vpcs.search(id); found {
		return s.vpcs[i]
	}
	return nil
}

// defaultVPC returns the default VPC of a region.
func (s *state) defaultVPC(region string) *vpc {
	return find(s.vpcs, func(v *vpc) bool { return v.Default && v.Region == region })
}

// joinVPC adds a Droplet to the members of its VPC.
func (s *state) joinVPC(d *droplet) {
	v := s.findVPC(d.VPCUUID)
	v.members.add(d)
	if d.network.Host != 0 {
		v.hosts[d.network.Host] = struct{}{}
	}
}

func (s *state) leaveVPC(d *droplet) {
	v := s.findVPC(d.VPCUUID)
	v.members.remove(d.ID)
	delete(v.hosts, d.network.Host)
}

// addDefaultVPCs adds the VPCs of every new account: a default for each region.
func (s *state) addDefaultVPCs() {
	for i, r := range s.regions {
		s.storeVPC(&vpc{ID: defaultVPCUUID(r.Slug), Name: "default-" + r.Slug, Region: r.Slug, IPRange: fmt.Sprintf("10.%d.0.0/16", 100+2*i),
			CreatedAt: time.Date(2020, time.April, 7, 12, 0, 0, 0, time.UTC), Default: true})
	}
}

// addVPCWithID adds a VPC with an unused id, a generated name and a free range.
func (s *state) addVPCWithID(id, region string, createdAt time.Time) error {
	name := "vpc-" + id
	if apiErr := s.checkVPCName(name, nil); apiErr != nil {
		return fmt.Errorf("the VPC %q is invalid: %s", id, apiErr.message)
	}
	r, apiErr := s.freeVPCRange()
	if apiErr != nil {
		return fmt.Errorf("%s", apiErr.message)
	}
	s.useUUID(id)
	s.storeVPC(&vpc{ID: id, Name: name, Region: region, IPRange: r.String(), CreatedAt: roundTripTime(createdAt)})
	return nil
}

// AddVPC adds a VPC to a region, without a request, and returns its id, for a create request. ipRange is in CIDR notation; if it is
// empty, the VPC has a free range. AddVPC panics if a request for the VPC would be rejected.
func (a *API) AddVPC(name, region, ipRange string) string {
	now := a.lockToAdd()
	defer a.mu.Unlock()
	v, apiErr := a.newVPC(vpcCreateRequest{Name: name, Region: region, IPRange: ipRange}, now)
	if apiErr != nil {
		panic("dropletstest: AddVPC: " + apiErr.message)
	}
	return v.ID
}
