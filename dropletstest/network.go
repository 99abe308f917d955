package dropletstest

import (
	"fmt"

	"github.com/droplets-go/droplets"
)

// netPlan is which addresses a Droplet gets once it runs. Each Droplet has a number of its own, and so addresses of
// its own.
type netPlan struct {
	Number int64 `json:"number"`
	Region int   `json:"region"`
	IPv6   bool  `json:"ipv6"`
}

func (a *API) planNetwork(d *droplet, ipv6 bool) netPlan {
	return netPlan{Number: d.ID - firstDroplet, Region: a.regionIndex(d.Region.Slug), IPv6: ipv6}
}

// assignAddresses gives the Droplet what it was promised. Public addresses are of the range for benchmarks (RFC 2544)
// and of the one for documentation (RFC 3849), which lead nowhere.
func (a *API) assignAddresses(d *droplet) {
	n := d.network
	d.Networks.V4 = d.Networks.V4[:0:0]
	if !d.private {
		d.Networks.V4 = append(d.Networks.V4, n.public())
	}
	d.Networks.V4 = append(d.Networks.V4, n.vpc())
	d.Networks.V6 = []droplets.NetworkV6{}
	if n.IPv6 {
		d.Networks.V6 = append(d.Networks.V6, n.v6())
	}
}

// perBlock is how many hosts of a /24 are used: not the first two and not the last.
const perBlock = 250

func (n netPlan) public() droplets.NetworkV4 {
	block := n.Number / perBlock % 512
	second, third := 18+block/256, block%256
	return droplets.NetworkV4{
		IPAddress: fmt.Sprintf("198.%d.%d.%d", second, third, n.Number%perBlock+2),
		Netmask:   "255.255.240.0",
		Gateway:   fmt.Sprintf("198.%d.%d.1", second, third&0xf0),
		Type:      droplets.NetworkTypePublic,
	}
}

// vpc is the private interface, whose gateway the API writes as the word nil.
func (n netPlan) vpc() droplets.NetworkV4 {
	block := n.Number / perBlock % 512
	return droplets.NetworkV4{
		IPAddress: fmt.Sprintf("10.%d.%d.%d", int64(100+2*n.Region)+block/256, block%256, n.Number%perBlock+2),
		Netmask:   "255.254.0.0",
		Gateway:   "nil",
		Type:      droplets.NetworkTypePrivate,
	}
}

func (n netPlan) v6() droplets.NetworkV6 {
	host := n.Number + 0x10000
	return droplets.NetworkV6{
		IPAddress: fmt.Sprintf("2001:db8:0:%x::%x:%x", 0x1000+n.Region, host>>16, host&0xffff),
		Netmask:   64,
		Gateway:   fmt.Sprintf("2001:db8:0:%x::1", 0x1000+n.Region),
		Type:      droplets.NetworkTypePublic,
	}
}

func defaultVPC(region string) string {
	var sum uint32
	for i := range len(region) {
		sum = sum*131 + uint32(region[i])
	}
	return fmt.Sprintf("5a4981aa-9653-4bd1-bef5-d6bf%08x", sum)
}
