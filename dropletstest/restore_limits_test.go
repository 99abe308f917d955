package dropletstest_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestStateOutOfRange checks that states are rejected whose ids would overflow, or whose events would not end.
func TestStateOutOfRange(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		_, err := api.Client().DropletActions.Reboot(t.Context(), api.Droplets()[0].ID)
		require.NoError(t, err)
		_, err = api.Client().Images.CreateCustom(t.Context(), droplets.CustomImageCreateRequest{Name: "i", URL: "https://example.com/i", Region: "nyc3"})
		require.NoError(t, err)
		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		for name, tc := range map[string]struct{ old, new, message string }{
			"id":      {`"droplet":500000001`, `"droplet":9223372036854775807`, "the last Droplet has the number 9223372036854775807, which is not between 0 and 9007199254740991"},
			"2^53":    {`"image":200000001`, `"image":9007199254740992`, "the last image has the number 9007199254740992, which is not between 0 and 9007199254740991"},
			"counter": {`"request":2`, `"request":-1`, "the last request has the number -1"},
			"past":    {`"at":"2000-01-01T00:00:01Z"`, `"at":"0001-01-01T00:00:00Z"`, "the time of an event is out of range"},
			"future":  {`"at":"2000-01-01T00:00:01Z"`, `"at":"9999-01-01T00:00:00Z"`, "the time of an event is out of range"},
			"import":  {`"import":{"region":"nyc3"}`, `"import":{"region":""}`, "is imported to the unknown region"},
		} {
			invalid := strings.Replace(saved.String(), tc.old, tc.new, 1)
			require.NotEqual(t, saved.String(), invalid, name)
			err := api.ReadState(strings.NewReader(invalid))
			require.ErrorContains(t, err, tc.message, name)
			require.NotContains(t, err.Error(), "\n")
		}
		for at, valid := range map[string]bool{"1999-12-31T23:59:59Z": false, "2000-01-01T00:00:00Z": true, "9000-01-01T00:00:00Z": true, "9000-01-01T00:00:01Z": false} {
			err := dropletstest.New().ReadState(strings.NewReader(strings.Replace(saved.String(), `"at":"2000-01-01T00:00:01Z"`, `"at":"`+at+`"`, 1)))
			require.Equal(t, valid, err == nil, "%s: %v", at, err)
		}
	})
}

// TestStateWithoutMoreIDs loads accounts with the largest numbers that a state can have. Such an account can be read, saved and loaded
// again. It rejects changes, which would need another id.
func TestStateWithoutMoreIDs(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		pool := createPool(t, api.Client(), poolRequest(api, 1))
		sleep(time.Hour)
		api.AddReservedIP(api.Droplets()[0].ID)
		volume := api.AddVolume("a", "nyc3", 1)
		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		for _, name := range []string{"droplet", "action", "image", "key", "request", "event", "uuid", "ip"} {
			counter := regexp.MustCompile(`"` + name + `":\d+`)
			text := strings.Replace(saved.String(), counter.FindString(saved.String()), `"`+name+`":9007199254740991`, 1)
			api := dropletstest.New()
			require.NoError(t, api.ReadState(strings.NewReader(text)), name)
			c := api.Client()
			_, err := c.Droplets.List(t.Context(), nil)
			require.NoError(t, err)
			_, err = c.Droplets.Create(t.Context(), createRequest("a"))
			_, addErr := api.Add(dropletstest.Resources{Count: 1})
			if name == "request" { // a request id is not the id of an object
				require.NoError(t, err)
				require.NoError(t, addErr)
				requireReloadable(t, api)
				continue
			}
			requireUnprocessable(t, err, "The account has no more ids.")
			require.EqualError(t, addErr, "dropletstest: The account has no more ids.")
			for i, add := range []func(){
				func() { api.AddDroplet(droplets.Droplet{}) }, func() { api.AddImage(droplets.Image{}) }, func() { api.AddSSHKey("a", "b") },
				func() { api.AddVPC("a", "nyc3", "") }, func() { api.AddVolume("a", "nyc3", 1) }, func() { api.AddVolumeSnapshot(volume, "a") },
				func() { api.AddReservedIP(api.Droplets()[0].ID) }, func() { api.AddBackup(api.Droplets()[0].ID) },
				func() { api.AddFirewall(droplets.Firewall{}) }, func() { api.Seed(1) }, func() { api.SetPoolUtilization(pool.ID, 1, 1) },
			} {
				assert.PanicsWithValue(t, "dropletstest: The account has no more ids.", add, i)
			}
			sleep(time.Hour)
			requireReloadable(t, api)
		}

		_, err := api.Client().DropletActions.Reboot(t.Context(), api.Droplets()[0].ID)
		require.NoError(t, err)
		saved.Reset()
		require.NoError(t, api.WriteState(&saved))
		text := regexp.MustCompile(`"image":\d+`).ReplaceAllString(saved.String(), `"image":9007199254740991`)
		require.EqualError(t, api.ReadState(strings.NewReader(text)),
			"dropletstest: the state is invalid: it has scheduled events, but no more ids for what they create")
	})
}

// TestGivenIDsLeaveOthers checks that an account with the largest ids that AddDroplet and AddImage accept has more ids.
func TestGivenIDsLeaveOthers(t *testing.T) {
	const largest = 1<<53 - 1<<33 - 1
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	api.AddDroplet(droplets.Droplet{ID: largest})
	api.AddImage(droplets.Image{ID: largest})
	above := fmt.Sprintf("the ID %d is above %d", int64(largest+1), int64(largest))
	assertPanics(t, "dropletstest: AddDroplet: ", above, func() { api.AddDroplet(droplets.Droplet{ID: largest + 1}) })
	assertPanics(t, "dropletstest: AddImage: ", above, func() { api.AddImage(droplets.Image{ID: largest + 1}) })
	created := createActive(t, api.Client(), createRequest("a"))
	assert.Equal(t, int64(largest+1), created.ID)
	runAction(t, api.Client(), created.ID, droplets.SnapshotRequest{Name: "a"})
	requireReloadable(t, api)
}

// TestStateErrorIsOneLine checks that only the first of several errors is reported.
func TestStateErrorIsOneLine(t *testing.T) {
	err := dropletstest.New().ReadState(strings.NewReader(`{"version": 2, "counters": {}, "images": [{}], "volumes": [null], "tags": [{"name": "a", "last_droplet": 5}]}`))
	require.EqualError(t, err, "dropletstest: the state is invalid: the id 0 of an image is invalid or not unique")
}
