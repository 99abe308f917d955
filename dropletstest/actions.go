package dropletstest

import (
	"net/http"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

type (
	actionRoot struct {
		Action *droplets.Action `json:"action"`
	}
	actionsRoot struct {
		Actions []*droplets.Action `json:"actions"`
	}
	actionsPage struct {
		Actions []*droplets.Action `json:"actions"`
		pageInfo
	}
)

// listActions lists the newest first, those of deleted Droplets too.
func (a *API) listActions(c *call) (answer, *refusal) { return pageOfActions(c, a.history) }

func (a *API) listDropletActions(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	return pageOfActions(c, d.actions)
}

func pageOfActions(c *call, oldestFirst []*action) (answer, *refusal) {
	last := len(oldestFirst) - 1
	return paged(c, len(oldestFirst), func(i int) *droplets.Action { return &oldestFirst[last-i].Action },
		func(items []*droplets.Action, info pageInfo) actionsPage { return actionsPage{items, info} })
}

func (a *API) getAction(c *call) (answer, *refusal) {
	act := a.actions[c.argID(0)]
	if act == nil {
		return answer{}, notFound
	}
	return answer{http.StatusOK, actionRoot{&act.Action}}, nil
}

// getDropletAction knows the actions of Droplets that are gone: a create that failed leaves nothing else to look at.
func (a *API) getDropletAction(c *call) (answer, *refusal) {
	act := a.actions[c.argID(1)]
	if act == nil || act.ResourceID != c.argID(0) {
		return answer{}, notFound
	}
	if d := a.droplets[act.ResourceID]; d != nil && d.hidden {
		return answer{}, notFound
	}
	return answer{http.StatusOK, actionRoot{&act.Action}}, nil
}

// actionRequest is the body of an action of any type.
type actionRequest struct {
	Type         droplets.ActionType    `json:"type"`
	BackupPolicy *droplets.BackupPolicy `json:"backup_policy"`
	Size         string                 `json:"size"`
	Disk         bool                   `json:"disk"`
	Image        droplets.ImageRef      `json:"image"`
	Name         string                 `json:"name"`
	Kernel       int64                  `json:"kernel"`
}

func (a *API) act(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	var req actionRequest
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	do, no := a.check(d, req)
	if no != nil {
		return answer{}, no
	}
	act := a.begin(d, req.Type, do, c.now)
	return answer{http.StatusCreated, actionRoot{&act.Action}}, nil
}

// forTags are the actions that can be asked for by tag.
var forTags = []droplets.ActionType{droplets.ActionTypePowerCycle, droplets.ActionTypePowerOn, droplets.ActionTypePowerOff,
	droplets.ActionTypeShutdown, droplets.ActionTypeEnableIPv6, droplets.ActionTypeEnableBackups,
	droplets.ActionTypeDisableBackups, droplets.ActionTypeSnapshot}

// actByTag begins the action on all of the tagged Droplets or, where one of them can not take it, on none.
func (a *API) actByTag(c *call) (answer, *refusal) {
	tagged, no := a.tagged(c)
	if no != nil {
		return answer{}, no
	}
	var req actionRequest
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	if !slices.Contains(forTags, req.Type) {
		return answer{}, unprocessable("The action type %q is not available by tag.", req.Type)
	}
	req.BackupPolicy = nil
	changes := make([]change, len(tagged))
	for i, d := range tagged {
		changes[i], no = a.check(d, req)
		if no == pendingEvent {
			no = blockingEvents
		}
		if no != nil {
			return answer{}, no
		}
	}
	root := actionsRoot{Actions: []*droplets.Action{}}
	for i, d := range tagged {
		root.Actions = append(root.Actions, &a.begin(d, req.Type, changes[i], c.now).Action)
	}
	return answer{http.StatusCreated, root}, nil
}

// begin starts an action, which locks the Droplet until it ends.
func (a *API) begin(d *droplet, t droplets.ActionType, do change, now time.Time) *action {
	act := &action{change: do, doomed: a.failing.take(t), Action: droplets.Action{ID: next(&a.counters.Action),
		Status: droplets.ActionStatusInProgress, Type: t, StartedAt: wholeSeconds(now), ResourceID: d.ID,
		ResourceType: "droplet", Region: d.Region, RegionSlug: d.Region.Slug}}
	a.actions[act.ID] = act
	a.history = append(a.history, act)
	d.actions = append(d.actions, act)
	d.pending, d.Locked = act, true
	a.plan(event{At: now.Add(a.config.durationOf(t)), Kind: eventActionEnds, Droplet: d.ID, Action: act.ID})
	return act
}

func (act *action) finish(status droplets.ActionStatus, at time.Time) {
	at = wholeSeconds(at)
	act.Status, act.CompletedAt = status, &at
}

// endAction makes the end, the effect and the unlocking visible together.
func (a *API) endAction(act *action, at time.Time) {
	if act.CompletedAt != nil {
		return // its Droplet was deleted under it
	}
	d := a.droplets[act.ResourceID]
	d.pending, d.Locked = nil, false
	if act.doomed {
		act.finish(droplets.ActionStatusErrored, at)
		if act.Type == droplets.ActionTypeCreate {
			a.removeDroplet(d, at)
		}
		return
	}
	act.finish(droplets.ActionStatusCompleted, at)
	a.apply(d, act, at)
}

// failing are the actions that are to fail, in the order in which that was asked for.
type failing [][]droplets.ActionType

// take reports whether an action of that type is to fail.
func (f *failing) take(t droplets.ActionType) bool {
	for i, types := range *f {
		if len(types) == 0 || slices.Contains(types, t) {
			*f = slices.Delete(*f, i, i+1)
			return true
		}
	}
	return false
}

// FailNextAction makes the next action of one of the types, or of any type when none is given, take its time and then
// end as errored, without effect. A create that fails takes its Droplet away. Called twice, it is for two actions.
func (a *API) FailNextAction(types ...droplets.ActionType) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failing = append(a.failing, slices.Clone(types))
}
