package dropletstest_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// TestReadStateKeepsTheRest: requests, the clock, planned faults and planned failures are not part of the state.
func TestReadStateKeepsTheRest(t *testing.T) {
	clock := dropletstest.NewManualClock(clockStart)
	api := dropletstest.New(dropletstest.WithClock(clock), dropletstest.WithDroplets(2), dropletstest.WithActionDuration(0))
	var saved bytes.Buffer
	require.NoError(t, api.WriteState(&saved))

	sendRequest(t, api, http.MethodGet, "/v2/account", "")
	clock.Advance(time.Minute)
	api.Respond(1, dropletstest.Match{Operation: "tags_list"}, dropletstest.Fault{Status: 503})
	api.FailNextAction(droplets.ActionTypeReboot)
	api.FailNextDestroy("500000002", "no")
	api.IgnoreShutdown(500000001)
	require.NoError(t, api.ReadState(&saved))

	require.Len(t, api.Requests(), 1)
	assert.Equal(t, "/v2/account", api.Requests()[0].Path)
	assert.Equal(t, clockStart.Add(time.Minute), api.Clock().Now())
	assert.Len(t, api.Faults(), 1)
	c := api.Client(noRetries)
	a, err := c.DropletActions.Reboot(t.Context(), 500000001)
	require.NoError(t, err)
	_, err = c.DropletActions.WaitForAction(t.Context(), 500000001, a.ID)
	require.ErrorIs(t, err, droplets.ErrActionFailed)
	assert.Equal(t, droplets.DropletStatusActive, runAction(t, c, 500000001, droplets.ShutdownRequest{}).Status)
	require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), 500000002))
	_, err = c.AssociatedResources.WaitForDestroy(t.Context(), 500000002)
	require.ErrorContains(t, err, "no")
}
