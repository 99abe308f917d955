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

// requireReloadable checks that the saved state of an API can be read, and that it is the same when it is saved again. It returns a new
// API with opts that has read the state.
func requireReloadable(t require.TestingT, api *dropletstest.API, opts ...dropletstest.Option) *dropletstest.API {
	var first, second bytes.Buffer
	require.NoError(t, api.WriteState(&first))
	text := first.String()
	restored := dropletstest.New(opts...)
	require.NoError(t, restored.ReadState(&first), text)
	require.NoError(t, restored.WriteState(&second))
	if text != second.String() {
		require.Fail(t, "the state differs after it was read and saved", firstDifference(text, second.String()))
	}
	return restored
}

// firstDifference returns the parts of two texts around their first difference.
func firstDifference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(i-200, 0)
	return a[from:min(i+200, len(a))] + "\n" + b[from:min(i+200, len(b))]
}

func TestStateRoundTrip(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute))
		c := api.Client()
		d, _ := createWithResources(t, api, c)
		api.AddBackup(d.ID)
		api.AddSSHKey("me", publicKey)
		api.AddFirewall(droplets.Firewall{DropletIDs: []int64{d.ID}})
		other := createActive(t, c, createRequest("b"))
		api.Colocate(d.ID, other.ID)
		ofSnapshot := createRequest("c")
		ofSnapshot.Image = droplets.ImageID(d.SnapshotIDs[0])
		third := createActive(t, c, ofSnapshot)
		require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), other.ID, droplets.SelectiveDestroyRequest{}))
		a, err := c.DropletActions.PowerOff(t.Context(), d.ID)
		require.NoError(t, err)

		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		want := api.Droplets()
		restored := dropletstest.New()
		text := saved.String()
		assert.NotContains(t, text, "price_monthly", "sizes, regions and images of the catalog are saved by their slugs and ids")
		assert.NotContains(t, text, "ubuntu-24-04-x64")
		assert.NotContains(t, text, "New York 3")
		require.NoError(t, restored.ReadState(&saved))
		assert.Equal(t, want, restored.Droplets())
		assert.Equal(t, api.Ledger(), restored.Ledger())
		var second bytes.Buffer
		require.NoError(t, restored.WriteState(&second))
		assert.JSONEq(t, text, second.String())

		sleep(time.Minute)
		c = restored.Client()
		_, err = c.DropletActions.WaitForAction(t.Context(), d.ID, a.ID)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, getDroplet(t, c, d.ID).Status)
		_, err = c.Droplets.Get(t.Context(), other.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound, "the destroy continues after the state was read")
		assert.Equal(t, "snap", getDroplet(t, c, third.ID).Image.Name)
		fresh := createActive(t, c, createRequest("d"))
		assert.Greater(t, fresh.ID, third.ID)
	})
}

func TestInvalidState(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(2))
	var saved bytes.Buffer
	require.NoError(t, api.WriteState(&saved))
	text := saved.String()
	for name, tc := range map[string]struct{ state, message string }{
		"empty":     {"", "cannot be read: EOF"},
		"cut":       {text[:len(text)/2], "cannot be read: unexpected EOF"},
		"more":      {text + "{}", "cannot be read: unexpected data after the JSON value"},
		"version":   {strings.Replace(text, `"version":2`, `"version":99`, 1), "has version 99, but only version 2 is supported"},
		"size":      {strings.Replace(text, `"size_slug":"s-1vcpu-1gb"`, `"size_slug":"none"`, 1), `has the unknown size "none"`},
		"region":    {strings.Replace(text, `"region_slug":"nyc3"`, `"region_slug":"none"`, 1), `is in the unknown region "none"`},
		"image":     {strings.Replace(text, `"image_id":63663980`, `"image_id":5`, 1), "has no image"},
		"snapshots": {strings.Replace(text, `"snapshot_ids":[]`, `"snapshot_ids":[5]`, 1), "has the image 5, which does not exist"},
		"volumes":   {strings.Replace(text, `"volume_ids":[]`, `"volume_ids":["x"]`, 1), `has the volume "x", which does not exist`},
		"hosts":     {strings.Replace(text, `"hosts":[]`, `"hosts":[[5]]`, 1), "a host refers to Droplet 5, which does not exist"},
		"agenda":    {strings.Replace(text, `"agenda":[]`, `"agenda":[{"kind":"action ends","action_id":5}]`, 1), "an event refers to action 5, which does not exist"},
		"destroy":   {strings.Replace(text, `"agenda":[]`, `"agenda":[{"kind":"item is destroyed","droplet_id":5}]`, 1), "an event refers to a destroy of Droplet 5, which does not exist"},
		"actions":   {strings.Replace(text, `"actions":[]`, `"actions":[{"id":1,"region_slug":"nyc3","completed_at":null}]`, 1), `action 1 is in progress on resource 0 of type ""`},
	} {
		require.NotEqual(t, text, tc.state, name)
		err := api.ReadState(strings.NewReader(tc.state))
		require.ErrorContains(t, err, "dropletstest: the state ", name)
		require.ErrorContains(t, err, tc.message, name)
		assert.Len(t, api.Droplets(), 2, "the account is unchanged")
	}
}

// TestInconsistentState checks that states are rejected whose objects do not agree with each other, or that have another version.
func TestInconsistentState(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := poolRequest(api, 1)
		for range 2 {
			createPool(t, c, req)
		}
		members := api.Droplets()
		runAction(t, c, members[0].ID, droplets.RebootRequest{})
		_, err := c.DropletActions.Reboot(t.Context(), members[0].ID)
		require.NoError(t, err)
		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		text := saved.String()
		member := func(i int) string { return fmt.Sprintf(`"members":[{"droplet_id":%d`, members[i].ID) }
		completed := regexp.MustCompile(`("type":"reboot","started_at":"[^"]+","completed_at":)"[^"]+"`)
		for message, invalid := range map[string]string{
			"is in another pool":                 strings.Replace(text, member(1), member(0), 1),
			"does not exist or is in":            strings.Replace(text, member(1), `"members":[{"droplet_id":1`, 1),
			"has two actions in progress":        completed.ReplaceAllString(text, "${1}null"),
			"does not have the GPUs of its size": strings.Replace(text, `"size_slug":"s-1vcpu-1gb"`, `"size_slug":"gpu-h100x1-80gb"`, 1),
			"only version 2 is supported":        strings.Replace(text, `"version":2`, `"version":1`, 1),
		} {
			require.NotEqual(t, text, invalid, message)
			require.ErrorContains(t, api.ReadState(strings.NewReader(invalid)), message)
		}
		requireReloadable(t, api)
	})
}
