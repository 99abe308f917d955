package dropletstest

import (
	"net/http"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

type imageActionRequest struct {
	Type   droplets.ActionType `json:"type"`
	Region string              `json:"region"`
}

func (a *API) listImageActions(c *call, v *image) (result, *apiError) {
	return pageOfActions(c, v.actions)
}

// getImageAction also returns actions of deleted images.
func (a *API) getImageAction(c *call) (result, *apiError) {
	act := a.actions[c.argID(1)]
	if act == nil || !act.belongsTo(resourceImage, c.argID(0)) {
		return result{}, notFound
	}
	return result{http.StatusOK, actionRoot{&act.Action}}, nil
}

func (a *API) createImageAction(c *call, v *image) (result, *apiError) {
	req, apiErr := decodeBody[imageActionRequest](c)
	if apiErr == nil {
		apiErr = a.checkImageAction(v, req)
	}
	if apiErr != nil {
		return result{}, apiErr
	}
	act := a.newAction(req.Type, effect{Region: req.Region}, c.now)
	act.ResourceID, act.ResourceType = v.ID, resourceImage
	act.Region = a.findRegion(v.Regions[0])
	act.RegionSlug = act.Region.Slug
	v.actions = append(v.actions, act)
	v.pending = append(v.pending, act)
	return result{http.StatusCreated, actionRoot{&act.Action}}, nil
}

// checkImageAction returns an error if the image rejects the action.
func (a *API) checkImageAction(v *image, req imageActionRequest) *apiError {
	switch {
	case req.Type == "":
		return unprocessable("type is required.")
	case req.Type != droplets.ActionTypeTransfer && req.Type != droplets.ActionTypeConvert:
		return unprocessable("%q is not a valid action type.", req.Type)
	case v.Status != droplets.ImageStatusAvailable || len(v.Regions) == 0:
		return unprocessable("Image is not available: its status is %s.", v.Status)
	case req.Type == droplets.ActionTypeConvert:
		return v.checkConvert()
	}
	return a.checkTransfer(v, req.Region)
}

func (v *image) checkConvert() *apiError {
	switch {
	case v.Type != droplets.ImageTypeBackup:
		return unprocessable("Only a backup can be converted to a snapshot.")
	case slices.ContainsFunc(v.pending, func(act *action) bool { return act.Type == droplets.ActionTypeConvert }):
		return unprocessable("Image already has a pending event.")
	}
	return nil
}

func (a *API) checkTransfer(v *image, region string) *apiError {
	switch {
	case region == "":
		return unprocessable("region is required.")
	case a.findRegion(region) == nil:
		return unprocessable("You specified an invalid region for image transfer: %q.", region)
	case slices.Contains(v.Regions, region):
		return unprocessable("Image is already available in region %s.", region)
	case slices.ContainsFunc(v.pending, func(act *action) bool { return act.effect.Region == region }):
		return unprocessable("Image is already being transferred to region %s.", region)
	}
	return nil
}

// endImageAction ends an action and applies its effect at the same time, or after Lag.Status.
func (a *API) endImageAction(act *action, at time.Time) {
	v := a.images[act.ResourceID]
	if act.willFail {
		act.finish(droplets.ActionStatusErrored, at)
		v.pending = removeValue(v.pending, act)
		return
	}
	act.finish(droplets.ActionStatusCompleted, at)
	if lag := a.config.lag.Status; lag > 0 {
		a.schedule(event{At: at.Add(lag), Kind: eventImageChanged, Image: v.ID, Action: act.ID})
		return
	}
	a.changeImage(v, act)
}

// changeImage applies the effect of a completed action.
func (a *API) changeImage(v *image, act *action) {
	v.pending = removeValue(v.pending, act)
	switch act.Type {
	case droplets.ActionTypeTransfer:
		v.Regions = append(slices.Clip(v.Regions), act.effect.Region)
	case droplets.ActionTypeConvert:
		v.Type = droplets.ImageTypeSnapshot
		a.snapshots.add(v)
		if d := a.droplets[v.dropletID]; d != nil {
			d.BackupIDs = removeValue(d.BackupIDs, v.ID)
			d.SnapshotIDs = append(d.SnapshotIDs, v.ID)
		}
	}
}
