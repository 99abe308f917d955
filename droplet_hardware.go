package droplets

import "github.com/droplets-go/droplets/internal/jsonread"

// DiskInfo describes one disk of a Droplet or a size.
type DiskInfo struct {
	// Type is the type of the disk.
	Type DiskType `json:"type"`
	// Size is the capacity with its unit, usually "gib" (GiB).
	Size Quantity `json:"size"`
}

func (v *DiskInfo) fields(r *jsonread.Reader) {
	jsonread.Text(r, "type", &v.Type)
	jsonread.Object(r, "size", &v.Size, (*Quantity).fields)
}

// DiskType is the type of a disk. Values that are not listed here are decoded unchanged.
type DiskType string

// The disk types that the API documents. Every Droplet has a local disk or a boot disk. Some GPU Droplets also have a scratch
// disk, which does not keep its data.
const (
	DiskTypeLocal   DiskType = "local"
	DiskTypeBoot    DiskType = "boot"
	DiskTypeScratch DiskType = "scratch"
)

// Quantity is an amount with its unit.
type Quantity struct {
	// Amount is the number of units.
	Amount int `json:"amount"`
	// Unit is the API's name of the unit, such as "gib".
	Unit string `json:"unit"`
}

func (v *Quantity) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "amount", &v.Amount)
	jsonread.Text(r, "unit", &v.Unit)
}

// GPUInfo describes the GPUs of a Droplet or a size.
type GPUInfo struct {
	// Count is the number of GPUs.
	Count int `json:"count"`
	// Model is the API's name of the model, such as "nvidia_h100".
	Model string `json:"model"`
	// VRAM is the memory of one GPU with its unit.
	VRAM Quantity `json:"vram"`
	// SupportedPartitionModes are the values of GPUPartitionMode that a create with this size can have; nil if the GPUs cannot
	// be partitioned.
	SupportedPartitionModes []GPUPartitionMode `json:"supported_partition_modes,omitzero"`
}

func (v *GPUInfo) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "count", &v.Count)
	jsonread.Text(r, "model", &v.Model)
	jsonread.Object(r, "vram", &v.VRAM, (*Quantity).fields)
	jsonread.Texts(r, "supported_partition_modes", &v.SupportedPartitionModes)
}

// GPUPartitionMode is how the GPUs of a Droplet are partitioned. Values that are not listed here are decoded and sent
// unchanged.
type GPUPartitionMode string

// The partition modes that the API documents. With SPX each GPU is one partition, with DPX it is two partitions.
const (
	GPUPartitionModeSPXNPS1 GPUPartitionMode = "PARTITION_MODE_SPX_NPS1"
	GPUPartitionModeDPXNPS2 GPUPartitionMode = "PARTITION_MODE_DPX_NPS2"
)
