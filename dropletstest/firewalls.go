package dropletstest

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/droplets-go/droplets"
)

type (
	firewallRoot struct {
		Firewall *firewallResource `json:"firewall"`
	}
	firewallsPage struct {
		Firewalls []*firewallResource `json:"firewalls"`
		pageInfo
	}
	firewallRequest struct {
		Name       string   `json:"name"`
		DropletIDs []int64  `json:"droplet_ids"`
		Tags       []string `json:"tags"`
		firewallRules
	}
)

var validFirewallName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9.-]*$`)

// listDropletFirewalls lists the firewalls that are assigned to a Droplet, the oldest first.
func (a *API) listDropletFirewalls(c *call, d *droplet) (result, *apiError) {
	return pageOfFirewalls(c, filter(a.firewalls, func(f *firewall) bool { return f.covers(d) }))
}

// listFirewalls lists all firewalls, the oldest first.
func (a *API) listFirewalls(c *call) (result, *apiError) { return pageOfFirewalls(c, a.firewalls) }

func pageOfFirewalls(c *call, list []*firewall) (result, *apiError) {
	return paginate(c, len(list), func(i int) *firewallResource { return &list[i].firewallResource },
		func(items []*firewallResource, info pageInfo) firewallsPage { return firewallsPage{items, info} })
}

// onFirewall returns a handler that passes the firewall in the path to h. The handler responds 404 if the firewall does not exist.
func onFirewall(h func(*API, *call, *firewall) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		f := a.findFirewall(c.args[0])
		if f == nil {
			return result{}, notFound
		}
		return h(a, c, f)
	}
}

func (a *API) getFirewall(_ *call, f *firewall) (result, *apiError) {
	return result{http.StatusOK, firewallRoot{&f.firewallResource}}, nil
}

func (a *API) createFirewall(c *call) (result, *apiError) {
	f := newFirewall(copyFirewall(droplets.Firewall{CreatedAt: wholeSeconds(c.now)}))
	if apiErr := a.setFirewall(c, f); apiErr != nil {
		return result{}, apiErr
	}
	return result{http.StatusAccepted, firewallRoot{&f.firewallResource}}, nil
}

// replaceFirewall replaces all fields that a request can set. Fields that the request does not have are reset.
func (a *API) replaceFirewall(c *call, f *firewall) (result, *apiError) {
	if apiErr := a.setFirewall(c, f); apiErr != nil {
		return result{}, apiErr
	}
	return result{http.StatusOK, firewallRoot{&f.firewallResource}}, nil
}

// setFirewall applies the request of a create or an update. It adds the firewall to the account if it is new.
func (a *API) setFirewall(c *call, f *firewall) *apiError {
	req, apiErr := decodeBody[firewallRequest](c)
	if apiErr == nil {
		apiErr = a.checkFirewall(req, f)
	}
	if apiErr == nil {
		apiErr = req.complete(&a.state)
	}
	if apiErr != nil {
		return apiErr
	}
	if f.ID == "" {
		f.ID = a.nextUUID()
		a.firewalls = append(a.firewalls, f)
	}
	a.addTags(req.Tags)
	a.changeFirewall(f, c.now, true, func() {
		f.Name, f.DropletIDs, f.Tags = req.Name, unique(req.DropletIDs), unique(req.Tags)
		f.firewallRules = req.firewallRules
	})
	return nil
}

func (a *API) checkFirewall(req firewallRequest, f *firewall) *apiError {
	switch {
	case req.Name == "":
		return unprocessable("name is required.")
	case len(req.Name) > maxNameLength || !validFirewallName.MatchString(req.Name):
		return unprocessable("Name must begin with a letter or a digit and have only letters, digits, periods, and dashes: %q.", req.Name)
	case find(a.firewalls, func(other *firewall) bool { return other.Name == req.Name && other != f }) != nil:
		return newAPIError(http.StatusConflict, "duplicate name")
	case len(req.Inbound) == 0 && len(req.Outbound) == 0:
		return unprocessable("At least one inbound or outbound rule is required.")
	}
	if apiErr := checkTagNames(req.Tags); apiErr != nil {
		return apiErr
	}
	return a.checkDropletIDs(req.DropletIDs)
}

// deleteFirewall deletes a firewall even if it is assigned to Droplets.
func (a *API) deleteFirewall(_ *call, f *firewall) (result, *apiError) {
	a.firewalls = slices.DeleteFunc(a.firewalls, func(other *firewall) bool { return other == f })
	return noContent, nil
}
