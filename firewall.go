package droplets

import "time"

// Firewall is a cloud firewall that is assigned to a Droplet, directly or through a tag.
type Firewall struct {
	// ID identifies the firewall in requests.
	ID string `json:"id"`
	// Status is the state of the firewall: whether its rules have been applied.
	Status FirewallStatus `json:"status"`
	// CreatedAt is the time at which the firewall was created.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// PendingChanges lists the Droplets whose rules are being changed.
	PendingChanges []FirewallPendingChange `json:"pending_changes"`
	// Name is the display name.
	Name string `json:"name"`
	// DropletIDs are the IDs of the Droplets that the firewall is assigned to directly. The token needs the scope
	// droplet:read.
	DropletIDs []int64 `json:"droplet_ids"`
	// Tags are the tags that the firewall is assigned to. The token needs the scope tag:read.
	Tags []string `json:"tags"`
	// InboundRules are the rules that allow inbound traffic.
	InboundRules []FirewallInboundRule `json:"inbound_rules"`
	// OutboundRules are the rules that allow outbound traffic.
	OutboundRules []FirewallOutboundRule `json:"outbound_rules"`
}

// FirewallStatus is the state of a firewall. Values that are not listed here are decoded unchanged.
type FirewallStatus string

// The firewall statuses that the API documents.
const (
	FirewallStatusWaiting   FirewallStatus = "waiting"
	FirewallStatusSucceeded FirewallStatus = "succeeded"
	FirewallStatusFailed    FirewallStatus = "failed"
)

// FirewallPendingChange describes a Droplet whose rules are being changed.
type FirewallPendingChange struct {
	// DropletID is the ID of the Droplet.
	DropletID int64 `json:"droplet_id"`
	// Removing is true if the firewall is being removed from the Droplet.
	Removing bool `json:"removing"`
	// Status is the state of the change.
	Status FirewallStatus `json:"status"`
}

// FirewallInboundRule allows inbound traffic.
type FirewallInboundRule struct {
	// Protocol is "tcp", "udp" or "icmp".
	Protocol FirewallProtocol `json:"protocol"`
	// Ports is one port, a range such as "8000-9000", or "0" for all.
	Ports string `json:"ports"`
	// Sources are the allowed sources of the traffic.
	Sources FirewallTarget `json:"sources"`
}

// FirewallOutboundRule allows outbound traffic.
type FirewallOutboundRule struct {
	// Protocol is "tcp", "udp" or "icmp".
	Protocol FirewallProtocol `json:"protocol"`
	// Ports is one port, a range such as "8000-9000", or "0" for all.
	Ports string `json:"ports"`
	// Destinations are the allowed destinations of the traffic.
	Destinations FirewallTarget `json:"destinations"`
}

// FirewallProtocol is a network protocol. Values that are not listed here are decoded unchanged.
type FirewallProtocol string

// The protocols that the API documents.
const (
	FirewallProtocolTCP  FirewallProtocol = "tcp"
	FirewallProtocolUDP  FirewallProtocol = "udp"
	FirewallProtocolICMP FirewallProtocol = "icmp"
)

// FirewallTarget lists the sources of an inbound rule or the destinations of an outbound rule. Fields that the API does
// not return are nil.
type FirewallTarget struct {
	// Addresses are IPv4 and IPv6 addresses and CIDRs.
	Addresses []string `json:"addresses,omitzero"`
	// DropletIDs are IDs of Droplets.
	DropletIDs []int64 `json:"droplet_ids,omitzero"`
	// LoadBalancerUIDs are IDs of load balancers.
	LoadBalancerUIDs []string `json:"load_balancer_uids,omitzero"`
	// KubernetesIDs are IDs of Kubernetes clusters.
	KubernetesIDs []string `json:"kubernetes_ids,omitzero"`
	// Tags are tags of Droplets.
	Tags []string `json:"tags,omitzero"`
}

type firewallsRoot struct {
	Firewalls []Firewall `json:"firewalls"`
	pageInfo
}

func (v *firewallsRoot) missing() string { return missingIf(v.Firewalls == nil, "firewalls") }
