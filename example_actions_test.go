package droplets_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Shuts a Droplet down, resizes it and powers it on again. The operating system has one minute to shut down.
func ExampleDropletsService_ResizeAndRestart() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID

	d, err := client.Droplets.ResizeAndRestart(ctx, id, droplets.ResizeRequest{Size: "s-2vcpu-4gb"}, time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.SizeSlug, d.Status, d.VCPUs, "CPUs,", d.Memory, "MB")
	// Output: s-2vcpu-4gb active 2 CPUs, 4096 MB
}

// Shuts a Droplet down and powers it off if that takes longer than two minutes.
func ExampleDropletsService_ShutdownGracefully() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID

	d, err := client.Droplets.ShutdownGracefully(ctx, id, 2*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Status)
	// Output: off
}

// Prints each step of a long operation. The shutdown of this Droplet fails, so the Droplet is powered off.
func ExampleOnProgress() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID
	api.FailNextAction(droplets.ActionTypeShutdown)

	step := ""
	progress := droplets.OnProgress(func(p droplets.Progress) {
		if p.Step != step {
			step = p.Step
			fmt.Println(step)
		}
	})
	d, err := client.Droplets.ShutdownGracefully(ctx, id, time.Millisecond, progress)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Status)
	// Output:
	// shutdown
	// power_off
	// off
}

// Creates a snapshot, and then a Droplet from it.
func ExampleDropletsService_SnapshotAndWait() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID

	image, err := client.Droplets.SnapshotAndWait(ctx, id, droplets.SnapshotRequest{Name: "before-upgrade"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(image.Name, image.Type, image.MinDiskSize, "GB")

	copied, err := client.Droplets.Create(ctx, droplets.DropletCreateRequest{
		Name: "copy", Size: "s-1vcpu-1gb", Image: droplets.ImageID(image.ID),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(copied.Droplet.Image.Name)
	// Output:
	// before-upgrade snapshot 25 GB
	// before-upgrade
}

// Initiates an action on all Droplets that have a tag with one request, and polls all actions with one request per poll.
func ExampleDropletActionsService_InitiateByTag() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithDroplets(9), dropletstest.WithActionDuration(0)).Client()

	actions, err := client.DropletActions.InitiateByTag(ctx, "db", droplets.SnapshotRequest{Name: "nightly"})
	if err != nil {
		log.Fatal(err)
	}
	ended, err := client.DropletActions.WaitForActions(ctx, actions...)
	if err != nil {
		log.Fatal(err)
	}
	for _, action := range ended {
		fmt.Println(action.Type, action.Status)
	}
	// Output:
	// snapshot completed
	// snapshot completed
	// snapshot completed
}

// Waits for several actions at the same time.
func ExampleDropletActionsService_WaitForActions() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(0))
	client := api.Client()

	var started []droplets.Action
	for _, d := range api.Droplets() {
		action, err := client.DropletActions.Reboot(ctx, d.ID)
		if err != nil {
			log.Fatal(err)
		}
		started = append(started, *action)
	}
	ended, err := client.DropletActions.WaitForActions(ctx, started...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(ended), "rebooted")
	// Output: 3 rebooted
}

// Polls an action and prints its status when it changes. The loop ends when the action has ended.
func ExampleDropletActionsService_Watch() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(20*time.Millisecond))
	client := api.Client(droplets.WithPollPolicy(droplets.PollPolicy{Initial: 5 * time.Millisecond}))
	id := api.Droplets()[0].ID

	action, err := client.DropletActions.PowerCycle(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(action.Type, action.Status)
	for polled, err := range client.DropletActions.Watch(ctx, id, action.ID) {
		if err != nil {
			log.Fatal(err)
		}
		if polled.Status != action.Status {
			fmt.Println(polled.Type, polled.Status)
		}
		action = polled
	}
	// Output:
	// power_cycle in-progress
	// power_cycle completed
}

// Initiate accepts the request of any action.
func ExampleDropletActionsService_Initiate() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID

	for _, step := range []droplets.ActionRequest{
		droplets.PowerOffRequest{},
		droplets.RebuildRequest{Image: droplets.ImageSlug("debian-12-x64")},
		droplets.RenameRequest{Name: "fresh"},
	} {
		action, err := client.DropletActions.Initiate(ctx, id, step)
		if err != nil {
			log.Fatal(err)
		}
		if action, err = client.DropletActions.WaitForAction(ctx, id, action.ID); err != nil {
			log.Fatal(err)
		}
		fmt.Println(action.Type, action.Status)
	}
	// Output:
	// power_off completed
	// rebuild completed
	// rename completed
}

// Lists the actions of a Droplet, newest first.
func ExampleDropletActionsService_All() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID
	if _, err := client.DropletActions.EnableIPv6(ctx, id); err != nil {
		log.Fatal(err)
	}
	if _, err := client.DropletActions.PasswordReset(ctx, id); err != nil {
		log.Fatal(err)
	}

	for action, err := range client.DropletActions.All(ctx, id, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(action.Type, action.Status, action.CompletedAt != nil)
	}
	// Output:
	// password_reset completed true
	// enable_ipv6 completed true
}

// Lists the newest actions of the account. No further page is requested after the break.
func ExampleActionsService_All() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithActionDuration(time.Hour))
	client := api.Client()
	for _, d := range api.Droplets() {
		if _, err := client.DropletActions.Reboot(ctx, d.ID); err != nil {
			log.Fatal(err)
		}
	}

	for action, err := range client.Actions.All(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		if action.Status != droplets.ActionStatusInProgress {
			break
		}
		fmt.Println(action.ResourceType, action.Type, action.Status)
	}
	// Output:
	// droplet reboot in-progress
	// droplet reboot in-progress
}

// Waits for a condition of the Droplet: here until it has an IPv6 address and is unlocked.
func ExampleDropletsService_WaitFor() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID
	if _, err := client.DropletActions.EnableIPv6(ctx, id); err != nil {
		log.Fatal(err)
	}

	d, err := client.Droplets.WaitFor(ctx, id, func(d *droplets.Droplet) bool {
		_, ok := d.PublicIPv6()
		return ok && droplets.IsUnlocked(d)
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.HasFeature("ipv6"))
	// Output: true
}
