package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestCompleteRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), false, "", strings.NewReader(""), &out))
		assert.True(t, strings.HasSuffix(out.String(), "\ndone\n"))
		for _, text := range []string{"completed", "198.18.", "s-1vcpu-2gb", "2 pages", "422", "requests remaining",
			"Droplet 500000001 is deleted", "Droplet 500000002 is deleted", "snapshot 200000001 is deleted"} {
			assert.Contains(t, out.String(), text)
		}
		for _, step := range []string{"create", "power_off", "resize", "power_on", "snapshot"} {
			assert.Regexp(t, `\n  `+step+` +Droplet 50000000\d  completed `, out.String())
		}
		assert.NotContains(t, out.String(), "\r", "the output is not a terminal")
	})
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Second))
		var out bytes.Buffer
		r := newRunner(api.Client(fastPolling()), &out)
		assert.False(t, r.terminal)
		r.terminal = true
		require.NoError(t, r.run(t.Context()))
		assert.Greater(t, strings.Count(out.String(), "in-progress"), 10)
		assert.Regexp(t, `in-progress +0\.\d s\r +create`, out.String())
	})
}

func TestInterruptedRunCleansUp(t *testing.T) {
	t.Parallel()
	for after := time.Duration(0); after < 8*time.Second; after += 350 * time.Millisecond {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithActionDuration(time.Second))
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				var out bytes.Buffer
				err := newRunner(api.Client(fastPolling()), &out).run(ctx)
				if err != nil {
					require.ErrorIs(t, err, context.DeadlineExceeded)
					assert.NotContains(t, out.String(), "done\n")
				}
				assert.Empty(t, api.Droplets())
			})
		})
	}
}

func TestCleanUpDeletesOwnDropletsOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		r := newRunner(api.Client(fastPolling()), &bytes.Buffer{})
		r.names = []string{"a", "b", "c"}
		r.droplets = nil
		_, err := api.Client().Droplets.Create(t.Context(), droplets.DropletCreateRequest{Name: "not-ours", Size: smallSize, Image: droplets.ImageSlug(image)})
		require.NoError(t, err)
		require.NoError(t, r.create(t.Context()))
		require.NoError(t, r.cleanUp(t.Context()))
		require.Len(t, api.Droplets(), 1)
		assert.Equal(t, "not-ours", api.Droplets()[0].Name)
	})
}

func TestLiveAsksForConfirmation(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.ErrorIs(t, run(t.Context(), true, "", strings.NewReader("yes\n"), &out), droplets.ErrInvalidArgument)
	assert.Empty(t, out.String())
	for _, input := range []string{"", "no\n", "y\n", "YES!\n"} {
		require.ErrorIs(t, run(t.Context(), true, "token", strings.NewReader(input), &out), errDeclined)
	}
	assert.Contains(t, out.String(), "0.00893 USD an hour each")
}
