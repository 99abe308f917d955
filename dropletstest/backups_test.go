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

func TestBackupPolicies(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		c := dropletstest.New().Client()
		req := createRequest("a")
		hour := 8
		req.Backups, req.BackupPolicy = true, &droplets.BackupPolicy{Plan: droplets.BackupPlanWeekly, Weekday: droplets.WeekdayMonday, Hour: &hour}
		d := createActive(t, c, req)
		withoutBackups := createActive(t, c, createRequest("b"))

		assert.True(t, d.HasFeature("backups"))
		record, err := c.BackupPolicies.Get(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, &droplets.BackupPolicy{Plan: "weekly", Weekday: "MON", Hour: &hour, WindowLengthHours: 4, RetentionPeriodDays: 28}, record.BackupPolicy)
		start := record.NextBackupWindow.Start
		assert.Equal(t, []any{time.Monday, 8}, []any{start.Weekday(), start.Hour()})
		assert.Equal(t, d.NextBackupWindow, record.NextBackupWindow)

		record, err = c.BackupPolicies.Get(t.Context(), withoutBackups.ID)
		require.NoError(t, err)
		assert.Equal(t, &droplets.BackupPolicyRecord{DropletID: withoutBackups.ID}, record)
		all := collect(t, c.BackupPolicies.All(t.Context(), nil))
		require.Len(t, all, 2)
		assert.Equal(t, []int64{d.ID, withoutBackups.ID}, []int64{all[0].DropletID, all[1].DropletID})

		d = runAction(t, c, d.ID, droplets.ChangeBackupPolicyRequest{Policy: droplets.BackupPolicy{Plan: droplets.BackupPlanDaily}})
		assert.Equal(t, 0, d.NextBackupWindow.Start.Hour())
		d = runAction(t, c, d.ID, droplets.DisableBackupsRequest{})
		assert.Nil(t, d.NextBackupWindow)
		assert.False(t, d.HasFeature("backups"))
		d = runAction(t, c, d.ID, droplets.EnableBackupsRequest{})
		assert.NotNil(t, d.NextBackupWindow)

		supported, err := c.BackupPolicies.ListSupported(t.Context())
		require.NoError(t, err)
		starts := []int{0, 4, 8, 12, 16, 20}
		assert.Equal(t, []droplets.SupportedBackupPolicy{
			{Name: "weekly", PossibleWindowStarts: starts, WindowLengthHours: 4, RetentionPeriodDays: 28,
				PossibleDays: []droplets.Weekday{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}},
			{Name: "daily", PossibleWindowStarts: starts, WindowLengthHours: 4, RetentionPeriodDays: 7, PossibleDays: []droplets.Weekday{}},
		}, supported)
	})
}

func TestBackupScheduleAndRetention(t *testing.T) {
	virtualtime.Within(t, 90*24*time.Hour, func(t *testing.T) {
		c := dropletstest.New().Client()
		req := createRequest("a")
		req.Backups = true
		d := createActive(t, c, req)
		first := d.NextBackupWindow.Start
		sleep(3 * 24 * time.Hour)
		backups := collect(t, c.Droplets.AllBackups(t.Context(), d.ID, nil))
		require.Len(t, backups, 3)
		assert.Equal(t, first, backups[0].CreatedAt)
		assert.Equal(t, droplets.DropletSnapshotTypeBackup, backups[0].Type)
		sleep(30 * 24 * time.Hour)
		assert.Len(t, getDroplet(t, c, d.ID).BackupIDs, 8, "daily backups are kept for seven days")
	})
}
