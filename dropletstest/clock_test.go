package dropletstest_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

var clockStart = time.Date(2030, time.January, 2, 3, 4, 5, 0, time.UTC)

func TestManualClock(t *testing.T) {
	clock := dropletstest.NewManualClock(clockStart)
	api := dropletstest.New(dropletstest.WithClock(clock), dropletstest.WithActionDuration(55*time.Second))
	require.Same(t, clock, api.Clock())
	c := api.Client()
	created, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	assert.Equal(t, clockStart, created.Droplet.CreatedAt)
	assert.Equal(t, clockStart, api.Requests()[0].Time)
	assert.Equal(t, clockStart, api.Ledger()[0].Time)
	clock.Advance(54 * time.Second)
	assert.Equal(t, droplets.DropletStatusNew, getDroplet(t, c, created.Droplet.ID).Status)
	clock.Advance(time.Second)
	assert.Equal(t, droplets.DropletStatusActive, getDroplet(t, c, created.Droplet.ID).Status)
	action, err := c.Actions.Get(t.Context(), created.Actions[0].ID)
	require.NoError(t, err)
	assert.Equal(t, clockStart.Add(55*time.Second), *action.CompletedAt)
	assert.Equal(t, clockStart.Add(55*time.Second), clock.Now())
}

// TestAdvanceRealClock checks that a clock that follows time.Now continues to run after it was advanced.
func TestAdvanceRealClock(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithClock(nil), dropletstest.WithActionDuration(time.Minute))
		c := api.Client()
		created, err := c.Droplets.Create(t.Context(), createRequest("a"))
		require.NoError(t, err)
		api.Clock().Advance(50 * time.Second)
		sleep(9 * time.Second)
		assert.Equal(t, droplets.DropletStatusNew, getDroplet(t, c, created.Droplet.ID).Status)
		sleep(time.Second)
		assert.Equal(t, droplets.DropletStatusActive, getDroplet(t, c, created.Droplet.ID).Status)
		assert.Equal(t, 50*time.Second, time.Until(api.Clock().Now()))
	})
}

func TestAdvancePanics(t *testing.T) {
	for _, clock := range []*dropletstest.Clock{new(dropletstest.Clock), dropletstest.NewManualClock(clockStart)} {
		assert.PanicsWithValue(t, "dropletstest: the clock cannot be advanced by -1ns", func() { clock.Advance(-1) })
		clock.Advance(0)
		clock.Advance(1 << 62)
		assert.PanicsWithValue(t, "dropletstest: the clock cannot be advanced by 1281023h53m38.427387904s", func() { clock.Advance(1 << 62) })
	}
}

// TestDelayUnderAManualClock checks that the delay of a fault under a manual clock ends when the clock is advanced or the context ends,
// but not when real time passes.
func TestDelayUnderAManualClock(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		clock := dropletstest.NewManualClock(clockStart)
		api := dropletstest.New(dropletstest.WithClock(clock))
		api.Respond(-1, dropletstest.Match{}, dropletstest.Fault{Delay: 10 * time.Second})
		done := make(chan error, 1)
		go func() {
			_, err := api.Client().Droplets.List(t.Context(), nil)
			done <- err
		}()
		for range 2 {
			synctest.Wait()
			sleep(20 * time.Second)
			assert.Empty(t, done, "real time does not end the delay")
			clock.Advance(5 * time.Second)
		}
		require.NoError(t, <-done)
		start := time.Now()
		withTimeout(t, 30*time.Second, func(ctx context.Context) {
			_, err := api.Client().Droplets.List(ctx, nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
		assert.Equal(t, 30*time.Second, time.Since(start))
	})
}

// TestAdvanceEndsADelayOfARealClock checks that the delay of a fault is shorter if a clock that follows time.Now is advanced.
func TestAdvanceEndsADelayOfARealClock(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(-1, dropletstest.Match{}, dropletstest.Fault{Delay: time.Minute})
		start := time.Now()
		go func() {
			<-time.After(10 * time.Second)
			api.Clock().Advance(20 * time.Second)
		}()
		_, err := api.Client().Droplets.List(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, 40*time.Second, time.Since(start))
	})
}

func TestRateLimitUnderManualClock(t *testing.T) {
	clock := dropletstest.NewManualClock(clockStart)
	api := dropletstest.New(dropletstest.WithClock(clock), dropletstest.WithRateLimit(1, 0))
	get := func() rawResponse { return sendRequest(t, api, http.MethodGet, "/v2/account", "") }
	assert.Equal(t, 200, get().StatusCode)
	for range 2 {
		resp := get()
		assert.Equal(t, 429, resp.StatusCode)
		assert.Equal(t, "60", resp.Header.Get("Retry-After"))
	}
	clock.Advance(59 * time.Second)
	assert.Equal(t, "1", get().Header.Get("Retry-After"))
	clock.Advance(time.Second)
	assert.Equal(t, 200, get().StatusCode)
}
