package dropletstest

import (
	"encoding/json"
	"fmt"

	"github.com/droplets-go/droplets"
)

// Resources are objects that [API.Add] adds to an account. Each has a JSON form, so that they can come from a file.
type Resources struct {
	// Count is a number of Droplets to add as [API.Seed] does, at most 100,000.
	Count int `json:"count,omitempty"`
	// Images are added as [API.AddImage] does.
	Images []droplets.Image `json:"images,omitempty"`
	// SSHKeys need Name and PublicKey. The API sets ID and Fingerprint.
	SSHKeys []droplets.SSHKey `json:"ssh_keys,omitempty"`
	// VPCs are added as [API.AddVPC] does.
	VPCs []VPCResource `json:"vpcs,omitempty"`
	// Droplets are added as [API.AddDroplet] does. They can refer to the images above by their IDs and slugs.
	Droplets []droplets.Droplet `json:"droplets,omitempty"`
	// Volumes are block storage volumes. They can be attached to the Droplets above.
	Volumes []VolumeResource `json:"volumes,omitempty"`
	// ReservedIPs are assigned to Droplets.
	ReservedIPs []ReservedIPResource `json:"reserved_ips,omitempty"`
	// Backups are made immediately, as by [API.AddBackup].
	Backups []BackupResource `json:"backups,omitempty"`
	// Firewalls are added as [API.AddFirewall] does.
	Firewalls []droplets.Firewall `json:"firewalls,omitempty"`
	// Neighbors are lists of Droplet IDs. The Droplets of each list are placed on one physical server, as by [API.Colocate].
	Neighbors [][]int64 `json:"neighbors,omitempty"`
}

// VPCResource is a VPC in [Resources].
type VPCResource struct {
	// ID is set by the API.
	ID string `json:"id,omitempty"`
	// Name and Region are required. Region is the slug of a region.
	Name   string `json:"name"`
	Region string `json:"region"`
	// IPRange is in CIDR notation. The API sets it if it is empty.
	IPRange string `json:"ip_range,omitempty"`
}

// VolumeResource is a volume in [Resources].
type VolumeResource struct {
	// ID is set by the API.
	ID string `json:"id,omitempty"`
	// Name and Region are required. Region is the slug of a region.
	Name   string `json:"name"`
	Region string `json:"region"`
	// SizeGigabytes is the size in GB.
	SizeGigabytes int `json:"size_gigabytes"`
	// DropletID is the Droplet that the volume is attached to; 0 for none.
	DropletID int64 `json:"droplet_id,omitempty"`
	// Snapshots are the names of snapshots of the volume.
	Snapshots []string `json:"snapshots,omitempty"`
}

// ReservedIPResource is a reserved IP in [Resources].
type ReservedIPResource struct {
	// IP is set by the API.
	IP string `json:"ip,omitempty"`
	// DropletID is the Droplet that the address is assigned to.
	DropletID int64 `json:"droplet_id"`
}

// BackupResource is a backup in [Resources].
type BackupResource struct {
	// ImageID is set by the API.
	ImageID int64 `json:"image_id,omitempty"`
	// DropletID is the Droplet that the backup is made of.
	DropletID int64 `json:"droplet_id"`
}

// Add adds resources to the account, in the order of the fields, and returns them with the fields that the API sets. The account
// records no requests and no ledger entries for them. If one of them is invalid, Add returns an error that names it and adds nothing.
func (a *API) Add(r Resources) (Resources, error) {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	scratch, err := a.scratchCopy()
	if err != nil {
		return Resources{}, err
	}
	added, err := scratch.addAll(r)
	if err == nil {
		_, err = scratch.scratchCopy() // what was added can be saved
	}
	if err != nil {
		return Resources{}, fmt.Errorf("dropletstest: %w", err)
	}
	a.replaceAccount(&scratch.state)
	return added, nil
}

// scratchCopy returns an API with a copy of the account.
func (a *API) scratchCopy() (*API, error) {
	b, err := json.Marshal(a.save())
	if err != nil {
		return nil, err
	}
	var saved savedState
	if err := json.Unmarshal(b, &saved); err != nil {
		return nil, err
	}
	restored, err := saved.restore()
	if err != nil {
		return nil, err
	}
	scratch := &API{config: a.config}
	scratch.state = *restored
	return scratch, nil
}
