package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Create returns before the Droplet is active. The program can do other work before it waits.
func ExampleDropletsService_Create() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithActionDuration(0)).Client()

	created, err := client.Droplets.Create(ctx, droplets.DropletCreateRequest{
		Name:     "web-1",
		Size:     "s-1vcpu-1gb",
		Image:    droplets.ImageSlug("ubuntu-24-04-x64"),
		UserData: "#cloud-config\n",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(created.Droplet.Name, created.Droplet.Status)

	ended, err := client.DropletActions.WaitForActions(ctx, created.PendingActions()...)
	if err != nil {
		log.Fatal(err)
	}
	for _, action := range ended {
		fmt.Println(action.Type, action.Status)
	}
	// Output:
	// web-1 new
	// create completed
}

// Creates a Droplet and waits until it is active and has its addresses.
func ExampleDropletsService_CreateAndWait() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithActionDuration(time.Millisecond))
	client := api.Client(droplets.WithPollPolicy(droplets.PollPolicy{Initial: time.Millisecond}))

	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name:             "web-1",
		Region:           "ams3",
		Size:             "s-1vcpu-1gb",
		Image:            droplets.ImageSlug("ubuntu-24-04-x64"),
		IPv6:             true,
		Tags:             []string{"web"},
		WithDropletAgent: new(false), // a pointer, because false differs from unset
	})
	if err != nil {
		log.Fatal(err) // d may be set: the Droplet then exists and is billed
	}
	addr, _ := d.PublicIPv6()
	fmt.Println(d.Name, d.Status, d.Region.Slug, addr.IsValid())
	// Output: web-1 active ams3 true
}

// A GPU Droplet is created like other Droplets. List returns it only with DropletTypeGPUs.
func ExampleDropletsService_CreateAndWait_gpu() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithActionDuration(0)).Client()

	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name:   "train-1",
		Region: "tor1",
		Size:   "gpu-h100x1-80gb",
		Image:  droplets.ImageSlug("gpu-h100x1-base"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.GPUInfo.Count, d.GPUInfo.Model, d.GPUInfo.VRAM.Amount, d.GPUInfo.VRAM.Unit)
	for _, disk := range d.DiskInfo {
		fmt.Println(disk.Type, disk.Size.Amount, disk.Size.Unit)
	}
	// Output:
	// 1 nvidia_h100 80 gib
	// local 720 gib
	// scratch 5120 gib
}

// Creates ten Droplets with one request, and polls their actions with one request per poll.
func ExampleDropletsService_CreateMultipleAndWait() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithActionDuration(0)).Client()

	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprintf("worker-%02d", i+1))
	}
	all, err := client.Droplets.CreateMultipleAndWait(ctx, droplets.DropletMultiCreateRequest{
		Names: names,
		Size:  "s-1vcpu-1gb",
		Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(all), "Droplets, from", all[0].Name, "to", all[len(all)-1].Name)
	// Output: 10 Droplets, from worker-01 to worker-10
}

// One of several creates fails. The others succeed, and the error names the failed one.
func ExampleDropletsService_CreateMultipleAndWait_failure() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	client := api.Client()
	api.FailNextAction(droplets.ActionTypeCreate)

	all, err := client.Droplets.CreateMultipleAndWait(ctx, droplets.DropletMultiCreateRequest{
		Names: []string{"web-1", "web-2"},
		Size:  "s-1vcpu-1gb",
		Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	})
	if step, ok := errors.AsType[*droplets.StepError](err); ok {
		fmt.Println(step.Droplet.Name, "failed:", errors.Is(err, droplets.ErrActionFailed))
	}
	for _, d := range all {
		fmt.Println(d.Name, d.Status)
	}
	// Output:
	// web-1 failed: true
	// web-1 new
	// web-2 active
}

// The second call finds the Droplet that the first call created.
func ExampleDropletsService_Ensure() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithActionDuration(0)).Client()

	for range 2 {
		d, created, err := client.Droplets.Ensure(ctx, droplets.DropletCreateRequest{
			Name:  "web-1",
			Size:  "s-1vcpu-1gb",
			Image: droplets.ImageSlug("ubuntu-24-04-x64"),
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.Name, "created:", created)
	}
	// Output:
	// web-1 created: true
	// web-1 created: false
}

// Creates the missing Droplets of a fleet with one request.
func ExampleDropletsService_EnsureMultiple() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithActionDuration(0)).Client()
	req := droplets.DropletMultiCreateRequest{
		Names: []string{"web-2"},
		Size:  "s-1vcpu-1gb",
		Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	}
	if _, _, err := client.Droplets.EnsureMultiple(ctx, req); err != nil {
		log.Fatal(err)
	}

	req.Names = []string{"web-1", "web-2", "web-3"}
	all, created, err := client.Droplets.EnsureMultiple(ctx, req)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range all {
		fmt.Println(d.Name)
	}
	fmt.Println(len(created), "of them new")
	// Output:
	// web-1
	// web-2
	// web-3
	// 2 of them new
}

// A request can be printed and logged. Its user data, which may contain secrets, is redacted.
func ExampleDropletCreateRequest() {
	fmt.Println(droplets.DropletCreateRequest{
		Name:     "web-1",
		Size:     "s-1vcpu-1gb",
		Image:    droplets.ImageSlug("ubuntu-24-04-x64"),
		UserData: "password: hunter2",
	})
	// Output: {"name":"web-1","size":"s-1vcpu-1gb","image":"ubuntu-24-04-x64","user_data":"REDACTED (17 bytes)"}
}

// Parses command-line input: a string of digits is an ID.
func ExampleParseImageRef() {
	for _, text := range []string{"155133621", "ubuntu-24-04-x64"} {
		ref, err := droplets.ParseImageRef(text).MarshalJSON()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", ref)
	}
	// Output:
	// 155133621
	// "ubuntu-24-04-x64"
}

// SSH keys are identified by ID or by fingerprint.
func ExampleParseSSHKeyRef() {
	req := droplets.DropletCreateRequest{Name: "web-1", Size: "s-1vcpu-1gb", Image: droplets.ImageID(7)}
	for _, text := range []string{"289794", "3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"} {
		req.SSHKeys = append(req.SSHKeys, droplets.ParseSSHKeyRef(text))
	}
	fmt.Println(req.SSHKeys[0], req.SSHKeys[1])
	// Output: 289794 3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45
}
