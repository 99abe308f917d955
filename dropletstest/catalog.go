package dropletstest

import (
	"slices"

	"github.com/droplets-go/droplets"
)

// catalog has the regions, sizes and kernels. They do not change.
type catalog struct {
	regions []*droplets.Region
	sizes   []*droplets.Size
	kernels []*droplets.Kernel
}

type (
	regionsPage struct {
		Regions []*droplets.Region `json:"regions"`
		pageInfo
	}
	sizesPage struct {
		Sizes []*droplets.Size `json:"sizes"`
		pageInfo
	}
	kernelsPage struct {
		Kernels []*droplets.Kernel `json:"kernels"`
		pageInfo
	}
)

func (a *API) listRegions(c *call) (result, *apiError) {
	return paginateSlice(c, a.regions,
		func(items []*droplets.Region, info pageInfo) regionsPage { return regionsPage{items, info} })
}

func (a *API) listSizes(c *call) (result, *apiError) {
	return paginateSlice(c, a.sizes,
		func(items []*droplets.Size, info pageInfo) sizesPage { return sizesPage{items, info} })
}

// listKernels returns an empty list for a Droplet without an externally managed kernel.
func (a *API) listKernels(c *call, d *droplet) (result, *apiError) {
	available := a.kernels
	if d.Kernel == nil {
		available = nil
	}
	return paginateSlice(c, available,
		func(items []*droplets.Kernel, info pageInfo) kernelsPage { return kernelsPage{items, info} })
}

// findSize returns the available size with a slug, or nil.
func (k *catalog) findSize(slug string) *droplets.Size {
	return find(k.sizes, func(s *droplets.Size) bool { return s.Slug == slug && s.Available })
}

func (k *catalog) findKernel(id int64) *droplets.Kernel {
	return find(k.kernels, func(kernel *droplets.Kernel) bool { return kernel.ID == id })
}

func (k *catalog) findRegion(slug string) *droplets.Region {
	return find(k.regions, func(r *droplets.Region) bool { return r.Slug == slug })
}

func (k *catalog) regionIndex(slug string) int {
	return slices.IndexFunc(k.regions, func(r *droplets.Region) bool { return r.Slug == slug })
}

// regionNames are the slugs and names of the regions. The first is the default region of a create.
var regionNames = [][2]string{{"nyc3", "New York 3"}, {"nyc1", "New York 1"}, {"nyc2", "New York 2"},
	{"sfo3", "San Francisco 3"}, {"sfo2", "San Francisco 2"}, {"ams3", "Amsterdam 3"}, {"fra1", "Frankfurt 1"},
	{"lon1", "London 1"}, {"sgp1", "Singapore 1"}, {"tor1", "Toronto 1"}, {"blr1", "Bangalore 1"}, {"syd1", "Sydney 1"}}

var gpuRegions = []string{"nyc2", "tor1", "ams3"}

// regionSlugs returns the slugs of the regions, sorted.
func regionSlugs() []string {
	var slugs []string
	for _, name := range regionNames {
		slugs = append(slugs, name[0])
	}
	slices.Sort(slugs)
	return slugs
}

func newCatalog() catalog {
	var k catalog
	k.sizes = newSizes(regionSlugs())
	for _, name := range regionNames {
		r := &droplets.Region{Slug: name[0], Name: name[1], Available: true, Features: []string{"backups", "ipv6",
			"metadata", "install_agent", "storage", "image_transfer"}}
		for _, size := range k.sizes {
			if slices.Contains(size.Regions, r.Slug) {
				r.Sizes = append(r.Sizes, size.Slug)
			}
		}
		k.regions = append(k.regions, r)
	}
	k.kernels = []*droplets.Kernel{
		{ID: 7515, Name: "DigitalOcean GrubLoader v0.2 (20160714)", Version: "2016.07.13-DigitalOcean_loader_Ubuntu"},
		{ID: 7516, Name: "DigitalOcean GrubLoader v0.1 (20160527)", Version: "2016.05.26-DigitalOcean_loader_Ubuntu"},
		{ID: 6918, Name: "Ubuntu 16.04 x64 vmlinuz-4.4.0-28-generic", Version: "4.4.0-28-generic"},
	}
	return k
}

// newSizes returns sizes with the specifications and prices of DigitalOcean.
func newSizes(regions []string) []*droplets.Size {
	size := func(slug, class string, memory, vcpus, disk int, transfer, monthly, hourly float64) *droplets.Size {
		return &droplets.Size{Slug: slug, Description: class, Memory: memory, VCPUs: vcpus, Disk: disk, Transfer: transfer,
			PriceMonthly: monthly, PriceHourly: hourly, Regions: regions, Available: true,
			DiskInfo: []droplets.DiskInfo{{Type: droplets.DiskTypeLocal, Size: droplets.Quantity{Amount: disk, Unit: "gib"}}}}
	}
	gpu := func(s *droplets.Size, count int, model string, vram, scratch int, modes ...droplets.GPUPartitionMode) *droplets.Size {
		s.Regions = gpuRegions
		s.GPUInfo = &droplets.GPUInfo{Count: count, Model: model, VRAM: droplets.Quantity{Amount: vram, Unit: "gib"}, SupportedPartitionModes: modes}
		s.DiskInfo = append(s.DiskInfo, droplets.DiskInfo{Type: droplets.DiskTypeScratch, Size: droplets.Quantity{Amount: scratch, Unit: "gib"}})
		return s
	}
	return []*droplets.Size{
		size("s-1vcpu-512mb-10gb", "Basic", 512, 1, 10, 0.5, 4, 0.00595),
		size("s-1vcpu-1gb", "Basic", 1024, 1, 25, 1, 6, 0.00893),
		size("s-1vcpu-1gb-intel", "Basic Intel", 1024, 1, 25, 1, 7, 0.01042),
		size("s-1vcpu-2gb", "Basic", 2048, 1, 50, 2, 12, 0.01786),
		size("s-2vcpu-2gb", "Basic", 2048, 2, 60, 3, 18, 0.02679),
		size("s-2vcpu-4gb", "Basic", 4096, 2, 80, 4, 24, 0.03571),
		size("c-2", "CPU-Optimized", 4096, 2, 25, 4, 42, 0.0625),
		size("s-4vcpu-8gb", "Basic", 8192, 4, 160, 5, 48, 0.07143),
		size("g-2vcpu-8gb", "General Purpose", 8192, 2, 25, 4, 63, 0.09375),
		size("m-2vcpu-16gb", "Memory-Optimized", 16384, 2, 50, 4, 84, 0.125),
		size("s-8vcpu-16gb", "Basic", 16384, 8, 320, 6, 96, 0.14286),
		gpu(size("gpu-h100x1-80gb", "H100 GPU - 1X", 245760, 20, 720, 15, 2522.16, 3.39), 1, "nvidia_h100", 80, 5120),
		gpu(size("gpu-h100x8-640gb", "H100 GPU - 8X", 1966080, 160, 2048, 60, 17796.48, 23.92), 8, "nvidia_h100", 640, 40960),
		gpu(size("gpu-mi300x1-192gb", "MI300X GPU - 1X", 245760, 20, 720, 15, 1480.56, 1.99), 1, "amd_mi300x", 192, 5120,
			droplets.GPUPartitionModeSPXNPS1, droplets.GPUPartitionModeDPXNPS2),
	}
}
