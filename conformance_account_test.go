package droplets_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// account calls what is around Droplets: sizes, regions, images, snapshots, SSH keys, tags and autoscale pools.
type account struct {
	*testing.T
	ctx    context.Context
	client *droplets.Client
}

func (a *account) noError(errs ...error) {
	a.Helper()
	for _, err := range errs {
		require.NoError(a, err)
	}
}

// eventually waits until met returns true.
func (a *account) eventually(met func() (bool, error)) {
	a.Helper()
	for {
		done, err := met()
		require.NoError(a, err)
		if done {
			return
		}
		select {
		case <-a.ctx.Done():
			require.NoError(a, context.Cause(a.ctx))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (a *account) images() {
	c, ctx := a.client, a.ctx
	a.noError(second(c.Sizes.List(ctx, nil)), second(c.Regions.List(ctx, nil)), second(c.Images.GetBySlug(ctx, "ubuntu-24-04-x64")))
	created, err := c.Images.CreateCustom(ctx, customImage())
	require.NoError(a, err)
	for _, opts := range []droplets.ImageListOptions{
		{}, {Type: droplets.ImageListDistribution}, {Type: droplets.ImageListApplication}, {Private: true}, {TagName: "base-image"},
	} {
		a.noError(second(c.Images.List(ctx, &opts)))
	}
	a.eventually(func() (bool, error) {
		image, err := c.Images.Get(ctx, created.ID)
		return err == nil && image.Status == droplets.ImageStatusAvailable, err
	})
	a.noError(second(c.Images.Update(ctx, created.ID, droplets.ImageUpdateRequest{Name: "n", Distribution: "Debian", Description: "d"})))
	action, err := c.Images.Transfer(ctx, created.ID, droplets.TransferRequest{Region: "ams3"})
	require.NoError(a, err)
	a.eventually(func() (bool, error) {
		action, err := c.Images.GetAction(ctx, created.ID, action.ID)
		return err == nil && action.Status == droplets.ActionStatusCompleted, err
	})
	a.noError(second(c.Images.ListActions(ctx, created.ID, nil)), second(c.Images.Get(ctx, created.ID)))
	a.noError(c.Images.Delete(ctx, created.ID))
	require.ErrorIs(a, second(c.Images.Get(ctx, created.ID)), droplets.ErrNotFound)
}

// snapshots needs the snapshots that the lifecycle of Droplets has created.
func (a *account) snapshots() {
	c, ctx := a.client, a.ctx
	page, err := c.Snapshots.List(ctx, &droplets.SnapshotListOptions{ResourceType: droplets.SnapshotResourceDroplet})
	require.NoError(a, err)
	require.NotEmpty(a, page.Items)
	id := page.Items[0].ID
	a.noError(second(c.Snapshots.List(ctx, nil)), second(c.Snapshots.List(ctx, &droplets.SnapshotListOptions{ResourceType: droplets.SnapshotResourceVolume})),
		second(c.Snapshots.Get(ctx, id)), c.Snapshots.Delete(ctx, id))
	require.ErrorIs(a, second(c.Snapshots.Get(ctx, id)), droplets.ErrNotFound)
}

func (a *account) tags(dropletID int64) {
	c, ctx := a.client, a.ctx
	a.noError(second(c.Tags.Create(ctx, "env:test")), c.Tags.Assign(ctx, "env:test", droplets.TaggedDroplet(dropletID)))
	a.noError(second(c.Tags.Get(ctx, "env:test")), second(c.Tags.List(ctx, nil)))
	a.noError(c.Tags.Unassign(ctx, "env:test", droplets.TaggedDroplet(dropletID)), c.Tags.Delete(ctx, "env:test"))
	require.ErrorIs(a, second(c.Tags.Get(ctx, "env:test")), droplets.ErrNotFound)
}

// keysAndPools creates a key, and pools whose Droplets have it.
func (a *account) keysAndPools() {
	c, ctx := a.client, a.ctx
	key, err := c.SSHKeys.Create(ctx, keyRequest())
	require.NoError(a, err)
	a.noError(second(c.SSHKeys.List(ctx, nil)), second(c.SSHKeys.Get(ctx, key.Ref())),
		second(c.SSHKeys.Get(ctx, droplets.SSHKeyFingerprint(key.Fingerprint))),
		second(c.SSHKeys.Update(ctx, key.Ref(), droplets.SSHKeyUpdateRequest{Name: "desktop"})))
	static, dynamic := poolRequest(), dynamicPool()
	static.DropletTemplate.SSHKeys, dynamic.DropletTemplate.SSHKeys = []string{key.Fingerprint}, []string{key.Fingerprint}
	for _, req := range []droplets.AutoscalePoolRequest{static, dynamic} {
		a.pool(req)
	}
	a.noError(c.SSHKeys.Delete(ctx, key.Ref()))
}

// pool creates a pool, reads and changes it, and deletes it: a static one without its Droplets, a dynamic one with them.
func (a *account) pool(req droplets.AutoscalePoolRequest) {
	c, ctx := a.client, a.ctx
	pool, err := c.AutoscalePools.Create(ctx, req)
	require.NoError(a, err)
	a.eventually(func() (bool, error) {
		page, err := c.AutoscalePools.ListMembers(ctx, pool.ID, nil)
		return err == nil && len(page.Items) > 0 && page.Items[0].Status == droplets.AutoscaleMemberStatusActive, err
	})
	req.Name = "renamed"
	a.noError(second(c.AutoscalePools.Update(ctx, pool.ID, req)), second(c.AutoscalePools.Get(ctx, pool.ID)),
		second(c.AutoscalePools.List(ctx, &droplets.AutoscalePoolListOptions{Name: "renamed"})),
		second(c.AutoscalePools.ListHistory(ctx, pool.ID, nil)))
	if req.Config.IsStatic() {
		a.noError(c.AutoscalePools.Delete(ctx, pool.ID))
	} else {
		a.noError(c.AutoscalePools.DeleteWithDroplets(ctx, pool.ID))
	}
}
