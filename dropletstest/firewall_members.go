package dropletstest

import "slices"

// The operations that add Droplets, tags and rules to a firewall or remove them. Removing one that the firewall does not have is no
// error.

type (
	firewallDropletsRequest struct {
		DropletIDs []int64 `json:"droplet_ids"`
	}
	firewallTagsRequest struct {
		Tags []string `json:"tags"`
	}
)

func (a *API) addFirewallDroplets(c *call, f *firewall) (result, *apiError) {
	req, apiErr := decodeFirewallDroplets(c)
	if apiErr == nil {
		apiErr = a.checkDropletIDs(req.DropletIDs)
	}
	if apiErr != nil {
		return result{}, apiErr
	}
	a.changeFirewall(f, c.now, false, func() { f.DropletIDs = unique(slices.Concat(f.DropletIDs, req.DropletIDs)) })
	return noContent, nil
}

func (a *API) removeFirewallDroplets(c *call, f *firewall) (result, *apiError) {
	req, apiErr := decodeFirewallDroplets(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	a.changeFirewall(f, c.now, false, func() { f.DropletIDs = without(f.DropletIDs, req.DropletIDs) })
	return noContent, nil
}

func decodeFirewallDroplets(c *call) (firewallDropletsRequest, *apiError) {
	req, apiErr := decodeBody[firewallDropletsRequest](c)
	if apiErr == nil && len(req.DropletIDs) == 0 {
		apiErr = unprocessable("droplet_ids is required.")
	}
	return req, apiErr
}

// addFirewallTags adds tags, which it creates if necessary.
func (a *API) addFirewallTags(c *call, f *firewall) (result, *apiError) {
	req, apiErr := decodeFirewallTags(c)
	if apiErr == nil {
		apiErr = checkTagNames(req.Tags)
	}
	if apiErr != nil {
		return result{}, apiErr
	}
	a.addTags(req.Tags)
	a.changeFirewall(f, c.now, false, func() { f.Tags = unique(slices.Concat(f.Tags, req.Tags)) })
	return noContent, nil
}

func (a *API) removeFirewallTags(c *call, f *firewall) (result, *apiError) {
	req, apiErr := decodeFirewallTags(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	a.changeFirewall(f, c.now, false, func() { f.Tags = without(f.Tags, req.Tags) })
	return noContent, nil
}

func decodeFirewallTags(c *call) (firewallTagsRequest, *apiError) {
	req, apiErr := decodeBody[firewallTagsRequest](c)
	if apiErr == nil && len(req.Tags) == 0 {
		apiErr = unprocessable("tags is required.")
	}
	return req, apiErr
}

// addFirewallRules adds rules. A rule that the firewall has already is no error.
func (a *API) addFirewallRules(c *call, f *firewall) (result, *apiError) {
	rules, apiErr := a.decodeFirewallRules(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	a.changeFirewall(f, c.now, true, func() { f.add(rules) })
	return noContent, nil
}

func (a *API) removeFirewallRules(c *call, f *firewall) (result, *apiError) {
	rules, apiErr := a.decodeFirewallRules(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	a.changeFirewall(f, c.now, true, func() { f.remove(rules) })
	return noContent, nil
}

func (a *API) decodeFirewallRules(c *call) (firewallRules, *apiError) {
	rules, apiErr := decodeBody[firewallRules](c)
	switch {
	case apiErr != nil:
		return rules, apiErr
	case len(rules.Inbound) == 0 && len(rules.Outbound) == 0:
		return rules, unprocessable("inbound_rules or outbound_rules is required.")
	}
	return rules, rules.complete(&a.state)
}
