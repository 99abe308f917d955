package droplets

import "github.com/droplets-go/droplets/internal/jsonread"

// Networks are the network interfaces of a Droplet.
type Networks struct {
	// V4 are the IPv4 interfaces; nil if the API does not return them.
	V4 []NetworkV4 `json:"v4,omitzero"`
	// V6 are the IPv6 interfaces; nil if the API does not return them.
	V6 []NetworkV6 `json:"v6,omitzero"`
}

func (v *Networks) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "v4", &v.V4, (*NetworkV4).fields)
	jsonread.Objects(r, "v6", &v.V6, (*NetworkV6).fields)
}

// NetworkV4 is an IPv4 interface.
type NetworkV4 struct {
	// IPAddress is the IP address. [Droplet.PublicIPv4] and [Droplet.PrivateIPv4] parse it.
	IPAddress string `json:"ip_address"`
	// Netmask is in dotted form, such as "255.255.240.0".
	Netmask string `json:"netmask"`
	// Gateway is the IP address of the gateway. A private interface has none: Gateway is then empty or the string "nil".
	Gateway string `json:"gateway"`
	// Type is the type of the interface.
	Type NetworkType `json:"type"`
}

func (v *NetworkV4) fields(r *jsonread.Reader) {
	jsonread.Text(r, "ip_address", &v.IPAddress)
	jsonread.Text(r, "netmask", &v.Netmask)
	jsonread.Text(r, "gateway", &v.Gateway)
	jsonread.Text(r, "type", &v.Type)
}

// NetworkV6 is an IPv6 interface.
type NetworkV6 struct {
	// IPAddress is the IP address. [Droplet.PublicIPv6] parses it.
	IPAddress string `json:"ip_address"`
	// Netmask is the prefix length in bits, such as 64.
	Netmask int `json:"netmask"`
	// Gateway is the IP address of the gateway.
	Gateway string `json:"gateway"`
	// Type is the type of the interface. IPv6 interfaces are always public.
	Type NetworkType `json:"type"`
}

func (v *NetworkV6) fields(r *jsonread.Reader) {
	jsonread.Text(r, "ip_address", &v.IPAddress)
	jsonread.Integer(r, "netmask", &v.Netmask)
	jsonread.Text(r, "gateway", &v.Gateway)
	jsonread.Text(r, "type", &v.Type)
}

// NetworkType is the type of a network interface. Values that are not listed here are decoded unchanged.
type NetworkType string

// The network types that the API documents.
const (
	NetworkTypePublic  NetworkType = "public"
	NetworkTypePrivate NetworkType = "private"
)
