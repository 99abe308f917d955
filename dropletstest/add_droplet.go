package dropletstest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// AddDroplet adds a Droplet to the account without a request, and returns a copy of the Droplet that it added. The Droplet has no
// action and no entry in the [API.Ledger]. Zero fields are filled in: the Droplet is active, has the size s-1vcpu-1gb and the image
// ubuntu-24-04-x64 (or the first size and image for GPUs, if GPUInfo is set), is in the first region that has both, and has
// addresses.
//
// If the VPC does not exist, AddDroplet adds it in the region of the Droplet, with a generated name and range.
//
// Size, Region and Image refer to the catalog or to images of [API.AddImage] by their slugs or IDs; their other fields are ignored.
// Volumes, snapshots and backups must exist, and belong to no other Droplet. Daily backups are enabled if Features has "backups" or
// NextBackupWindow is set.
//
// AddDroplet panics if the ID is out of range or in use, if the ID belonged to a deleted Droplet that had actions, if the name or a
// tag is invalid, if an address is in use, if the Droplet refers to something that does not exist, or if its volumes or its VPC are in
// another region.
func (a *API) AddDroplet(d droplets.Droplet) droplets.Droplet {
	now := a.lockToAdd()
	defer a.mu.Unlock()
	added, err := a.addDroplet(d, now)
	if err != nil {
		panic("dropletstest: AddDroplet: " + err.Error())
	}
	return added
}

func (a *API) addDroplet(d droplets.Droplet, now time.Time) (droplets.Droplet, error) {
	added := &droplet{Droplet: copyDroplet(d)}
	for _, step := range []func(*droplet) error{a.resolveAddedID, a.resolveAddedSize, a.resolveAddedImage, a.resolveAddedRegion,
		a.checkAddedNames, a.checkAddedAddresses, a.checkAddedVolumes, a.checkAddedImages, a.resolveAddedVPC} {
		if err := step(added); err != nil {
			return droplets.Droplet{}, err
		}
	}
	a.completeDroplet(added, now)
	a.storeDroplet(added)
	a.claimAddresses(added)
	a.connectDroplet(added, now)
	return copyDroplet(added.Droplet), nil
}

func (a *API) resolveAddedID(d *droplet) error {
	switch {
	case d.ID < 0:
		return fmt.Errorf("the ID %d is negative", d.ID)
	case d.ID >= maxGivenID:
		return fmt.Errorf("the ID %d is above %d", d.ID, int64(maxGivenID)-1)
	case d.ID == 0:
		return nil // completeDroplet sets it after all checks
	case a.droplets[d.ID] != nil || a.destroyJobs[d.ID] != nil || a.hadActions(resourceDroplet, d.ID):
		return fmt.Errorf("the ID %d is in use or was in use", d.ID)
	}
	return nil
}

// resolveAddedSize sets the size, and copies its hardware to the fields that the Droplet leaves zero.
func (a *API) resolveAddedSize(d *droplet) error {
	slug := d.SizeSlug
	if slug == "" && d.Size != nil {
		slug = d.Size.Slug
	}
	if slug == "" {
		slug = find(a.sizes, func(s *droplets.Size) bool { return (s.GPUInfo != nil) == (d.GPUInfo != nil) && s.Memory >= 1024 }).Slug
	}
	size := a.findSize(slug)
	if size == nil {
		return fmt.Errorf("the size %q is unknown", slug)
	}
	given := d.Droplet
	d.setSize(size, true)
	d.Memory, d.VCPUs, d.Disk = cmp.Or(given.Memory, d.Memory), cmp.Or(given.VCPUs, d.VCPUs), cmp.Or(given.Disk, d.Disk)
	if given.DiskInfo != nil {
		d.DiskInfo = given.DiskInfo
	}
	return nil
}

func (a *API) resolveAddedImage(d *droplet) error {
	ref := "ubuntu-24-04-x64"
	switch {
	case d.Image != nil && d.Image.ID != 0:
		ref = strconv.FormatInt(d.Image.ID, 10)
	case d.Image != nil && d.Image.Slug != "":
		ref = d.Image.Slug
	case d.GPUInfo != nil:
		ref = "gpu-h100x1-base"
	}
	v := a.findImageByIDOrSlug(ref)
	if v == nil {
		return fmt.Errorf("the image %q is unknown: add it with AddImage first", ref)
	}
	d.Image = &v.Image
	return nil
}

func (a *API) resolveAddedRegion(d *droplet) error {
	if d.Region != nil && d.Region.Slug != "" {
		slug := d.Region.Slug
		if d.Region = a.findRegion(slug); d.Region == nil {
			return fmt.Errorf("the region %q is unknown", slug)
		}
		return nil
	}
	d.Region = find(a.regions, func(r *droplets.Region) bool {
		return slices.Contains(d.Size.Regions, r.Slug) && slices.Contains(d.Image.Regions, r.Slug)
	})
	if d.Region == nil {
		return fmt.Errorf("no region has the size %s and the image %d", d.SizeSlug, d.Image.ID)
	}
	return nil
}

