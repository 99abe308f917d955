package dropletstest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestActions(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d := createActive(t, c, createRequest("web-01"))
		id := d.ID

		assert.Equal(t, droplets.DropletStatusActive, runAction(t, c, id, droplets.RebootRequest{}).Status)
		assert.Equal(t, droplets.DropletStatusActive, runAction(t, c, id, droplets.PowerCycleRequest{}).Status)
		assert.Equal(t, droplets.DropletStatusOff, runAction(t, c, id, droplets.ShutdownRequest{}).Status)

		d = runAction(t, c, id, droplets.ResizeRequest{Size: "s-1vcpu-2gb"})
		assert.Equal(t, []any{"s-1vcpu-2gb", "s-1vcpu-2gb", 2048, 25}, []any{d.SizeSlug, d.Size.Slug, d.Memory, d.Disk})
		d = runAction(t, c, id, droplets.ResizeRequest{Size: "s-1vcpu-1gb"})
		assert.Equal(t, 1024, d.Memory, "the disk did not grow, so the smaller size is accepted")
		d = runAction(t, c, id, droplets.ResizeRequest{Size: "s-2vcpu-2gb", Disk: true})
		assert.Equal(t, []int{2, 60, 60}, []int{d.VCPUs, d.Disk, d.DiskInfo[0].Size.Amount})
		_, err := c.DropletActions.Resize(t.Context(), id, droplets.ResizeRequest{Size: "s-1vcpu-2gb"})
		requireUnprocessable(t, err, "a disk cannot shrink")
		assert.Equal(t, droplets.DropletStatusOff, d.Status)

		assert.Equal(t, droplets.DropletStatusActive, runAction(t, c, id, droplets.PowerOnRequest{}).Status)
		assert.Equal(t, droplets.DropletStatusOff, runAction(t, c, id, droplets.PowerOffRequest{}).Status)
		runAction(t, c, id, droplets.PowerOnRequest{})

		assert.Equal(t, "web-02", runAction(t, c, id, droplets.RenameRequest{Name: "web-02"}).Name)
		d = runAction(t, c, id, droplets.RebuildRequest{Image: droplets.ImageSlug("debian-12-x64")})
		assert.Equal(t, "debian-12-x64", d.Image.Slug)
		d = runAction(t, c, id, droplets.EnableIPv6Request{})
		_, ok := d.PublicIPv6()
		assert.True(t, ok && d.HasFeature("ipv6"))
		runAction(t, c, id, droplets.PasswordResetRequest{})

		backup := api.AddBackup(id)
		assert.Equal(t, []int64{backup}, getDroplet(t, c, id).BackupIDs)
		assert.Equal(t, backup, runAction(t, c, id, droplets.RestoreRequest{ImageID: backup}).Image.ID)
	})
}

func TestRejectedActions(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		c := dropletstest.New().Client()
		on, off := createActive(t, c, createRequest("on")).ID, createActive(t, c, createRequest("off")).ID
		runAction(t, c, off, droplets.PowerOffRequest{})
		for _, tc := range []struct {
			id      int64
			req     droplets.ActionRequest
			message string
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
			requireUnprocessable(t, err, tc.message)
		}
		assert.False(t, getDroplet(t, c, on).Locked)
	})
}

// TestRejectedResizes checks resizes between Droplets with and without GPUs, and to the size that the Droplet has.
func TestRejectedResizes(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		region := &droplets.Region{Slug: "nyc2"}
		gpu := api.AddDroplet(droplets.Droplet{GPUInfo: &droplets.GPUInfo{}, Region: region, Status: droplets.DropletStatusOff})
		cpu := api.AddDroplet(droplets.Droplet{Region: region, Status: droplets.DropletStatusOff})
		resize := func(id int64, size string, disk bool) error {
			_, err := c.DropletActions.Resize(t.Context(), id, droplets.ResizeRequest{Size: size, Disk: disk})
			return err
		}
		requireUnprocessable(t, resize(gpu.ID, "s-8vcpu-16gb", false), "This Droplet cannot be resized to s-8vcpu-16gb.")
		requireUnprocessable(t, resize(cpu.ID, "gpu-h100x1-80gb", false), "This Droplet cannot be resized to gpu-h100x1-80gb.")
		requireUnprocessable(t, resize(cpu.ID, "s-1vcpu-512mb-10gb", false), "Size s-1vcpu-512mb-10gb has a disk of 10 GB, and this Droplet's has 25 GB: a disk cannot shrink.")
		requireUnprocessable(t, resize(cpu.ID, "s-1vcpu-1gb", true), "This Droplet has the size s-1vcpu-1gb already.")
		d := runAction(t, c, cpu.ID, droplets.ResizeRequest{Size: "s-1vcpu-2gb"})
		assert.Equal(t, 25, d.Disk)
		requireUnprocessable(t, resize(cpu.ID, "s-1vcpu-2gb", false), "This Droplet has the size s-1vcpu-2gb already.")
		d = runAction(t, c, cpu.ID, droplets.ResizeRequest{Size: "s-1vcpu-2gb", Disk: true})
		assert.Equal(t, 50, d.Disk, "the disk can grow later")
		assert.Equal(t, 1, runAction(t, c, gpu.ID, droplets.PowerOnRequest{}).GPUInfo.Count)
	})
}

