package droplets_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// TestConformanceOfTheFake calls all operations of the fake at CONFORMANCE_API_URL, through a proxy that checks requests and
// responses against the OpenAPI document.
func TestConformanceOfTheFake(t *testing.T) {
	base := os.Getenv("CONFORMANCE_API_URL")
	if base == "" {
		t.Skip("CONFORMANCE_API_URL is not set: run conformance/run, as .ci/run does")
	}
	c, err := droplets.NewClient(dropletstest.Token, droplets.WithBaseURL(base),
		droplets.WithPollPolicy(droplets.PollPolicy{Initial: 10 * time.Millisecond, Max: 10 * time.Millisecond}))
	require.NoError(t, err)
	ctx := conformanceContext(t)
	lifecycle := newLifecycle(ctx, t, c)
	lifecycle.read()
	lifecycle.act()
	around := &account{T: t, ctx: ctx, client: c}
	around.images()
	around.snapshots()
	around.tags(lifecycle.id)
	around.keysAndPools()
	lifecycle.end()
}

// lifecycle has the Droplets of one run.
type lifecycle struct {
	*testing.T
	ctx    context.Context
	client *droplets.Client
	id     int64
	others []int64
}

func newLifecycle(ctx context.Context, t *testing.T, c *droplets.Client) *lifecycle {
	t.Helper()
	one := createRequest()
	one.Backups, one.IPv6, one.Monitoring, one.Tags = true, true, true, []string{"one"}
	d, err := c.Droplets.CreateAndWait(ctx, one)
	require.NoError(t, err)
	more := multiCreate("more-1", "more-2", "more-3")
	more.Tags = []string{"more"}
	ds, err := c.Droplets.CreateMultipleAndWait(ctx, more)
	require.NoError(t, err)
	return &lifecycle{T: t, ctx: ctx, client: c, id: d.ID, others: idsOf(ds)}
}

func (l *lifecycle) read() {
	c, ctx := l.client, l.ctx
	for _, opts := range []*droplets.DropletListOptions{nil, {Name: "web-1"}, {TagName: "more"}, {Type: droplets.DropletTypeGPUs}} {
		_, err := c.Droplets.List(ctx, opts)
		require.NoError(l, err)
	}
	for _, err := range []error{
		second(c.Droplets.Get(ctx, l.id)), second(c.Droplets.ListKernels(ctx, l.id, nil)), second(c.Droplets.ListFirewalls(ctx, l.id, nil)),
		second(c.Droplets.ListNeighbors(ctx, l.id)), second(c.Droplets.ListNeighborIDs(ctx)), second(c.Droplets.ListBackups(ctx, l.id, nil)),
		second(c.BackupPolicies.Get(ctx, l.id)), second(c.BackupPolicies.Get(ctx, l.others[0])), second(c.BackupPolicies.List(ctx, nil)),
		second(c.BackupPolicies.ListSupported(ctx)), second(c.Actions.List(ctx, nil)), second(c.DropletActions.List(ctx, l.id, nil)),
		second(c.AssociatedResources.List(ctx, l.id)),
	} {
		require.NoError(l, err)
	}
}

// act initiates every action that the fake supports, in an order that the Droplet's state permits.
func (l *lifecycle) act() {
	c, ctx := l.client, l.ctx
	for _, req := range []droplets.ActionRequest{
		droplets.PowerOffRequest{}, droplets.ResizeRequest{Size: "s-1vcpu-2gb", Disk: true}, droplets.SnapshotRequest{Name: "snap"},
		droplets.PowerOnRequest{}, droplets.RebootRequest{}, droplets.PowerCycleRequest{}, droplets.PasswordResetRequest{},
		droplets.RenameRequest{Name: "web-2"}, droplets.ChangeBackupPolicyRequest{Policy: droplets.BackupPolicy{Plan: droplets.BackupPlanWeekly, Weekday: droplets.WeekdayFriday, Hour: new(0)}},
		droplets.DisableBackupsRequest{}, droplets.EnableBackupsRequest{}, droplets.RebuildRequest{Image: droplets.ImageSlug("ubuntu-22-04-x64")},
		droplets.ShutdownRequest{},
	} {
		action, err := c.DropletActions.Initiate(ctx, l.id, req)
		require.NoError(l, err, "%T", req)
		_, err = c.DropletActions.WaitForAction(ctx, l.id, action.ID)
		require.NoError(l, err, "%T", req)
		_, err = c.Actions.Get(ctx, action.ID)
		require.NoError(l, err)
	}
	for _, req := range []droplets.TagActionRequest{droplets.ShutdownRequest{}, droplets.PowerOnRequest{}, droplets.PowerCycleRequest{},
		droplets.EnableBackupsRequest{}, droplets.DisableBackupsRequest{}, droplets.EnableIPv6Request{}, droplets.SnapshotRequest{Name: "all"}, droplets.PowerOffRequest{}} {
		actions, err := c.DropletActions.InitiateByTag(ctx, "more", req)
		require.NoError(l, err, "%T", req)
		_, err = c.DropletActions.WaitForActions(ctx, actions...)
		require.NoError(l, err, "%T", req)
	}
	_, err := c.Droplets.ListSnapshots(ctx, l.id, nil)
	require.NoError(l, err)
}

func (l *lifecycle) end() {
	c, ctx := l.client, l.ctx
	_, err := c.Droplets.Get(ctx, 1)
	require.ErrorIs(l, err, droplets.ErrNotFound)
	require.NoError(l, c.AssociatedResources.DestroySelective(ctx, l.id, droplets.SelectiveDestroyRequest{}))
	_, err = c.AssociatedResources.WaitForDestroy(ctx, l.id)
	require.NoError(l, err)
	require.NoError(l, c.AssociatedResources.DestroyAll(ctx, l.others[0]))
	require.ErrorIs(l, c.AssociatedResources.Retry(ctx, l.others[0]), droplets.ErrConflict)
	_, err = c.AssociatedResources.WaitForDestroy(ctx, l.others[0])
	require.NoError(l, err)
	require.NoError(l, c.AssociatedResources.Retry(ctx, l.others[0]), "a destroy that has ended can be retried")
	require.NoError(l, c.Droplets.Delete(ctx, l.others[1]))
	require.NoError(l, c.Droplets.DeleteByTag(ctx, "more"))
	require.NoError(l, c.Droplets.WaitForDeleted(ctx, l.others[2]))
}
