package dropletstest

import (
	"net/http"
	"strconv"

	"github.com/droplets-go/droplets"
)

// The operations of reserved IPs are available under /v2/reserved_ips and, with their former names, under /v2/floating_ips.

// reservedIPResource is a reserved IP in responses.
type reservedIPResource struct {
	IP      string            `json:"ip"`
	Region  *droplets.Region  `json:"region"`
	Droplet *droplets.Droplet `json:"droplet"` // null if it is not assigned
	Locked  bool              `json:"locked"`  // an action is in progress
}

type (
	reservedIPRoot struct {
		ReservedIP *reservedIPResource `json:"reserved_ip,omitempty"`
		FloatingIP *reservedIPResource `json:"floating_ip,omitempty"`
	}
	reservedIPCreateRoot struct {
		reservedIPRoot
		Links reservedIPLinks `json:"links"`
	}
	reservedIPLinks struct {
		Droplets []droplets.ActionLink `json:"droplets,omitempty"`
		Actions  []droplets.ActionLink `json:"actions,omitempty"`
	}
	reservedIPsPage struct {
		ReservedIPs []reservedIPResource `json:"reserved_ips"`
		pageInfo
	}
	floatingIPsPage struct {
		FloatingIPs []reservedIPResource `json:"floating_ips"`
		pageInfo
	}
	reservedIPCreateRequest struct {
		DropletID int64  `json:"droplet_id"`
		Region    string `json:"region"`
	}
)

func (s *state) reservedIPResource(r *reservedIP) *reservedIPResource {
	res := &reservedIPResource{IP: r.Address, Region: s.findRegion(r.Region), Locked: r.busy()}
	if d := s.droplets[r.DropletID]; d != nil {
		res.Droplet = &d.Droplet
	}
	return res
}

// newReservedIPRoot returns the root of a response. Its key depends on the name in the request's path.
func (a *API) newReservedIPRoot(c *call, r *reservedIP) reservedIPRoot {
	if c.isFloating() {
		return reservedIPRoot{FloatingIP: a.reservedIPResource(r)}
	}
	return reservedIPRoot{ReservedIP: a.reservedIPResource(r)}
}

// isFloating reports whether the path has the former name of reserved IPs.
func (c *call) isFloating() bool { return c.route.pattern[1] == "floating_ips" }

// listReservedIPs lists addresses, the oldest first.
func (a *API) listReservedIPs(c *call) (result, *apiError) {
	item := func(i int) reservedIPResource { return *a.reservedIPResource(a.reservedIPs[i]) }
	if c.isFloating() {
		return paginate(c, len(a.reservedIPs), item,
			func(items []reservedIPResource, info pageInfo) floatingIPsPage { return floatingIPsPage{items, info} })
	}
	return paginate(c, len(a.reservedIPs), item,
		func(items []reservedIPResource, info pageInfo) reservedIPsPage { return reservedIPsPage{items, info} })
}

// createReservedIP reserves an address to a region, or starts to assign it to a Droplet.
func (a *API) createReservedIP(c *call) (result, *apiError) {
	req, apiErr := decodeBody[reservedIPCreateRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	d, apiErr := a.checkReservedIPCreate(&req)
	if apiErr != nil {
		return result{}, apiErr
	}
	r := a.newReservedIP(req.Region)
	if r == nil {
		return result{}, noFreeReservedIP
	}
	var links reservedIPLinks
	if d != nil {
		links = c.reservedIPLinks(d, a.startReservedIPAction(r, d, ActionTypeAssignIP, c.now))
	}
	return result{http.StatusAccepted, reservedIPCreateRoot{a.newReservedIPRoot(c, r), links}}, nil
}

func (c *call) reservedIPLinks(d *droplet, act *action) reservedIPLinks {
	link := func(id int64, rel, path string) []droplets.ActionLink {
		return []droplets.ActionLink{{ID: id, Rel: rel, HREF: c.url(path + strconv.FormatInt(id, 10))}}
	}
	return reservedIPLinks{Droplets: link(d.ID, "droplet", "/v2/droplets/"), Actions: link(act.ID, string(act.Type), "/v2/actions/")}
}

// checkReservedIPCreate returns the Droplet of the request, or nil if it has none. It sets the region of the request to that of the
// Droplet.
func (a *API) checkReservedIPCreate(req *reservedIPCreateRequest) (*droplet, *apiError) {
	switch {
	case req.DropletID == 0 && req.Region == "":
		return nil, unprocessable("droplet_id or region is required.")
	case req.Region != "" && a.findRegion(req.Region) == nil:
		return nil, unprocessable("You specified an invalid region for the reserved IP: %q.", req.Region)
	case req.DropletID == 0:
		return nil, nil
	}
	d, apiErr := a.checkAssign(req.DropletID, req.Region, nil)
	if apiErr == nil {
		req.Region = d.Region.Slug
	}
	return d, apiErr
}

// onReservedIP returns a handler that passes the reserved IP in the path to h. The handler responds 404 if it does not exist.
func onReservedIP(h func(*API, *call, *reservedIP) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		r := a.findReservedIP(c.args[0])
		if r == nil {
			return result{}, notFound
		}
		return h(a, c, r)
	}
}

func (a *API) getReservedIP(c *call, r *reservedIP) (result, *apiError) {
	return result{http.StatusOK, a.newReservedIPRoot(c, r)}, nil
}

var reservedIPBusy = unprocessable("The reserved IP already has a pending event.")

// deleteReservedIP deletes an address even if it is assigned.
func (a *API) deleteReservedIP(_ *call, r *reservedIP) (result, *apiError) {
	if r.busy() {
		return result{}, reservedIPBusy
	}
	a.removeReservedIP(r.Address)
	return noContent, nil
}