func TestPendingEvent(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(time.Minute)).Client()
		id := createActive(t, c, createRequest("a")).ID
		_, err := c.DropletActions.PowerOff(t.Context(), id)
		require.NoError(t, err)
		assert.True(t, getDroplet(t, c, id).Locked)
		_, err = c.DropletActions.Snapshot(t.Context(), id, droplets.SnapshotRequest{})
		requireUnprocessable(t, err, "Droplet already has a pending event.")
		require.ErrorIs(t, err, droplets.ErrPendingEvent)
		_, err = c.DropletActions.Snapshot(t.Context(), id, droplets.SnapshotRequest{}, droplets.RetryPendingEvent(2*time.Minute))
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, getDroplet(t, c, id).Status)
	})
}

// TestActionEndIsAtomic checks that the end of an action, its effect and the unlocking of the Droplet become visible together, and that
// the number of polls makes no difference.
func TestActionEndIsAtomic(t *testing.T) {
	for _, polls := range []int{0, 1, 1000} {
		virtualtime.Test(t, func(t *testing.T) {
			const duration = 10 * time.Second
			c := dropletstest.New(dropletstest.WithActionDuration(duration)).Client()
			id := createActive(t, c, createRequest("a")).ID
			a, err := c.DropletActions.PowerOff(t.Context(), id)
			require.NoError(t, err)
			start := time.Now()
			for range polls {
				getDroplet(t, c, id)
				sleep((duration - time.Millisecond) / time.Duration(polls))
			}
			sleep(time.Until(start.Add(duration - time.Millisecond)))
			state := func() []any {
				a, err := c.Actions.Get(t.Context(), a.ID)
				require.NoError(t, err)
				d := getDroplet(t, c, id)
				return []any{a.Status, a.CompletedAt != nil, d.Status, d.Locked}
			}
			assert.Equal(t, []any{droplets.ActionStatusInProgress, false, droplets.DropletStatusActive, true}, state())
			sleep(time.Millisecond)
			assert.Equal(t, []any{droplets.ActionStatusCompleted, true, droplets.DropletStatusOff, false}, state())
			sleep(time.Hour)
			done, err := c.Actions.Get(t.Context(), a.ID)
			require.NoError(t, err)
			assert.Equal(t, start.Add(duration).UTC().Truncate(time.Second), done.CompletedAt.UTC(), "when it was due, not when the next request arrived")
		})
	}
}

func TestFailNextAction(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		id := createActive(t, c, createRequest("a")).ID
		api.FailNextAction(droplets.ActionTypeResize, droplets.ActionTypePowerOff)
		runAction(t, c, id, droplets.RebootRequest{})
		a, err := c.DropletActions.PowerOff(t.Context(), id)
		require.NoError(t, err)
		a, err = c.DropletActions.WaitForAction(t.Context(), id, a.ID)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		assert.NotNil(t, a.CompletedAt)
		d := getDroplet(t, c, id)
		assert.Equal(t, droplets.DropletStatusActive, d.Status)
		assert.False(t, d.Locked)
		runAction(t, c, id, droplets.PowerOffRequest{})

		api.FailNextAction()
		created, err := c.Droplets.Create(t.Context(), createRequest("b"))
		require.NoError(t, err)
		_, err = c.DropletActions.WaitForAction(t.Context(), created.Droplet.ID, created.Actions[0].ID)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		_, err = c.Droplets.Get(t.Context(), created.Droplet.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
	})
}

func TestDeleteDuringAction(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(time.Minute)).Client()
		created, err := c.Droplets.Create(t.Context(), createRequest("a"))
		require.NoError(t, err)
		require.NoError(t, c.Droplets.Delete(t.Context(), created.Droplet.ID))
		sleep(time.Hour)
		a, err := c.Actions.Get(t.Context(), created.Actions[0].ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusErrored, a.Status)
	})
}