func (a *API) checkAddedNames(d *droplet) error {
	d.Name = cmp.Or(d.Name, "droplet")
	if apiErr := cmp.Or(checkName(d.Name), checkTagNames(d.Tags)); apiErr != nil {
		return fmt.Errorf("%s", apiErr.message)
	}
	return nil
}

func (a *API) checkAddedAddresses(d *droplet) error {
	for _, address := range addressesOf(d.Networks) {
		if a.hasAddress(address) || a.findReservedIP(address) != nil {
			return fmt.Errorf("the address %q is in use", address)
		}
	}
	return nil
}

func (a *API) checkAddedVolumes(d *droplet) error {
	for i, id := range d.VolumeIDs {
		if v := a.volumes[id]; v == nil || v.checkAttachable(d.Region.Slug) != nil || slices.Contains(d.VolumeIDs[:i], id) {
			return fmt.Errorf("the volume %q does not exist or is attached, or is in another region", id)
		}
	}
	return nil
}

func (a *API) checkAddedImages(d *droplet) error {
	for i, id := range slices.Concat(d.SnapshotIDs, d.BackupIDs) {
		want := droplets.ImageTypeSnapshot
		if i >= len(d.SnapshotIDs) {
			want = droplets.ImageTypeBackup
		}
		v := a.images[id]
		if v == nil || v.Type != want || v.Public || v.dropletID != 0 {
			return fmt.Errorf("the %s %d does not exist or belongs to another Droplet", want, id)
		}
	}
	return nil
}

// resolveAddedVPC adds a VPC that does not exist, so that a Droplet of a real account can be added with its VPC.
func (a *API) resolveAddedVPC(d *droplet) error {
	v := a.findVPC(d.VPCUUID)
	switch {
	case d.VPCUUID == "":
		return nil
	case v == nil:
		return a.addVPCWithID(d.VPCUUID, d.Region.Slug, d.CreatedAt)
	case v.Region != d.Region.Slug:
		return fmt.Errorf("the VPC %q is in region %s", v.ID, v.Region)
	}
	return nil
}

// completeDroplet sets the fields that are still missing, and those that the API sets.
func (a *API) completeDroplet(d *droplet, now time.Time) {
	if d.ID == 0 {
		d.ID = nextID(&a.counters.Droplet)
	}
	a.counters.Droplet = max(a.counters.Droplet, d.ID)
	if d.CreatedAt.IsZero() {
		d.CreatedAt = wholeSeconds(now)
	}
	d.CreatedAt = roundTripTime(d.CreatedAt)
	d.Status = cmp.Or(d.Status, droplets.DropletStatusActive)
	d.actualStatus = d.Status
	d.GPUPartitionMode = "" // the API returns it in the response to a create only
	d.VPCUUID = cmp.Or(d.VPCUUID, a.defaultVPC(d.Region.Slug).ID)
	d.Tags, d.BackupIDs, d.SnapshotIDs, d.VolumeIDs = unique(d.Tags), nonNil(d.BackupIDs), nonNil(d.SnapshotIDs), nonNil(d.VolumeIDs)
	ipv6 := len(d.Networks.V6) > 0 || slices.Contains(d.Features, "ipv6")
	if d.Features == nil {
		d.Features = (&createSpec{createRequest: createRequest{IPv6: ipv6}}).features()
	}
	if len(d.Networks.V4) == 0 && len(d.Networks.V6) == 0 {
		d.network = a.newNetworkSpec(d, ipv6)
		a.assignAddresses(d)
		return
	}
	d.network = networkSpec{Number: noNumber, Region: a.regionIndex(d.Region.Slug), IPv6: ipv6}
	if private, ok := d.PrivateIPv4(); ok {
		d.network.Host = a.findVPC(d.VPCUUID).host(private)
	}
	d.Networks.V4, d.Networks.V6 = nonNil(d.Networks.V4), nonNil(d.Networks.V6)
	_, public := d.PublicIPv4()
	d.privateOnly = !public
}

// connectDroplet attaches the Droplet's volumes, sets the Droplet of its snapshots and backups, and enables its backups.
func (a *API) connectDroplet(d *droplet, now time.Time) {
	for _, id := range d.VolumeIDs {
		a.volumes[id].DropletID = d.ID
	}
	for _, id := range slices.Concat(d.SnapshotIDs, d.BackupIDs) {
		a.images[id].dropletID = d.ID
	}
	if d.NextBackupWindow != nil || slices.Contains(d.Features, "backups") {
		policy, _ := completeBackupPolicy(nil) // the default policy is valid
		a.setBackupPolicy(d, policy, now)
	}
}
