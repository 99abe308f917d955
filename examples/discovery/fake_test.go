package main

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
)

// TestSimulationChangesTheTargets runs the service on the simulated account and compares the targets of each interval.
func TestSimulationChangesTheTargets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, err := newSimulation(t.Context())
		require.NoError(t, err)
		h := newHarness(t, sim.api)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- sim.run(ctx, h.config.interval) }()
		defer h.start()()
		base := []string{"droplet-00001", "droplet-00002", "droplet-00003", "db-private", "trainer-1"}
		for i, want := range [][]string{base, append(base[:5:5], "web-1"), base, append(base[:5:5], "web-2"), base} {
			assert.Equal(t, want, h.targets(), "interval %d", i)
			h.pass(time.Minute)
		}
		cancel()
		require.NoError(t, <-ended)
	})
}

func TestSimulationReportsErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, err := newSimulation(t.Context())
		require.NoError(t, err)
		sim.api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: http.StatusForbidden})
		require.ErrorContains(t, sim.run(t.Context(), time.Minute), "the simulated account cannot be changed")
	})
}
