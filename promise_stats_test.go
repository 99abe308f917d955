package droplets_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
	"github.com/stretchr/testify/require"
)

// TestStatsSayWhyCallsWait: a wait for a request in flight is not one for the rate limit.
func TestStatsSayWhyCallsWait(t *testing.T) {
	t.Parallel()
	get := func(t *testing.T, c *droplets.Client, calls int) {
		var wg sync.WaitGroup
		for range calls {
			wg.Go(func() {
				_, err := c.Droplets.Get(t.Context(), 42)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
	}
	virtualtime.Test(t, func(t *testing.T) {
		slow := func(int, *http.Request) (*http.Response, error) {
			<-time.After(5 * time.Second)
			return respond(200, dropletBody(42))()
		}
		_, c := newAPI(t, slow, droplets.WithMaxInFlight(1))
		get(t, c, 3)
		assert.Equal(t, droplets.Waits{InFlight: 15 * time.Second}, c.Stats().Waited, "5 s and 10 s")

		_, c = newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
			if n <= 3 {
				<-time.After(time.Second) // all three are sent before the first is refused
				return respond(429, "{}", "Retry-After: 60")()
			}
			<-time.After(500 * time.Millisecond)
			return respond(200, dropletBody(42))()
		})
		get(t, c, 3)
		waited := c.Stats().Waited
		assert.Equal(t, 3*time.Minute, waited.Pause)
		assert.Equal(t, time.Second, waited.Queue, "one request after the pause, and then two")
		assert.Zero(t, waited.InFlight)
	})
}

func TestSumsOfWaits(t *testing.T) {
	t.Parallel()
	w := droplets.Waits{Pause: 1, Queue: 20, InFlight: 300, Limiter: 4000, Backoff: 50000}
	assert.Equal(t, time.Duration(54321), w.Total())
	assert.Equal(t, time.Duration(21), w.RateLimit())
	assert.Equal(t, "[pause=1ns queue=20ns in_flight=300ns limiter=4µs backoff=50µs]", w.LogValue().String())
}

// TestLogsOfCallsThatDidNotWait have no attribute for waits.
func TestLogsOfCallsThatDidNotWait(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	_, c := newAPI(t, sequence(respond(200, dropletBody(42))), droplets.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	require.NoError(t, second(c.Droplets.Get(t.Context(), 42)))
	assert.Contains(t, log.String(), "operation=droplets_get")
	assert.NotContains(t, log.String(), "waits")
}
