package dropletstest

import (
	"time"

	"github.com/droplets-go/droplets"
)

// applyEffect applies the effect of a completed action.
func (a *API) applyEffect(d *droplet, act *action, at time.Time) {
	switch act.Type {
	case droplets.ActionTypeCreate:
		a.completeCreate(d, at)
	case droplets.ActionTypeShutdown:
		if !a.guests.ignoresShutdown(d) {
			a.setStatus(d, droplets.DropletStatusOff, at)
		}
	case droplets.ActionTypePowerOff:
		a.setStatus(d, droplets.DropletStatusOff, at)
	case droplets.ActionTypePowerOn, droplets.ActionTypePowerCycle, droplets.ActionTypeReboot:
		a.setStatus(d, droplets.DropletStatusActive, at)
	case droplets.ActionTypeEnableIPv6:
		a.enableIPv6(d)
	case droplets.ActionTypeEnableBackups, droplets.ActionTypeChangeBackupPolicy:
		a.setBackupPolicy(d, act.effect.Policy, at)
	case droplets.ActionTypeDisableBackups:
		a.setBackupPolicy(d, nil, at)
	case droplets.ActionTypeRestore, droplets.ActionTypeRebuild:
		if v := a.images[act.effect.Image]; v != nil { // if it was deleted meanwhile, the Droplet keeps its image
			d.Image = &v.Image
		}
		a.setStatus(d, droplets.DropletStatusActive, at)
	case droplets.ActionTypeResize:
		d.setSize(a.findSize(act.effect.Size), act.effect.Disk)
	case droplets.ActionTypeRename:
		d.Name = act.effect.Name
	case droplets.ActionTypeChangeKernel:
		d.Kernel = a.findKernel(act.effect.Kernel)
	case droplets.ActionTypeSnapshot:
		a.completeSnapshot(d, act, at)
	}
}

// completeCreate makes a Droplet active and assigns its addresses, after Lag.Addresses if that is set.
func (a *API) completeCreate(d *droplet, at time.Time) {
	a.setStatus(d, droplets.DropletStatusActive, at)
	if d.backupPolicy != nil {
		a.setBackupPolicy(d, d.backupPolicy, at)
	}
	if lag := a.config.lag.Addresses; lag > 0 {
		a.schedule(event{At: at.Add(lag), Kind: eventAddresses, Droplet: d.ID})
		return
	}
	a.assignAddresses(d)
}

// setStatus sets the status of a Droplet. Clients can read it after Lag.Status.
func (a *API) setStatus(d *droplet, status droplets.DropletStatus, at time.Time) {
	d.actualStatus = status
	a.memberChanged(d, at)
	if lag := a.config.lag.Status; lag > 0 {
		a.schedule(event{At: at.Add(lag), Kind: eventStatusShown, Droplet: d.ID})
		return
	}
	d.Status = status
}

// completeSnapshot adds the image of a snapshot. Clients can read it after Lag.Snapshots.
func (a *API) completeSnapshot(d *droplet, act *action, at time.Time) {
	v := a.newDropletImage(d, droplets.ImageTypeSnapshot, act.effect.Name, act.StartedAt)
	if lag := a.config.lag.Snapshots; lag > 0 {
		a.hideImage(v)
		a.schedule(event{At: at.Add(lag), Kind: eventImageVisible, Image: v.ID})
		return
	}
	d.SnapshotIDs = append(d.SnapshotIDs, v.ID)
}
