package dropletstest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// TestSizes checks the specifications and prices, which are those of DigitalOcean: programs choose a size by them.
func TestSizes(t *testing.T) {
	var lines []string
	for _, s := range collect(t, dropletstest.New().Client().Sizes.All(t.Context(), nil)) {
		line := fmt.Sprintf("%s | %s | %d MB, %d CPUs, %d GB, %v TB | %v, %v | %d regions", s.Slug, s.Description, s.Memory, s.VCPUs, s.Disk,
			s.Transfer, s.PriceMonthly, s.PriceHourly, len(s.Regions))
		assert.Equal(t, droplets.DiskInfo{Type: "local", Size: droplets.Quantity{Amount: s.Disk, Unit: "gib"}}, s.DiskInfo[0])
		assert.True(t, s.Available)
		if g := s.GPUInfo; g != nil {
			line += fmt.Sprintf(" | %d × %s, %v, %v", g.Count, g.Model, g.VRAM, g.SupportedPartitionModes)
			line += fmt.Sprintf(" | %s %v", s.DiskInfo[1].Type, s.DiskInfo[1].Size)
		}
		lines = append(lines, line)
	}
	assert.Equal(t, []string{
		"s-1vcpu-512mb-10gb | Basic | 512 MB, 1 CPUs, 10 GB, 0.5 TB | 4, 0.00595 | 12 regions",
		"s-1vcpu-1gb | Basic | 1024 MB, 1 CPUs, 25 GB, 1 TB | 6, 0.00893 | 12 regions",
		"s-1vcpu-1gb-intel | Basic Intel | 1024 MB, 1 CPUs, 25 GB, 1 TB | 7, 0.01042 | 12 regions",
		"s-1vcpu-2gb | Basic | 2048 MB, 1 CPUs, 50 GB, 2 TB | 12, 0.01786 | 12 regions",
		"s-2vcpu-2gb | Basic | 2048 MB, 2 CPUs, 60 GB, 3 TB | 18, 0.02679 | 12 regions",
		"s-2vcpu-4gb | Basic | 4096 MB, 2 CPUs, 80 GB, 4 TB | 24, 0.03571 | 12 regions",
		"c-2 | CPU-Optimized | 4096 MB, 2 CPUs, 25 GB, 4 TB | 42, 0.0625 | 12 regions",
		"s-4vcpu-8gb | Basic | 8192 MB, 4 CPUs, 160 GB, 5 TB | 48, 0.07143 | 12 regions",
		"g-2vcpu-8gb | General Purpose | 8192 MB, 2 CPUs, 25 GB, 4 TB | 63, 0.09375 | 12 regions",
		"m-2vcpu-16gb | Memory-Optimized | 16384 MB, 2 CPUs, 50 GB, 4 TB | 84, 0.125 | 12 regions",
		"s-8vcpu-16gb | Basic | 16384 MB, 8 CPUs, 320 GB, 6 TB | 96, 0.14286 | 12 regions",
		"gpu-h100x1-80gb | H100 GPU - 1X | 245760 MB, 20 CPUs, 720 GB, 15 TB | 2522.16, 3.39 | 3 regions | 1 × nvidia_h100, {80 gib}, [] | scratch {5120 gib}",
		"gpu-h100x8-640gb | H100 GPU - 8X | 1966080 MB, 160 CPUs, 2048 GB, 60 TB | 17796.48, 23.92 | 3 regions | 8 × nvidia_h100, {640 gib}, [] | scratch {40960 gib}",
		"gpu-mi300x1-192gb | MI300X GPU - 1X | 245760 MB, 20 CPUs, 720 GB, 15 TB | 1480.56, 1.99 | 3 regions | 1 × amd_mi300x, {192 gib}, [PARTITION_MODE_SPX_NPS1 PARTITION_MODE_DPX_NPS2] | scratch {5120 gib}",
	}, lines)
}

