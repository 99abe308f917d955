package droplets_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// A program that is interrupted stores the IDs of the Droplet and of its create action, and waits again after a restart.
// The create is sent once.
func ExampleStepError_resume() {
	clock := new(dropletstest.Clock)
	api := dropletstest.New(dropletstest.WithClock(clock), dropletstest.WithActionDuration(time.Hour))
	client := api.Client(droplets.WithPollPolicy(droplets.PollPolicy{Initial: 10 * time.Millisecond}))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	interrupt := droplets.OnProgress(func(droplets.Progress) { cancel() }) // after the first poll

	type pending struct{ DropletID, ActionID int64 }
	var stored []byte
	_, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name:  "web-1",
		Size:  "s-1vcpu-1gb",
		Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	}, interrupt)
	if step, ok := errors.AsType[*droplets.StepError](err); ok && step.Action != nil {
		if stored, err = json.Marshal(pending{step.Droplet.ID, step.Action.ID}); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("interrupted:", errors.Is(step, context.Canceled))
	}

	// An hour later, after a restart, with another client.
	clock.Advance(time.Hour)
	client = api.Client(droplets.WithPollPolicy(droplets.PollPolicy{Initial: 10 * time.Millisecond}))
	ctx = context.Background()
	var p pending
	if err := json.Unmarshal(stored, &p); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.DropletActions.WaitForAction(ctx, p.DropletID, p.ActionID); err != nil {
		fmt.Println(err) // if it matches ErrActionFailed, the Droplet is gone
		return
	}
	d, err := client.Droplets.WaitFor(ctx, p.DropletID, droplets.HasPublicIPv4)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Name, d.Status, len(api.Droplets()))
	// Output:
	// interrupted: true
	// web-1 active 1
}
