package dropletstest

import (
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"github.com/droplets-go/droplets"
)

// ruleAction is what a rule does with the traffic that it matches.
type ruleAction string

const (
	ruleAllows ruleAction = "allow"
	ruleDenies ruleAction = "deny"
)

// firewallRules are the rules of a firewall, in requests and in responses.
type firewallRules struct {
	Inbound  []inboundRule  `json:"inbound_rules"`
	Outbound []outboundRule `json:"outbound_rules"`
}

// inboundRule is like droplets.FirewallInboundRule, with an action.
type inboundRule struct {
	ruleBase
	Sources *droplets.FirewallTarget `json:"sources"` // not nil in a valid rule
}

// outboundRule is like droplets.FirewallOutboundRule, with an action.
type outboundRule struct {
	ruleBase
	Destinations *droplets.FirewallTarget `json:"destinations"` // not nil in a valid rule
}

type ruleBase struct {
	Protocol droplets.FirewallProtocol `json:"protocol"`
	Ports    string                    `json:"ports"`
	Action   ruleAction                `json:"action"`
}

// allPorts is the value of ports in responses for a rule for all ports, and for each rule for ICMP.
const allPorts = "0"

var protocols = []droplets.FirewallProtocol{droplets.FirewallProtocolTCP, droplets.FirewallProtocolUDP, droplets.FirewallProtocolICMP}

var portRange = regexp.MustCompile(`^([0-9]{1,5})(?:-([0-9]{1,5}))?$`)

// complete sets the defaults of the rules. It returns an error if one of them is invalid.
func (r *firewallRules) complete(s *state) *apiError {
	r.Inbound, r.Outbound = nonNil(r.Inbound), nonNil(r.Outbound)
	for i := range r.Inbound {
		if apiErr := r.Inbound[i].complete(s, r.Inbound[i].Sources, "sources"); apiErr != nil {
			return apiErr
		}
	}
	for i := range r.Outbound {
		if apiErr := r.Outbound[i].complete(s, r.Outbound[i].Destinations, "destinations"); apiErr != nil {
			return apiErr
		}
	}
	return nil
}

// complete sets the defaults of a rule and of its target. It returns an error if the rule is invalid.
func (r *ruleBase) complete(s *state, target *droplets.FirewallTarget, targetName string) *apiError {
	if r.Action == "" {
		r.Action = ruleAllows
	}
	if r.Ports == "all" || r.Protocol == droplets.FirewallProtocolICMP {
		r.Ports = allPorts
	}
	switch {
	case !slices.Contains(protocols, r.Protocol):
		return unprocessable("protocol must be tcp, udp or icmp, not %q.", r.Protocol)
	case !isPortRange(r.Ports):
		return unprocessable("ports must be a port, a range such as 8000-9000, or all, not %q.", r.Ports)
	case r.Action != ruleAllows && r.Action != ruleDenies:
		return unprocessable("action must be allow or deny, not %q.", r.Action)
	case target == nil:
		return unprocessable("%s is required.", targetName)
	}
	return s.completeTarget(target)
}

// isPortRange reports whether text is one port, or a range of ports. The port 0 is for all ports.
func isPortRange(text string) bool {
	match := portRange.FindStringSubmatch(text)
	if match == nil {
		return false
	}
	first, _ := strconv.Atoi(match[1]) // up to five digits
	if match[2] == "" {
		return first <= 65535
	}
	last, _ := strconv.Atoi(match[2])
	return 1 <= first && first <= last && last <= 65535
}

// completeTarget removes empty lists from a target. It returns an error if an address is invalid, or if a Droplet or a tag does not
// exist. The ids of load balancers and clusters are not checked, because the fake has none.
func (s *state) completeTarget(t *droplets.FirewallTarget) *apiError {
	t.Addresses, t.Tags, t.DropletIDs = nilIfEmpty(t.Addresses), nilIfEmpty(t.Tags), nilIfEmpty(t.DropletIDs)
	t.LoadBalancerUIDs, t.KubernetesIDs = nilIfEmpty(t.LoadBalancerUIDs), nilIfEmpty(t.KubernetesIDs)
	for _, address := range t.Addresses {
		_, addrErr := netip.ParseAddr(address)
		if _, err := netip.ParsePrefix(address); err != nil && addrErr != nil {
			return unprocessable("invalid address: %q", address)
		}
	}
	for _, name := range t.Tags {
		if s.findTag(name) == nil {
			return unprocessable("Tag %q could not be found.", name)
		}
	}
	return s.checkDropletIDs(t.DropletIDs)
}

// checkDropletIDs returns an error if one of the Droplets does not exist or is not visible yet.
func (s *state) checkDropletIDs(ids []int64) *apiError {
	for _, id := range ids {
		if d := s.droplets[id]; d == nil || d.hidden {
			return unprocessable("Droplet %d could not be found.", id)
		}
	}
	return nil
}

// targets returns the sources and destinations of all rules.
func (r *firewallRules) targets() []*droplets.FirewallTarget {
	all := make([]*droplets.FirewallTarget, 0, len(r.Inbound)+len(r.Outbound))
	for _, rule := range r.Inbound {
		all = append(all, rule.Sources)
	}
	for _, rule := range r.Outbound {
		all = append(all, rule.Destinations)
	}
	return all
}

// add adds rules. A rule that the firewall already has is moved to the end.
func (r *firewallRules) add(added firewallRules) {
	r.remove(added)
	r.Inbound, r.Outbound = append(r.Inbound, added.Inbound...), append(r.Outbound, added.Outbound...)
}

func (r *firewallRules) remove(removed firewallRules) {
	r.Inbound, r.Outbound = removeRules(r.Inbound, removed.Inbound), removeRules(r.Outbound, removed.Outbound)
}

// removeRules returns the rules without those in the second list.
func removeRules[T any](rules, removed []T) []T {
	return slices.DeleteFunc(rules, func(rule T) bool {
		return slices.ContainsFunc(removed, func(other T) bool { return reflect.DeepEqual(rule, other) })
	})
}
