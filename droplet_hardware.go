package droplets

import "github.com/droplets-go/droplets/internal/jsonread"

// DiskInfo is one disk of a Droplet or of a size.
type DiskInfo struct {
	// Type tells the root disk from others.
	Type DiskType `json:"type"`
	// Size is its capacity with the unit that the API gives, usually "gib".
	Size Quantity `json:"size"`
}

func (v *DiskInfo) fields(r *jsonread.Reader) {
	jsonread.Text(r, "type", &v.Type)
	jsonread.Object(r, "size", &v.Size, (*Quantity).fields)
}

// DiskType is the kind of a disk. A value that is not listed here decodes too.
type DiskType string

// The disk types that the API documents. Every Droplet has a local or a boot disk; some GPU Droplets have a scratch
// disk too, which keeps nothing.
const (
	DiskTypeLocal   DiskType = "local"
	DiskTypeBoot    DiskType = "boot"
	DiskTypeScratch DiskType = "scratch"
)

// Quantity is an amount with its unit, as the API gives both.
type Quantity struct {
	// Amount counts units.
	Amount int `json:"amount"`
	// Unit is the API's word for the unit, such as "gib".
	Unit string `json:"unit"`
}

func (v *Quantity) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "amount", &v.Amount)
	jsonread.Text(r, "unit", &v.Unit)
}

// GPUInfo describes the GPUs of a Droplet or of a size.
type GPUInfo struct {
	// Count is how many GPUs there are.
	Count int `json:"count"`
	// Model is the API's name of the model, such as "nvidia_h100".
	Model string `json:"model"`
	// VRAM is the memory of each GPU with the unit that the API gives.
	VRAM Quantity `json:"vram"`
}

func (v *GPUInfo) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "count", &v.Count)
	jsonread.Text(r, "model", &v.Model)
	jsonread.Object(r, "vram", &v.VRAM, (*Quantity).fields)
}
