package droplets

import "github.com/droplets-go/droplets/internal/jsonread"

// Kernel is an external kernel that Droplets from before March 2017 can boot.
type Kernel struct {
	// ID identifies the kernel in a [ChangeKernelRequest].
	ID int64 `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Version is the version of the kernel.
	Version string `json:"version"`
}

func (v *Kernel) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "id", &v.ID)
	jsonread.Text(r, "name", &v.Name)
	jsonread.Text(r, "version", &v.Version)
}

// kernelsRoot is the root of a page of kernels. The schema of the OpenAPI document allows null for a kernel.
type kernelsRoot struct {
	Kernels []*Kernel `json:"kernels"`
	pageInfo
}

func (v *kernelsRoot) missing() string { return missingIf(v.Kernels == nil, "kernels") }