func TestActionsByTag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := createRequest("a")
		req.Tags = []string{"web"}
		first := createActive(t, c, req)
		createActive(t, c, req)
		createActive(t, c, createRequest("other"))
		for _, step := range []struct {
			req     droplets.TagActionRequest
			changed func(droplets.Droplet) bool
		}{
			{droplets.PowerCycleRequest{}, func(d droplets.Droplet) bool { return d.Status == droplets.DropletStatusActive }},
			{droplets.ShutdownRequest{}, func(d droplets.Droplet) bool { return d.Status == droplets.DropletStatusOff }},
			{droplets.PowerOnRequest{}, func(d droplets.Droplet) bool { return d.Status == droplets.DropletStatusActive }},
			{droplets.PowerOffRequest{}, func(d droplets.Droplet) bool { return d.Status == droplets.DropletStatusOff }},
			{droplets.EnableIPv6Request{}, func(d droplets.Droplet) bool { return len(d.Networks.V6) == 1 }},
			{droplets.EnableBackupsRequest{}, func(d droplets.Droplet) bool { return d.NextBackupWindow != nil }},
			{droplets.DisableBackupsRequest{}, func(d droplets.Droplet) bool { return d.NextBackupWindow == nil }},
			{droplets.SnapshotRequest{Name: "all"}, func(d droplets.Droplet) bool { return len(d.SnapshotIDs) == 1 }},
		} {
			actions, err := c.DropletActions.InitiateByTag(t.Context(), "web", step.req)
			require.NoError(t, err)
			require.Len(t, actions, 2)
			_, err = c.DropletActions.InitiateByTag(t.Context(), "web", droplets.SnapshotRequest{})
			require.ErrorIs(t, err, droplets.ErrPendingEvent)
			require.ErrorContains(t, err, "There are currently blocking events processing for one or more of the Droplets.")
			for _, a := range actions {
				_, err := c.DropletActions.WaitForAction(t.Context(), a.ResourceID, a.ID)
				require.NoError(t, err)
			}
			for _, d := range api.Droplets()[:2] {
				assert.True(t, step.changed(d), "%T: %+v", step.req, d)
			}
		}
		runAction(t, c, first.ID, droplets.PowerOnRequest{})
		_, err := c.DropletActions.InitiateByTag(t.Context(), "web", droplets.PowerOnRequest{})
		requireUnprocessable(t, err, "already powered on")
		for _, d := range api.Droplets()[:2] {
			assert.False(t, d.Locked, "no action is started, because one Droplet rejects it")
		}
		_, err = c.DropletActions.InitiateByTag(t.Context(), "web", droplets.CustomActionRequest{Type: "reboot"})
		requireUnprocessable(t, err, "by tag")
		none, err := c.DropletActions.InitiateByTag(t.Context(), "nobody", droplets.PowerOnRequest{})
		require.NoError(t, err)
		assert.Empty(t, none)
	})
}

func TestActionDurationByType(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		c := dropletstest.New(dropletstest.WithActionDuration(time.Second),
			dropletstest.WithActionDuration(time.Hour, droplets.ActionTypeSnapshot)).Client()
		id := createActive(t, c, createRequest("a")).ID
		_, err := c.DropletActions.Snapshot(t.Context(), id, droplets.SnapshotRequest{})
		require.NoError(t, err)
		sleep(time.Hour - time.Second)
		assert.True(t, getDroplet(t, c, id).Locked)
		sleep(time.Second)
		assert.False(t, getDroplet(t, c, id).Locked)
	})
}

func TestActionsNewestFirst(t *testing.T) {
	c := dropletstest.New(dropletstest.WithActionDuration(0)).Client()
	id := createActive(t, c, createRequest("a")).ID
	for range 4 {
		runAction(t, c, id, droplets.RebootRequest{})
	}
	createActive(t, c, createRequest("b"))
	all := collect(t, c.Actions.All(t.Context(), &droplets.ListOptions{PerPage: 2}))
	require.Len(t, all, 6)
	for i := range all[1:] {
		assert.Greater(t, all[i].ID, all[i+1].ID)
	}
	own := collect(t, c.DropletActions.All(t.Context(), id, &droplets.ListOptions{PerPage: 2}))
	require.Len(t, own, 5)
	assert.Equal(t, droplets.ActionTypeCreate, own[4].Type)
}
