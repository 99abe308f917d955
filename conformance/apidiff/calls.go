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
	some, pools := all[droplets.DropletListOptions](), all[droplets.AutoscalePoolListOptions]()
	return []call{
		func(ctx ctx, c client) error { return failed(c.Actions.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.List(ctx, &some)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.ListBackups(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.ListSnapshots(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.ListKernels(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.Droplets.ListFirewalls(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return c.Droplets.DeleteByTag(ctx, "tag") },
		func(ctx ctx, c client) error { return failed(c.DropletActions.List(ctx, 1, &page)) },
		func(ctx ctx, c client) error { return failed(c.BackupPolicies.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.SSHKeys.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.Tags.List(ctx, &page)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.List(ctx, &pools)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.ListMembers(ctx, "id", &page)) },
		func(ctx ctx, c client) error { return failed(c.AutoscalePools.ListHistory(ctx, "id", &page)) },
	}
}
