package dropletstest

import (
	"fmt"

	"github.com/droplets-go/droplets"
)

// networkSpec determines the addresses of a Droplet: Number those of the public interfaces, Host the private one.
type networkSpec struct {
	Number int64  `json:"number"` // each Droplet has its own; noNumber if AddDroplet was given addresses
	Region int    `json:"region"`
	IPv6   bool   `json:"ipv6"`
	Host   uint32 `json:"host"` // the offset in the range of the VPC; 0 without a private address
}

const (
	noNumber = -1
	// numberStep is a prime number, so that steps of this length reach all numbers. A step of 1 would pass all Droplets of an account
	// one by one.
	numberStep = 7919
)

// newNetworkSpec chooses addresses that no other Droplet has.
func (a *API) newNetworkSpec(d *droplet, ipv6 bool) networkSpec {
	n := networkSpec{Region: a.regionIndex(d.Region.Slug), IPv6: ipv6, Host: a.freeHost(a.findVPC(d.VPCUUID))}
	n.Number = a.freeNumber(d.ID, n)
	return n
}

// freeNumber returns a number whose addresses are free. It begins with the number that belongs to the id of a Droplet, because
// AddDroplet accepts ids below firstDropletID, and ids that are far apart.
func (s *state) freeNumber(id int64, n networkSpec) int64 {
	if id >= firstDropletID {
		id -= firstDropletID
	}
	numbers := int64(benchmarkBlocks * hostsPerBlock)
	for numbers <= int64(len(s.addresses)) {
		numbers *= 2
	}
	n.Number = id % numbers
	for s.hasAddress(n.publicV4().IPAddress) || s.hasAddress(n.v6().IPAddress) {
		n.Number = (n.Number + numberStep) % numbers
	}
	return n.Number
}

// freeHost returns a host of a VPC whose address is free, or 0 if there is none.
func (s *state) freeHost(v *vpc) uint32 {
	for range v.free() {
		if host := v.nextHost(); !s.hasAddress(v.address(host).String()) {
			return host
		}
	}
	return 0
}

// hasAddress reports whether a Droplet has an address, or will have it.
func (s *state) hasAddress(address string) bool {
	_, used := s.addresses[address]
	return used
}

// claimAddresses adds the addresses of a Droplet to those that are in use.
func (s *state) claimAddresses(d *droplet) {
	for _, address := range s.ownAddresses(d) {
		s.addresses[address] = struct{}{}
	}
}

func (s *state) releaseAddresses(d *droplet) {
	for _, address := range s.ownAddresses(d) {
		delete(s.addresses, address)
	}
}

// ownAddresses returns the addresses of a Droplet without its reserved IPs, and those that it does not have yet.
func (s *state) ownAddresses(d *droplet) []string {
	n := d.network
	var all []string
	if n.Number != noNumber {
		all = append(all, n.publicV4().IPAddress, n.v6().IPAddress)
	}
	if n.Host != 0 {
		all = append(all, s.findVPC(d.VPCUUID).address(n.Host).String())
	}
	for _, address := range addressesOf(d.Networks) {
		if r := s.findReservedIP(address); r == nil || r.DropletID != d.ID {
			all = append(all, address)
		}
	}
	return all
}

func addressesOf(networks droplets.Networks) []string {
	var all []string
	for _, v4 := range networks.V4 {
		all = append(all, v4.IPAddress)
	}
	for _, v6 := range networks.V6 {
		all = append(all, v6.IPAddress)
	}
	return all
}

// assignAddresses sets the addresses of a Droplet. Public addresses are from the ranges for benchmarks (RFC 2544), which are not
// routed, or from those for future use (RFC 1112) if these are not enough, and for documentation (RFC 3849).
func (a *API) assignAddresses(d *droplet) {
	n := d.network
	d.Networks.V4 = d.Networks.V4[:0:0]
	if !d.privateOnly {
		d.Networks.V4 = append(d.Networks.V4, n.publicV4())
	}
	if n.Host != 0 {
		d.Networks.V4 = append(d.Networks.V4, n.privateV4(a.findVPC(d.VPCUUID)))
	}
	for _, ip := range a.reservedIPs {
		if ip.DropletID == d.ID {
			d.Networks.V4 = append(d.Networks.V4, ip.network())
		}
	}
	d.Networks.V6 = []droplets.NetworkV6{}
	if n.IPv6 {
		d.Networks.V6 = append(d.Networks.V6, n.v6())
	}
}

// enableIPv6 adds an IPv6 address to a Droplet. If the Droplet has no addresses yet, assignAddresses adds it later.
func (a *API) enableIPv6(d *droplet) {
	if d.network.Number == noNumber {
		d.network.Number = a.freeNumber(d.ID, d.network)
		a.claimAddresses(d)
	}
	d.network.IPv6 = true
	d.Features = append(d.Features, "ipv6")
	if len(d.Networks.V4) > 0 {
		d.Networks.V6 = []droplets.NetworkV6{d.network.v6()}
	}
}

const (
	// hostsPerBlock is the number of addresses used in each /24: those that end in 2 to 251.
	hostsPerBlock = 250
	// benchmarkBlocks is the number of blocks in the range for benchmarks, 198.18.0.0/15.
	benchmarkBlocks = 512
)

func (n networkSpec) publicV4() droplets.NetworkV4 {
	block := n.Number / hostsPerBlock
	first, second, third := int64(198), 18+block>>8, block&0xff
	if block >= benchmarkBlocks {
		block -= benchmarkBlocks
		first, second, third = 240+block>>16&0xf, block>>8&0xff, block&0xff
	}
	return droplets.NetworkV4{
		IPAddress: fmt.Sprintf("%d.%d.%d.%d", first, second, third, n.Number%hostsPerBlock+2),
		Netmask:   "255.255.240.0",
		Gateway:   fmt.Sprintf("%d.%d.%d.1", first, second, third&0xf0),
		Type:      droplets.NetworkTypePublic,
	}
}

// privateV4 returns the private interface. Like the API, it reports the gateway as the string "nil".
func (n networkSpec) privateV4(v *vpc) droplets.NetworkV4 {
	return droplets.NetworkV4{IPAddress: v.address(n.Host).String(), Netmask: v.netmask(), Gateway: "nil",
		Type: droplets.NetworkTypePrivate}
}

func (n networkSpec) v6() droplets.NetworkV6 {
	host := n.Number + 0x10000
	return droplets.NetworkV6{
		IPAddress: fmt.Sprintf("2001:db8:0:%x::%x:%x", 0x1000+n.Region, host>>16, host&0xffff),
		Netmask:   64,
		Gateway:   fmt.Sprintf("2001:db8:0:%x::1", 0x1000+n.Region),
		Type:      droplets.NetworkTypePublic,
	}
}

// defaultVPCUUID returns the UUID of the VPC that a region has in every new account.
func defaultVPCUUID(region string) string {
	var sum uint32
	for i := range len(region) {
		sum = sum*131 + uint32(region[i])
	}
	return fmt.Sprintf("5a4981aa-9653-4bd1-bef5-d6bf%08x", sum)
}
