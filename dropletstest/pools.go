package dropletstest

import (
	"net/http"
	"time"

	"github.com/droplets-go/droplets"
)

type (
	poolRoot struct {
		Pool droplets.AutoscalePool `json:"autoscale_pool"`
	}
	poolsPage struct {
		Pools []droplets.AutoscalePool `json:"autoscale_pools"`
		pageInfo
	}
)

// view returns the pool as clients read it.
func (p *pool) view() droplets.AutoscalePool {
	v := p.AutoscalePool
	v.CurrentUtilization, v.ActiveResourcesCount = p.utilization, p.countActive()
	return v
}

// listPools lists pools by age, the oldest first.
func (a *API) listPools(c *call) (result, *apiError) {
	found := []*pool(a.pools)
	if name := c.query.Get("name"); name != "" {
		found = filter(found, func(p *pool) bool { return p.Name == name })
	}
	return paginate(c, len(found), func(i int) droplets.AutoscalePool { return found[i].view() },
		func(items []droplets.AutoscalePool, info pageInfo) poolsPage { return poolsPage{items, info} })
}

func (a *API) createPool(c *call) (result, *apiError) {
	req, apiErr := a.decodePoolRequest(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	now := wholeSeconds(c.now)
	p := &pool{desired: max(req.Config.TargetNumberInstances, req.Config.MinInstances),
		AutoscalePool: droplets.AutoscalePool{CreatedAt: now, Status: droplets.AutoscalePoolStatusActive}}
	if apiErr := a.checkDropletLimit(p.desired); apiErr != nil {
		return result{}, apiErr
	}
	p.ID = a.nextUUID()
	a.pools.add(p)
	a.configurePool(c, p, req)
	return result{http.StatusAccepted, poolRoot{p.view()}}, nil
}

// configurePool applies the request of a create or an update.
func (a *API) configurePool(c *call, p *pool, req poolRequest) {
	p.Name, p.Config, p.DropletTemplate, p.UpdatedAt = req.Name, *req.Config, *req.Template, wholeSeconds(c.now)
	p.DropletTemplate.SSHKeys = nonNil(p.DropletTemplate.SSHKeys)
	p.desired = p.clamp(p.desired)
	if p.Config.IsStatic() {
		p.desired = p.Config.TargetNumberInstances
	}
	a.recordHistory(p, droplets.AutoscaleEventReasonConfigurationChange, c.now)
	a.resizePool(p, c.now, requestRef{c.id, c.operation()})
	p.updateHistory(c.now)
}

// onPool returns a handler that passes the pool in the path to h. The handler responds 404 if the pool does not exist.
func onPool(h func(*API, *call, *pool) (result, *apiError)) handler {
	return func(a *API, c *call) (result, *apiError) {
		p := a.findPool(c.args[0])
		if p == nil {
			return result{}, notFound
		}
		return h(a, c, p)
	}
}

func (a *API) getPool(_ *call, p *pool) (result, *apiError) {
	return result{http.StatusOK, poolRoot{p.view()}}, nil
}

var poolBeingDeleted = unprocessable("The autoscale pool is being deleted.")

// updatePool replaces the configuration and the template. Droplets that exist do not change; only new ones use a new template.
func (a *API) updatePool(c *call, p *pool) (result, *apiError) {
	if p.Status == droplets.AutoscalePoolStatusDeleting {
		return result{}, poolBeingDeleted
	}
	req, apiErr := a.decodePoolRequest(c)
	if apiErr == nil {
		apiErr = a.checkDropletLimit(max(req.Config.TargetNumberInstances, req.Config.MinInstances) - p.count())
	}
	if apiErr != nil {
		return result{}, apiErr
	}
	a.configurePool(c, p, req)
	return result{http.StatusOK, poolRoot{p.view()}}, nil
}

// deletePool deletes a pool. Its Droplets are kept and are no longer members.
func (a *API) deletePool(c *call, p *pool) (result, *apiError) {
	if p.Status == droplets.AutoscalePoolStatusDeleting {
		return repeatedDelete(!p.destroying)
	}
	a.startPoolDelete(c, p)
	p.releaseMembers()
	return accepted, nil
}

// destroyPool deletes a pool and its Droplets, one after the other.
func (a *API) destroyPool(c *call, p *pool) (result, *apiError) {
	if c.req.Header.Get("X-Dangerous") != "true" {
		return result{}, dangerousIsRequired
	}
	if p.Status == droplets.AutoscalePoolStatusDeleting {
		return repeatedDelete(p.destroying)
	}
	p.destroying = true
	total := a.config.durationFor(ActionTypeDestroy)
	for i, m := range p.members {
		m.deleting, m.updatedAt = true, wholeSeconds(c.now)
		at := c.now.Add(total * time.Duration(i+1) / time.Duration(len(p.members)))
		a.scheduleMemberDestroy(p, m, at, requestRef{c.id, c.operation()})
	}
	a.startPoolDelete(c, p)
	return accepted, nil
}

// repeatedDelete returns the response to a delete of a pool that is already being deleted. The same request is accepted again, so that
// clients can retry it.
func repeatedDelete(same bool) (result, *apiError) {
	if !same {
		return result{}, poolBeingDeleted
	}
	return accepted, nil
}

// startPoolDelete sets the status of the pool to deleting and schedules its removal.
func (a *API) startPoolDelete(c *call, p *pool) {
	p.Status, p.UpdatedAt = droplets.AutoscalePoolStatusDeleting, wholeSeconds(c.now)
	a.schedule(event{At: c.now.Add(a.config.durationFor(ActionTypeDestroy)), Kind: eventPoolDeleted, Pool: p.ID})
}

// removePool removes a pool from the account. Its remaining Droplets are kept.
func (a *API) removePool(p *pool) {
	p.releaseMembers()
	a.pools.remove(p.ID)
}

func (a *API) applyPoolEvent(p *pool, e event) {
	switch e.Kind {
	case eventPoolCheck:
		a.checkPool(p, e.At)
	case eventMemberDestroyed:
		a.destroyMember(p, e)
	case eventPoolDeleted:
		a.removePool(p)
	}
}
