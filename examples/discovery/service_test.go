package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestRefreshesAtTheInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(2)))
		began := time.Now()
		stop := h.start()
		h.pass(3*time.Minute + time.Second)
		stop()
		assert.Equal(t, []time.Duration{0, 0, time.Minute, time.Minute, 2 * time.Minute, 2 * time.Minute, 3 * time.Minute, 3 * time.Minute},
			h.requestTimes(began), "two lists, at once and each minute")
		assert.Equal(t, [3]int{4, 0, 0}, h.results())
		h.pass(10 * time.Minute)
		assert.Len(t, h.api.Requests(), 8, "no request after the end")
	})
}

func TestWritesOnlyChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(90*time.Second)))
		defer h.start()()
		assert.Equal(t, []string{"droplet-00001"}, h.targets())
		h.pass(5 * time.Minute)
		assert.Equal(t, 1, h.writes())
		assert.Equal(t, [3]int{6, 0, 0}, h.results())

		id := createDroplet(t, h.client, droplets.DropletCreateRequest{Name: "web-1"})
		h.pass(time.Minute) // it has no address for 90 s
		assert.Equal(t, []string{"droplet-00001"}, h.targets())
		assert.InDelta(t, 1, testutil.ToFloat64(h.metrics.skipped), 0)
		h.pass(time.Minute)
		assert.Equal(t, []string{"droplet-00001", "web-1"}, h.targets())
		assert.Equal(t, 2, h.writes())
		assert.InDelta(t, 2, testutil.ToFloat64(h.metrics.targets), 0)

		require.NoError(t, h.client.Droplets.Delete(t.Context(), id))
		h.pass(time.Minute)
		assert.Equal(t, []string{"droplet-00001"}, h.targets())
		assert.Equal(t, 3, h.writes())
	})
}

func TestRestartDoesNotRewrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3))
		first := newHarness(t, api)
		first.start()()
		require.Equal(t, 1, first.writes())
		before, err := os.Stat(first.file.path)
		require.NoError(t, err)
		second := newHarnessFor(t, api, first.file.path)
		second.start()()
		assert.Equal(t, [3]int{1, 0, 0}, second.results())
		assert.Equal(t, 0, second.writes())
		after, err := os.Stat(first.file.path)
		require.NoError(t, err)
		assert.True(t, os.SameFile(before, after))
	})
}

func TestFailedListKeepsTheFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(250)))
		defer h.start()()
		before := readFile(t, h.file.path)
		h.api.Seed(1)
		// The first page of 200 succeeds, the second fails: five times with a status, then without a response.
		match := dropletstest.Match{Func: func(r *http.Request) bool { return r.URL.Query().Get("page") == "2" }}
		h.api.Respond(5, match, dropletstest.Fault{Status: http.StatusBadGateway})
		h.api.Respond(2, match, dropletstest.Fault{Break: dropletstest.BreakBody})
		h.pass(7 * time.Minute)
		assert.Equal(t, before, readFile(t, h.file.path))
		assert.Equal(t, [3]int{1, 7, 0}, h.results())
		assert.Contains(t, h.log.String(), "refresh failed, the file is unchanged")
		assert.NotContains(t, h.log.String(), dropletstest.Token)
		_, err := h.health.check()
		require.ErrorContains(t, err, "7m0s ago")

		h.pass(time.Minute) // the next refresh succeeds
		assert.Len(t, h.targets(), 251)
		assert.Equal(t, [3]int{2, 7, 0}, h.results())
		_, err = h.health.check()
		require.NoError(t, err)
		assert.Equal(t, 0, h.api.ClearFaults())
	})
}

func TestEmptyAccountIsWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithActionDuration(0)))
		id := createDroplet(t, h.client, droplets.DropletCreateRequest{Name: "only"})
		defer h.start()()
		assert.Equal(t, []string{"only"}, h.targets())
		require.NoError(t, h.client.Droplets.Delete(t.Context(), id))
		h.pass(time.Minute)
		assert.Equal(t, "[]\n", readFile(t, h.file.path))
	})
}

func TestUnusableResponseIsNotAnEmptyAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(2)))
		defer h.start()()
		before := readFile(t, h.file.path)
		bodies := []string{"", "{}", "null", `{"droplets":null}`, "<html>"}
		for _, body := range bodies {
			h.api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: http.StatusOK, Body: body})
		}
		h.pass(time.Duration(len(bodies)) * time.Minute)
		assert.Equal(t, before, readFile(t, h.file.path))
		assert.Equal(t, [3]int{1, len(bodies), 0}, h.results())
	})
}

func TestFailedWriteIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(2)))
		require.NoError(t, os.Mkdir(h.file.path, 0o755)) // a directory is in the way
		defer h.start()()
		h.pass(time.Minute)
		assert.Equal(t, [3]int{0, 0, 2}, h.results())
		_, err := h.health.check()
		require.ErrorContains(t, err, "no refresh has succeeded yet")
		require.NoError(t, os.Remove(h.file.path))
		h.pass(time.Minute)
		assert.Len(t, h.targets(), 2)
		assert.Equal(t, [3]int{1, 0, 2}, h.results())
	})
}

func TestSlowRefreshDelaysTheNextOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(1)))
		h.config.interval = 10 * time.Second
		// The list takes 25 s, and the interval is 10 s.
		h.api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Delay: 25 * time.Second, Applied: true})
		began := time.Now()
		defer h.start()()
		h.pass(31 * time.Second)
		assert.Equal(t, []time.Duration{0, 25 * time.Second, 25 * time.Second, 25 * time.Second, 30 * time.Second, 30 * time.Second},
			h.requestTimes(began))
	})
}

func TestEndOfTheContextEndsAList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(1)))
		h.api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Delay: 30 * time.Second})
		stop := h.start()
		h.pass(10 * time.Second)
		began := time.Now()
		stop()
		assert.Zero(t, time.Since(began), "the list ends at once")
		assert.NoFileExists(t, h.file.path)
		assert.Equal(t, [3]int{}, h.results(), "it is not a failure")
		assert.Empty(t, h.log.String())

		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("stopped"))
		require.ErrorContains(t, h.refresh(ctx), "stopped")
	})
}

func TestVerifyReadsTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, dropletstest.New(dropletstest.WithDroplets(1)))
		h.config.verify = true
		require.NoError(t, h.refresh(t.Context()))
		assert.Len(t, h.api.Requests(), 4)
	})
}

func TestTagSelectsTargets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, _ := newAccount(t)
		h := newHarness(t, api)
		h.config.tag = "prod"
		require.NoError(t, h.refresh(t.Context()))
		assert.Equal(t, []string{"gpu-prod", "web-prod"}, h.targets())
	})
}
