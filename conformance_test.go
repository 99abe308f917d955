package droplets_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestConformance uses a server at CONFORMANCE_URL that checks requests against the OpenAPI document. It calls every method, every
// action type, and each method with a request or options with all fields and with the required ones only.
func TestConformance(t *testing.T) {
	base := os.Getenv("CONFORMANCE_URL")
	if base == "" {
		t.Skip("CONFORMANCE_URL is not set: run conformance/run, as .ci/run does")
	}
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL(base), droplets.WithRetryPolicy(droplets.RetryPolicy{}),
		droplets.WithPollPolicy(droplets.PollPolicy{Initial: time.Millisecond, Max: time.Millisecond}))
	require.NoError(t, err)
	ctx := conformanceContext(t)
	apiLines := documentedCalls(t)
	for _, m := range methods(t) {
		if needsFake(m.name, apiLines[m.name]) {
			continue // the server has no state; the other methods send the same requests
		}
		t.Run(m.name, func(t *testing.T) {
			_, err := m.call(ctx, c)
			require.NoError(t, err)
		})
	}
	initiateEveryAction(ctx, t, c)
	sendEveryField(ctx, t, c)
	sendEveryOption(ctx, t, c)
}

// conformanceContext returns the context for the calls of a conformance test, which waits in real time.
func conformanceContext(t *testing.T) context.Context {
	t.Helper()
	const limit = 2 * time.Minute
	ctx, cancel := context.WithTimeoutCause(t.Context(), limit, fmt.Errorf("%s is still running after %s", t.Name(), limit))
	t.Cleanup(cancel)
	return ctx
}

func initiateEveryAction(ctx context.Context, t *testing.T, c *droplets.Client) {
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
}

func sendEveryField(ctx context.Context, t *testing.T, c *droplets.Client) {
	one, many := fullCreateRequest(), fullMultiCreateRequest()
	one.SubnetUUID, one.GPUPartitionMode = testUUID, droplets.GPUPartitionModeSPXNPS1
	many.SubnetUUID, many.GPUPartitionMode = testUUID, droplets.GPUPartitionModeDPXNPS2
	image := customImage()
	image.Description = "minimal"
	dynamic := dynamicPool()
	dynamic.Config.TargetMemoryUtilization = 0.5
	dynamic.DropletTemplate.Name, dynamic.DropletTemplate.Tags = "web", []string{"web"}
	dynamic.DropletTemplate.VPCUUID, dynamic.DropletTemplate.ProjectID = testUUID, testUUID
	dynamic.DropletTemplate.UserData, dynamic.DropletTemplate.IPv6 = "#cloud-config\n", true
	dynamic.DropletTemplate.WithDropletAgent, dynamic.DropletTemplate.PublicNetworking = new(true), new(true)
	fingerprint := droplets.SSHKeyFingerprint("3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa")
	for name, err := range map[string]error{
		"create":          second(c.Droplets.Create(ctx, one)),
		"create multiple": second(c.Droplets.CreateMultiple(ctx, many)),
		// FloatingIPs is omitted: it is deprecated, and the server reports its use.
		"destroy": c.AssociatedResources.DestroySelective(ctx, 42, droplets.SelectiveDestroyRequest{
			ReservedIPs: []string{"2"}, Snapshots: []string{"3"}, Volumes: []string{"4"}, VolumeSnapshots: []string{"5"}}),
		"import":       second(c.Images.CreateCustom(ctx, image)),
		"update image": second(c.Images.Update(ctx, 7, droplets.ImageUpdateRequest{Name: "n", Distribution: "Ubuntu", Description: "d"})),
		"get key":      second(c.SSHKeys.Get(ctx, fingerprint)),
		"update key":   second(c.SSHKeys.Update(ctx, fingerprint, droplets.SSHKeyUpdateRequest{Name: "n"})),
		"delete key":   c.SSHKeys.Delete(ctx, fingerprint),
		"assign": c.Tags.Assign(ctx, "env:prod", droplets.TaggedDroplet(42), droplets.TaggedImage(7), droplets.TaggedVolume(testUUID),
			droplets.TaggedVolumeSnapshot(testUUID)),
		"unassign":      c.Tags.Unassign(ctx, "env:prod", droplets.TaggedDroplet(42), droplets.TaggedImage(7)),
		"create pool":   second(c.AutoscalePools.Create(ctx, dynamic)),
		"update pool":   second(c.AutoscalePools.Update(ctx, poolID, dynamic)),
		"get snapshot":  second(c.Snapshots.Get(ctx, testUUID)),
		"delete volume": c.Snapshots.Delete(ctx, testUUID),
	} {
		require.NoError(t, err, name)
	}
}

const testUUID = "fbe805e8-866b-11e6-96bf-000f53315a41"

func sendEveryOption(ctx context.Context, t *testing.T, c *droplets.Client) {
	page := droplets.ListOptions{Page: 2, PerPage: 200}
	for _, opts := range []droplets.DropletListOptions{
		{Name: "web 1"}, {TagName: "#prod"}, {Type: droplets.DropletTypeGPUs, Name: "gpu"}, {ListOptions: page},
	} {
		_, err := c.Droplets.List(ctx, &opts)
		require.NoError(t, err)
	}
	for _, opts := range []droplets.ImageListOptions{
		{Type: droplets.ImageListDistribution}, {Type: droplets.ImageListApplication}, {Private: true}, {TagName: "base-image"}, {ListOptions: page},
	} {
		_, err := c.Images.List(ctx, &opts)
		require.NoError(t, err)
	}
	for _, opts := range []droplets.SnapshotListOptions{
		{ResourceType: droplets.SnapshotResourceDroplet}, {ResourceType: droplets.SnapshotResourceVolume}, {ListOptions: page},
	} {
		_, err := c.Snapshots.List(ctx, &opts)
		require.NoError(t, err)
	}
	_, err := c.AutoscalePools.List(ctx, &droplets.AutoscalePoolListOptions{ListOptions: page, Name: "web"})
	require.NoError(t, err)
}
