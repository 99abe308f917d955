package dropletstest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestBackupPolicies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dropletstest.New().Client()
		req := request("a")
		eight := 8
		req.Backups, req.BackupPolicy = true, &droplets.BackupPolicy{Plan: droplets.BackupPlanWeekly, Weekday: droplets.WeekdayMonday, Hour: &eight}
		d := running(t, c, req)
		plain := running(t, c, request("b"))

		assert.True(t, d.HasFeature("backups"))
		record, err := c.BackupPolicies.Get(t.Context(), d.ID)
		require.NoError(t, err)
		assert.Equal(t, &droplets.BackupPolicy{Plan: "weekly", Weekday: "MON", Hour: &eight, WindowLengthHours: 4, RetentionPeriodDays: 28}, record.BackupPolicy)
		start := record.NextBackupWindow.Start
		assert.Equal(t, []any{time.Monday, 8}, []any{start.Weekday(), start.Hour()})
		assert.Equal(t, d.NextBackupWindow, record.NextBackupWindow)

		record, err = c.BackupPolicies.Get(t.Context(), plain.ID)
		require.NoError(t, err)
		assert.Equal(t, &droplets.BackupPolicyRecord{DropletID: plain.ID}, record)
		all := collect(t, c.BackupPolicies.All(t.Context(), nil))
		require.Len(t, all, 2)
		assert.Equal(t, []int64{d.ID, plain.ID}, []int64{all[0].DropletID, all[1].DropletID})

		d = act(t, c, d.ID, droplets.ChangeBackupPolicyRequest{Policy: droplets.BackupPolicy{Plan: droplets.BackupPlanDaily}})
		assert.Equal(t, 0, d.NextBackupWindow.Start.Hour())
		d = act(t, c, d.ID, droplets.DisableBackupsRequest{})
		assert.Nil(t, d.NextBackupWindow)
		assert.False(t, d.HasFeature("backups"))
		d = act(t, c, d.ID, droplets.EnableBackupsRequest{})
		assert.NotNil(t, d.NextBackupWindow)

		supported, err := c.BackupPolicies.ListSupported(t.Context())
		require.NoError(t, err)
		assert.Len(t, supported, 2)
	})
}

func TestBackupsAreMadeAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dropletstest.New().Client()
		req := request("a")
		req.Backups = true
		d := running(t, c, req)
		first := d.NextBackupWindow.Start
		pass(3 * 24 * time.Hour)
		backups := collect(t, c.Droplets.AllBackups(t.Context(), d.ID, nil))
		require.Len(t, backups, 3)
		assert.Equal(t, first, backups[0].CreatedAt)
		assert.Equal(t, droplets.DropletSnapshotTypeBackup, backups[0].Type)
		pass(30 * 24 * time.Hour)
		assert.Len(t, get(t, c, d.ID).BackupIDs, 8, "daily ones are kept for seven days")
	})
}

// TestLenient sends what real programs send and the document does not foresee.
func TestLenient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(0))
		resp := do(t, api, http.MethodPost, "//v2/droplets/", `{"name":"a","names":null,"region":null,"size":"s-1vcpu-1gb",
			"image":"155133621","ssh_keys":null,"backups":true,"backup_policy":{"plan":"daily","weekday":"","hour":0},"ipv6":null,
			"tags":null,"user_data":null,"vpc_uuid":null,"volumes":null,"private_networking":null,"with_droplet_agent":null,
			"public_networking":null,"unknown":[1]}`)
		require.Equal(t, http.StatusAccepted, resp.StatusCode, resp.body)
		d := api.Droplets()[0]
		assert.Equal(t, "ubuntu-24-04-x64", d.Image.Slug)
		assert.Equal(t, 200, do(t, api, http.MethodGet, "/v2/droplets/", `{"a":1}`).StatusCode)
		assert.Equal(t, 200, do(t, api, http.MethodGet, "/v2//droplets?page=&per_page=", "").StatusCode)
		c := api.Client()
		_, err := c.DropletActions.Initiate(t.Context(), d.ID, droplets.CustomActionRequest{Type: "rebuild", Attributes: map[string]any{
			"image": "112929454", "size": nil, "disk": nil, "backup_policy": nil}})
		require.NoError(t, err)
		assert.Equal(t, int64(112929454), get(t, c, d.ID).Image.ID)
	})
}

func TestErrorsOfTheAPI(t *testing.T) {
	api := dropletstest.New(dropletstest.WithToken("secret"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/v2/droplets", http.NoBody)
	require.NoError(t, err)
	resp := exchange(t, api, req)
	assert.Equal(t, 401, resp.StatusCode)
	assert.JSONEq(t, `{"id":"unauthorized","message":"Unable to authenticate you","request_id":"`+resp.Header.Get("X-Request-Id")+`"}`, resp.body)
	assert.Equal(t, "application/json; charset=utf-8", resp.Header.Get("Content-Type"))
	assert.NotEmpty(t, resp.Header.Get("Ratelimit-Reset"))

	req.Header.Set("Authorization", "Bearer secret")
	assert.Equal(t, 200, exchange(t, api, req).StatusCode)
	api = dropletstest.New()
	for path, want := range map[string]int{"/": 404, "/v2": 404, "/v2/droplets/1": 404, "/v2/droplets/x": 404, "/v2/droplets/1/actions": 404,
		"/v2/droplets/99999999999999999999": 404, "/v2/actions/1": 404, "/v3/droplets": 404} {
		resp := do(t, api, http.MethodGet, path, "")
		assert.Equal(t, want, resp.StatusCode, path)
		assert.Contains(t, resp.body, "The resource you were accessing could not be found.")
	}
	assert.Equal(t, 405, do(t, api, http.MethodPatch, "/v2/droplets", "").StatusCode)
	assert.Equal(t, 422, do(t, api, http.MethodDelete, "/v2/droplets", "").StatusCode)
	_, err = dropletstest.New().Client().Droplets.Get(t.Context(), 1)
	require.ErrorIs(t, err, droplets.ErrNotFound)
}
