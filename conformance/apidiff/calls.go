package main

import (
	"context"
	"fmt"
	"reflect"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/jsonkeys"
)

type call func(context.Context, *droplets.Client) error

// calls returns calls that send every parameter of a query and every field of a body that the library can send.
func calls() []call {
	return append(listCalls(), append(bodyCalls(), actionCalls()...)...)
}

// all returns a value with every field set.
func all[T any]() T {
	v, err := jsonkeys.Filled(reflect.TypeFor[T](), droplets.ImageID(1), droplets.SSHKeyID(1))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", reflect.TypeFor[T](), err)) // a test calls it for each type
	}
	t, _ := v.(T)
	return t
}

func failed[T any](_ T, err error) error { return err }

func listCalls() []call {
	type ctx = context.Context
	type client = *droplets.Client
	page := all[droplets.ListOptions]()
	some, pools := droplets.DropletListOptions{ListOptions: page, Name: "x", Type: "x"}, all[droplets.AutoscalePoolListOptions]()
	images, snapshots := all[droplets.ImageListOptions](), all[droplets.SnapshotListOptions]()
	return []call{
		func(ctx ctx, c client) error { return failed(c.Actions.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.List(ctx, &some)) },
		func(ctx ctx, c client) error {
			return failed(c.Droplets.List(ctx, &droplets.DropletListOptions{TagName: "x"}))
		},
		func(ctx ctx, c client) error { return failed(c.Droplets.ListBackups(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.ListSnapshots(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.ListKernels(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.ListFirewalls(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return c.Droplets.DeleteByTag(ctx, "tag") },
		func(ctx ctx, c client) error { return failed(c.DropletActions.List(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.BackupPolicies.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.Images.List(ctx, &images)) },
		func(ctx ctx, c client) error { return failed(c.Images.ListActions(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.Snapshots.List(ctx, &snapshots)) },
		func(ctx ctx, c client) error { return failed(c.Sizes.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.Regions.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.SSHKeys.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.Tags.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.List(ctx, &pools)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.ListMembers(ctx, "id", &page)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.ListHistory(ctx, "id", &page)) },
	}
}

func bodyCalls() []call {
	pool := all[droplets.AutoscalePoolRequest]()
	static, dynamic := pool, pool
	static.Config = droplets.AutoscaleConfig{TargetNumberInstances: pool.Config.TargetNumberInstances}
	dynamic.Config.TargetNumberInstances, dynamic.Config.CooldownMinutes = 0, 5
	image := all[droplets.CustomImageCreateRequest]()
	image.URL = "https://example.com/image.img"
	key := all[droplets.SSHKeyCreateRequest]()
	key.PublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
	type ctx = context.Context
	type client = *droplets.Client
	return []call{
		func(ctx ctx, c client) error {
			return failed(c.Droplets.Create(ctx, all[droplets.DropletCreateRequest]()))
		},
		func(ctx ctx, c client) error {
			return failed(c.Droplets.CreateMultiple(ctx, all[droplets.DropletMultiCreateRequest]()))
		},
		func(ctx ctx, c client) error {
			return c.AssociatedResources.DestroySelective(ctx, 1, all[droplets.SelectiveDestroyRequest]())
		},
		func(ctx ctx, c client) error { return failed(c.Images.CreateCustom(ctx, image)) },
		func(ctx ctx, c client) error {
			return failed(c.Images.Update(ctx, 1, all[droplets.ImageUpdateRequest]()))
		},
		func(ctx ctx, c client) error {
			return failed(c.Images.Transfer(ctx, 1, all[droplets.TransferRequest]()))
		},
		func(ctx ctx, c client) error { return failed(c.Images.Convert(ctx, 1)) },
		func(ctx ctx, c client) error { return failed(c.SSHKeys.Create(ctx, key)) },
		func(ctx ctx, c client) error {
			return failed(c.SSHKeys.Update(ctx, droplets.SSHKeyID(1), all[droplets.SSHKeyUpdateRequest]()))
		},
		func(ctx ctx, c client) error { return failed(c.Tags.Create(ctx, "tag")) },
		func(ctx ctx, c client) error { return c.Tags.Assign(ctx, "tag", all[droplets.TaggedResource]()) },
		func(ctx ctx, c client) error { return c.Tags.Unassign(ctx, "tag", all[droplets.TaggedResource]()) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.Create(ctx, static)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.Create(ctx, dynamic)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.Update(ctx, "id", static)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.Update(ctx, "id", dynamic)) },
	}
}

// actionCalls returns a call for each action of a Droplet, and for each that is possible by tag.
func actionCalls() []call {
	var out []call
	for _, req := range []droplets.ActionRequest{
		droplets.RebootRequest{}, droplets.PowerCycleRequest{}, droplets.ShutdownRequest{}, droplets.PowerOffRequest{},
		droplets.PowerOnRequest{}, droplets.PasswordResetRequest{}, droplets.EnableIPv6Request{}, droplets.DisableBackupsRequest{},
		all[droplets.EnableBackupsRequest](), all[droplets.ChangeBackupPolicyRequest](), all[droplets.RestoreRequest](),
		all[droplets.ResizeRequest](), all[droplets.RebuildRequest](), all[droplets.RenameRequest](),
		all[droplets.ChangeKernelRequest](), all[droplets.SnapshotRequest](),
	} {
		out = append(out, func(ctx context.Context, c *droplets.Client) error {
			return failed(c.DropletActions.Initiate(ctx, 1, req))
		})
	}
	for _, req := range []droplets.TagActionRequest{
		droplets.PowerCycleRequest{}, droplets.PowerOnRequest{}, droplets.PowerOffRequest{}, droplets.ShutdownRequest{},
		droplets.EnableIPv6Request{}, droplets.EnableBackupsRequest{}, droplets.DisableBackupsRequest{}, all[droplets.SnapshotRequest](),
	} {
		out = append(out, func(ctx context.Context, c *droplets.Client) error {
			return failed(c.DropletActions.InitiateByTag(ctx, "tag", req))
		})
	}
	return out
}
