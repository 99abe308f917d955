package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// errors.Is tests for the kind of an error, errors.AsType returns the error with its details.
func ExampleError() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	_, err := client.Droplets.Get(ctx, 42)
	fmt.Println(errors.Is(err, droplets.ErrNotFound))
	if e, ok := errors.AsType[*droplets.Error](err); ok {
		fmt.Println(e.StatusCode, e.ID, e.Operation, e.Attempts)
		fmt.Println(e.Message)
		fmt.Println("for support:", e.RequestID != "")
	}
	// Output:
	// true
	// 404 not_found droplets_get 1
	// The resource you were accessing could not be found.
	// for support: true
}

// The rate limit is exceeded, and the delay that the API requires is longer than MaxRetryAfter. The call returns the 429
// immediately, with the delay. For a shorter delay, the client waits and retries.
func ExampleError_rateLimited() {
	ctx := context.Background()
	api := dropletstest.New()
	client := api.Client()
	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{
		Status: http.StatusTooManyRequests,
		Header: http.Header{"Retry-After": {"1800"}, "Ratelimit-Remaining": {"0"}},
	})

	_, err := client.Droplets.List(ctx, nil)
	if errors.Is(err, droplets.ErrRateLimited) {
		e, _ := errors.AsType[*droplets.Error](err)
		fmt.Println("retry in", e.RetryAfter)
		fmt.Println(e.RateLimit.Remaining, "of", e.RateLimit.Limit, "left")
	}
	// Output:
	// retry in 30m0s
	// 0 of 5000 left
}

// Invalid arguments are rejected before a request is sent. The error has the field and the rule.
func ExampleArgumentError() {
	ctx := context.Background()
	api := dropletstest.New()
	client := api.Client()

	_, err := client.Droplets.Create(ctx, droplets.DropletCreateRequest{Name: "web-1", Size: "s-1vcpu-1gb"})
	if wrong, ok := errors.AsType[*droplets.ArgumentError](err); ok {
		fmt.Println(wrong.Field, wrong.Rule)
	}
	fmt.Println(len(api.Requests()), "requests")
	// Output:
	// Image must be set to an ID or a text
	// 0 requests
}

// The API accepted the action, which failed later.
func ExampleActionError() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID
	api.FailNextAction(droplets.ActionTypeReboot)

	action, err := client.DropletActions.Reboot(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.DropletActions.WaitForAction(ctx, id, action.ID)
	if failed, ok := errors.AsType[*droplets.ActionError](err); ok {
		fmt.Println(failed.Action.Type, failed.Action.Status)
	}
	fmt.Println(errors.Is(err, droplets.ErrActionFailed))
	// Output:
	// reboot errored
	// true
}

// A multi-step operation failed. The error contains the step and the last observed state of the Droplet.
func ExampleStepError() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID
	api.FailNextAction(droplets.ActionTypeResize)

	d, err := client.Droplets.ResizeAndRestart(ctx, id, droplets.ResizeRequest{Size: "s-2vcpu-4gb"}, time.Minute)
	if stopped, ok := errors.AsType[*droplets.StepError](err); ok {
		fmt.Println(stopped.Step, "failed:", errors.Is(err, droplets.ErrActionFailed))
	}
	fmt.Println(d.SizeSlug, d.Status)
	// Output:
	// resize failed: true
	// s-1vcpu-1gb active
}

// The deadline passes before the action ends. The call returns the last observed state and an error that wraps the context's error.
func ExampleDropletActionsService_WaitForAction_timeout() {
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(time.Hour))
	client := api.Client(droplets.WithPollPolicy(droplets.PollPolicy{Initial: time.Millisecond}))
	id := api.Droplets()[0].ID
	action, err := client.DropletActions.Snapshot(context.Background(), id, droplets.SnapshotRequest{Name: "nightly"})
	if err != nil {
		log.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	last, err := client.DropletActions.WaitForAction(ctx, id, action.ID)
	if errors.Is(err, context.DeadlineExceeded) && last != nil {
		fmt.Println("still running:", last.Type, last.Status)
	}
	// Output: still running: snapshot in-progress
}

// The response to a request for an action was lost, so the action may have been initiated. The client does not retry it. The
// program must check before it initiates the action again. For a create, Ensure does both.
func Example_maybeApplied() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID
	lost := dropletstest.Fault{Applied: true, Status: http.StatusGatewayTimeout}
	api.Respond(1, dropletstest.Match{Operation: "dropletActions_post"}, lost)

	_, err := client.DropletActions.Snapshot(ctx, id, droplets.SnapshotRequest{Name: "nightly"})
	if !errors.Is(err, droplets.ErrMaybeApplied) {
		log.Fatal(err)
	}
	page, err := client.DropletActions.List(ctx, id, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, action := range page.Items {
		if action.Type == droplets.ActionTypeSnapshot {
			fmt.Println("initiated:", action.Status)
		}
	}
	// Output: initiated: completed
}

// The API rejects an action while another event on the Droplet is in progress.
func ExampleError_pendingEvent() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(time.Hour))
	client := api.Client()
	id := api.Droplets()[0].ID
	if _, err := client.DropletActions.PowerCycle(ctx, id); err != nil {
		log.Fatal(err)
	}

	_, err := client.DropletActions.Rename(ctx, id, droplets.RenameRequest{Name: "web-1"})
	fmt.Println(errors.Is(err, droplets.ErrPendingEvent), errors.Is(err, droplets.ErrUnprocessable))
	// Output: true true
}

// Retries while another event on the Droplet is in progress, for at most five minutes.
func ExampleRetryPendingEvent() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(20*time.Millisecond))
	client := api.Client(droplets.WithPollPolicy(droplets.PollPolicy{Initial: 5 * time.Millisecond}))
	id := api.Droplets()[0].ID
	if _, err := client.DropletActions.PowerCycle(ctx, id); err != nil {
		log.Fatal(err)
	}

	action, err := client.DropletActions.Rename(ctx, id, droplets.RenameRequest{Name: "web-1"},
		droplets.RetryPendingEvent(5*time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(action.Type, action.Status)
	// Output: rename in-progress
}
