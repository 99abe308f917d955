package dropletstest

import (
	"net/http"
	"time"

	"github.com/droplets-go/droplets"
)

// The types of the actions of reserved IPs in responses, [WithActionDuration] and [API.FailNextAction]. In requests, they are assign
// and unassign.
const (
	ActionTypeAssignIP   droplets.ActionType = "assign_ip"
	ActionTypeUnassignIP droplets.ActionType = "unassign_ip"
)

type reservedIPActionRequest struct {
	Type      string `json:"type"`
	DropletID int64  `json:"droplet_id"`
}

func (a *API) listReservedIPActions(c *call, r *reservedIP) (result, *apiError) {
	return pageOfActions(c, r.actions)
}

// getReservedIPAction also returns actions of deleted addresses.
func (a *API) getReservedIPAction(c *call) (result, *apiError) {
	act := a.actions[c.argID(1)]
	if act == nil || act.ResourceType != resourceReservedIP || act.effect.Address != c.args[0] {
		return result{}, notFound
	}
	return result{http.StatusOK, actionRoot{&act.Action}}, nil
}

func (a *API) createReservedIPAction(c *call, r *reservedIP) (result, *apiError) {
	req, apiErr := decodeBody[reservedIPActionRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	t, d, apiErr := a.checkReservedIPAction(r, req)
	if apiErr != nil {
		return result{}, apiErr
	}
	return result{http.StatusCreated, actionRoot{&a.startReservedIPAction(r, d, t, c.now).Action}}, nil
}

// checkReservedIPAction returns the type of an action and its Droplet, or an error if the address or the Droplet rejects the action.
func (a *API) checkReservedIPAction(r *reservedIP, req reservedIPActionRequest) (t droplets.ActionType, d *droplet, apiErr *apiError) {
	if r.busy() {
		return "", nil, reservedIPBusy
	}
	switch req.Type {
	case "":
		return "", nil, unprocessable("type is required.")
	case "assign":
		d, apiErr = a.checkAssign(req.DropletID, r.Region, r)
		return ActionTypeAssignIP, d, apiErr
	case "unassign":
		if r.DropletID == 0 {
			return "", nil, unprocessable("The reserved IP is not assigned to a Droplet.")
		}
		d, apiErr = a.findIdleDroplet(r.DropletID)
		return ActionTypeUnassignIP, d, apiErr
	}
	return "", nil, unprocessable("%q is not a valid action type.", req.Type)
}

// checkAssign returns the Droplet with an id, or an error if an address cannot be assigned to it. For a new address, r is nil and
// region can be empty. An address can be assigned to a Droplet while another one has it.
func (a *API) checkAssign(dropletID int64, region string, r *reservedIP) (*droplet, *apiError) {
	d, apiErr := a.findIdleDroplet(dropletID)
	if apiErr != nil {
		return nil, apiErr
	}
	other := a.reservedIPOf(d)
	switch {
	case region != "" && region != d.Region.Slug:
		return nil, unprocessable("The reserved IP is in region %s and the Droplet is in %s.", region, d.Region.Slug)
	case d.privateOnly:
		return nil, unprocessable("A reserved IP needs public networking.")
	case other != nil && other == r:
		return nil, unprocessable("The reserved IP is already assigned to this Droplet.")
	case other != nil:
		return nil, unprocessable("The Droplet already has the reserved IP %s.", other.Address)
	}
	return d, nil
}

func (a *API) startReservedIPAction(r *reservedIP, d *droplet, t droplets.ActionType, now time.Time) *action {
	act := a.newAction(t, effect{Address: r.Address, Droplet: d.ID}, now)
	act.ResourceType, act.ResourceID, act.Region, act.RegionSlug = resourceReservedIP, r.number(), d.Region, d.Region.Slug
	r.actions = append(r.actions, act)
	a.lockDroplet(d, act)
	return act
}

// endReservedIPAction ends an action, unlocks the Droplet and applies the effect.
func (a *API) endReservedIPAction(act *action, at time.Time) {
	r, d := a.findReservedIP(act.effect.Address), a.droplets[act.effect.Droplet]
	a.unlockDroplet(d)
	if act.willFail {
		act.finish(droplets.ActionStatusErrored, at)
		return
	}
	act.finish(droplets.ActionStatusCompleted, at)
	if act.Type == ActionTypeAssignIP {
		a.assignReservedIP(r, d)
	} else {
		a.unassignReservedIP(r)
	}
}
