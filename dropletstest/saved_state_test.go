package dropletstest_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestMoreInvalidStates checks that states are rejected whose objects have no valid id, or have values that the API would not accept.
func TestMoreInvalidStates(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		dropletID, imageID, _, _ := tagWithEverything(t, api)
		c := api.Client()
		runAction(t, c, dropletID, droplets.EnableBackupsRequest{})
		api.AddImage(droplets.Image{ID: 300_000_000, Slug: "mine", Regions: []string{"fra1"}})
		api.AddImage(droplets.Image{ID: 300_000_001, Slug: "yours"})
		createPool(t, c, poolRequest(api, 1))
		require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), dropletID, droplets.SelectiveDestroyRequest{}))
		startImageAction(t, api, imageID, `{"type":"transfer","region":"fra1"}`)
		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		text := saved.String()
		for name, tc := range map[string]struct{ old, new, message string }{
			"id of a Droplet":          {`"droplets":[{"id":500000001`, `"droplets":[{"id":0`, "the id 0 of a Droplet is invalid or not unique"},
			"negative id of a Droplet": {`"droplets":[{"id":500000001`, `"droplets":[{"id":-1`, "the id -1 of a Droplet is invalid or not unique"},
			"Droplet twice":            {`{"id":500000002,"name"`, `{"id":500000001,"name"`, "the id 500000001 of a Droplet is invalid or not unique"},
			"id of an image":           {`{"id":300000000`, `{"id":0`, "the id 0 of an image is invalid or not unique"},
			"image twice":              {`{"id":300000000`, `{"id":300000001`, "the id 300000001 of an image is invalid or not unique"},
			"image of the catalog":     {`{"id":300000000`, `{"id":155133621`, "the id 155133621 of an image is invalid or not unique"},
			"slug twice":               {`"slug":"yours"`, `"slug":"mine"`, `two images have the slug "mine"`},
			"slug of the catalog":      {`"slug":"yours"`, `"slug":"debian-12-x64"`, `two images have the slug "debian-12-x64"`},
			"region of an image":       {`"regions":["fra1"]`, `"regions":["mars1"]`, `the image 300000000 is in the unknown region "mars1"`},
			"region of a transfer":     {`"region":"fra1"`, `"region":"mars1"`, `transfers to the unknown region "mars1"`},
			"policy":                   {`"policy":{"plan":"daily"`, `"policy":{"plan":"hourly"`, "the backup policy of Droplet 500000001 is invalid"},
			"policy without an hour":   {`"policy":{"plan":"daily","hour":0`, `"policy":{"plan":"daily"`, "the backup policy of Droplet 500000001 is invalid"},
			"daily on a weekday":       {`"policy":{"plan":"daily"`, `"policy":{"weekday":"MON","plan":"daily"`, "the backup policy of Droplet 500000001 is invalid"},
			"action twice":             {`{"id":3169590177`, `{"id":3169590176`, "the id 3169590176 of an action is invalid, not unique or out of order"},
			"action out of order":      {`{"id":3169590177`, `{"id":3169599999`, "of an action is invalid, not unique or out of order"},
			"id of an action":          {`{"id":3169590176`, `{"id":0`, "the id 0 of an action is invalid"},
			"region of an action":      {`"resource_type":"droplet","region_slug":"nyc3"`, `"resource_type":"droplet","region_slug":"mars1"`, `is in the unknown region "mars1"`},
			"SSH key that is null":     {`"ssh_keys":[`, `"ssh_keys":[null,`, "an SSH key is null or not unique"},
			"destroy without items":    {`"destroys":{"500000001":{"items":[`, `"destroys":{"500000001":{"items":[],"x":[`, "the destroy of Droplet 500000001 has no items"},
			"destroy that is null":     {`"destroys":{`, `"destroys":{"7":null,`, "the destroy of Droplet 7 has no items"},
			"item of a destroy":        {`"kind":"item is destroyed","droplet_id":500000001`, `"item":1,"kind":"item is destroyed","droplet_id":500000001`, "an event refers to a destroy of Droplet 500000001"},
			"negative item":            {`"kind":"item is destroyed","droplet_id":500000001`, `"item":-1,"kind":"item is destroyed","droplet_id":500000001`, "an event refers to a destroy of Droplet 500000001"},
			"kind of an event":         {`"kind":"item is destroyed"`, `"kind":"item is painted"`, `the kind of an event is unknown: "item is painted"`},
			"image change":             {`"kind":"item is destroyed"`, `"kind":"image is changed"`, "which does not exist"},
			"id of a pool":             {`"autoscale_pools":[{"id":"`, `"autoscale_pools":[{"id":"","x":"`, `the id "" of a pool is empty or not unique`},
			"pool without Droplets":    {`"desired":1`, `"desired":0`, "the configuration of pool"},
			"too many Droplets":        {`"desired":1`, `"desired":1001`, "the configuration of pool"},
			"configuration of a pool":  {`"target_number_instances":1`, `"target_number_instances":1001`, "the configuration of pool"},
			"event of a pool":          {`"history":[`, `"history":[null,`, "an event of pool"},
			"last tagged Droplet":      {`"last_droplet":500000001`, `"last_droplet":500000002`, `the tag "web" refers to a resource that does not have it`},
			"last tagged image":        {`"last_image":200000001`, `"last_image":300000000`, `the tag "web" refers to a resource that does not have it`},
			"last tagged volume":       {`"last_volume":"`, `"last_volume":"x`, `the tag "web" refers to a resource that does not have it`},
			"last tagged snapshot":     {`"last_volume_snapshot":"`, `"last_volume_snapshot":"x`, `the tag "web" refers to a resource that does not have it`},
			"snapshot without an id":   {`"volume_snapshots":[{"id":"`, `"volume_snapshots":[{"id":"","x":"`, "a snapshot of a volume has no id, or one that is not unique"},
			"snapshot that is null":    {`"volume_snapshots":[`, `"volume_snapshots":[null,`, "a snapshot of a volume has no id, or one that is not unique"},
		} {
			invalid := strings.Replace(text, tc.old, tc.new, 1)
			require.NotEqual(t, text, invalid, name)
			err := api.ReadState(strings.NewReader(invalid))
			require.ErrorContains(t, err, "dropletstest: the state is invalid: ", name)
			require.ErrorContains(t, err, tc.message, name)
		}
		require.NoError(t, api.ReadState(strings.NewReader(text)))
	})
}

