package dropletstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := running(t, c, request("web-01"))
		id := d.ID

		assert.Equal(t, droplets.DropletStatusActive, act(t, c, id, droplets.RebootRequest{}).Status)
		assert.Equal(t, droplets.DropletStatusActive, act(t, c, id, droplets.PowerCycleRequest{}).Status)
		assert.Equal(t, droplets.DropletStatusOff, act(t, c, id, droplets.ShutdownRequest{}).Status)

		d = act(t, c, id, droplets.ResizeRequest{Size: "s-1vcpu-2gb"})
		assert.Equal(t, []any{"s-1vcpu-2gb", "s-1vcpu-2gb", 2048, 25}, []any{d.SizeSlug, d.Size.Slug, d.Memory, d.Disk})
		d = act(t, c, id, droplets.ResizeRequest{Size: "s-1vcpu-1gb"})
		assert.Equal(t, 1024, d.Memory, "back, for the disk has not grown")
		d = act(t, c, id, droplets.ResizeRequest{Size: "s-2vcpu-2gb", Disk: true})
		assert.Equal(t, []int{2, 60, 60}, []int{d.VCPUs, d.Disk, d.DiskInfo[0].Size.Amount})
		_, err := c.DropletActions.Resize(t.Context(), id, droplets.ResizeRequest{Size: "s-1vcpu-2gb"})
		refused(t, err, "a disk can not shrink")
		assert.Equal(t, droplets.DropletStatusOff, d.Status)

		assert.Equal(t, droplets.DropletStatusActive, act(t, c, id, droplets.PowerOnRequest{}).Status)
		assert.Equal(t, droplets.DropletStatusOff, act(t, c, id, droplets.PowerOffRequest{}).Status)
		act(t, c, id, droplets.PowerOnRequest{})

		assert.Equal(t, "web-02", act(t, c, id, droplets.RenameRequest{Name: "web-02"}).Name)
		d = act(t, c, id, droplets.RebuildRequest{Image: droplets.ImageSlug("debian-12-x64")})
		assert.Equal(t, "debian-12-x64", d.Image.Slug)
		d = act(t, c, id, droplets.EnableIPv6Request{})
		_, ok := d.PublicIPv6()
		assert.True(t, ok && d.HasFeature("ipv6"))
		act(t, c, id, droplets.PasswordResetRequest{})

		backup := api.AddBackup(id)
		assert.Equal(t, []int64{backup}, get(t, c, id).BackupIDs)
		assert.Equal(t, backup, act(t, c, id, droplets.RestoreRequest{ImageID: backup}).Image.ID)
	})
}

func TestActionRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dropletstest.New().Client()
		on, off := running(t, c, request("on")).ID, running(t, c, request("off")).ID
		act(t, c, off, droplets.PowerOffRequest{})
		for _, tc := range []struct {
			id   int64
			req  droplets.ActionRequest
			says string
		}{
			{on, droplets.PowerOnRequest{}, "Droplet is already powered on."},
			{off, droplets.PowerOffRequest{}, "Droplet is already powered off."},
			{off, droplets.ShutdownRequest{}, "Droplet is already powered off."},
			{off, droplets.RebootRequest{}, "currently off"},
			{off, droplets.PowerCycleRequest{}, "currently off"},
			{on, droplets.ResizeRequest{Size: "s-1vcpu-2gb"}, "currently on"},
			{off, droplets.ResizeRequest{Size: "s-none"}, "invalid size"},
			{off, droplets.ResizeRequest{Size: "s-1vcpu-1gb"}, "already"},
			{off, droplets.ResizeRequest{Size: "gpu-h100x1-80gb"}, "not available in region"},
			{on, droplets.RebuildRequest{Image: droplets.ImageSlug("none")}, "invalid image"},
			{on, droplets.RestoreRequest{ImageID: 155133621}, "not a backup"},
			{on, droplets.RenameRequest{Name: "no good"}, "hostname"},
			{on, droplets.ChangeKernelRequest{KernelID: 7515}, "kernel"},
			{on, droplets.DisableBackupsRequest{}, "not enabled"},
			{on, droplets.ChangeBackupPolicyRequest{Policy: droplets.BackupPolicy{Plan: "daily"}}, "not enabled"},
			{on, droplets.CustomActionRequest{Type: "change_backup_policy"}, "backup_policy is required"},
			{on, droplets.CustomActionRequest{Type: "fly"}, "not a valid action type"},
		} {
			_, err := c.DropletActions.Initiate(t.Context(), tc.id, tc.req)
			refused(t, err, tc.says)
		}
		assert.False(t, get(t, c, on).Locked)
	})
}

func TestPendingEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(time.Minute)).Client()
		id := running(t, c, request("a")).ID
		_, err := c.DropletActions.PowerOff(t.Context(), id)
		require.NoError(t, err)
		assert.True(t, get(t, c, id).Locked)
		_, err = c.DropletActions.Snapshot(t.Context(), id, droplets.SnapshotRequest{})
		refused(t, err, "Droplet already has a pending event.")
		require.ErrorIs(t, err, droplets.ErrPendingEvent)
		_, err = c.DropletActions.Snapshot(t.Context(), id, droplets.SnapshotRequest{}, droplets.RetryPendingEvent(2*time.Minute))
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, get(t, c, id).Status)
	})
}

// TestTogether holds end, effect and unlocking to one moment, whether or not somebody has looked meanwhile.
func TestTogether(t *testing.T) {
	for _, looks := range []int{0, 1, 1000} {
		synctest.Test(t, func(t *testing.T) {
			const takes = 10 * time.Second
			c := dropletstest.New(dropletstest.WithActionDuration(takes)).Client()
			id := running(t, c, request("a")).ID
			a, err := c.DropletActions.PowerOff(t.Context(), id)
			require.NoError(t, err)
			began := time.Now()
			for range looks {
				get(t, c, id)
				pass((takes - time.Millisecond) / time.Duration(looks))
			}
			pass(time.Until(began.Add(takes - time.Millisecond)))
			state := func() []any {
				a, err := c.Actions.Get(t.Context(), a.ID)
				require.NoError(t, err)
				d := get(t, c, id)
				return []any{a.Status, a.CompletedAt != nil, d.Status, d.Locked}
			}
			assert.Equal(t, []any{droplets.ActionStatusInProgress, false, droplets.DropletStatusActive, true}, state())
			pass(time.Millisecond)
			assert.Equal(t, []any{droplets.ActionStatusCompleted, true, droplets.DropletStatusOff, false}, state())
			pass(time.Hour)
			done, err := c.Actions.Get(t.Context(), a.ID)
			require.NoError(t, err)
			assert.Equal(t, began.Add(takes).UTC().Truncate(time.Second), done.CompletedAt.UTC(), "when it ended, not when it was seen")
		})
	}
}

func TestSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(90 * time.Second)).Client()
		d := running(t, c, request("a"))
		pass(300 * time.Millisecond)
		a, err := c.DropletActions.Snapshot(t.Context(), d.ID, droplets.SnapshotRequest{Name: "before"})
		require.NoError(t, err)
		assert.Empty(t, collect(t, c.Droplets.AllSnapshots(t.Context(), d.ID, nil)))
		_, err = c.DropletActions.WaitForAction(t.Context(), d.ID, a.ID)
		require.NoError(t, err)

		snaps := collect(t, c.Droplets.AllSnapshots(t.Context(), d.ID, nil))
		require.Len(t, snaps, 1)
		assert.Equal(t, "before", snaps[0].Name)
		assert.Equal(t, a.StartedAt, snaps[0].CreatedAt)
		assert.Equal(t, []int64{snaps[0].ID}, get(t, c, d.ID).SnapshotIDs)
		again := request("b")
		again.Image = droplets.ImageID(snaps[0].ID)
		assert.Equal(t, droplets.ImageTypeSnapshot, running(t, c, again).Image.Type)
		require.NoError(t, c.Droplets.Delete(t.Context(), d.ID))
		running(t, c, again)
	})
}

func TestFailNextAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		id := running(t, c, request("a")).ID
		api.FailNextAction(droplets.ActionTypeResize, droplets.ActionTypePowerOff)
		act(t, c, id, droplets.RebootRequest{})
		a, err := c.DropletActions.PowerOff(t.Context(), id)
		require.NoError(t, err)
		a, err = c.DropletActions.WaitForAction(t.Context(), id, a.ID)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		assert.NotNil(t, a.CompletedAt)
		d := get(t, c, id)
		assert.Equal(t, droplets.DropletStatusActive, d.Status)
		assert.False(t, d.Locked)
		act(t, c, id, droplets.PowerOffRequest{})

		api.FailNextAction()
		made, err := c.Droplets.Create(t.Context(), request("b"))
		require.NoError(t, err)
		_, err = c.DropletActions.WaitForAction(t.Context(), made.Droplet.ID, made.Actions[0].ID)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		_, err = c.Droplets.Get(t.Context(), made.Droplet.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
	})
}

func TestDeleteUnderAnAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(time.Minute)).Client()
		made, err := c.Droplets.Create(t.Context(), request("a"))
		require.NoError(t, err)
		require.NoError(t, c.Droplets.Delete(t.Context(), made.Droplet.ID))
		pass(time.Hour)
		a, err := c.Actions.Get(t.Context(), made.Actions[0].ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusErrored, a.Status)
	})
}

func TestActionsByTag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := request("a")
		req.Tags = []string{"web"}
		first := running(t, c, req)
		running(t, c, req)
		running(t, c, request("other"))
		for _, r := range []droplets.TagActionRequest{droplets.PowerCycleRequest{}, droplets.ShutdownRequest{},
			droplets.PowerOnRequest{}, droplets.PowerOffRequest{}, droplets.EnableIPv6Request{}, droplets.EnableBackupsRequest{},
			droplets.DisableBackupsRequest{}, droplets.SnapshotRequest{Name: "all"}} {
			actions, err := c.DropletActions.InitiateByTag(t.Context(), "web", r)
			require.NoError(t, err)
			require.Len(t, actions, 2)
			_, err = c.DropletActions.InitiateByTag(t.Context(), "web", droplets.SnapshotRequest{})
			require.ErrorIs(t, err, droplets.ErrPendingEvent)
			for _, a := range actions {
				_, err := c.DropletActions.WaitForAction(t.Context(), a.ResourceID, a.ID)
				require.NoError(t, err)
			}
		}
		act(t, c, first.ID, droplets.PowerOnRequest{})
		_, err := c.DropletActions.InitiateByTag(t.Context(), "web", droplets.PowerOnRequest{})
		refused(t, err, "already powered on")
		for _, d := range api.Droplets()[:2] {
			assert.False(t, d.Locked, "one that can not, and none begins")
		}
		_, err = c.DropletActions.InitiateByTag(t.Context(), "web", droplets.CustomActionRequest{Type: "reboot"})
		refused(t, err, "by tag")
		none, err := c.DropletActions.InitiateByTag(t.Context(), "nobody", droplets.PowerOnRequest{})
		require.NoError(t, err)
		assert.Empty(t, none)
	})
}

func TestChangeKernel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2))
		c := api.Client()
		old, young := api.Droplets()[0], api.Droplets()[1]
		kernels := collect(t, c.Droplets.AllKernels(t.Context(), old.ID, nil))
		require.NotEmpty(t, kernels)
		assert.Empty(t, collect(t, c.Droplets.AllKernels(t.Context(), young.ID, nil)))
		d := act(t, c, old.ID, droplets.ChangeKernelRequest{KernelID: kernels[1].ID})
		assert.Equal(t, &kernels[1], d.Kernel)
		_, err := c.DropletActions.ChangeKernel(t.Context(), old.ID, droplets.ChangeKernelRequest{KernelID: 1})
		refused(t, err, "kernel")
	})
}

func TestDurationsByType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(time.Second),
			dropletstest.WithActionDuration(time.Hour, droplets.ActionTypeSnapshot)).Client()
		id := running(t, c, request("a")).ID
		_, err := c.DropletActions.Snapshot(t.Context(), id, droplets.SnapshotRequest{})
		require.NoError(t, err)
		pass(time.Hour - time.Second)
		assert.True(t, get(t, c, id).Locked)
		pass(time.Second)
		assert.False(t, get(t, c, id).Locked)
	})
}
