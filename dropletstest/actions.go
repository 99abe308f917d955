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

// getDropletAction also returns actions of deleted Droplets, because the action is all that remains of a create that failed.
func (a *API) getDropletAction(c *call) (result, *apiError) {
	act := a.actions[c.argID(1)]
	if act == nil || !act.belongsTo(resourceDroplet, c.argID(0)) {
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

// belongsTo reports whether a resource has the action.
func (act *action) belongsTo(resourceType string, id int64) bool {
	return act.ResourceType == resourceType && act.ResourceID == id
}

func (act *action) finish(status droplets.ActionStatus, at time.Time) {
	at = wholeSeconds(at)
	act.Status, act.CompletedAt = status, &at
}

// endAction ends an action that is due. An action whose resource was deleted has already ended.
func (a *API) endAction(act *action, at time.Time) {
	switch {
	case act.CompletedAt != nil:
	case act.ResourceType == resourceImage:
		a.endImageAction(act, at)
	case act.ResourceType == resourceVolume:
		a.endVolumeAction(act, at)
	case act.ResourceType == resourceReservedIP:
		a.endReservedIPAction(act, at)
	default:
		a.endDropletAction(act, at)
	}
}

// endDropletAction ends an action, unlocks the Droplet and applies the effect. A create that fails removes the Droplet.
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