// TestInvalidActionsInProgress checks that states are rejected whose actions in progress could not end.
func TestInvalidActionsInProgress(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Status: time.Hour}))
		off := api.AddDroplet(droplets.Droplet{Status: droplets.DropletStatusOff})
		on := api.AddDroplet(droplets.Droplet{})
		image := api.AddImage(droplets.Image{Regions: []string{"nyc3"}})
		startImageAction(t, api, image.ID, `{"type":"transfer","region":"fra1"}`)
		sleep(time.Minute)
		c := api.Client()
		_, err := c.DropletActions.Resize(t.Context(), off.ID, droplets.ResizeRequest{Size: "s-2vcpu-4gb"})
		require.NoError(t, err)
		_, err = c.DropletActions.EnableBackups(t.Context(), on.ID, droplets.EnableBackupsRequest{})
		require.NoError(t, err)
		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		text := saved.String()
		for name, tc := range map[string]struct{ old, new, message string }{
			"unknown size":   {`"change":{"size":"s-2vcpu-4gb"`, `"change":{"size":"huge"`, `resizes to "huge", which is not a size for Droplet 500000001`},
			"size for GPUs":  {`"change":{"size":"s-2vcpu-4gb"`, `"change":{"size":"gpu-h100x1-80gb"`, `resizes to "gpu-h100x1-80gb", which is not a size for Droplet`},
			"policy":         {`"change":{"policy":{"plan":"daily"`, `"change":{"policy":{"plan":"hourly"`, "the backup policy of action 3169590178 is invalid"},
			"another image":  {`"image_id":200000001`, `"image_id":200000002`, "an event refers to action 3169590176 of image 200000002, which does not exist"},
			"another action": {`"action_id":3169590176`, `"action_id":3169590177`, "an event refers to action 3169590177 of image 200000001, which does not exist"},
			"no action":      {`"action_id":3169590176`, `"action_id":1`, "an event refers to action 1 of image 200000001, which does not exist"},
			"region":         {`"change":{"region":"fra1"`, `"change":{"region":"mars1"`, `action 3169590176 transfers to the unknown region "mars1"`},
		} {
			invalid := strings.Replace(text, tc.old, tc.new, 1)
			require.NotEqual(t, text, invalid, name)
			err := api.ReadState(strings.NewReader(invalid))
			require.ErrorContains(t, err, "dropletstest: the state is invalid: ", name)
			require.ErrorContains(t, err, tc.message, name)
		}
		restored := requireReloadable(t, api)
		sleep(time.Hour)
		require.Equal(t, []string{"nyc3", "fra1"}, readImage(t, restored, image.ID).Regions)
		require.Equal(t, "s-2vcpu-4gb", getDroplet(t, restored.Client(), off.ID).SizeSlug)
	})
}

