package droplets_test

import (
	"io"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		bodies := []http.HandlerFunc{
			status(200, dropletBody(42)), status(404, notFoundBody), status(200, "<html>"), status(422, string(make([]byte, 300<<10))),
		}
		n := newNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bodies[0](w, r)
			bodies = append(bodies[1:], bodies[0])
		}))
		n.server.Start()
		c := n.client(t, "http://127.0.0.1:80")
		for range 50 { // four requests, the bodies in order
			require.NoError(t, second(c.Droplets.Get(t.Context(), 42)))
			require.ErrorIs(t, c.Droplets.Delete(t.Context(), 42), droplets.ErrNotFound)
			require.ErrorIs(t, second(c.Droplets.Get(t.Context(), 42)), droplets.ErrInvalidResponse)
			require.ErrorIs(t, c.Droplets.Delete(t.Context(), 42), droplets.ErrUnprocessable)
		}
		dials, _ := n.dials()
		assert.EqualValues(t, 200, n.requests.Load())
		assert.Equal(t, 1, dials)
	})
}

func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		n := newNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Ratelimit-Limit", "5000")
			w.Header().Set("Ratelimit-Remaining", "4000")
			status(200, dropletBody(42))(w, r)
		}))
		n.server.Start()
		c := n.client(t, "http://127.0.0.1:80")
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				for range 5 {
					var resp droplets.Response
					_, err := c.Droplets.Get(t.Context(), 42, droplets.CaptureResponse(&resp), droplets.WithHeader("X-A", "b"))
					assert.NoError(t, err)
					assert.Equal(t, 4000, resp.RateLimit.Remaining)
					rl, ok := c.RateLimit()
					assert.True(t, ok)
					assert.Equal(t, 5000, rl.Limit)
				}
			})
		}
		wg.Wait()
		assert.EqualValues(t, 320, n.requests.Load())
	})
}

// TestAbandonedIterators relies on the synctest bubble, which does not end while a goroutine is running.
func TestAbandonedIterators(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		n := newNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			resp, err := pages(upTo(1000)...)(1, r)
			if err != nil {
				panic(err)
			}
			_, _ = io.Copy(w, resp.Body)
		}))
		n.server.Start()
		c := n.client(t, "http://127.0.0.1:80")
		for stop := range 5 {
			seen := 0
			for _, err := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 10}}) {
				require.NoError(t, err)
				if seen++; seen > stop*7 {
					break
				}
			}
			assert.Equal(t, stop*7+1, seen)
		}
		polls := 0
		for _, err := range c.DropletActions.Watch(t.Context(), 42, 7) {
			require.ErrorIs(t, err, droplets.ErrInvalidResponse, "the body has no action")
			polls++
			break
		}
		assert.Equal(t, 1, polls)
	})
}

// TestMemoryIsBounded reads a response that is much larger than the limit.
func TestMemoryIsBounded(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		n := newNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeZeros(w, 4096) }))
		n.server.Start()
		c := n.client(t, "http://127.0.0.1:80")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := c.Droplets.Get(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrResponseTooLarge)
		runtime.ReadMemStats(&after)
		limit := uint64(128 << 20)
		if droplets.RaceDetector {
			limit *= 2 // the detector allocates too
		}
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, limit, "the response has 4 GiB")
	})
}
