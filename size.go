package droplets

import "github.com/droplets-go/droplets/internal/jsonread"

// Size is a Droplet size: its resources and its price.
type Size struct {
	// Slug identifies the size in requests, such as "s-1vcpu-1gb".
	Slug string `json:"slug"`
	// Memory is the memory (RAM) in MB.
	Memory int `json:"memory"`
	// VCPUs is the number of virtual CPUs.
	VCPUs int `json:"vcpus"`
	// Disk is the size of the root disk in GB.
	Disk int `json:"disk"`
	// Transfer is the traffic on the public interface, in TB per month, that the price includes.
	Transfer float64 `json:"transfer"`
	// PriceMonthly is the price in USD per month.
	PriceMonthly float64 `json:"price_monthly"`
	// PriceHourly is the price in USD per hour.
	PriceHourly float64 `json:"price_hourly"`
	// Regions are the slugs of the regions in which the size is available.
	Regions []string `json:"regions"`
	// Available is false if new Droplets cannot have the size.
	Available bool `json:"available"`
	// Description is the class of the size, such as "Basic" or "CPU-Optimized".
	Description string `json:"description"`
	// DiskInfo lists the disks; nil if the API does not return them.
	DiskInfo []DiskInfo `json:"disk_info,omitzero"`
	// GPUInfo describes the GPUs; nil if the size has none.
	GPUInfo *GPUInfo `json:"gpu_info,omitzero"`
}

func (v *Size) fields(r *jsonread.Reader) {
	jsonread.Text(r, "slug", &v.Slug)
	jsonread.Integer(r, "memory", &v.Memory)
	jsonread.Integer(r, "vcpus", &v.VCPUs)
	jsonread.Integer(r, "disk", &v.Disk)
	jsonread.Float(r, "transfer", &v.Transfer)
	jsonread.Float(r, "price_monthly", &v.PriceMonthly)
	jsonread.Float(r, "price_hourly", &v.PriceHourly)
	jsonread.Texts(r, "regions", &v.Regions)
	jsonread.Bool(r, "available", &v.Available)
	jsonread.Text(r, "description", &v.Description)
	jsonread.Objects(r, "disk_info", &v.DiskInfo, (*DiskInfo).fields)
	jsonread.Pointer(r, "gpu_info", &v.GPUInfo, (*GPUInfo).fields)
}

type sizesRoot struct {
	Sizes []Size `json:"sizes"`
	pageInfo
}

func (v *sizesRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "sizes", &v.Sizes, (*Size).fields)
	v.pageFields(r)
}

func (v *sizesRoot) missing() string { return missingIf(v.Sizes == nil, "sizes") }
