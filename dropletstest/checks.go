package dropletstest

import (
	"slices"

	"github.com/droplets-go/droplets"
)

// checks tell, for each type of action, whether a Droplet can take it and what it will change.
var checks = map[droplets.ActionType]func(*API, *droplet, actionRequest) (change, *refusal){
	droplets.ActionTypeReboot:             whileOn,
	droplets.ActionTypePowerCycle:         whileOn,
	droplets.ActionTypeShutdown:           turnOff,
	droplets.ActionTypePowerOff:           turnOff,
	droplets.ActionTypePowerOn:            turnOn,
	droplets.ActionTypePasswordReset:      always,
	droplets.ActionTypeEnableIPv6:         (*API).checkIPv6,
	droplets.ActionTypeEnableBackups:      (*API).checkEnableBackups,
	droplets.ActionTypeDisableBackups:     (*API).checkDisableBackups,
	droplets.ActionTypeChangeBackupPolicy: (*API).checkPolicy,
	droplets.ActionTypeRestore:            (*API).checkRestore,
	droplets.ActionTypeResize:             (*API).checkResize,
	droplets.ActionTypeRebuild:            (*API).checkRebuild,
	droplets.ActionTypeRename:             (*API).checkRename,
	droplets.ActionTypeChangeKernel:       (*API).checkKernel,
	droplets.ActionTypeSnapshot:           (*API).checkSnapshot,
}

var (
	isOff      = unprocessable("Droplet is currently off. Please power it on to run this event.")
	isOn       = unprocessable("Droplet is currently on. Please power it off to run this event.")
	alreadyOff = unprocessable("Droplet is already powered off.")
	alreadyOn  = unprocessable("Droplet is already powered on.")
	noBackups  = unprocessable("Backups are not enabled for this Droplet.")
)

func (a *API) check(d *droplet, req actionRequest) (change, *refusal) {
	check, known := checks[req.Type]
	switch {
	case req.Type == "":
		return change{}, unprocessable("type is required.")
	case !known:
		return change{}, unprocessable("%q is not a valid action type.", req.Type)
	case d.pending != nil || a.beingDestroyed(d.ID):
		return change{}, pendingEvent
	}
	return check(a, d, req)
}

func always(*API, *droplet, actionRequest) (change, *refusal) { return change{}, nil }

func whileOn(_ *API, d *droplet, _ actionRequest) (change, *refusal) {
	if d.actual != droplets.DropletStatusActive {
		return change{}, isOff
	}
	return change{}, nil
}

func turnOff(_ *API, d *droplet, _ actionRequest) (change, *refusal) {
	if d.actual != droplets.DropletStatusActive {
		return change{}, alreadyOff
	}
	return change{}, nil
}

func turnOn(_ *API, d *droplet, _ actionRequest) (change, *refusal) {
	if d.actual == droplets.DropletStatusActive {
		return change{}, alreadyOn
	}
	return change{}, nil
}

func (a *API) checkIPv6(d *droplet, _ actionRequest) (change, *refusal) {
	switch {
	case d.private:
		return change{}, unprocessable("IPv6 needs public networking.")
	case d.network.IPv6:
		return change{}, unprocessable("IPv6 is already enabled for this Droplet.")
	}
	return change{}, nil
}

func (a *API) checkEnableBackups(d *droplet, req actionRequest) (change, *refusal) {
	if d.policy != nil {
		return change{}, unprocessable("Backups are already enabled for this Droplet.")
	}
	policy, no := policyFor(req.BackupPolicy)
	return change{Policy: policy}, no
}

func (a *API) checkDisableBackups(d *droplet, _ actionRequest) (change, *refusal) {
	if d.policy == nil {
		return change{}, noBackups
	}
	return change{}, nil
}

func (a *API) checkPolicy(d *droplet, req actionRequest) (change, *refusal) {
	switch {
	case req.BackupPolicy == nil:
		return change{}, unprocessable("backup_policy is required.")
	case d.policy == nil:
		return change{}, noBackups
	}
	policy, no := policyFor(req.BackupPolicy)
	return change{Policy: policy}, no
}

func (a *API) checkRestore(d *droplet, req actionRequest) (change, *refusal) {
	image := a.findImage(req.Image)
	if image == nil || !slices.Contains(d.BackupIDs, image.ID) {
		return change{}, unprocessable("Image %q is not a backup of this Droplet.", req.Image)
	}
	return change{Image: image.ID}, nil
}

// checkResize keeps the rule that a disk never shrinks, whether the new size's disk is wanted or not.
func (a *API) checkResize(d *droplet, req actionRequest) (change, *refusal) {
	size := a.findSize(req.Size)
	switch {
	case size == nil:
		return change{}, unprocessable("You specified an invalid size for Droplet resize: %q.", req.Size)
	case d.actual != droplets.DropletStatusOff:
		return change{}, isOn
	case !slices.Contains(size.Regions, d.Region.Slug):
		return change{}, unprocessable("Size %s is not available in region %s.", size.Slug, d.Region.Slug)
	case (size.GPUInfo != nil) != (d.GPUInfo != nil):
		return change{}, unprocessable("This Droplet can not be resized to %s.", size.Slug)
	case size.Disk < d.Disk:
		return change{}, unprocessable("Size %s has a disk of %d GB, and this Droplet's has %d GB: a disk can not shrink.", size.Slug, size.Disk, d.Disk)
	case size.Slug == d.SizeSlug && (!req.Disk || size.Disk == d.Disk):
		return change{}, unprocessable("This Droplet has the size %s already.", size.Slug)
	}
	return change{Size: size.Slug, Disk: req.Disk}, nil
}

func (a *API) checkRebuild(d *droplet, req actionRequest) (change, *refusal) {
	image := a.findImage(req.Image)
	switch {
	case image == nil:
		return change{}, unprocessable("You specified an invalid image for Droplet rebuild: %q.", req.Image)
	case image.MinDiskSize > d.Disk:
		return change{}, unprocessable("Image %s needs a disk of %d GB, and this Droplet's has %d GB.", req.Image, image.MinDiskSize, d.Disk)
	}
	return change{Image: image.ID}, nil
}

func (a *API) checkRename(_ *droplet, req actionRequest) (change, *refusal) {
	return change{Name: req.Name}, checkName(req.Name)
}

func (a *API) checkKernel(d *droplet, req actionRequest) (change, *refusal) {
	if d.Kernel == nil {
		return change{}, unprocessable("This Droplet manages its kernel itself.")
	}
	if a.findKernel(req.Kernel) == nil {
		return change{}, unprocessable("You specified an invalid kernel: %d.", req.Kernel)
	}
	return change{Kernel: req.Kernel}, nil
}

func (a *API) checkSnapshot(_ *droplet, req actionRequest) (change, *refusal) {
	return change{Name: req.Name}, nil
}
