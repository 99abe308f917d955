package droplets

import (
	"net/netip"
	"slices"
	"time"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// Droplet is a virtual machine.
type Droplet struct {
	// ID is given by the API and never used again.
	ID int64 `json:"id"`
	// Name is the display name and the host name. It need not be unique.
	Name string `json:"name"`
	// Memory is in MB.
	Memory int `json:"memory"`
	// VCPUs is the number of virtual CPUs.
	VCPUs int `json:"vcpus"`
	// Disk is the size of the root disk in GB.
	Disk int `json:"disk"`
	// DiskInfo lists the disks; nil where the API does not say.
	DiskInfo []DiskInfo `json:"disk_info,omitzero"`
	// Locked is true while an action keeps others away.
	Locked bool `json:"locked"`
	// Status is where the Droplet is in its life.
	Status DropletStatus `json:"status"`
	// Kernel is set only for Droplets from before March 2017 whose kernel is managed from outside.
	Kernel *Kernel `json:"kernel"`
	// CreatedAt is when the Droplet was created.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Features lists what is switched on, such as "backups", "ipv6", "monitoring"; see [Droplet.HasFeature].
	Features []string `json:"features"`
	// BackupIDs are the ids of the backups taken. The token needs the scope image:read.
	BackupIDs []int64 `json:"backup_ids"`
	// NextBackupWindow is when the next backup may begin; nil without backups.
	NextBackupWindow *BackupWindow `json:"next_backup_window"`
	// SnapshotIDs are the ids of the snapshots taken. The token needs the scope image:read.
	SnapshotIDs []int64 `json:"snapshot_ids"`
	// Image is what the Droplet was made from; nil where the API does not say. The token needs the scope image:read.
	Image *Image `json:"image"`
	// VolumeIDs are the ids of the attached volumes. The token needs the scope block_storage:read.
	VolumeIDs []string `json:"volume_ids"`
	// Size is the plan with its price; nil where the API does not say.
	Size *Size `json:"size"`
	// SizeSlug names the plan.
	SizeSlug string `json:"size_slug"`
	// Networks are the Droplet's addresses; empty until it is active.
	Networks Networks `json:"networks"`
	// Region is where it runs; nil where the API does not say.
	Region *Region `json:"region"`
	// Tags are its tags. The token needs the scope tag:read.
	Tags []string `json:"tags"`
	// VPCUUID is the private network it is in; empty where the API does not say. The token needs the scope vpc:read.
	VPCUUID string `json:"vpc_uuid,omitzero"`
	// GPUInfo describes the GPUs; nil on Droplets that have none.
	GPUInfo *GPUInfo `json:"gpu_info,omitzero"`
}

func (d *Droplet) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "id", &d.ID)
	jsonread.Text(r, "name", &d.Name)
	jsonread.Integer(r, "memory", &d.Memory)
	jsonread.Integer(r, "vcpus", &d.VCPUs)
	jsonread.Integer(r, "disk", &d.Disk)
	jsonread.Objects(r, "disk_info", &d.DiskInfo, (*DiskInfo).fields)
	jsonread.Bool(r, "locked", &d.Locked)
	jsonread.Text(r, "status", &d.Status)
	jsonread.Pointer(r, "kernel", &d.Kernel, (*Kernel).fields)
	jsonread.Time(r, "created_at", &d.CreatedAt)
	jsonread.Texts(r, "features", &d.Features)
	jsonread.Integers(r, "backup_ids", &d.BackupIDs)
	jsonread.Pointer(r, "next_backup_window", &d.NextBackupWindow, (*BackupWindow).fields)
	jsonread.Integers(r, "snapshot_ids", &d.SnapshotIDs)
	jsonread.Pointer(r, "image", &d.Image, (*Image).fields)
	jsonread.Texts(r, "volume_ids", &d.VolumeIDs)
	jsonread.Pointer(r, "size", &d.Size, (*Size).fields)
	jsonread.Text(r, "size_slug", &d.SizeSlug)
	jsonread.Object(r, "networks", &d.Networks, (*Networks).fields)
	jsonread.Pointer(r, "region", &d.Region, (*Region).fields)
	jsonread.Texts(r, "tags", &d.Tags)
	jsonread.Text(r, "vpc_uuid", &d.VPCUUID)
	jsonread.Pointer(r, "gpu_info", &d.GPUInfo, (*GPUInfo).fields)
}

// HasFeature reports whether the feature, such as "backups", "ipv6" or "monitoring", is switched on.
func (d *Droplet) HasFeature(feature string) bool { return slices.Contains(d.Features, feature) }

// PublicIPv4 returns the first public IPv4 address; ok is false while there is none.
func (d *Droplet) PublicIPv4() (addr netip.Addr, ok bool) { return d.ipv4(NetworkTypePublic) }

// PrivateIPv4 returns the first private IPv4 address, the one within the VPC; ok is false while there is none.
func (d *Droplet) PrivateIPv4() (addr netip.Addr, ok bool) { return d.ipv4(NetworkTypePrivate) }

// PublicIPv6 returns the first public IPv6 address; ok is false while there is none.
func (d *Droplet) PublicIPv6() (addr netip.Addr, ok bool) {
	for _, n := range d.Networks.V6 {
		if addr, err := netip.ParseAddr(n.IPAddress); n.Type == NetworkTypePublic && err == nil {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

func (d *Droplet) ipv4(t NetworkType) (netip.Addr, bool) {
	for _, n := range d.Networks.V4 {
		if addr, err := netip.ParseAddr(n.IPAddress); n.Type == t && err == nil {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

// IsActive is a condition for [DropletsService.WaitFor]: the Droplet runs.
func IsActive(d *Droplet) bool { return d.Status == DropletStatusActive }

// IsOff is a condition for [DropletsService.WaitFor]: the Droplet is powered off.
func IsOff(d *Droplet) bool { return d.Status == DropletStatusOff }

// IsUnlocked is a condition for [DropletsService.WaitFor]: no action keeps others away.
func IsUnlocked(d *Droplet) bool { return !d.Locked }

// HasPublicIPv4 is a condition for [DropletsService.WaitFor]: the Droplet can be reached.
func HasPublicIPv4(d *Droplet) bool {
	_, ok := d.PublicIPv4()
	return ok
}

// DropletStatus is where a Droplet is in its life. A value that is not listed here decodes too.
type DropletStatus string

// The statuses that the API documents.
const (
	DropletStatusNew     DropletStatus = "new"
	DropletStatusActive  DropletStatus = "active"
	DropletStatusOff     DropletStatus = "off"
	DropletStatusArchive DropletStatus = "archive"
)

type dropletRoot struct {
	Droplet *Droplet `json:"droplet"`
}

func (v *dropletRoot) fields(r *jsonread.Reader) {
	jsonread.Pointer(r, "droplet", &v.Droplet, (*Droplet).fields)
}

func (v *dropletRoot) missing() string {
	switch {
	case v.Droplet == nil:
		return "droplet"
	case v.Droplet.ID < 1:
		return "droplet.id"
	}
	return ""
}

type dropletsRoot struct {
	Droplets []Droplet `json:"droplets"`
	pageInfo
}

func (v *dropletsRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "droplets", &v.Droplets, (*Droplet).fields)
	v.pageFields(r)
}

func (v *dropletsRoot) missing() string { return missingIf(v.Droplets == nil, "droplets") }

type neighborsRoot struct {
	Droplets []Droplet `json:"droplets"`
}

func (v *neighborsRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "droplets", &v.Droplets, (*Droplet).fields)
}

func (v *neighborsRoot) missing() string { return missingIf(v.Droplets == nil, "droplets") }
