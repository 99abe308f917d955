package dropletstest

import (
	"errors"
	"fmt"

	"github.com/droplets-go/droplets"
)

const maxSeedCount = 100_000

// addAll adds resources. It returns the first error; resources before the invalid one are then already added.
func (a *API) addAll(r Resources) (added Resources, err error) {
	if r.Count < 0 || r.Count > maxSeedCount {
		return added, fmt.Errorf("count must be between 0 and %d", maxSeedCount)
	}
	a.Seed(r.Count)
	all := a.Droplets()
	added.Count, added.Droplets = r.Count, all[len(all)-r.Count:]
	for _, step := range []func() error{
		func() error { return addEach("images", r.Images, &added.Images, a.addImageResource) },
		func() error { return addEach("ssh_keys", r.SSHKeys, &added.SSHKeys, a.addSSHKeyResource) },
		func() error { return addEach("vpcs", r.VPCs, &added.VPCs, a.addVPCResource) },
		func() error { return addEach("droplets", r.Droplets, &added.Droplets, a.addDropletResource) },
		func() error { return addEach("volumes", r.Volumes, &added.Volumes, a.addVolumeResource) },
		func() error {
			return addEach("reserved_ips", r.ReservedIPs, &added.ReservedIPs, a.addReservedIPResource)
		},
		func() error { return addEach("backups", r.Backups, &added.Backups, a.addBackupResource) },
		func() error { return addEach("firewalls", r.Firewalls, &added.Firewalls, a.addFirewallResource) },
		func() error { return addEach("neighbors", r.Neighbors, &added.Neighbors, a.addNeighbors) },
	} {
		if err := step(); err != nil {
			return added, err
		}
	}
	return added, nil
}

// addEach adds the resources of one kind to the account and to added. An error has the field and the index of the resource.
func addEach[T any](field string, list []T, added *[]T, add func(T) (T, error)) error {
	for i, v := range list {
		v, err := add(v)
		if err != nil {
			return fmt.Errorf("%s[%d]: %w", field, i, err)
		}
		*added = append(*added, v)
	}
	return nil
}

func (a *API) addImageResource(i droplets.Image) (droplets.Image, error) {
	return a.addImage(i, a.config.clock.Now())
}

func (a *API) addDropletResource(d droplets.Droplet) (droplets.Droplet, error) {
	return a.addDroplet(d, a.config.clock.Now())
}

func (a *API) addSSHKeyResource(k droplets.SSHKey) (droplets.SSHKey, error) {
	if k.ID != 0 || k.Fingerprint != "" {
		return k, errors.New("id and fingerprint cannot be set")
	}
	key, apiErr := a.addSSHKey(k.Name, k.PublicKey)
	if apiErr != nil {
		return k, errors.New(apiErr.message)
	}
	k.ID, k.Fingerprint = key.ID, key.Fingerprint
	return k, nil
}

func (a *API) addVPCResource(v VPCResource) (VPCResource, error) {
	if v.ID != "" {
		return v, errors.New("id cannot be set")
	}
	created, apiErr := a.newVPC(vpcCreateRequest{Name: v.Name, Region: v.Region, IPRange: v.IPRange}, a.config.clock.Now())
	if apiErr != nil {
		return v, errors.New(apiErr.message)
	}
	v.ID, v.IPRange = created.ID, created.IPRange
	return v, nil
}

func (a *API) addVolumeResource(v VolumeResource) (VolumeResource, error) {
	switch {
	case v.ID != "":
		return v, errors.New("id cannot be set")
	case v.Name == "":
		return v, errors.New("name is required")
	case a.findRegion(v.Region) == nil:
		return v, fmt.Errorf("the region %q is unknown", v.Region)
	case v.SizeGigabytes < 1 || v.SizeGigabytes > maxVolumeSize:
		return v, fmt.Errorf("size_gigabytes must be between 1 and %d", maxVolumeSize)
	}
	v.ID = a.AddVolume(v.Name, v.Region, v.SizeGigabytes)
	for _, name := range v.Snapshots {
		a.AddVolumeSnapshot(v.ID, name)
	}
	if v.DropletID == 0 {
		return v, nil
	}
	d := a.droplets[v.DropletID]
	if d == nil {
		return v, errNoDroplet(v.DropletID)
	}
	if d.Region.Slug != v.Region {
		return v, fmt.Errorf("the volume is in region %s and Droplet %d is in %s", v.Region, d.ID, d.Region.Slug)
	}
	a.AttachVolume(v.ID, d.ID)
	return v, nil
}

func errNoDroplet(id int64) error { return fmt.Errorf("the Droplet %d does not exist", id) }

func (a *API) addReservedIPResource(ip ReservedIPResource) (ReservedIPResource, error) {
	switch {
	case ip.IP != "":
		return ip, errors.New("ip cannot be set")
	case a.droplets[ip.DropletID] == nil:
		return ip, errNoDroplet(ip.DropletID)
	}
	d := a.droplets[ip.DropletID]
	r := a.newReservedIP(d.Region.Slug)
	if r == nil {
		return ip, errors.New(noFreeReservedIP.message)
	}
	a.assignReservedIP(r, d)
	ip.IP = r.Address
	return ip, nil
}

func (a *API) addBackupResource(b BackupResource) (BackupResource, error) {
	if b.ImageID != 0 {
		return b, errors.New("image_id cannot be set")
	}
	b.ImageID = a.AddBackup(b.DropletID)
	if b.ImageID == 0 {
		return b, errNoDroplet(b.DropletID)
	}
	return b, nil
}

func (a *API) addFirewallResource(f droplets.Firewall) (droplets.Firewall, error) {
	return a.addFirewall(f, a.config.clock.Now())
}

func (a *API) addNeighbors(ids []int64) ([]int64, error) {
	for _, id := range ids {
		if a.droplets[id] == nil {
			return ids, errNoDroplet(id)
		}
	}
	a.Colocate(ids...)
	return ids, nil
}
