package droplets_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestEveryAction initiates each action with its own method and with Initiate. Both must send the same request.
func TestEveryAction(t *testing.T) {
	t.Parallel()
	weekly := droplets.BackupPolicy{Plan: droplets.BackupPlanWeekly, Weekday: droplets.WeekdaySunday, Hour: new(0), WindowLengthHours: 4}
	daily := droplets.BackupPolicy{Plan: droplets.BackupPlanDaily}
	type do = func(context.Context, *droplets.DropletActionsService) (*droplets.Action, error)
	simple := func(f func(*droplets.DropletActionsService, context.Context, int64, ...droplets.CallOption) (*droplets.Action, error)) do {
		return func(ctx context.Context, s *droplets.DropletActionsService) (*droplets.Action, error) {
			return f(s, ctx, 42)
		}
	}
	type s = droplets.DropletActionsService
	for _, tt := range []struct {
		req  droplets.ActionRequest
		do   do
		body string
	}{
		{droplets.RebootRequest{}, simple((*s).Reboot), `{"type":"reboot"}`},
		{droplets.PowerCycleRequest{}, simple((*s).PowerCycle), `{"type":"power_cycle"}`},
		{droplets.ShutdownRequest{}, simple((*s).Shutdown), `{"type":"shutdown"}`},
		{droplets.PowerOffRequest{}, simple((*s).PowerOff), `{"type":"power_off"}`},
		{droplets.PowerOnRequest{}, simple((*s).PowerOn), `{"type":"power_on"}`},
		{droplets.PasswordResetRequest{}, simple((*s).PasswordReset), `{"type":"password_reset"}`},
		{droplets.EnableIPv6Request{}, simple((*s).EnableIPv6), `{"type":"enable_ipv6"}`},
		{droplets.DisableBackupsRequest{}, simple((*s).DisableBackups), `{"type":"disable_backups"}`},
		{droplets.EnableBackupsRequest{}, with((*s).EnableBackups, droplets.EnableBackupsRequest{}), `{"type":"enable_backups"}`},
		{droplets.EnableBackupsRequest{Policy: &weekly}, with((*s).EnableBackups, droplets.EnableBackupsRequest{Policy: &weekly}),
			`{"type":"enable_backups","backup_policy":{"plan":"weekly","weekday":"SUN","hour":0}}`},
		{droplets.ChangeBackupPolicyRequest{Policy: daily}, with((*s).ChangeBackupPolicy, droplets.ChangeBackupPolicyRequest{Policy: daily}),
			`{"type":"change_backup_policy","backup_policy":{"plan":"daily"}}`},
		{droplets.RestoreRequest{ImageID: 12389723}, with((*s).Restore, droplets.RestoreRequest{ImageID: 12389723}), `{"type":"restore","image":12389723}`},
		{droplets.ResizeRequest{Size: "s-2vcpu-2gb"}, with((*s).Resize, droplets.ResizeRequest{Size: "s-2vcpu-2gb"}), `{"type":"resize","size":"s-2vcpu-2gb","disk":false}`},
		{droplets.ResizeRequest{Size: "s-2vcpu-2gb", Disk: true}, with((*s).Resize, droplets.ResizeRequest{Size: "s-2vcpu-2gb", Disk: true}), `{"type":"resize","size":"s-2vcpu-2gb","disk":true}`},
		{droplets.RebuildRequest{Image: droplets.ImageSlug("ubuntu-24-04-x64")}, with((*s).Rebuild, droplets.RebuildRequest{Image: droplets.ImageSlug("ubuntu-24-04-x64")}), `{"type":"rebuild","image":"ubuntu-24-04-x64"}`},
		{droplets.RebuildRequest{Image: droplets.ImageID(7)}, with((*s).Rebuild, droplets.RebuildRequest{Image: droplets.ImageID(7)}), `{"type":"rebuild","image":7}`},
		{droplets.RenameRequest{Name: "web-2"}, with((*s).Rename, droplets.RenameRequest{Name: "web-2"}), `{"type":"rename","name":"web-2"}`},
		{droplets.ChangeKernelRequest{KernelID: 991}, with((*s).ChangeKernel, droplets.ChangeKernelRequest{KernelID: 991}), `{"type":"change_kernel","kernel":991}`},
		{droplets.SnapshotRequest{Name: "nightly"}, with((*s).Snapshot, droplets.SnapshotRequest{Name: "nightly"}), `{"type":"snapshot","name":"nightly"}`},
		{droplets.SnapshotRequest{}, with((*s).Snapshot, droplets.SnapshotRequest{}), `{"type":"snapshot"}`},
		{droplets.CustomActionRequest{Type: "new_thing", Attributes: map[string]any{"speed": 9}}, nil, `{"type":"new_thing","speed":9}`},
	} {
		a, c := newAPI(t, sequence(respond(201, actionBody(3169590176, "in-progress"))))
		action, err := c.DropletActions.Initiate(t.Context(), 42, tt.req)
		require.NoError(t, err)
		assert.Equal(t, int64(3169590176), action.ID, "the ID does not overflow on 32-bit machines")
		assert.Equal(t, "/v2/droplets/42/actions", a.last().Path)
		assert.JSONEq(t, tt.body, a.last().Body)
		encoded, err := json.Marshal(tt.req)
		require.NoError(t, err)
		assert.JSONEq(t, tt.body, string(encoded), "the request marshals to the body that is sent")
		if tt.do != nil {
			_, err = tt.do(t.Context(), c.DropletActions)
			require.NoError(t, err)
			assert.Equal(t, 2, a.count())
			assert.JSONEq(t, tt.body, a.last().Body)
		}
	}
}