// TestImages checks the images of a new account: their ids, slugs and disk sizes are in programs and in saved states.
func TestImages(t *testing.T) {
	var lines []string
	for _, i := range collect(t, dropletstest.New().Client().Images.All(t.Context(), nil)) {
		lines = append(lines, fmt.Sprintf("%d %s | %s, %s | %s, public %v | %d GB, %v GB | %s | %d regions, %s, %q", i.ID, i.Slug, i.Distribution, i.Name,
			i.Type, i.Public, i.MinDiskSize, i.SizeGigabytes, i.CreatedAt.Format("2006-01-02 15:04"), len(i.Regions), i.Status, i.Description))
		assert.NotNil(t, i.Tags)
	}
	assert.Equal(t, []string{
		`63663980 ubuntu-20-04-x64 | Ubuntu, 20.04 (LTS) x64 | base, public true | 7 GB, 0.66 GB | 2023-03-29 17:30 | 12 regions, available, "Ubuntu 20.04 (LTS) x64"`,
		`112929454 ubuntu-22-04-x64 | Ubuntu, 22.04 (LTS) x64 | base, public true | 7 GB, 0.71 GB | 2022-07-21 17:30 | 12 regions, available, "Ubuntu 22.04 (LTS) x64"`,
		`133463494 debian-12-x64 | Debian, 12 x64 | base, public true | 7 GB, 0.61 GB | 2023-06-14 17:30 | 12 regions, available, "Debian 12 x64"`,
		`134035217 rockylinux-9-x64 | Rocky Linux, 9 x64 | base, public true | 7 GB, 0.93 GB | 2023-06-20 17:30 | 12 regions, available, "Rocky Linux 9 x64"`,
		`153931240 fedora-40-x64 | Fedora, 40 x64 | base, public true | 7 GB, 0.81 GB | 2024-04-23 17:30 | 12 regions, available, "Fedora 40 x64"`,
		`155133621 ubuntu-24-04-x64 | Ubuntu, 24.04 (LTS) x64 | base, public true | 7 GB, 0.68 GB | 2024-05-07 17:30 | 12 regions, available, "Ubuntu 24.04 (LTS) x64"`,
		`176000001 docker-20-04 | Ubuntu, Docker on Ubuntu 20.04 | snapshot, public true | 25 GB, 1.89 GB | 2024-02-13 17:30 | 12 regions, available, "Ubuntu Docker on Ubuntu 20.04"`,
		`180000002 gpu-h100x1-base | Ubuntu, AI/ML Ready | base, public true | 40 GB, 4.12 GB | 2025-06-03 17:30 | 3 regions, available, "Ubuntu AI/ML Ready"`,
		`180000003 gpu-amd-base | Ubuntu, AMD AI/ML Ready | base, public true | 40 GB, 3.97 GB | 2025-06-03 17:30 | 3 regions, available, "Ubuntu AMD AI/ML Ready"`,
		`190000001  | Ubuntu, golden-image | snapshot, public false | 25 GB, 2.34 GB | 2025-09-01 17:30 | 12 regions, available, ""`,
	}, lines)
}

// TestRegionsAndKernels checks the regions, of which the first is the default, and the kernels of old Droplets.
func TestRegionsAndKernels(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	var regions, kernels []string
	for _, r := range collect(t, api.Client().Regions.All(t.Context(), nil)) {
		regions = append(regions, r.Slug+" "+r.Name)
		assert.Equal(t, []string{"backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer"}, r.Features)
	}
	assert.Equal(t, "nyc3 New York 3, nyc1 New York 1, nyc2 New York 2, sfo3 San Francisco 3, sfo2 San Francisco 2, ams3 Amsterdam 3, "+
		"fra1 Frankfurt 1, lon1 London 1, sgp1 Singapore 1, tor1 Toronto 1, blr1 Bangalore 1, syd1 Sydney 1", strings.Join(regions, ", "))
	for _, k := range collect(t, api.Client().Droplets.AllKernels(t.Context(), api.Droplets()[0].ID, nil)) {
		kernels = append(kernels, fmt.Sprintf("%d %s %s", k.ID, k.Name, k.Version))
	}
	assert.Equal(t, []string{"7515 DigitalOcean GrubLoader v0.2 (20160714) 2016.07.13-DigitalOcean_loader_Ubuntu",
		"7516 DigitalOcean GrubLoader v0.1 (20160527) 2016.05.26-DigitalOcean_loader_Ubuntu",
		"6918 Ubuntu 16.04 x64 vmlinuz-4.4.0-28-generic 4.4.0-28-generic"}, kernels)
}

// TestSeededDroplets checks the Droplets of WithDroplets, which are the same in every account.
func TestSeededDroplets(t *testing.T) {
	var lines []string
	api := dropletstest.New(dropletstest.WithDroplets(201), dropletstest.WithClock(dropletstest.NewManualClock(clockStart)))
	for i, d := range api.Droplets() {
		assert.Equal(t, clockStart.Add(time.Duration(i-201)*time.Minute), d.CreatedAt)
		if i > 4 && i != 100 && i < 200 {
			assert.Nil(t, d.Kernel)
			continue
		}
		kernel := int64(0)
		if d.Kernel != nil {
			kernel = d.Kernel.ID
		}
		lines = append(lines, fmt.Sprintf("%d %s %s %s %s %v %v %d", d.ID, d.Name, d.SizeSlug, d.Region.Slug, d.Image.Slug, d.Tags, d.Status, kernel))
	}
	assert.Equal(t, []string{
		"500000001 droplet-00001 s-1vcpu-1gb nyc3 ubuntu-20-04-x64 [web seeded] active 7515",
		"500000002 droplet-00002 s-1vcpu-2gb nyc1 ubuntu-22-04-x64 [db seeded] active 0",
		"500000003 droplet-00003 s-2vcpu-2gb nyc2 ubuntu-24-04-x64 [worker seeded] active 0",
		"500000004 droplet-00004 s-2vcpu-4gb sfo3 ubuntu-20-04-x64 [web seeded] active 0",
		"500000005 droplet-00005 s-1vcpu-1gb sfo2 ubuntu-22-04-x64 [db seeded] active 0",
		"500000101 droplet-00101 s-1vcpu-1gb sfo2 ubuntu-22-04-x64 [db seeded] active 7515",
		"500000201 droplet-00201 s-1vcpu-1gb sgp1 ubuntu-24-04-x64 [worker seeded] active 7515",
	}, lines)
}
