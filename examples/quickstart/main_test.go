package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestRunShowsTheResultOfEachStep(t *testing.T) {
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

func TestProgressIsOverwrittenOnATerminal(t *testing.T) {
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
		assertNothingLeft(t, api)
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
				assertNothingLeft(t, api)
			})
		})
	}
}

// assertNothingLeft checks that no Droplet and no snapshot of a run is left.
func assertNothingLeft(t *testing.T, api *dropletstest.API) {
	t.Helper()
	assert.Empty(t, api.Droplets())
	for s, err := range api.Client().Snapshots.All(t.Context(), nil) {
		require.NoError(t, err)
		assert.False(t, strings.HasPrefix(s.Name, "quickstart-"), s.Name)
	}
}

// TestDropletsOfALostCreateResponseAreDeleted loses the response to the create. The account also has a Droplet whose name differs only in case.
func TestDropletsOfALostCreateResponseAreDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		r := newRunner(api.Client(fastPolling()), &bytes.Buffer{})
		other := strings.ToUpper(r.names[0])
		_, err := api.Client().Droplets.Create(t.Context(), droplets.DropletCreateRequest{Name: other, Size: smallSize, Image: droplets.ImageSlug(image)})
		require.NoError(t, err)
		api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Applied: true, Status: http.StatusGatewayTimeout})
		err = r.run(t.Context())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		require.ErrorContains(t, err, "check your account for "+r.names[0])
		require.Len(t, api.Droplets(), 1)
		assert.Equal(t, other, api.Droplets()[0].Name)
	})
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

func TestInterruptEndsTheQuestion(t *testing.T) {
	t.Parallel()
	in, w := io.Pipe()
	defer func() { require.NoError(t, w.Close()) }()
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	cancel(interrupted)
	require.ErrorIs(t, run(ctx, true, "token", in, io.Discard), interrupted)
}
