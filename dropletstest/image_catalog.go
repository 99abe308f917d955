package dropletstest

import (
	"time"

	"github.com/droplets-go/droplets"
)

// seedImages are the slugs of the images from which seeded Droplets are created.
var seedImages = []string{"ubuntu-20-04-x64", "ubuntu-22-04-x64", "ubuntu-24-04-x64"}

// newImages returns the images of every new account: the public images and one private snapshot.
func newImages(regions []string) []droplets.Image {
	image := func(id int64, slug, name, distribution string, size float64, createdAt time.Time) droplets.Image {
		return droplets.Image{ID: id, Slug: slug, Name: name, Distribution: distribution, Type: droplets.ImageTypeBase,
			Public: true, Regions: regions, CreatedAt: createdAt, MinDiskSize: 7, SizeGigabytes: size,
			Description: distribution + " " + name, Tags: []string{}, Status: droplets.ImageStatusAvailable}
	}
	date := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 17, 30, 0, 0, time.UTC)
	}
	gpu := func(v droplets.Image) droplets.Image {
		v.Regions, v.MinDiskSize = gpuRegions, 40
		return v
	}
	docker := image(176_000_001, "docker-20-04", "Docker on Ubuntu 20.04", "Ubuntu", 1.89, date(2024, 2, 13))
	docker.Type, docker.MinDiskSize = droplets.ImageTypeSnapshot, 25
	golden := image(190_000_001, "", "golden-image", "Ubuntu", 2.34, date(2025, 9, 1))
	golden.Type, golden.Public, golden.MinDiskSize, golden.Description = droplets.ImageTypeSnapshot, false, 25, ""
	return []droplets.Image{
		image(63_663_980, "ubuntu-20-04-x64", "20.04 (LTS) x64", "Ubuntu", 0.66, date(2023, 3, 29)),
		image(112_929_454, "ubuntu-22-04-x64", "22.04 (LTS) x64", "Ubuntu", 0.71, date(2022, 7, 21)),
		image(155_133_621, "ubuntu-24-04-x64", "24.04 (LTS) x64", "Ubuntu", 0.68, date(2024, 5, 7)),
		image(133_463_494, "debian-12-x64", "12 x64", "Debian", 0.61, date(2023, 6, 14)),
		image(153_931_240, "fedora-40-x64", "40 x64", "Fedora", 0.81, date(2024, 4, 23)),
		image(134_035_217, "rockylinux-9-x64", "9 x64", "Rocky Linux", 0.93, date(2023, 6, 20)),
		gpu(image(180_000_002, "gpu-h100x1-base", "AI/ML Ready", "Ubuntu", 4.12, date(2025, 6, 3))),
		gpu(image(180_000_003, "gpu-amd-base", "AMD AI/ML Ready", "Ubuntu", 3.97, date(2025, 6, 3))),
		docker, golden,
	}
}
