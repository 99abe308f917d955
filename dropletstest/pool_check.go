package dropletstest

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// checkPool creates or deletes Droplets until the pool has its desired number. It is called after a Droplet was deleted, a create
// ended, or the cooldown is over.
func (a *API) checkPool(p *pool, at time.Time) {
	if p.Status == droplets.AutoscalePoolStatusDeleting {
		return
	}
	a.rescale(p, at)
	switch n := p.count(); {
	case n < p.desired:
		a.recordHistory(p, droplets.AutoscaleEventReasonScaleUp, at)
		a.resizePool(p, at, requestRef{})
	case n > p.desired:
		a.recordHistory(p, droplets.AutoscaleEventReasonScaleDown, at)
		a.resizePool(p, at, requestRef{})
	}
	p.updateHistory(at)
}

// rescale sets the desired number of Droplets. During the cooldown it only schedules a check for the end of the cooldown.
func (a *API) rescale(p *pool, at time.Time) {
	target := p.targetCount()
	if target == p.desired {
		return
	}
	if cooledDown := p.changedAt.Add(p.cooldown()); at.Before(cooledDown) {
		a.checkPoolAt(p, cooledDown)
		return
	}
	p.desired = target
}

// checkPoolAt schedules a check for a time, unless the last check that was scheduled is for the same time.
func (a *API) checkPoolAt(p *pool, at time.Time) {
	if !p.nextCheck.Equal(at) {
		p.nextCheck = roundTripTime(at)
		a.schedule(event{At: at, Kind: eventPoolCheck, Pool: p.ID})
	}
}

// targetCount returns the number of Droplets with which the pool would reach its target utilization; with two targets, the larger
// number. A static pool has a fixed number.
func (p *pool) targetCount() int {
	if p.Config.IsStatic() {
		return p.Config.TargetNumberInstances
	}
	if p.utilization == nil || p.Config.TargetCPUUtilization == 0 && p.Config.TargetMemoryUtilization == 0 {
		return p.clamp(p.desired)
	}
	ratio := 0.0
	if target := p.Config.TargetCPUUtilization; target > 0 {
		ratio = max(ratio, p.utilization.CPU/target)
	}
	if target := p.Config.TargetMemoryUtilization; target > 0 {
		ratio = max(ratio, p.utilization.Memory/target)
	}
	const rounding = 1e-9 // 0.6/0.2 is slightly more than 3
	return p.clamp(int(math.Ceil(float64(p.desired)*ratio - rounding)))
}

func (p *pool) clamp(n int) int { return min(max(n, p.Config.MinInstances), p.Config.MaxInstances) }

// resizePool creates missing Droplets, or starts to delete surplus ones, the newest first. The request is the one that changed the
// number, if any. If a create is not possible, the pool has the status error until the next check.
func (a *API) resizePool(p *pool, at time.Time, req requestRef) {
	n := p.count()
	if n != p.desired {
		p.changedAt = roundTripTime(at)
	}
	for ; n < p.desired; n++ {
		if apiErr := a.addPoolDroplet(p, at, req); apiErr != nil {
			p.Status = droplets.AutoscalePoolStatusError
			p.endHistory(droplets.AutoscaleEventStatusError, at)
			a.checkPoolAt(p, at.Add(p.cooldown()))
			return
		}
	}
	p.Status = droplets.AutoscalePoolStatusActive
	for i := len(p.members) - 1; i >= 0 && n > p.desired; i-- {
		if m := p.members[i]; !m.deleting {
			a.deleteMember(p, m, at, req)
			n--
		}
	}
	if p.targetCount() != p.desired {
		a.checkPoolAt(p, p.changedAt.Add(p.cooldown()))
	}
}

