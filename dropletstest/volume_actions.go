package dropletstest

import (
	"net/http"
	"time"

	"github.com/droplets-go/droplets"
)

// The types of the actions of volumes in responses, [WithActionDuration] and [API.FailNextAction]. In requests, they are attach,
// detach and resize.
const (
	ActionTypeAttachVolume droplets.ActionType = "attach_volume"
	ActionTypeDetachVolume droplets.ActionType = "detach_volume"
	ActionTypeResizeVolume droplets.ActionType = "resize_volume"
)

type volumeActionRequest struct {
	Type          string `json:"type"`
	VolumeName    string `json:"volume_name"`
	DropletID     int64  `json:"droplet_id"`
	Region        string `json:"region"`
	SizeGigabytes int    `json:"size_gigabytes"`
}

func (a *API) listVolumeActions(c *call, v *volume) (result, *apiError) {
	return pageOfActions(c, v.actions)
}

// getVolumeAction also returns actions of deleted volumes.
func (a *API) getVolumeAction(c *call) (result, *apiError) {
	act := a.actions[c.argID(1)]
	if act == nil || act.ResourceType != resourceVolume || act.effect.Volume != c.args[0] {
		return result{}, notFound
	}
	return result{http.StatusOK, actionRoot{&act.Action}}, nil
}

func (a *API) createVolumeAction(c *call, v *volume) (result, *apiError) {
	req, apiErr := decodeBody[volumeActionRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	return a.startVolumeAction(c, v, req)
}

// createVolumeActionByName starts an action on the volume with the name and the region in the body. A volume cannot be resized by its
// name.
func (a *API) createVolumeActionByName(c *call) (result, *apiError) {
	req, apiErr := decodeBody[volumeActionRequest](c)
	switch {
	case apiErr != nil:
		return result{}, apiErr
	case req.VolumeName == "" || req.Region == "":
		return result{}, unprocessable("volume_name and region are required.")
	case req.Type == "resize":
		return result{}, unprocessable("A volume is resized by its id.")
	}
	v := a.findVolume(req.Region, req.VolumeName)
	if v == nil {
		return result{}, notFound
	}
	return a.startVolumeAction(c, v, req)
}

func (a *API) startVolumeAction(c *call, v *volume, req volumeActionRequest) (result, *apiError) {
	if req.Region != "" && req.Region != v.Region {
		return result{}, unprocessable("The volume is in region %s, not in %s.", v.Region, req.Region)
	}
	t, eff, apiErr := a.checkVolumeAction(v, req)
	if apiErr != nil {
		return result{}, apiErr
	}
	act := a.newAction(t, eff, c.now)
	act.ResourceType, act.Region, act.RegionSlug = resourceVolume, a.findRegion(v.Region), v.Region
	v.actions = append(v.actions, act)
	a.lockDroplet(a.droplets[eff.Droplet], act)
	return result{http.StatusAccepted, actionRoot{&act.Action}}, nil
}

// checkVolumeAction returns the type and the effect of an action, or an error if the volume or the Droplet rejects the action.
func (a *API) checkVolumeAction(v *volume, req volumeActionRequest) (droplets.ActionType, effect, *apiError) {
	eff := effect{Volume: v.ID}
	if v.busy() {
		return "", eff, volumeBusy
	}
	switch req.Type {
	case "":
		return "", eff, unprocessable("type is required.")
	case "attach":
		eff.Droplet = req.DropletID
		return ActionTypeAttachVolume, eff, a.checkAttach(v, req.DropletID)
	case "detach":
		eff.Droplet = v.DropletID
		return ActionTypeDetachVolume, eff, a.checkDetach(v, req.DropletID)
	case "resize":
		eff.SizeGB = req.SizeGigabytes
		return ActionTypeResizeVolume, eff, v.checkResize(req.SizeGigabytes)
	}
	return "", eff, unprocessable("%q is not a valid action type.", req.Type)
}

var (
	tooManyVolumes     = unprocessable("Up to %d volumes can be attached to a Droplet.", maxVolumes)
	attachmentNotFound = unprocessable("Attachment not found")
)

func (a *API) checkAttach(v *volume, dropletID int64) *apiError {
	d, apiErr := a.findIdleDroplet(dropletID)
	switch {
	case v.DropletID != 0:
		return unprocessable("This volume is already attached")
	case apiErr != nil:
		return apiErr
	case len(d.VolumeIDs) >= maxVolumes:
		return tooManyVolumes
	}
	return v.checkAttachable(d.Region.Slug)
}

// checkDetach returns an error if the volume cannot be detached. The id of the Droplet is optional in the request.
func (a *API) checkDetach(v *volume, dropletID int64) *apiError {
	if v.DropletID == 0 || dropletID != 0 && dropletID != v.DropletID {
		return attachmentNotFound
	}
	_, apiErr := a.findIdleDroplet(v.DropletID)
	return apiErr
}

func (v *volume) checkResize(gigabytes int) *apiError {
	switch {
	case gigabytes < 1 || gigabytes > maxVolumeSize:
		return unprocessable("size_gigabytes must be between 1 and %d.", maxVolumeSize)
	case gigabytes <= v.Size:
		return unprocessable("The volume has %d GB and can only become larger.", v.Size)
	}
	return nil
}

// endVolumeAction ends an action, unlocks the Droplet, if it has one, and applies the effect.
func (a *API) endVolumeAction(act *action, at time.Time) {
	v, d := a.volumes[act.effect.Volume], a.droplets[act.effect.Droplet]
	a.unlockDroplet(d)
	if act.willFail {
		act.finish(droplets.ActionStatusErrored, at)
		return
	}
	act.finish(droplets.ActionStatusCompleted, at)
	switch act.Type {
	case ActionTypeAttachVolume:
		v.attach(d)
	case ActionTypeDetachVolume:
		v.detach(d)
	case ActionTypeResizeVolume:
		v.Size = act.effect.SizeGB
	}
}
