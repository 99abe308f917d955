package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Lists the public images of a distribution.
func ExampleImagesService_All() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	for image, err := range client.Images.All(ctx, &droplets.ImageListOptions{Type: droplets.ImageListDistribution}) {
		if err != nil {
			log.Fatal(err)
		}
		if image.Distribution == "Debian" {
			fmt.Println(image.Slug)
		}
	}
	// Output: debian-12-x64
}

// Reads an image by its slug, for example to check its minimum disk size before a create.
func ExampleImagesService_GetBySlug() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	image, err := client.Images.GetBySlug(ctx, "debian-12-x64")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(image.Distribution, image.MinDiskSize, "GB")
	// Output: Debian 7 GB
}

// Renames a snapshot.
func ExampleImagesService_Update() {
	ctx := context.Background()
	client, snapshot, err := accountWithSnapshot(ctx, "before-upgrade")
	if err != nil {
		log.Fatal(err)
	}

	image, err := client.Images.Update(ctx, snapshot.ID, droplets.ImageUpdateRequest{Name: "known-good"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(image.Name)
	// Output: known-good
}

// Deletes a snapshot, permanently.
func ExampleImagesService_Delete() {
	ctx := context.Background()
	client, snapshot, err := accountWithSnapshot(ctx, "before-upgrade")
	if err != nil {
		log.Fatal(err)
	}

	if err := client.Images.Delete(ctx, snapshot.ID); err != nil {
		log.Fatal(err)
	}
	_, err = client.Images.Get(ctx, snapshot.ID)
	fmt.Println(errors.Is(err, droplets.ErrNotFound))
	// Output: true
}

// Makes an image available in another region, and waits until the transfer has completed.
func ExampleImagesService_Transfer() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithActionDuration(time.Millisecond))
	image := api.AddImage(droplets.Image{Name: "golden", Regions: []string{"nyc3"}})
	client := api.Client()

	action, err := client.Images.Transfer(ctx, image.ID, droplets.TransferRequest{Region: "fra1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(action.Type, action.Status)
	ended, err := client.DropletActions.WaitForActions(ctx, *action)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ended[0].Type, ended[0].Status)
	transferred, err := client.Images.Get(ctx, image.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(transferred.Regions)
	// Output:
	// transfer in-progress
	// transfer completed
	// [nyc3 fra1]
}

// Finds the cheapest size with 4 GB of memory that is available in a region.
func ExampleSizesService_All() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	var cheapest droplets.Size
	for size, err := range client.Sizes.All(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		suitable := size.Available && size.Memory >= 4096 && slices.Contains(size.Regions, "fra1")
		if suitable && (cheapest.Slug == "" || size.PriceMonthly < cheapest.PriceMonthly) {
			cheapest = size
		}
	}
	fmt.Printf("%s: %d MB for %.2f USD a month\n", cheapest.Slug, cheapest.Memory, cheapest.PriceMonthly)
	// Output: s-2vcpu-4gb: 4096 MB for 24.00 USD a month
}

// Lists the regions in which a size is available.
func ExampleRegionsService_All() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	for region, err := range client.Regions.All(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		if region.Available && slices.Contains(region.Sizes, "gpu-h100x1-80gb") {
			fmt.Println(region.Slug, region.Name)
		}
	}
	// Output:
	// nyc2 New York 2
	// ams3 Amsterdam 3
	// tor1 Toronto 1
}

// Adds up the sizes of the snapshots of Droplets. Snapshots are billed by size.
func ExampleSnapshotsService_All() {
	ctx := context.Background()
	client, snapshot, err := accountWithSnapshot(ctx, "nightly")
	if err != nil {
		log.Fatal(err)
	}

	total := 0.0
	for s, err := range client.Snapshots.All(ctx, &droplets.SnapshotListOptions{ResourceType: droplets.SnapshotResourceDroplet}) {
		if err != nil {
			log.Fatal(err)
		}
		total += s.SizeGigabytes
		if id, ok := s.ImageID(); ok && id == snapshot.ID {
			fmt.Println(s.Name)
		}
	}
	fmt.Printf("%.2f GB\n", total)
	// Output:
	// nightly
	// 3.00 GB
}

// accountWithSnapshot returns a client of a fake that has a snapshot of a Droplet.
func accountWithSnapshot(ctx context.Context, name string) (*droplets.Client, *droplets.DropletSnapshot, error) {
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	snapshot, err := client.Droplets.SnapshotAndWait(ctx, api.Droplets()[0].ID, droplets.SnapshotRequest{Name: name})
	return client, snapshot, err
}
