package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// What stays billed after a plain delete.
func ExampleAssociatedResources_MonthlyCost() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1))
	client := api.Client()
	d := api.Droplets()[0]
	api.AttachVolume(api.AddVolume("data", d.Region.Slug, 100), d.ID)
	api.AddReservedIP(d.ID)

	belongings, err := client.AssociatedResources.List(ctx, d.ID)
	if err != nil {
		log.Fatal(err)
	}
	for _, volume := range belongings.Volumes {
		fmt.Println("volume", volume.Name, "USD", volume.Cost)
	}
	for _, ip := range belongings.ReservedIPs {
		fmt.Println("reserved IP USD", ip.Cost)
	}
	cost, err := belongings.MonthlyCost()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("in all USD", cost.Total, "a month")
	// Output:
	// volume data USD 10.00
	// reserved IP USD 5.00
	// in all USD 15.00 a month
}

// A Droplet goes together with its volumes; its snapshots stay.
func ExampleAssociatedResourcesService_DestroySelective() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	d := api.Droplets()[0]
	api.AttachVolume(api.AddVolume("data", d.Region.Slug, 100), d.ID)

	belongings, err := client.AssociatedResources.List(ctx, d.ID)
	if err != nil {
		log.Fatal(err)
	}
	var req droplets.SelectiveDestroyRequest
	for _, volume := range belongings.Volumes {
		req.Volumes = append(req.Volumes, volume.ID)
	}
	if err := client.AssociatedResources.DestroySelective(ctx, d.ID, req); err != nil {
		log.Fatal(err)
	}
	status, err := client.AssociatedResources.WaitForDestroy(ctx, d.ID)
	if err != nil {
		log.Fatal(err)
	}
	for _, volume := range status.Resources.Volumes {
		fmt.Println(volume.Name, "destroyed:", volume.DestroyedAt != nil)
	}
	fmt.Println(status.Droplet.Name, "destroyed:", status.Droplet.DestroyedAt != nil)
	// Output:
	// data destroyed: true
	// droplet-00001 destroyed: true
}

// Everything goes, for good. What could not be destroyed is named, and can be tried again.
func ExampleAssociatedResourcesService_DestroyAll() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	d := api.Droplets()[0]
	volume := api.AddVolume("data", d.Region.Slug, 100)
	api.AttachVolume(volume, d.ID)
	api.FailNextDestroy(volume, "the volume is in use")

	if err := client.AssociatedResources.DestroyAll(ctx, d.ID); err != nil {
		log.Fatal(err)
	}
	_, err := client.AssociatedResources.WaitForDestroy(ctx, d.ID)
	if left, ok := errors.AsType[*droplets.DestroyError](err); ok {
		for _, v := range left.Status.Resources.Volumes {
			fmt.Println(v.Name, "is left:", v.ErrorMessage)
		}
		if err := client.AssociatedResources.Retry(ctx, d.ID); err != nil {
			log.Fatal(err)
		}
	}
	status, err := client.AssociatedResources.WaitForDestroy(ctx, d.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(status.Failures, "left")
	// Output:
	// data is left: the volume is in use
	// 0 left
}

// Everything that has a tag: a test environment is taken down.
func ExampleDropletsService_DeleteByTag() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(6))
	client := api.Client()

	if err := client.Droplets.DeleteByTag(ctx, "worker"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(api.Droplets()), "are left")
	// Output: 4 are left
}
