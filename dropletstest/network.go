package dropletstest

import (
	"fmt"

	"github.com/droplets-go/droplets"
)

// networkSpec determines the addresses of a Droplet: Number those of the public interfaces, Host the private one.
type networkSpec struct {
	Number int64  `json:"number"`
	Region int    `json:"region"`
	IPv6   bool   `json:"ipv6"`
	Host   uint32 `json:"host"` // the offset in the range of the VPC; 0 without a private address
}

// newNetworkSpec derives the number from the id of the Droplet. AddDroplet accepts ids below firstDropletID.
func (a *API) newNetworkSpec(d *droplet, ipv6 bool) networkSpec {
	number := d.ID
	if number >= firstDropletID {
		number -= firstDropletID
	}
	return networkSpec{Number: number, Region: a.regionIndex(d.Region.Slug), IPv6: ipv6, Host: a.findVPC(d.VPCUUID).nextHost()}
}

// assignAddresses sets the addresses of a Droplet. Public addresses are from the ranges for benchmarks (RFC 2544) and for
// documentation (RFC 3849), which are not routed.
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

// hostsPerBlock is the number of addresses used in each /24: those that end in 2 to 251.
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
