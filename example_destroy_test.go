package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Lists the resources that are still billed if only the Droplet is deleted, and the sum of their costs.
func ExampleAssociatedResources_MonthlyCost() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1))
	client := api.Client()
	d := api.Droplets()[0]
	api.AttachVolume(api.AddVolume("data", d.Region.Slug, 100), d.ID)
	api.AddReservedIP(d.ID)

	resources, err := client.AssociatedResources.List(ctx, d.ID)
	if err != nil {
		log.Fatal(err)
	}
	for _, volume := range resources.Volumes {
		fmt.Println("volume", volume.Name, "USD", volume.Cost)
	}
	for _, ip := range resources.ReservedIPs {
		fmt.Println("reserved IP USD", ip.Cost)
	}
	cost, err := resources.MonthlyCost()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("total USD", cost.Total, "a month")
	// Output:
	// volume data USD 10.00
	// reserved IP USD 5.00
	// total USD 15.00 a month
}

// Destroys a Droplet with its volumes. Its snapshots are kept.
func ExampleAssociatedResourcesService_DestroySelective() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	d := api.Droplets()[0]
	api.AttachVolume(api.AddVolume("data", d.Region.Slug, 100), d.ID)

	resources, err := client.AssociatedResources.List(ctx, d.ID)
	if err != nil {
		log.Fatal(err)
	}
	var req droplets.SelectiveDestroyRequest
	for _, volume := range resources.Volumes {
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

// Destroys a Droplet with all its resources permanently. If a resource is not destroyed, the error contains the status of each resource, and Retry destroys it.
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
	if failed, ok := errors.AsType[*droplets.DestroyError](err); ok {
		for _, v := range failed.Status.Resources.Volumes {
			fmt.Println(v.Name, "was not destroyed:", v.ErrorMessage)
		}
		if err := client.AssociatedResources.Retry(ctx, d.ID); err != nil {
			log.Fatal(err)
		}
	}
	status, err := client.AssociatedResources.WaitForDestroy(ctx, d.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(status.Failures, "failures")
	// Output:
	// data was not destroyed: the volume is in use
	// 0 failures
}

// Deletes all Droplets that have a tag, such as those of a test environment.
func ExampleDropletsService_DeleteByTag() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(6))
	client := api.Client()

	if err := client.Droplets.DeleteByTag(ctx, "worker"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(api.Droplets()), "remaining")
	// Output: 4 remaining
}
