package droplets_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestConformance calls everything against a server at CONFORMANCE_URL that judges requests by the official document:
// every method, every action type, both creates with every field and with the fewest.
func TestConformance(t *testing.T) {
	base := os.Getenv("CONFORMANCE_URL")
	if base == "" {
		t.Skip("CONFORMANCE_URL is not set: .ci/run sets it where the conformance server is present")
	}
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL(base), droplets.WithRetryPolicy(droplets.RetryPolicy{}),
		droplets.WithPollPolicy(droplets.PollPolicy{Initial: time.Millisecond, Max: time.Millisecond}))
	require.NoError(t, err)
	ctx := t.Context()
	said := documentedCalls(t)
	for _, m := range methods(t) {
		if needsAPI(m.name, said[m.name]) {
			continue // the server has no state; these send what the others send
		}
		t.Run(m.name, func(t *testing.T) {
			_, err := m.call(ctx, c)
			require.NoError(t, err)
		})
	}
	policy := &droplets.BackupPolicy{Plan: droplets.BackupPlanWeekly, Weekday: droplets.WeekdayMonday, Hour: new(0), WindowLengthHours: 4, RetentionPeriodDays: 28}
	for _, req := range []droplets.ActionRequest{
		droplets.RebootRequest{}, droplets.PowerCycleRequest{}, droplets.ShutdownRequest{}, droplets.PowerOffRequest{},
		droplets.PowerOnRequest{}, droplets.PasswordResetRequest{}, droplets.EnableIPv6Request{}, droplets.DisableBackupsRequest{},
		droplets.EnableBackupsRequest{}, droplets.EnableBackupsRequest{Policy: policy}, droplets.ChangeBackupPolicyRequest{Policy: *policy},
		droplets.RestoreRequest{ImageID: 7}, droplets.ResizeRequest{Size: "s-2vcpu-2gb"}, droplets.ResizeRequest{Size: "s-2vcpu-2gb", Disk: true},
		droplets.RebuildRequest{Image: droplets.ImageSlug("ubuntu-24-04-x64")}, droplets.RebuildRequest{Image: droplets.ImageID(7)},
		droplets.RenameRequest{Name: "web-2"}, droplets.ChangeKernelRequest{KernelID: 991}, droplets.SnapshotRequest{}, droplets.SnapshotRequest{Name: "n"},
		droplets.CustomActionRequest{Type: droplets.ActionTypeReboot},
	} {
		_, err := c.DropletActions.Initiate(ctx, 42, req)
		require.NoError(t, err, "%T", req)
	}
	for _, req := range []droplets.TagActionRequest{
		droplets.PowerCycleRequest{}, droplets.PowerOnRequest{}, droplets.PowerOffRequest{}, droplets.ShutdownRequest{},
		droplets.EnableIPv6Request{}, droplets.EnableBackupsRequest{}, droplets.DisableBackupsRequest{}, droplets.SnapshotRequest{Name: "n"},
		droplets.CustomActionRequest{Type: droplets.ActionTypePowerOff},
	} {
		_, err := c.DropletActions.InitiateByTag(ctx, "env:#prod & more", req)
		require.NoError(t, err, "%T", req)
	}
	_, err = c.Droplets.Create(ctx, fullCreateRequest())
	require.NoError(t, err)
	_, err = c.Droplets.CreateMultiple(ctx, fullMultiCreateRequest())
	require.NoError(t, err)
	for _, opts := range []droplets.DropletListOptions{
		{Name: "web 1"}, {TagName: "#prod"}, {Type: droplets.DropletTypeGPUs, Name: "gpu"}, {ListOptions: droplets.ListOptions{Page: 2, PerPage: 200}},
	} {
		_, err := c.Droplets.List(ctx, &opts)
		require.NoError(t, err)
	}
	// FloatingIPs is left out: the document deprecates it, so that sending it counts as a lint.
	require.NoError(t, c.AssociatedResources.DestroySelective(ctx, 42, droplets.SelectiveDestroyRequest{
		ReservedIPs: []string{"2"}, Snapshots: []string{"3"}, Volumes: []string{"4"}, VolumeSnapshots: []string{"5"}}))
}