// TestMissingListsOfStates checks that lists that are null or missing in a state are empty in responses, and not null.
func TestMissingListsOfStates(t *testing.T) {
	api := dropletstest.New()
	volume := api.AddVolume("v", "nyc3", 1)
	snapshot := api.AddVolumeSnapshot(volume, "s")
	firewall := api.AddFirewall(droplets.Firewall{})
	var saved bytes.Buffer
	require.NoError(t, api.WriteState(&saved))
	text := saved.String()
	for _, list := range []string{"tags", "droplet_ids", "pending_changes", "inbound_rules", "outbound_rules"} {
		changed := strings.ReplaceAll(text, `"`+list+`":[]`, `"`+list+`":null`)
		require.NotEqual(t, text, changed, list)
		text = changed
	}
	require.NoError(t, api.ReadState(strings.NewReader(text)))
	for path, lists := range map[string]int{"volumes/" + volume: 2, "snapshots/" + snapshot: 1, "firewalls/" + firewall.ID: 5} {
		body := sendRequest(t, api, http.MethodGet, "/v2/"+path, "").body
		require.NotContains(t, body, "null", path)
		require.Equal(t, lists, strings.Count(body, ":[]"), body)
	}
	requireReloadable(t, api)
}

// TestHiddenAfterReadState checks that a Droplet and an image that clients cannot see yet are still invisible after the state was read.
func TestHiddenAfterReadState(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithLag(dropletstest.Lag{Visibility: time.Minute}))
		_, err := api.Client().Droplets.Create(t.Context(), createRequest("new"))
		require.NoError(t, err)
		importImage(t, api)
		restored := requireReloadable(t, api)
		c := restored.Client()
		require.Len(t, collect(t, c.Droplets.All(t.Context(), nil)), 2)
		require.Len(t, collect(t, c.Images.All(t.Context(), nil)), 10)
		require.Len(t, restored.Droplets(), 3)
		withLag := requireReloadable(t, api, dropletstest.WithLag(dropletstest.Lag{Visibility: time.Minute}))
		_, err = withLag.Client().Droplets.Create(t.Context(), createRequest("newer"))
		require.NoError(t, err)
		importImage(t, withLag)
		require.Len(t, collect(t, withLag.Client().Droplets.All(t.Context(), nil)), 2)
		require.Len(t, collect(t, withLag.Client().Images.All(t.Context(), nil)), 10)
		sleep(time.Minute)
		require.Len(t, collect(t, c.Droplets.All(t.Context(), nil)), 3)
		require.Len(t, collect(t, c.Images.All(t.Context(), nil)), 11)
		require.NoError(t, c.Droplets.Delete(t.Context(), restored.Droplets()[2].ID))
		require.Len(t, collect(t, c.Droplets.All(t.Context(), nil)), 2)
	})
}

// TestLimitsOfStates checks the largest and the smallest numbers of network specs.
func TestLimitsOfStates(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	var saved bytes.Buffer
	require.NoError(t, api.WriteState(&saved))
	for number, valid := range map[string]bool{"-2": false, "-1": true, "4294901759": true, "4294901760": false} {
		err := dropletstest.New().ReadState(strings.NewReader(strings.Replace(saved.String(), `"number":0`, `"number":`+number, 1)))
		if valid {
			require.NoError(t, err, number)
		} else {
			require.ErrorContains(t, err, "the network number "+number+" of Droplet 500000001 is out of range")
		}
	}
}

// brokenFile is a file that can be neither read nor written.
type brokenFile struct{}

var errBrokenFile = errors.New("the disk is full")

func (brokenFile) Write([]byte) (int, error) { return 0, errBrokenFile }
func (brokenFile) Read([]byte) (int, error)  { return 0, errBrokenFile }

// TestStateErrors checks the errors of the writer, of the reader, and of an account with a time that JSON cannot represent.
func TestStateErrors(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	require.ErrorIs(t, api.WriteState(brokenFile{}), errBrokenFile)
	require.ErrorIs(t, api.ReadState(brokenFile{}), errBrokenFile)
	api.AddDroplet(droplets.Droplet{CreatedAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)})
	var b bytes.Buffer
	require.ErrorContains(t, api.WriteState(&b), "dropletstest: json: error calling MarshalJSON for type time.Time")
	require.Empty(t, b.String())
	_, err := api.Add(dropletstest.Resources{Count: 1})
	require.ErrorContains(t, err, "dropletstest: json: error calling MarshalJSON for type time.Time")
	assertPanics(t, "dropletstest: json: ", "year outside of range", func() { sendRequest(t, api, http.MethodGet, "/v2/droplets", "") })
	require.Len(t, api.Droplets(), 2, "the API is not locked")
}
