package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Iterates over all Droplets of the account. The loop ends after the last Droplet or with an error.
func ExampleDropletsService_All() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithDroplets(450)).Client()

	running := 0
	for d, err := range client.Droplets.All(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		if d.Status == droplets.DropletStatusActive {
			running++
		}
	}
	fmt.Println(running, "running")
	// Output: 450 running
}

// Lists the Droplets that have a tag.
func ExampleDropletsService_All_byTag() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithDroplets(4)).Client()

	for d, err := range client.Droplets.All(ctx, &droplets.DropletListOptions{TagName: "web"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.Name, d.Tags)
	}
	// Output:
	// droplet-00001 [web seeded]
	// droplet-00004 [web seeded]
}

// Lists the GPU Droplets, which the list of all Droplets does not include.
func ExampleDropletsService_All_gpus() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(0)).Client()
	if _, err := client.Droplets.Create(ctx, droplets.DropletCreateRequest{
		Name: "train-1", Size: "gpu-h100x1-80gb", Region: "tor1", Image: droplets.ImageSlug("gpu-h100x1-base"),
	}); err != nil {
		log.Fatal(err)
	}

	for d, err := range client.Droplets.All(ctx, &droplets.DropletListOptions{Type: droplets.DropletTypeGPUs}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.Name, d.GPUInfo.Model)
	}
	// Output: train-1 nvidia_h100
}

// Returns one page, for a program that displays pages.
func ExampleDropletsService_List() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithDroplets(45)).Client()

	page, err := client.Droplets.List(ctx, &droplets.DropletListOptions{
		ListOptions: droplets.ListOptions{Page: 2, PerPage: 20},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Items), "of", page.Total)
	fmt.Println("before:", page.PrevPage, "after:", page.NextPage, "last:", page.LastPage)
	// Output:
	// 20 of 45
	// before: 1 after: 3 last: 3
}

// Requests up to ten pages at a time, for a long list on a slow connection. ReadAhead(1) requests one page after the other.
func ExampleReadAhead() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithDroplets(1000)).Client()

	n := 0
	for _, err := range client.Droplets.All(ctx, nil, droplets.ReadAhead(10)) {
		if err != nil {
			log.Fatal(err)
		}
		n++
	}
	fmt.Println(n)
	// Output: 1000
}

// Finds the Droplet with exactly this name. It is an error if there is none or more than one.
func ExampleDropletsService_FindByName() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithDroplets(5)).Client()

	d, err := client.Droplets.FindByName(ctx, "droplet-00003")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Name, d.Status)

	_, err = client.Droplets.FindByName(ctx, "droplet-00009")
	fmt.Println(errors.Is(err, droplets.ErrNotFound))
	// Output:
	// droplet-00003 active
	// true
}

// Several Droplets can have the same name. The error contains their IDs.
func ExampleAmbiguousNameError() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithActionDuration(0)).Client()
	if _, err := client.Droplets.CreateMultiple(ctx, droplets.DropletMultiCreateRequest{
		Names: []string{"web-1", "web-1"}, Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	}); err != nil {
		log.Fatal(err)
	}

	_, err := client.Droplets.FindByName(ctx, "web-1")
	if ambiguous, ok := errors.AsType[*droplets.AmbiguousNameError](err); ok {
		fmt.Println(len(ambiguous.IDs), "are named", ambiguous.Name)
	}
	// Output: 2 are named web-1
}

// Lists the firewalls that are assigned to a Droplet, directly or through a tag, with their open ports.
func ExampleDropletsService_AllFirewalls() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1))
	client := api.Client()
	api.AddFirewall(droplets.Firewall{
		Name: "https-only", Tags: []string{"web"},
		InboundRules: []droplets.FirewallInboundRule{{
			Protocol: droplets.FirewallProtocolTCP, Ports: "443",
			Sources: droplets.FirewallTarget{Addresses: []string{"0.0.0.0/0", "::/0"}},
		}},
	})
	id := api.Droplets()[0].ID

	for firewall, err := range client.Droplets.AllFirewalls(ctx, id, nil) {
		if err != nil {
			log.Fatal(err)
		}
		for _, rule := range firewall.InboundRules {
			fmt.Println(firewall.Name, rule.Protocol, rule.Ports, rule.Sources.Addresses)
		}
	}
	// Output: https-only tcp 443 [0.0.0.0/0 ::/0]
}

// Lists the Droplets on the same physical server, which can fail at the same time.
func ExampleDropletsService_ListNeighbors() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(3))
	client := api.Client()
	replicas := api.Droplets()
	api.Colocate(replicas[0].ID, replicas[1].ID)

	neighbors, err := client.Droplets.ListNeighbors(ctx, replicas[0].ID)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range neighbors {
		fmt.Println(d.Name)
	}
	// Output: droplet-00002
}

// Lists the IDs of neighbors, for each physical server with more than one Droplet of the account.
func ExampleDropletsService_ListNeighborIDs() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(5))
	client := api.Client()
	all := api.Droplets()
	api.Colocate(all[0].ID, all[1].ID)
	api.Colocate(all[2].ID, all[3].ID, all[4].ID)

	servers, err := client.Droplets.ListNeighborIDs(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, ids := range servers {
		fmt.Println(len(ids), "on one server")
	}
	// Output:
	// 2 on one server
	// 3 on one server
}

// Lists the kernels that a Droplet from before March 2017 can boot.
func ExampleDropletsService_AllKernels() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1))
	client := api.Client()
	id := api.Droplets()[0].ID

	for kernel, err := range client.Droplets.AllKernels(ctx, id, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(kernel.ID, kernel.Name)
	}
	// Output:
	// 7515 DigitalOcean GrubLoader v0.2 (20160714)
	// 7516 DigitalOcean GrubLoader v0.1 (20160527)
	// 6918 Ubuntu 16.04 x64 vmlinuz-4.4.0-28-generic
}
