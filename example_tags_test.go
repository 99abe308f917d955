package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Gives a tag to two Droplets, reads how many have it, and lists them.
func ExampleTagsService_Assign() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(3))
	client := api.Client()
	first, second := api.Droplets()[0], api.Droplets()[1]

	if _, err := client.Tags.Create(ctx, "env:canary"); err != nil {
		log.Fatal(err)
	}
	err := client.Tags.Assign(ctx, "env:canary", droplets.TaggedDroplet(first.ID), droplets.TaggedDroplet(second.ID))
	if err != nil {
		log.Fatal(err)
	}
	tag, err := client.Tags.Get(ctx, "env:canary")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tag.Name, tag.Resources.Droplets.Count)
	for d, err := range client.Droplets.All(ctx, &droplets.DropletListOptions{TagName: "env:canary"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.Name)
	}
	// Output:
	// env:canary 2
	// droplet-00001
	// droplet-00002
}

// Removes a tag from a Droplet and then the tag from the account. The Droplets are kept.
func ExampleTagsService_Unassign() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(2))
	client := api.Client()

	if err := client.Tags.Unassign(ctx, "seeded", droplets.TaggedDroplet(api.Droplets()[0].ID)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(api.Droplets()[0].Tags, api.Droplets()[1].Tags)
	if err := client.Tags.Delete(ctx, "seeded"); err != nil {
		log.Fatal(err)
	}
	_, err := client.Tags.Get(ctx, "seeded")
	fmt.Println(errors.Is(err, droplets.ErrNotFound), len(api.Droplets()))
	// Output:
	// [web] [db seeded]
	// true 2
}
