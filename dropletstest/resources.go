package dropletstest

import (
	"encoding/json"
	"fmt"

	"github.com/droplets-go/droplets"
)

// Resources are objects that [API.Add] adds to an account. They can be decoded from JSON, for example from a file.
type Resources struct {
	// Count is the number of Droplets that are added as by [API.Seed]; at most 100,000.
	Count int `json:"count,omitempty"`
	// Images are added as by [API.AddImage].
	Images []droplets.Image `json:"images,omitempty"`
	// SSHKeys must have a Name and a PublicKey. ID and Fingerprint must be zero; Add sets them.
	SSHKeys []droplets.SSHKey `json:"ssh_keys,omitempty"`
	// VPCs are added as by [API.AddVPC].
	VPCs []VPCResource `json:"vpcs,omitempty"`
	// Droplets are added as by [API.AddDroplet]. They can refer to the images above by their IDs and slugs.
	Droplets []droplets.Droplet `json:"droplets,omitempty"`
	// Volumes are block storage volumes. They can be attached to the Droplets above.
	Volumes []VolumeResource `json:"volumes,omitempty"`
	// ReservedIPs are reserved and assigned to Droplets, as by [API.AddReservedIP].
	ReservedIPs []ReservedIPResource `json:"reserved_ips,omitempty"`
	// Backups are created immediately, as by [API.AddBackup].
	Backups []BackupResource `json:"backups,omitempty"`
	// Firewalls are added as by [API.AddFirewall].
	Firewalls []droplets.Firewall `json:"firewalls,omitempty"`
	// Neighbors are lists of Droplet IDs. The Droplets of a list, which must exist, are placed on one physical server, as by
	// [API.Colocate].
	Neighbors [][]int64 `json:"neighbors,omitempty"`
}

// VPCResource is a VPC in [Resources].
type VPCResource struct {
	// ID must be empty; Add sets it.
	ID string `json:"id,omitempty"`
	// Name and Region are required. Region is the slug of a region.
	Name   string `json:"name"`
	Region string `json:"region"`
	// IPRange is in CIDR notation. If it is empty, Add sets it to a free range.
	IPRange string `json:"ip_range,omitempty"`
}

// VolumeResource is a volume in [Resources].
type VolumeResource struct {
	// ID must be empty; Add sets it.
	ID string `json:"id,omitempty"`
	// Name and Region are required. Region is the slug of a region.
	Name   string `json:"name"`
	Region string `json:"region"`
	// SizeGigabytes is the size in GB, from 1 to 16,384.
	SizeGigabytes int `json:"size_gigabytes"`
	// DropletID is the Droplet to which the volume is attached; 0 for none.
	DropletID int64 `json:"droplet_id,omitempty"`
	// Snapshots are the names of the snapshots that are created of the volume.
	Snapshots []string `json:"snapshots,omitempty"`
}

// ReservedIPResource is a reserved IP in [Resources].
type ReservedIPResource struct {
	// IP must be empty; Add sets it.
	IP string `json:"ip,omitempty"`
	// DropletID is the Droplet to which the address is assigned. It is required.
	DropletID int64 `json:"droplet_id"`
}

// BackupResource is a backup in [Resources].
type BackupResource struct {
	// ImageID must be 0; Add sets it.
	ImageID int64 `json:"image_id,omitempty"`
	// DropletID is the Droplet of the backup. It is required.
	DropletID int64 `json:"droplet_id"`
}

// Add adds resources to the account, in the order of the fields of [Resources], and returns copies with all fields set. It records
// neither requests nor ledger entries. If a resource is invalid, Add returns an error with the field and the index of the resource,
// and adds nothing.
func (a *API) Add(r Resources) (Resources, error) {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	if apiErr := a.checkIDs(); apiErr != nil {
		return Resources{}, fmt.Errorf("dropletstest: %s", apiErr.message)
	}
	scratch, err := a.scratchCopy()
	if err != nil {
		return Resources{}, fmt.Errorf("dropletstest: %w", err)
	}
	added, err := scratch.addAll(r)
	if err == nil {
		_, err = scratch.scratchCopy() // fails if the new account could not be saved or loaded
	}
	if err != nil {
		return Resources{}, fmt.Errorf("dropletstest: %w", err)
	}
	a.replaceAccount(&scratch.state)
	return added, nil
}

// scratchCopy returns an API with a copy of the account. It fails if the account cannot be saved or loaded.
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
