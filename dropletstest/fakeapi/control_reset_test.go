package main

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

func TestReset(t *testing.T) {
	p := start(t, "-seed", "2", "-clock", manualClock, "-fault", "tags_list:503")
	c := p.client(t, "any")
	initial := p.control(t, "GET", "/_fake/state", "").body
	_, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	require.NoError(t, c.Droplets.Delete(t.Context(), 500000001))
	_, err = c.Tags.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrServer)
	p.control(t, "POST", "/_fake/clock", `{"advance": "1h"}`)
	p.control(t, "POST", "/_fake/fail-next-action", "")
	p.control(t, "POST", "/_fake/faults", `{"operation": "droplets_list", "status": 500, "always": true}`)

	assert.JSONEq(t, `{"droplets": 2, "now": "2030-01-02T03:04:05Z"}`, p.control(t, "POST", "/_fake/reset", "").body)
	assert.JSONEq(t, initial, p.control(t, "GET", "/_fake/state", "").body)
	assert.JSONEq(t, `{"requests": [], "total": 0}`, p.control(t, "GET", "/_fake/requests", "").body)
	assert.JSONEq(t, `{"entries": []}`, p.control(t, "GET", "/_fake/ledger", "").body)
	assert.JSONEq(t, `{"faults": [{"operation": "tags_list", "status": 503, "times": 1}]}`, p.control(t, "GET", "/_fake/faults", "").body)
	assert.Equal(t, []string{"droplet-00001", "droplet-00002"}, names(t, c))
	a, err := c.DropletActions.Reboot(t.Context(), 500000001)
	require.NoError(t, err)
	a, err = c.DropletActions.Get(t.Context(), 500000001, a.ID)
	require.NoError(t, err)
	assert.Equal(t, droplets.ActionStatusCompleted, a.Status, "the planned failure was removed")
	require.NoError(t, p.stop())
}

// TestResetWithSettings checks that a reset can override all settings of an account until the next reset.
func TestResetWithSettings(t *testing.T) {
	p := start(t, "-token", "sesame", "-clock", manualClock)
	c, other := p.client(t, "sesame"), p.client(t, "other")
	p.control(t, "POST", "/_fake/reset", `{"token": "other", "seed": 1, "droplet_limit": 2, "action_duration": "1m,reboot=5s",
		"lag": "visibility=10s", "clock": "manual@2031-01-01T00:00:00Z", "rate_limit": "0,8"}`)
	_, err := c.Droplets.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrUnauthorized)
	created, err := other.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	assert.Equal(t, 2031, created.Droplet.CreatedAt.Year())
	_, err = other.Droplets.Create(t.Context(), createRequest("b"))
	require.ErrorIs(t, err, droplets.ErrUnprocessable, "the Droplet limit")
	_, err = other.Droplets.Get(t.Context(), created.Droplet.ID)
	require.ErrorIs(t, err, droplets.ErrNotFound, "the lag")
	a, err := other.DropletActions.Reboot(t.Context(), 500000001)
	require.NoError(t, err)
	p.control(t, "POST", "/_fake/clock", `{"advance": "10s"}`)
	a, err = other.Actions.Get(t.Context(), a.ID)
	require.NoError(t, err)
	assert.Equal(t, droplets.ActionStatusCompleted, a.Status)
	d, err := other.Droplets.Get(t.Context(), created.Droplet.ID)
	require.NoError(t, err)
	assert.Equal(t, droplets.DropletStatusNew, d.Status)
	for range 2 {
		_, err = other.Droplets.List(t.Context(), nil)
		require.NoError(t, err)
	}
	_, err = other.Droplets.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrRateLimited)

	p.control(t, "POST", "/_fake/reset", "{}")
	assert.Empty(t, names(t, c), "the settings of the command line apply again")
	require.NoError(t, p.stop())
}

// TestResetReturnsToTheLoadedState checks that a reset returns to the state that was loaded at the start, and that the account after the
// reset is saved.
func TestResetReturnsToTheLoadedState(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	p := start(t, "-state", file, "-seed", "1")
	require.NoError(t, p.stop())

	p = start(t, "-state", file, "-seed", "5", "-fault", "tags_list:500")
	c := p.client(t, "any")
	_, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	requireError(t, p.send(t, "POST", "/_fake/reset", `{"seed": 2}`), http.StatusBadRequest, "seed cannot be combined with the account of -state")
	assert.Len(t, names(t, c), 2)
	p.control(t, "POST", "/_fake/reset", "")
	assert.Equal(t, []string{"droplet-00001"}, names(t, c))
	_, err = c.Tags.List(t.Context(), nil)
	require.ErrorIs(t, err, droplets.ErrServer)
	_, err = c.Droplets.Create(t.Context(), createRequest("b"))
	require.NoError(t, err)
	require.NoError(t, p.stop())
	assert.Contains(t, p.log.String(), "-seed is ignored")

	p = start(t, "-state", file)
	assert.Equal(t, []string{"droplet-00001", "b"}, names(t, p.client(t, "any")), "the Droplet that was created after the reset is saved")
	require.NoError(t, p.stop())
}

// TestConcurrentResets checks that requests during resets either succeed or fail, and do not change the account after the last reset.
func TestConcurrentResets(t *testing.T) {
	p := start(t, "-seed", "3")
	c := p.client(t, "any")
	done := make(chan error)
	for range 4 {
		go func() {
			for range 20 {
				if _, err := c.Droplets.Create(t.Context(), createRequest("a")); err != nil && !errors.Is(err, droplets.ErrMaybeApplied) {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 20 {
		p.control(t, "POST", "/_fake/reset", "")
		p.control(t, "POST", "/_fake/seed", `{"count": 1}`)
	}
	for range 4 {
		require.NoError(t, <-done)
	}
	p.control(t, "POST", "/_fake/reset", "")
	assert.Len(t, names(t, c), 3)
	require.NoError(t, p.stop())
}
