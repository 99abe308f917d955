package main

import (
	"bytes"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func TestPrintsTheCostsAndDestroysEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out, stderr bytes.Buffer
		require.NoError(t, run(t.Context(), program.Env{Out: &out, Err: &stderr}))
		assert.Contains(t, stderr.String(), "asks for confirmation")
		for _, row := range []string{
			`Droplet +\d+ +db-1 +24\.00`,
			`reserved IP +\S+ +\S+ +5\.00`,
			`snapshot +\d+ +db-1-before-upgrade +\d`,
			`volume +\S+ +data +10\.00`,
			`volume +\S+ +logs +2\.00`,
			`volume snapshot +\S+ +data-monday +6\.00`,
		} {
			assert.Regexp(t, row, out.String())
		}
		assert.Contains(t, out.String(), "volumes 12.00, ")
		assert.Regexp(t, `db-1 and its associated resources were destroyed at \d\d:\d\d:\d\d\n$`, out.String())
	})
}

// newSample returns an API with a Droplet from createSampleDroplet.
func newSample(t *testing.T) (*dropletstest.API, *droplets.Client, *droplets.Droplet) {
	t.Helper()
	api := dropletstest.New()
	client := api.Client()
	id, err := createSampleDroplet(t.Context(), client, api)
	require.NoError(t, err)
	d, err := client.Droplets.Get(t.Context(), id)
	require.NoError(t, err)
	return api, client, d
}

func TestPartialDestroyIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, client, d := newSample(t)
		api.FailNextDestroy(d.VolumeIDs[0], "volume is busy")
		var out bytes.Buffer
		err := destroy(t.Context(), client, d, &out)
		failed := new(droplets.DestroyError)
		require.ErrorAs(t, err, &failed)
		require.ErrorContains(t, err, "volume is busy")
		assert.Contains(t, out.String(), "were not destroyed and are still billed")
		assert.NotContains(t, out.String(), "were destroyed at")
	})
}

func TestInvalidCostIsAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, client, d := newSample(t)
		api.Respond(1, dropletstest.Match{Operation: "droplets_list_associatedResources"}, dropletstest.Fault{
			Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
			Body: `{"volumes":[{"id":"v","name":"n","cost":"a lot"}]}`,
		})
		var out bytes.Buffer
		require.ErrorContains(t, printResources(t.Context(), client, d, &out), "a lot")
		assert.Empty(t, out.String())
	})
}

func TestMissingFieldsHaveFallbacks(t *testing.T) {
	t.Parallel()
	ip := []droplets.AssociatedResource{{ID: "198.18.0.1"}}
	assert.Equal(t, ip, reservedIPs(&droplets.AssociatedResources{FloatingIPs: ip}))
	assert.Equal(t, "?", monthlyPrice(&droplets.Droplet{}))
}

func TestLiveRequiresADroplet(t *testing.T) {
	t.Parallel()
	env := program.Env{Args: []string{"-live"}, Token: "not-a-real-token", Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	require.ErrorContains(t, run(t.Context(), env), "-id")
}
