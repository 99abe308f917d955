package dropletstest

import (
	"slices"

	"github.com/droplets-go/droplets"
)

// actionChecks maps each action type to a function that returns the effect of the action, or an error if the Droplet rejects
// the action.
var actionChecks = map[droplets.ActionType]func(*API, *droplet, actionRequest) (effect, *apiError){
	droplets.ActionTypeReboot:             checkPoweredOn,
	droplets.ActionTypePowerCycle:         checkPoweredOn,
	droplets.ActionTypeShutdown:           checkTurnOff,
	droplets.ActionTypePowerOff:           checkTurnOff,
	droplets.ActionTypePowerOn:            checkTurnOn,
	droplets.ActionTypePasswordReset:      noCheck,
	droplets.ActionTypeEnableIPv6:         (*API).checkEnableIPv6,
	droplets.ActionTypeEnableBackups:      (*API).checkEnableBackups,
	droplets.ActionTypeDisableBackups:     (*API).checkDisableBackups,
	droplets.ActionTypeChangeBackupPolicy: (*API).checkChangeBackupPolicy,
	droplets.ActionTypeRestore:            (*API).checkRestore,
	droplets.ActionTypeResize:             (*API).checkResize,
	droplets.ActionTypeRebuild:            (*API).checkRebuild,
	droplets.ActionTypeRename:             (*API).checkRename,
	droplets.ActionTypeChangeKernel:       (*API).checkChangeKernel,
	droplets.ActionTypeSnapshot:           (*API).checkSnapshot,
}

var (
	dropletIsOff      = unprocessable("Droplet is currently off. Please power it on to run this event.")
	dropletIsOn       = unprocessable("Droplet is currently on. Please power it off to run this event.")
	alreadyOff        = unprocessable("Droplet is already powered off.")
	alreadyOn         = unprocessable("Droplet is already powered on.")
	backupsNotEnabled = unprocessable("Backups are not enabled for this Droplet.")
)

// checkAction returns the effect of an action, or an error if the Droplet rejects the action.
func (a *API) checkAction(d *droplet, req actionRequest) (effect, *apiError) {
	check, ok := actionChecks[req.Type]
	switch {
	case req.Type == "":
		return effect{}, unprocessable("type is required.")
	case !ok:
		return effect{}, unprocessable("%q is not a valid action type.", req.Type)
	case d.pending != nil || a.beingDestroyed(d.ID):
		return effect{}, pendingEvent
	}
	return check(a, d, req)
}

func noCheck(*API, *droplet, actionRequest) (effect, *apiError) { return effect{}, nil }

func checkPoweredOn(_ *API, d *droplet, _ actionRequest) (effect, *apiError) {
	if d.actualStatus != droplets.DropletStatusActive {
		return effect{}, dropletIsOff
	}
	return effect{}, nil
}

func checkTurnOff(_ *API, d *droplet, _ actionRequest) (effect, *apiError) {
	if d.actualStatus != droplets.DropletStatusActive {
		return effect{}, alreadyOff
	}
	return effect{}, nil
}

func checkTurnOn(_ *API, d *droplet, _ actionRequest) (effect, *apiError) {
	if d.actualStatus == droplets.DropletStatusActive {
		return effect{}, alreadyOn
	}
	return effect{}, nil
}

func (a *API) checkEnableIPv6(d *droplet, _ actionRequest) (effect, *apiError) {
	switch {
	case d.privateOnly:
		return effect{}, unprocessable("IPv6 needs public networking.")
	case d.network.IPv6:
		return effect{}, unprocessable("IPv6 is already enabled for this Droplet.")
	}
	return effect{}, nil
}

func (a *API) checkEnableBackups(d *droplet, req actionRequest) (effect, *apiError) {
	if d.backupPolicy != nil {
		return effect{}, unprocessable("Backups are already enabled for this Droplet.")
	}
	policy, apiErr := completeBackupPolicy(req.BackupPolicy)
	return effect{Policy: policy}, apiErr
}

func (a *API) checkDisableBackups(d *droplet, _ actionRequest) (effect, *apiError) {
	if d.backupPolicy == nil {
		return effect{}, backupsNotEnabled
	}
	return effect{}, nil
}

func (a *API) checkChangeBackupPolicy(d *droplet, req actionRequest) (effect, *apiError) {
	switch {
	case req.BackupPolicy == nil:
		return effect{}, unprocessable("backup_policy is required.")
	case d.backupPolicy == nil:
		return effect{}, backupsNotEnabled
	}
	policy, apiErr := completeBackupPolicy(req.BackupPolicy)
	return effect{Policy: policy}, apiErr
}

func (a *API) checkRestore(d *droplet, req actionRequest) (effect, *apiError) {
	image := a.findImage(req.Image)
	if image == nil || !slices.Contains(d.BackupIDs, image.ID) {
		return effect{}, unprocessable("Image %q is not a backup of this Droplet.", req.Image)
	}
	return effect{Image: image.ID}, nil
}

// checkResize rejects a size with a smaller disk, even if the request does not resize the disk.
func (a *API) checkResize(d *droplet, req actionRequest) (effect, *apiError) {
	size := a.findSize(req.Size)
	switch {
	case size == nil:
		return effect{}, unprocessable("You specified an invalid size for Droplet resize: %q.", req.Size)
	case d.actualStatus != droplets.DropletStatusOff:
		return effect{}, dropletIsOn
	case !slices.Contains(size.Regions, d.Region.Slug):
		return effect{}, unprocessable("Size %s is not available in region %s.", size.Slug, d.Region.Slug)
	case (size.GPUInfo != nil) != (d.GPUInfo != nil):
		return effect{}, unprocessable("This Droplet cannot be resized to %s.", size.Slug)
	case size.Disk < d.Disk:
		return effect{}, unprocessable("Size %s has a disk of %d GB, and this Droplet's has %d GB: a disk cannot shrink.", size.Slug, size.Disk, d.Disk)
	case size.Slug == d.SizeSlug && (!req.Disk || size.Disk == d.Disk):
		return effect{}, unprocessable("This Droplet has the size %s already.", size.Slug)
	}
	return effect{Size: size.Slug, Disk: req.Disk}, nil
}

func (a *API) checkRebuild(d *droplet, req actionRequest) (effect, *apiError) {
	image := a.findImage(req.Image)
	switch {
	case image == nil:
		return effect{}, unprocessable("You specified an invalid image for Droplet rebuild: %q.", req.Image)
	case image.MinDiskSize > d.Disk:
		return effect{}, unprocessable("Image %s needs a disk of %d GB, and this Droplet's has %d GB.", req.Image, image.MinDiskSize, d.Disk)
	}
	return effect{Image: image.ID}, nil
}

func (a *API) checkRename(_ *droplet, req actionRequest) (effect, *apiError) {
	return effect{Name: req.Name}, checkName(req.Name)
}

func (a *API) checkChangeKernel(d *droplet, req actionRequest) (effect, *apiError) {
	if d.Kernel == nil {
		return effect{}, unprocessable("This Droplet manages its kernel itself.")
	}
	if a.findKernel(req.Kernel) == nil {
		return effect{}, unprocessable("You specified an invalid kernel: %d.", req.Kernel)
	}
	return effect{Kernel: req.Kernel}, nil
}

func (a *API) checkSnapshot(_ *droplet, req actionRequest) (effect, *apiError) {
	return effect{Name: req.Name}, nil
}
