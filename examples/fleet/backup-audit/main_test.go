package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func TestReportHasThePolicyOfEachDroplet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock of the bubble starts on Saturday, 2000-01-01 00:00 UTC
		var out, stderr bytes.Buffer
		require.NoError(t, run(t.Context(), program.Env{Out: &out, Err: &stderr}))
		assert.Contains(t, stderr.String(), "changes nothing")
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.Len(t, lines, 8)
		for _, line := range lines[1:5] {
			assert.Regexp(t, `^\d+ +droplet-0000[2456] +\S+ +NONE +- +- +-$`, line)
		}
		assert.Regexp(t, `droplet-00001 +\S+ +daily +every day 04:00 to 08:00 +7 days +2000-01-01 04:00$`, lines[5])
		assert.Regexp(t, `droplet-00003 +\S+ +weekly +SUN 00:00 to 04:00 +28 days +2000-01-02 00:00$`, lines[6])
		assert.Equal(t, "4 of 6 Droplets have no backups", lines[7])
	})
}

func TestStrictFailsWithoutBackups(t *testing.T) {
	t.Parallel()
	env := program.Env{Args: []string{"-strict"}, Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	require.EqualError(t, run(t.Context(), env), "4 Droplets have no backups")
}

func TestGPUDropletsAreAudited(t *testing.T) {
	t.Parallel()
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	client := api.Client()
	_, err := client.Droplets.Create(t.Context(), droplets.DropletCreateRequest{
		Name: "trainer", Region: "tor1", Size: "gpu-h100x1-80gb", Image: droplets.ImageSlug("gpu-h100x1-base"),
	})
	require.NoError(t, err)
	without, with, err := audit(t.Context(), client)
	require.NoError(t, err)
	assert.Len(t, without, 1)
	assert.Empty(t, with)
}

func TestAuditReturnsListErrors(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"droplets_list_backup_policies", "droplets_list"} {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		api.Respond(-1, dropletstest.Match{Operation: operation}, dropletstest.Fault{Status: http.StatusForbidden})
		_, _, err := audit(t.Context(), api.Client())
		require.ErrorIs(t, err, droplets.ErrForbidden)
	}
}

func TestMissingValuesAreDashes(t *testing.T) {
	t.Parallel()
	f := finding{record: droplets.BackupPolicyRecord{BackupEnabled: true}}
	assert.Equal(t, []string{"on", "-", "-", "-"}, []string{f.plan(), f.schedule(), f.retention(), f.nextBackup()})
	f.record.BackupPolicy = &droplets.BackupPolicy{Plan: droplets.BackupPlanDaily, Hour: new(20), WindowLengthHours: 4}
	f.record.NextBackupWindow = &droplets.BackupWindow{Start: time.Unix(0, 0)}
	assert.Equal(t, "every day 20:00 to 00:00", f.schedule())
	assert.Equal(t, "1970-01-01 00:00", f.nextBackup())
}