// addPoolDroplet creates a Droplet for the pool. It returns an error if the template is no longer valid, or if the account has
// reached its Droplet limit.
func (a *API) addPoolDroplet(p *pool, at time.Time, req requestRef) *apiError {
	name := fmt.Sprintf("%s-%d", p.dropletName(), p.serial+1)
	spec, apiErr := a.newPoolSpec(p.DropletTemplate, name)
	if apiErr != nil {
		return apiErr
	}
	p.serial++
	p.addMember(a.createDroplet(at, req, spec, name), at)
	return nil
}

// dropletName returns the beginning of the names of the pool's Droplets.
func (p *pool) dropletName() string {
	for _, name := range []string{p.DropletTemplate.Name, p.Name} {
		if checkName(name) == nil {
			return name
		}
	}
	return "autoscale"
}

// deleteMember shuts a Droplet down, unless it is off or has an action in progress, and schedules the delete of the Droplet.
func (a *API) deleteMember(p *pool, m *poolMember, at time.Time, req requestRef) {
	m.deleting, m.updatedAt = true, wholeSeconds(at)
	if _, apiErr := a.checkAction(m.droplet, actionRequest{Type: droplets.ActionTypeShutdown}); apiErr == nil {
		a.startAction(m.droplet, droplets.ActionTypeShutdown, effect{}, at)
	}
	after := a.config.durationFor(droplets.ActionTypeShutdown) + a.config.durationFor(ActionTypeDestroy)
	a.scheduleMemberDestroy(p, m, at.Add(after), req)
}

func (a *API) scheduleMemberDestroy(p *pool, m *poolMember, at time.Time, req requestRef) {
	if req != (requestRef{}) {
		a.ledger.recordDestroyRequest(req, m.droplet.ID)
	}
	a.schedule(event{At: at, Kind: eventMemberDestroyed, Droplet: m.droplet.ID, Pool: p.ID})
}

// destroyMember deletes the Droplet of a member, unless the Droplet is gone or no longer in the pool.
func (a *API) destroyMember(p *pool, e event) {
	d := a.droplets[e.Droplet]
	if d == nil || d.pool != p {
		return
	}
	a.ledger.recordDestroyed(d, e.At)
	a.removeDroplet(d, e.At)
}

// recordHistory adds an event to the history. If the last event failed for the same reason, the pool retries, and the event is in
// progress again.
func (a *API) recordHistory(p *pool, reason droplets.AutoscaleEventReason, at time.Time) {
	at = wholeSeconds(at)
	if n := len(p.history); n > 0 && p.Status == droplets.AutoscalePoolStatusError && p.history[n-1].Reason == reason {
		e := p.history[n-1]
		e.Status, e.UpdatedAt, e.DesiredInstanceCount = droplets.AutoscaleEventStatusInProgress, at, p.desired
		return
	}
	p.history = append(p.history, &droplets.AutoscalePoolEvent{ID: a.nextUUID(), CurrentInstanceCount: p.countCreated(),
		DesiredInstanceCount: p.desired, Reason: reason, Status: droplets.AutoscaleEventStatusInProgress, CreatedAt: at, UpdatedAt: at})
}

// updateHistory updates the events in progress. They end when the pool has the desired number of Droplets and all of them were
// created.
func (p *pool) updateHistory(at time.Time) {
	created := p.countCreated()
	for _, e := range p.history {
		if e.Status == droplets.AutoscaleEventStatusInProgress && e.CurrentInstanceCount != created {
			e.CurrentInstanceCount, e.UpdatedAt = created, wholeSeconds(at)
		}
	}
	if created == p.desired && len(p.members) == created && p.count() == created {
		p.endHistory(droplets.AutoscaleEventStatusSuccess, at)
	}
}

// endHistory ends the events in progress.
func (p *pool) endHistory(status droplets.AutoscaleEventStatus, at time.Time) {
	for _, e := range slices.Backward(p.history) {
		if e.Status == droplets.AutoscaleEventStatusInProgress {
			e.Status, e.UpdatedAt = status, wholeSeconds(at)
		}
	}
}
