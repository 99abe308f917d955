package droplets

import "time"

// Firewall is a cloud firewall that applies to a Droplet, directly or through a tag.
type Firewall struct {
	// ID names the firewall in requests.
	ID string `json:"id"`
	// Status tells whether its rules are in force.
	Status FirewallStatus `json:"status"`
	// CreatedAt is when it was made.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// PendingChanges lists the Droplets whose rules are being changed just now.
	PendingChanges []FirewallPendingChange `json:"pending_changes"`
	// Name is the display name.
	Name string `json:"name"`
	// DropletIDs are the Droplets it is assigned to directly. The token needs the scope droplet:read.
	DropletIDs []int64 `json:"droplet_ids"`
	// Tags are the tags whose Droplets it is assigned to. The token needs the scope tag:read.
	Tags []string `json:"tags"`
	// InboundRules say what may come in.
	InboundRules []FirewallInboundRule `json:"inbound_rules"`
	// OutboundRules say what may go out.
	OutboundRules []FirewallOutboundRule `json:"outbound_rules"`
}

// FirewallStatus is the state of a firewall. A value that is not listed here decodes too.
type FirewallStatus string

// The firewall statuses that the API documents.
const (
	FirewallStatusWaiting   FirewallStatus = "waiting"
	FirewallStatusSucceeded FirewallStatus = "succeeded"
	FirewallStatusFailed    FirewallStatus = "failed"
)

// FirewallPendingChange is a Droplet whose rules are being changed.
type FirewallPendingChange struct {
	// DropletID is the Droplet.
	DropletID int64 `json:"droplet_id"`
	// Removing is true while rules are being taken away.
	Removing bool `json:"removing"`
	// Status is the state of the change.
	Status FirewallStatus `json:"status"`
}

// FirewallInboundRule lets traffic in.
type FirewallInboundRule struct {
	// Protocol is "tcp", "udp" or "icmp".
	Protocol FirewallProtocol `json:"protocol"`
	// Ports is one port, a range such as "8000-9000", or "0" for all.
	Ports string `json:"ports"`
	// Sources are where the traffic may come from.
	Sources FirewallTarget `json:"sources"`
}

// FirewallOutboundRule lets traffic out.
type FirewallOutboundRule struct {
	// Protocol is "tcp", "udp" or "icmp".
	Protocol FirewallProtocol `json:"protocol"`
	// Ports is one port, a range such as "8000-9000", or "0" for all.
	Ports string `json:"ports"`
	// Destinations are where the traffic may go to.
	Destinations FirewallTarget `json:"destinations"`
}

// FirewallProtocol is a kind of traffic. A value that is not listed here decodes too.
type FirewallProtocol string

// The protocols that the API documents.
const (
	FirewallProtocolTCP  FirewallProtocol = "tcp"
	FirewallProtocolUDP  FirewallProtocol = "udp"
	FirewallProtocolICMP FirewallProtocol = "icmp"
)

// FirewallTarget is the other end of the traffic that a rule is about: the sources of an inbound rule, the
// destinations of an outbound one. What the API does not name is nil.
type FirewallTarget struct {
	// Addresses are IPv4 and IPv6 addresses and CIDRs.
	Addresses []string `json:"addresses,omitzero"`
	// DropletIDs are Droplets.
	DropletIDs []int64 `json:"droplet_ids,omitzero"`
	// LoadBalancerUIDs are load balancers.
	LoadBalancerUIDs []string `json:"load_balancer_uids,omitzero"`
	// KubernetesIDs are Kubernetes clusters.
	KubernetesIDs []string `json:"kubernetes_ids,omitzero"`
	// Tags stand for the Droplets that have them.
	Tags []string `json:"tags,omitzero"`
}

type firewallsRoot struct {
	Firewalls []Firewall `json:"firewalls"`
	pageInfo
}

func (v *firewallsRoot) missing() string { return missingIf(v.Firewalls == nil, "firewalls") }
