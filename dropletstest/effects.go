package dropletstest

import (
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// apply is what an action has done when it completes.
func (a *API) apply(d *droplet, act *action, at time.Time) {
	do := act.change
	switch act.Type {
	case droplets.ActionTypeCreate:
		a.start(d, at)
	case droplets.ActionTypeShutdown, droplets.ActionTypePowerOff:
		a.setStatus(d, droplets.DropletStatusOff, at)
	case droplets.ActionTypePowerOn, droplets.ActionTypePowerCycle, droplets.ActionTypeReboot:
		a.setStatus(d, droplets.DropletStatusActive, at)
	case droplets.ActionTypeEnableIPv6:
		d.network.IPv6 = true
		d.Features = append(d.Features, "ipv6")
		a.assignAddresses(d)
	case droplets.ActionTypeEnableBackups, droplets.ActionTypeChangeBackupPolicy:
		a.setPolicy(d, do.Policy, at)
	case droplets.ActionTypeDisableBackups:
		a.setPolicy(d, nil, at)
	case droplets.ActionTypeRestore, droplets.ActionTypeRebuild:
		if image := a.images[do.Image]; image != nil { // deleted meanwhile, it leaves the disk as it was
			d.Image = image
		}
		a.setStatus(d, droplets.DropletStatusActive, at)
	case droplets.ActionTypeResize:
		d.setSize(a.findSize(do.Size), do.Disk)
	case droplets.ActionTypeRename:
		d.Name = do.Name
	case droplets.ActionTypeChangeKernel:
		d.Kernel = a.findKernel(do.Kernel)
	case droplets.ActionTypeSnapshot:
		image := a.addImage(d, droplets.ImageTypeSnapshot, do.Name, act.StartedAt)
		d.SnapshotIDs = append(d.SnapshotIDs, image.ID)
	}
}

// start is the end of a create: the Droplet runs and has its addresses, unless those lag behind.
func (a *API) start(d *droplet, at time.Time) {
	a.setStatus(d, droplets.DropletStatusActive, at)
	if d.policy != nil {
		a.setPolicy(d, d.policy, at)
	}
	if lag := a.config.lag.Addresses; lag > 0 {
		a.plan(event{At: at.Add(lag), Kind: eventAddresses, Droplet: d.ID})
		return
	}
	a.assignAddresses(d)
}

func (a *API) setStatus(d *droplet, status droplets.DropletStatus, at time.Time) {
	d.actual = status
	if lag := a.config.lag.Status; lag > 0 {
		a.plan(event{At: at.Add(lag), Kind: eventStatusShown, Droplet: d.ID})
		return
	}
	d.Status = status
}

// addImage makes an image of a Droplet's disk. It can hold what the disk could, and is smaller itself.
func (a *API) addImage(d *droplet, t droplets.ImageType, name string, at time.Time) *droplets.Image {
	if name == "" {
		name = d.Name + "-" + wholeSeconds(at).Format("20060102150405")
	}
	image := &droplets.Image{ID: next(&a.counters.Image), Name: name, Type: t, Distribution: d.Image.Distribution,
		Regions: []string{d.Region.Slug}, CreatedAt: wholeSeconds(at), MinDiskSize: d.Disk,
		SizeGigabytes: d.Image.SizeGigabytes, Tags: []string{}, Status: droplets.ImageStatusAvailable}
	a.images[image.ID] = image
	return image
}

// removeImage takes an image out of the account and out of the Droplet that it was made of.
func (s *state) removeImage(id int64) {
	delete(s.images, id)
	without := func(ids []int64) []int64 {
		return slices.DeleteFunc(ids, func(other int64) bool { return other == id })
	}
	for _, d := range s.ordered {
		d.SnapshotIDs, d.BackupIDs = without(d.SnapshotIDs), without(d.BackupIDs)
	}
}
