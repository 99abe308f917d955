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

// listActions includes the actions of deleted Droplets.
func (a *API) listActions(c *call) (result, *apiError) { return pageOfActions(c, a.actionHistory) }

func (a *API) listDropletActions(c *call, d *droplet) (result, *apiError) {
	return pageOfActions(c, d.actions)
}

// pageOfActions returns a page of a list of actions, the newest first.
func pageOfActions(c *call, oldestFirst []*action) (result, *apiError) {
	last := len(oldestFirst) - 1
	return paginate(c, len(oldestFirst), func(i int) *droplets.Action { return &oldestFirst[last-i].Action },
		func(items []*droplets.Action, info pageInfo) actionsPage { return actionsPage{items, info} })
}

func (a *API) getAction(c *call) (result, *apiError) {
	act := a.actions[c.argID(0)]
	if act == nil {
		return result{}, notFound
	}
	return result{http.StatusOK, actionRoot{&act.Action}}, nil
}

// getDropletAction also returns actions of deleted Droplets. After a failed create, nothing else can be read.
func (a *API) getDropletAction(c *call) (result, *apiError) {
	act := a.actions[c.argID(1)]
	if act == nil || !act.isOn(resourceDroplet, c.argID(0)) {
		return result{}, notFound
	}
	if d := a.droplets[act.ResourceID]; d != nil && d.hidden {
		return result{}, notFound
	}
	return result{http.StatusOK, actionRoot{&act.Action}}, nil
}

// actionRequest is the request body of an action of any type.
type actionRequest struct {
	Type         droplets.ActionType    `json:"type"`
	BackupPolicy *droplets.BackupPolicy `json:"backup_policy"`
	Size         string                 `json:"size"`
	Disk         bool                   `json:"disk"`
	Image        droplets.ImageRef      `json:"image"`
	Name         string                 `json:"name"`
	Kernel       int64                  `json:"kernel"`
}

func (a *API) createAction(c *call, d *droplet) (result, *apiError) {
	req, apiErr := decodeBody[actionRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	eff, apiErr := a.checkAction(d, req)
	if apiErr != nil {
		return result{}, apiErr
	}
	act := a.startAction(d, req.Type, eff, c.now)
	return result{http.StatusCreated, actionRoot{&act.Action}}, nil
}

// tagActionTypes are the action types that the API accepts for a tag.
var tagActionTypes = []droplets.ActionType{droplets.ActionTypePowerCycle, droplets.ActionTypePowerOn, droplets.ActionTypePowerOff,
	droplets.ActionTypeShutdown, droplets.ActionTypeEnableIPv6, droplets.ActionTypeEnableBackups,
	droplets.ActionTypeDisableBackups, droplets.ActionTypeSnapshot}

// createActionsByTag starts the action on all of the tagged Droplets. If one of them rejects it, it starts none.
func (a *API) createActionsByTag(c *call) (result, *apiError) {
	tagged, apiErr := a.dropletsWithTag(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	req, apiErr := decodeBody[actionRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	if !slices.Contains(tagActionTypes, req.Type) {
		return result{}, unprocessable("The action type %q is not available by tag.", req.Type)
	}
	req.BackupPolicy = nil
	effects := make([]effect, len(tagged))
	for i, d := range tagged {
		effects[i], apiErr = a.checkAction(d, req)
		if apiErr == pendingEvent {
			apiErr = blockingEvents
		}
		if apiErr != nil {
			return result{}, apiErr
		}
	}
	root := actionsRoot{Actions: []*droplets.Action{}}
	for i, d := range tagged {
		root.Actions = append(root.Actions, &a.startAction(d, req.Type, effects[i], c.now).Action)
	}
	return result{http.StatusCreated, root}, nil
}

// startAction starts an action on a Droplet, locks the Droplet, and schedules the end of the action.
func (a *API) startAction(d *droplet, t droplets.ActionType, eff effect, now time.Time) *action {
	act := a.newAction(t, eff, now)
	act.ResourceID, act.ResourceType, act.Region, act.RegionSlug = d.ID, resourceDroplet, d.Region, d.Region.Slug
	d.actions = append(d.actions, act)
	d.pending, d.Locked = act, true
	return act
}

// newAction starts an action and schedules its end. The caller sets its resource and region.
func (a *API) newAction(t droplets.ActionType, eff effect, now time.Time) *action {
	act := &action{effect: eff, willFail: a.actionFailures.take(t), Action: droplets.Action{ID: nextID(&a.counters.Action),
		Status: droplets.ActionStatusInProgress, Type: t, StartedAt: wholeSeconds(now)}}
	a.actions[act.ID] = act
	a.actionHistory = append(a.actionHistory, act)
	a.schedule(event{At: now.Add(a.config.durationFor(t)), Kind: eventActionEnds, Action: act.ID})
	return act
}

// isOn reports whether the action is one of a resource.
func (act *action) isOn(resourceType string, id int64) bool {
	return act.ResourceType == resourceType && act.ResourceID == id
}

func (act *action) finish(status droplets.ActionStatus, at time.Time) {
	at = wholeSeconds(at)
	act.Status, act.CompletedAt = status, &at
}

// endAction ends an action unless its resource was deleted while it was in progress.
func (a *API) endAction(act *action, at time.Time) {
	switch {
	case act.CompletedAt != nil:
	case act.ResourceType == resourceImage:
		a.endImageAction(act, at)
	default:
		a.endDropletAction(act, at)
	}
}

// endDropletAction ends an action, applies its effect and unlocks the Droplet, all at the same moment.
func (a *API) endDropletAction(act *action, at time.Time) {
	d := a.droplets[act.ResourceID]
	d.pending, d.Locked = nil, a.beingDestroyed(d.ID)
	if act.willFail {
		act.finish(droplets.ActionStatusErrored, at)
		if act.Type == droplets.ActionTypeCreate {
			a.removeDroplet(d, at)
		}
		return
	}
	act.finish(droplets.ActionStatusCompleted, at)
	a.applyEffect(d, act, at)
}

// actionFailures are the failures that FailNextAction planned, the oldest first. Each entry lists action types; an empty
// entry matches every type.
type actionFailures [][]droplets.ActionType

// take removes the first entry that matches the type and reports whether there was one.
func (f *actionFailures) take(t droplets.ActionType) bool {
	return f.takeFirst(func(types []droplets.ActionType) bool { return len(types) == 0 || slices.Contains(types, t) })
}

func (f *actionFailures) takeFirst(match func(types []droplets.ActionType) bool) bool {
	i := slices.IndexFunc(*f, match)
	if i >= 0 {
		*f = slices.Delete(*f, i, i+1)
	}
	return i >= 0
}

// FailNextAction makes the next action fail. The API accepts the action, which ends as errored after its usual duration and
// has no effect. If types are given, only an action of one of them fails. If the failed action is a create, its Droplet is
// removed. Each call is for one action. The import of a custom image is not an action, so that only a call with
// [ActionTypeImport] makes it fail.
func (a *API) FailNextAction(types ...droplets.ActionType) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.actionFailures = append(a.actionFailures, slices.Clone(types))
}
