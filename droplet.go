package droplets

import (
	"net/netip"
	"slices"
	"time"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// Droplet is a virtual machine.
type Droplet struct {
	// ID is assigned by the API. IDs are not reused.
	ID int64 `json:"id"`
	// Name is the display name and the host name. It need not be unique.
	Name string `json:"name"`
	// Memory is the size of the memory in MB.
	Memory int `json:"memory"`
	// VCPUs is the number of virtual CPUs.
	VCPUs int `json:"vcpus"`
	// Disk is the size of the root disk in GB.
	Disk int `json:"disk"`
	// DiskInfo lists the disks; nil if the API does not return them.
	DiskInfo []DiskInfo `json:"disk_info,omitzero"`
	// Locked is true while an action is in progress that prevents other actions.
	Locked bool `json:"locked"`
	// Status is the state of the Droplet.
	Status DropletStatus `json:"status"`
	// Kernel is the external kernel of a Droplet from before March 2017; nil for other Droplets, which boot their own kernel.
	Kernel *Kernel `json:"kernel"`
	// CreatedAt is the time at which the Droplet was created.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Features lists the enabled features, such as "backups", "ipv6" and "monitoring"; see [Droplet.HasFeature].
	Features []string `json:"features"`
	// BackupIDs are the IDs of the Droplet's backups. The token needs the scope image:read.
	BackupIDs []int64 `json:"backup_ids"`
	// NextBackupWindow is the time window of the next backup; nil if backups are disabled.
	NextBackupWindow *BackupWindow `json:"next_backup_window"`
	// SnapshotIDs are the IDs of the Droplet's snapshots. The token needs the scope image:read.
	SnapshotIDs []int64 `json:"snapshot_ids"`
	// Image is the image that the Droplet was created from; nil if the API does not return it. The token needs the scope
	// image:read.
	Image *Image `json:"image"`
	// VolumeIDs are the IDs of the attached volumes. The token needs the scope block_storage:read.
	VolumeIDs []string `json:"volume_ids"`
	// Size is the size with its price; nil if the API does not return it.
	Size *Size `json:"size"`
	// SizeSlug is the slug of the size, such as "s-1vcpu-1gb".
	SizeSlug string `json:"size_slug"`
	// Networks are the network interfaces; empty until the Droplet is active.
	Networks Networks `json:"networks"`
	// Region is the Droplet's region; nil if the API does not return it.
	Region *Region `json:"region"`
	// Tags are the Droplet's tags. The token needs the scope tag:read.
	Tags []string `json:"tags"`
	// VPCUUID is the ID of the Droplet's VPC network; empty if the API does not return it. The token needs the scope
	// vpc:read.
	VPCUUID string `json:"vpc_uuid,omitzero"`
	// SubnetUUID is the ID of the subnet of the VPC network; empty if the API does not return it.
	SubnetUUID string `json:"subnet_uuid,omitzero"`
	// GPUInfo describes the GPUs; nil if the Droplet has no GPU.
	GPUInfo *GPUInfo `json:"gpu_info,omitzero"`
	// GPUPartitionMode is how the GPUs are partitioned. The API returns it only in the response to a create; it is empty in
	// other responses.
	GPUPartitionMode GPUPartitionMode `json:"gpu_partition_mode,omitzero"`
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
	jsonread.Text(r, "subnet_uuid", &d.SubnetUUID)
	jsonread.Pointer(r, "gpu_info", &d.GPUInfo, (*GPUInfo).fields)
	jsonread.Text(r, "gpu_partition_mode", &d.GPUPartitionMode)
}

// HasFeature reports whether the feature, such as "backups", "ipv6" or "monitoring", is enabled.
func (d *Droplet) HasFeature(feature string) bool { return slices.Contains(d.Features, feature) }

// PublicIPv4 returns the first valid public IPv4 address; ok is false if there is none.
func (d *Droplet) PublicIPv4() (addr netip.Addr, ok bool) { return d.ipv4(NetworkTypePublic) }

// PrivateIPv4 returns the first valid private IPv4 address, which is in the VPC network; ok is false if there is none.
func (d *Droplet) PrivateIPv4() (addr netip.Addr, ok bool) { return d.ipv4(NetworkTypePrivate) }

// PublicIPv6 returns the first valid public IPv6 address; ok is false if there is none.
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

// IsActive reports whether the Droplet has the status "active": it is powered on. IsActive is a condition for
// [DropletsService.WaitFor].
func IsActive(d *Droplet) bool { return d.Status == DropletStatusActive }

// IsOff reports whether the Droplet has the status "off": it is powered off. IsOff is a condition for [DropletsService.WaitFor].
func IsOff(d *Droplet) bool { return d.Status == DropletStatusOff }

// IsUnlocked reports whether the Droplet is not locked by an action. IsUnlocked is a condition for [DropletsService.WaitFor].
func IsUnlocked(d *Droplet) bool { return !d.Locked }

// HasPublicIPv4 reports whether the Droplet has a public IPv4 address. HasPublicIPv4 is a condition for [DropletsService.WaitFor].
func HasPublicIPv4(d *Droplet) bool {
	_, ok := d.PublicIPv4()
	return ok
}

// DropletStatus is the state of a Droplet. Values that are not listed here are decoded unchanged.
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

// neighborsRoot is the root of a list of Droplets without pages.
type neighborsRoot struct {
	Droplets []Droplet `json:"droplets"`
}

func (v *neighborsRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "droplets", &v.Droplets, (*Droplet).fields)
}

func (v *neighborsRoot) missing() string { return missingIf(v.Droplets == nil, "droplets") }
