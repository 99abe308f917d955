package droplets_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestBackupPolicies(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, fixture(t, "droplets_get_backup_policy.200.daily"))))
	record, err := c.BackupPolicies.Get(t.Context(), 42)
	require.NoError(t, err)
	assert.Equal(t, "/v2/droplets/42/backups/policy", a.last().Path)
	require.NotNil(t, record.BackupPolicy)
	require.NotNil(t, record.BackupPolicy.Hour, "hour 0 is a value")
	assert.Zero(t, *record.BackupPolicy.Hour)
	assert.Empty(t, record.BackupPolicy.Weekday)

	_, c = newAPI(t, sequence(respond(200, fixture(t, "droplets_get_backup_policy.200.disabled"))))
	record, err = c.BackupPolicies.Get(t.Context(), 42)
	require.NoError(t, err)
	assert.False(t, record.BackupEnabled)
	assert.Nil(t, record.BackupPolicy)
	assert.Nil(t, record.NextBackupWindow)

	_, c = newAPI(t, sequence(respond(200, fixture(t, "droplets_list_supported_backup_policies.200"))))
	plans, err := c.BackupPolicies.ListSupported(t.Context())
	require.NoError(t, err)
	weekly := plans[slices.IndexFunc(plans, func(p droplets.SupportedBackupPolicy) bool { return p.Name == droplets.BackupPlanWeekly })]
	assert.Equal(t, 28, weekly.RetentionPeriodDays)
	assert.Contains(t, weekly.PossibleWindowStarts, 0)
	assert.Contains(t, weekly.PossibleDays, droplets.WeekdaySunday)
}

func TestBackupPoliciesAreSorted(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(200, onlyPage(t, fixture(t, "droplets_list_backup_policies.200")))))
		p, err := c.BackupPolicies.List(t.Context(), nil)
		require.NoError(t, err)
		var ids []int64
		for _, record := range p.Items {
			ids = append(ids, record.DropletID)
		}
		assert.Equal(t, []int64{436444618, 444909314, 444909706}, ids)

		_, c = newAPI(t, sequence(respond(200, `{"policies":{"3169590176":{"backup_enabled":true},"7":{"backup_enabled":false}},"meta":{"total":2}}`)))
		ids = nil
		for record, err := range c.BackupPolicies.All(t.Context(), nil) {
			require.NoError(t, err)
			ids = append(ids, record.DropletID)
		}
		assert.Equal(t, []int64{7, 3169590176}, ids, "the key is the ID of a record without an ID")
	})
}

// TestHoursOfABackupPolicy: any hour of a day is sent. The API decides which of them it accepts.
func TestHoursOfABackupPolicy(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(201, actionBody(7, "in-progress"))))
	for hour := range 26 {
		req := droplets.EnableBackupsRequest{Policy: &droplets.BackupPolicy{Hour: new(hour - 1)}}
		err := second(c.DropletActions.EnableBackups(t.Context(), 42, req))
		if hour-1 < 0 || hour-1 > 23 {
			requireInvalid(t, err, "Policy.Hour")
		} else {
			require.NoError(t, err)
		}
	}
	assert.Equal(t, 24, a.count())
}
