package main

import (
	"context"
	"fmt"
	"reflect"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/jsonkeys"
)

type call func(context.Context, *droplets.Client) error

// calls returns calls that together send every query parameter and every body field that the library can send.
func calls() []call {
	return append(listCalls(), append(bodyCalls(), actionCalls()...)...)
}

// filled returns a value of type T with every field set.
func filled[T any]() T {
	v, err := jsonkeys.Filled(reflect.TypeFor[T](), droplets.ImageID(1), droplets.SSHKeyID(1))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", reflect.TypeFor[T](), err)) // the tests call it for each type
	}
	t, _ := v.(T)
	return t
}

// errorOf returns the error of a call without its result.
func errorOf[T any](_ T, err error) error { return err }

func listCalls() []call {
	type ctx = context.Context
	type client = *droplets.Client
	page := filled[droplets.ListOptions]()
	dropletOptions, pools := droplets.DropletListOptions{ListOptions: page, Name: "x", Type: "x"}, filled[droplets.AutoscalePoolListOptions]()
	images, snapshots := filled[droplets.ImageListOptions](), filled[droplets.SnapshotListOptions]()
	return []call{
		func(ctx ctx, c client) error { return errorOf(c.Actions.List(ctx, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.Droplets.List(ctx, &dropletOptions)) },
		func(ctx ctx, c client) error {
			return errorOf(c.Droplets.List(ctx, &droplets.DropletListOptions{TagName: "x"}))
		},
		func(ctx ctx, c client) error { return errorOf(c.Droplets.ListBackups(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.Droplets.ListSnapshots(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.Droplets.ListKernels(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.Droplets.ListFirewalls(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return c.Droplets.DeleteByTag(ctx, "tag") },
		func(ctx ctx, c client) error { return errorOf(c.DropletActions.List(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.BackupPolicies.List(ctx, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.Images.List(ctx, &images)) },
		func(ctx ctx, c client) error { return errorOf(c.Images.ListActions(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.Snapshots.List(ctx, &snapshots)) },
		func(ctx ctx, c client) error { return errorOf(c.Sizes.List(ctx, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.Regions.List(ctx, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.SSHKeys.List(ctx, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.Tags.List(ctx, &page)) },
		func(ctx ctx, c client) error { return errorOf(c.AutoscalePools.List(ctx, &pools)) },
		func(ctx ctx, c client) error { return errorOf(c.AutoscalePools.ListMembers(ctx, "id", &page)) },
		func(ctx ctx, c client) error { return errorOf(c.AutoscalePools.ListHistory(ctx, "id", &page)) },
	}
}

func bodyCalls() []call {
	pool := filled[droplets.AutoscalePoolRequest]()
	static, dynamic := pool, pool
	static.Config = droplets.AutoscaleConfig{TargetNumberInstances: pool.Config.TargetNumberInstances}
	dynamic.Config.TargetNumberInstances, dynamic.Config.CooldownMinutes = 0, 5
	image := filled[droplets.CustomImageCreateRequest]()
	image.URL = "https://example.com/image.img"
	key := filled[droplets.SSHKeyCreateRequest]()
	key.PublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
	type ctx = context.Context
	type client = *droplets.Client
	return []call{
		func(ctx ctx, c client) error {
			return errorOf(c.Droplets.Create(ctx, filled[droplets.DropletCreateRequest]()))
		},
		func(ctx ctx, c client) error {
			return errorOf(c.Droplets.CreateMultiple(ctx, filled[droplets.DropletMultiCreateRequest]()))
		},
		func(ctx ctx, c client) error {
			return c.AssociatedResources.DestroySelective(ctx, 1, filled[droplets.SelectiveDestroyRequest]())
		},
		func(ctx ctx, c client) error { return errorOf(c.Images.CreateCustom(ctx, image)) },
		func(ctx ctx, c client) error {
			return errorOf(c.Images.Update(ctx, 1, filled[droplets.ImageUpdateRequest]()))
		},
		func(ctx ctx, c client) error {
			return errorOf(c.Images.Transfer(ctx, 1, filled[droplets.TransferRequest]()))
		},
		func(ctx ctx, c client) error { return errorOf(c.Images.Convert(ctx, 1)) },
		func(ctx ctx, c client) error { return errorOf(c.SSHKeys.Create(ctx, key)) },
		func(ctx ctx, c client) error {
			return errorOf(c.SSHKeys.Update(ctx, droplets.SSHKeyID(1), filled[droplets.SSHKeyUpdateRequest]()))
		},
		func(ctx ctx, c client) error { return errorOf(c.Tags.Create(ctx, "tag")) },
		func(ctx ctx, c client) error { return c.Tags.Assign(ctx, "tag", filled[droplets.TaggedResource]()) },
		func(ctx ctx, c client) error { return c.Tags.Unassign(ctx, "tag", filled[droplets.TaggedResource]()) },
		func(ctx ctx, c client) error { return errorOf(c.AutoscalePools.Create(ctx, static)) },
		func(ctx ctx, c client) error { return errorOf(c.AutoscalePools.Create(ctx, dynamic)) },
		func(ctx ctx, c client) error { return errorOf(c.AutoscalePools.Update(ctx, "id", static)) },
		func(ctx ctx, c client) error { return errorOf(c.AutoscalePools.Update(ctx, "id", dynamic)) },
	}
}

// actionCalls returns a call for each action of a Droplet, and for each that is possible by tag.
func actionCalls() []call {
	var out []call
	for _, req := range []droplets.ActionRequest{
		droplets.RebootRequest{}, droplets.PowerCycleRequest{}, droplets.ShutdownRequest{}, droplets.PowerOffRequest{},
		droplets.PowerOnRequest{}, droplets.PasswordResetRequest{}, droplets.EnableIPv6Request{}, droplets.DisableBackupsRequest{},
		filled[droplets.EnableBackupsRequest](), filled[droplets.ChangeBackupPolicyRequest](), filled[droplets.RestoreRequest](),
		filled[droplets.ResizeRequest](), filled[droplets.RebuildRequest](), filled[droplets.RenameRequest](),
		filled[droplets.ChangeKernelRequest](), filled[droplets.SnapshotRequest](),
	} {
		out = append(out, func(ctx context.Context, c *droplets.Client) error {
			return errorOf(c.DropletActions.Initiate(ctx, 1, req))
		})
	}
	for _, req := range []droplets.TagActionRequest{
		droplets.PowerCycleRequest{}, droplets.PowerOnRequest{}, droplets.PowerOffRequest{}, droplets.ShutdownRequest{},
		droplets.EnableIPv6Request{}, droplets.EnableBackupsRequest{}, droplets.DisableBackupsRequest{}, filled[droplets.SnapshotRequest](),
	} {
		out = append(out, func(ctx context.Context, c *droplets.Client) error {
			return errorOf(c.DropletActions.InitiateByTag(ctx, "tag", req))
		})
	}
	return out
}