func with[R any](f func(*droplets.DropletActionsService, context.Context, int64, R, ...droplets.CallOption) (*droplets.Action, error), req R) func(context.Context, *droplets.DropletActionsService) (*droplets.Action, error) {
	return func(ctx context.Context, s *droplets.DropletActionsService) (*droplets.Action, error) {
		return f(s, ctx, 42, req)
	}
}

func TestEveryActionByTag(t *testing.T) {
	t.Parallel()
	for body, req := range map[string]droplets.TagActionRequest{
		`{"type":"power_cycle"}`:              droplets.PowerCycleRequest{},
		`{"type":"power_on"}`:                 droplets.PowerOnRequest{},
		`{"type":"power_off"}`:                droplets.PowerOffRequest{},
		`{"type":"shutdown"}`:                 droplets.ShutdownRequest{},
		`{"type":"enable_ipv6"}`:              droplets.EnableIPv6Request{},
		`{"type":"enable_backups"}`:           droplets.EnableBackupsRequest{},
		`{"type":"disable_backups"}`:          droplets.DisableBackupsRequest{},
		`{"type":"snapshot","name":"n"}`:      droplets.SnapshotRequest{Name: "n"},
		`{"type":"new_thing","speed":"slow"}`: droplets.CustomActionRequest{Type: "new_thing", Attributes: map[string]any{"speed": "slow"}},
	} {
		a, c := newAPI(t, sequence(respond(201, `{"actions":[{"id":1,"status":"in-progress"},{"id":2,"status":"in-progress"}]}`)))
		actions, err := c.DropletActions.InitiateByTag(t.Context(), "#prod", req)
		require.NoError(t, err)
		require.Len(t, actions, 2)
		assert.Equal(t, droplets.Action{ID: 2, Status: droplets.ActionStatusInProgress}, actions[1])
		assert.Equal(t, "/v2/droplets/actions", a.last().Path)
		assert.Equal(t, "tag_name=%23prod", a.last().RawQuery)
		assert.JSONEq(t, body, a.last().Body)
	}
}

// TestActionsThatAreNotForTags checks that InitiateByTag does not compile with an action that the API rejects for a tag.
func TestActionsThatAreNotForTags(t *testing.T) {
	t.Parallel()
	for _, req := range []droplets.ActionRequest{
		droplets.RebootRequest{}, droplets.PasswordResetRequest{}, droplets.ChangeBackupPolicyRequest{}, droplets.RestoreRequest{},
		droplets.ResizeRequest{}, droplets.RebuildRequest{}, droplets.RenameRequest{}, droplets.ChangeKernelRequest{},
	} {
		_, ok := req.(droplets.TagActionRequest)
		assert.False(t, ok, "%T", req)
	}
}

func TestListAndGetActions(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(200, `{"actions":[{"id":2,"status":"completed"},{"id":1,"status":"errored"}],"meta":{"total":2}}`)))
		p, err := c.DropletActions.List(t.Context(), 42, &droplets.ListOptions{Page: 1})
		require.NoError(t, err)
		require.Len(t, p.Items, 2)
		assert.Equal(t, droplets.Action{ID: 1, Status: droplets.ActionStatusErrored}, p.Items[1])
		assert.Equal(t, 2, p.Total)
		assert.Equal(t, "/v2/droplets/42/actions", a.last().Path)
		n := 0
		for _, err := range c.DropletActions.All(t.Context(), 42, nil) {
			require.NoError(t, err)
			n++
		}
		for _, err := range c.Actions.All(t.Context(), nil) {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, 4, n)
		assert.Equal(t, "/v2/actions", a.last().Path)
		_, err = c.Actions.List(t.Context(), nil)
		require.NoError(t, err)

		a, c = newAPI(t, sequence(respond(200, actionBody(7, "completed"))))
		action, err := c.Actions.Get(t.Context(), 7)
		require.NoError(t, err)
		assert.EqualValues(t, 7, action.ID)
		assert.Equal(t, droplets.ActionStatusCompleted, action.Status)
		assert.Equal(t, "/v2/actions/7", a.last().Path)
		action, err = c.DropletActions.Get(t.Context(), 42, 7)
		require.NoError(t, err)
		assert.EqualValues(t, 7, action.ID)
		assert.Equal(t, "/v2/droplets/42/actions/7", a.last().Path)
	})
}
