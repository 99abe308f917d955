package droplets_test

import (
	"net/http"
	"path"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestConcurrentCallsGetTheirOwnResponses: calls of one client share buffers, connections and the queue, and no data.
func TestConcurrentCallsGetTheirOwnResponses(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			<-time.After(time.Duration(n%3) * time.Millisecond)
			id := path.Base(r.URL.Path)
			return respond(200, `{"droplet":{"id":`+id+`,"name":"web-`+id+`","tags":["tag-`+id+`"]}}`)()
		})
		var wg sync.WaitGroup
		for i := range int64(64) {
			wg.Go(func() {
				for range 5 {
					var resp droplets.Response
					d, err := c.Droplets.Get(t.Context(), i+1, droplets.CaptureResponse(&resp))
					if !assert.NoError(t, err) {
						return
					}
					assert.Equal(t, i+1, d.ID)
					assert.Equal(t, "web-"+itoa(i+1), d.Name)
					assert.Equal(t, []string{"tag-" + itoa(i+1)}, d.Tags)
					assert.Contains(t, string(resp.Body), `"id":`+itoa(i+1)+`,`)
				}
			})
		}
		wg.Wait()
	})
}

// TestABreakEndsTheRequestsInFlight: after a break, no goroutine of an iterator is left.
func TestABreakEndsTheRequestsInFlight(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var inFlight, most atomic.Int32
		list := pages(upTo(2000)...)
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			most.Store(max(most.Load(), inFlight.Add(1)))
			defer inFlight.Add(-1)
			select {
			case <-time.After(time.Duration(n) * time.Second):
				return list(n, r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
		n := 0
		for _, err := range c.Droplets.All(t.Context(), nil) {
			require.NoError(t, err)
			if n++; n == 401 {
				break
			}
		}
		assert.Greater(t, most.Load(), int32(1))
		assert.Zero(t, inFlight.Load(), "right after the break")
	})
}

// TestOptionsOfTheCallerAreNotModified: the slice of options has room for more, which the methods must not use.
func TestOptionsOfTheCallerAreNotModified(t *testing.T) {
	t.Parallel()
	type options = []droplets.CallOption
	virtualtime.Test(t, func(t *testing.T) {
		ctx := t.Context()
		for name, call := range map[string]func(*droplets.Client, options) error{
			"Get": func(c *droplets.Client, co options) error { return second(c.Droplets.Get(ctx, 42, co...)) },
			"Create": func(c *droplets.Client, co options) error {
				return second(c.Droplets.Create(ctx, createRequest(), co...))
			},
			"Reboot": func(c *droplets.Client, co options) error { return second(c.DropletActions.Reboot(ctx, 42, co...)) },
			"All":    func(c *droplets.Client, co options) error { return second(collect1(c.Droplets.All(ctx, nil, co...))) },
			"WaitFor": func(c *droplets.Client, co options) error {
				return second(c.Droplets.WaitFor(ctx, 42, droplets.IsOff, co...))
			},
			"WaitForAction": func(c *droplets.Client, co options) error {
				return second(c.DropletActions.WaitForAction(ctx, 42, 7, co...))
			},
			"WaitForDeleted": func(c *droplets.Client, co options) error { return c.Droplets.WaitForDeleted(ctx, 42, co...) },
			"WaitForDestroy": func(c *droplets.Client, co options) error {
				return second(c.AssociatedResources.WaitForDestroy(ctx, 42, co...))
			},
			"CreateAndWait": func(c *droplets.Client, co options) error {
				return second(c.Droplets.CreateAndWait(ctx, createRequest(), co...))
			},
			"EnsureAndWait": func(c *droplets.Client, co options) error {
				_, _, err := c.Droplets.EnsureAndWait(ctx, createRequest(), co...)
				return err
			},
			"ShutdownGracefully": func(c *droplets.Client, co options) error {
				return second(c.Droplets.ShutdownGracefully(ctx, 42, time.Minute, co...))
			},
		} {
			_, c := newAPI(t, sequence(respond(403, forbiddenBody)))
			co := make(options, 1, 8)
			co[0] = droplets.WithHeader("X-A", "b")
			require.ErrorIs(t, call(c, co), droplets.ErrForbidden, name)
			for _, room := range co[1:cap(co)] {
				assert.Nil(t, room, name)
			}
		}
	})
}
