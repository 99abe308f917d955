package dropletstest

import (
	"fmt"

	"github.com/droplets-go/droplets"
)

// networkSpec determines the addresses of a Droplet. Each Droplet has its own number and therefore its own addresses.
type networkSpec struct {
	Number int64 `json:"number"`
	Region int   `json:"region"`
	IPv6   bool  `json:"ipv6"`
}

// newNetworkSpec numbers Droplets by their ids. The ids of added Droplets can be lower than the first one.
func (a *API) newNetworkSpec(d *droplet, ipv6 bool) networkSpec {
	number := d.ID
	if number >= firstDropletID {
		number -= firstDropletID
	}
	return networkSpec{Number: number, Region: a.regionIndex(d.Region.Slug), IPv6: ipv6}
}

// assignAddresses sets the addresses of a Droplet. Public addresses are from the ranges for benchmarks (RFC 2544) and for
// documentation (RFC 3849), which are not routed.
func (a *API) assignAddresses(d *droplet) {
	n := d.network
	d.Networks.V4 = d.Networks.V4[:0:0]
	if !d.privateOnly {
		d.Networks.V4 = append(d.Networks.V4, n.publicV4())
	}
	d.Networks.V4 = append(d.Networks.V4, n.privateV4())
	d.Networks.V6 = []droplets.NetworkV6{}
	if n.IPv6 {
		d.Networks.V6 = append(d.Networks.V6, n.v6())
	}
}

// hostsPerBlock is the number of hosts used in each /24. The first two and the last are not used.
const hostsPerBlock = 250

func (n networkSpec) publicV4() droplets.NetworkV4 {
	block := n.Number / hostsPerBlock % 512
	second, third := 18+block/256, block%256
	return droplets.NetworkV4{
		IPAddress: fmt.Sprintf("198.%d.%d.%d", second, third, n.Number%hostsPerBlock+2),
		Netmask:   "255.255.240.0",
		Gateway:   fmt.Sprintf("198.%d.%d.1", second, third&0xf0),
		Type:      droplets.NetworkTypePublic,
	}
}

// privateV4 returns the private interface. The API reports its gateway as the string "nil".
func (n networkSpec) privateV4() droplets.NetworkV4 {
	block := n.Number / hostsPerBlock % 512
	return droplets.NetworkV4{
		IPAddress: fmt.Sprintf("10.%d.%d.%d", int64(100+2*n.Region)+block/256, block%256, n.Number%hostsPerBlock+2),
		Netmask:   "255.254.0.0",
		Gateway:   "nil",
		Type:      droplets.NetworkTypePrivate,
	}
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

// defaultVPCUUID returns the UUID of the default VPC of a region.
func defaultVPCUUID(region string) string {
	var sum uint32
	for i := range len(region) {
		sum = sum*131 + uint32(region[i])
	}
	return fmt.Sprintf("5a4981aa-9653-4bd1-bef5-d6bf%08x", sum)
}
