package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func visibility(d time.Duration) dropletstest.Option {
	return dropletstest.WithLag(dropletstest.Lag{Visibility: d, Addresses: d, Status: d})
}

// TestEnsureCreatesANameOnce calls Ensure after each method with which the same client can have created the name.
func TestEnsureCreatesANameOnce(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(context.Context, *droplets.Client) error{
		"Ensure": func(ctx context.Context, c *droplets.Client) error {
			_, _, err := c.Droplets.Ensure(ctx, createRequest())
			return err
		},
		"EnsureMultiple": func(ctx context.Context, c *droplets.Client) error {
			_, _, err := c.Droplets.EnsureMultiple(ctx, multiCreate("web-1"))
			return err
		},
		"Create": func(ctx context.Context, c *droplets.Client) error {
			return second(c.Droplets.Create(ctx, createRequest()))
		},
		"CreateMultiple": func(ctx context.Context, c *droplets.Client) error {
			return second(c.Droplets.CreateMultiple(ctx, multiCreate("web-1")))
		},
		"CreateAndWait that ends early": func(ctx context.Context, c *droplets.Client) error {
			ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			if _, err := c.Droplets.CreateAndWait(ctx, createRequest()); !errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("unexpected: %w", err)
			}
			return nil
		},
	} {
		for _, lag := range []time.Duration{0, 5 * time.Second, 45 * time.Second, 5 * time.Minute} {
			t.Run(fmt.Sprintf("%s, lag of %s", name, lag), func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					api := dropletstest.New(visibility(lag))
					c := api.Client()
					require.NoError(t, before(t.Context(), c))
					for _, pause := range []time.Duration{time.Second, 30 * time.Second, 20 * time.Second} {
						<-time.After(pause)
						d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
						require.NoError(t, err)
						assert.False(t, created)
						assert.Equal(t, api.Droplets()[0].ID, d.ID)
						found, err := c.Droplets.FindByName(t.Context(), "web-1")
						require.NoError(t, err)
						assert.Equal(t, d.ID, found.ID)
					}
					assert.Len(t, api.Droplets(), 1)
				})
			})
		}
	}
}

func TestEnsureFromManyGoroutines(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 5 * time.Second, 2 * time.Minute} {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New(visibility(lag))
			api.Respond(-1, dropletstest.Match{}, dropletstest.Fault{Delay: 300 * time.Millisecond})
			c := api.Client()
			var wg sync.WaitGroup
			var mu sync.Mutex
			ids, added := make(map[int64]bool), 0
			for i := range 8 {
				wg.Go(func() {
					<-time.After(time.Duration(i) * 100 * time.Millisecond)
					d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
					if !assert.NoError(t, err) {
						return
					}
					mu.Lock()
					defer mu.Unlock()
					ids[d.ID] = true
					if created {
						added++
					}
				})
			}
			wg.Wait()
			assert.Len(t, api.Droplets(), 1)
			assert.Len(t, ids, 1)
			assert.Equal(t, 1, added)
		})
	}
}

// TestEnsureMultipleOverlaps runs calls whose names overlap in every order: no call waits forever, no name is created twice.
func TestEnsureMultipleOverlaps(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(visibility(20 * time.Second))
		api.Respond(-1, dropletstest.Match{}, dropletstest.Fault{Delay: 200 * time.Millisecond})
		c := api.Client()
		var wg sync.WaitGroup
		var creates atomic.Int64
		for _, names := range [][]string{{"a", "b"}, {"b", "a"}, {"c", "b"}, {"a", "c", "d"}, {"d"}, {"b", "d"}} {
			wg.Go(func() {
				all, created, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate(names...))
				assert.NoError(t, err)
				creates.Add(int64(len(created)))
				if !assert.Len(t, all, len(names)) {
					return
				}
				for i, d := range all {
					assert.Equal(t, names[i], d.Name)
				}
			})
		}
		wg.Wait()
		assert.Len(t, api.Droplets(), 4)
		assert.EqualValues(t, 4, creates.Load(), "each Droplet is reported as created by one call")
	})
}

func TestAContextEndsTheWaitForAnotherCreate(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Delay: 30 * time.Second})
		c := api.Client()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, created, err := c.Droplets.Ensure(t.Context(), createRequest())
			assert.NoError(t, err)
			assert.True(t, created)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		synctest.Wait()
		start := time.Now()
		_, _, err := c.Droplets.Ensure(ctx, createRequest())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied, "this call has sent no create")
		assert.Contains(t, err.Error(), "another create of")
		assert.Equal(t, 10*time.Second, time.Since(start))
		wg.Wait()
		assert.Len(t, api.Droplets(), 1)
	})
}

// TestEnsureAfterTheDropletIsGone creates again at once if the Droplet of the name does not exist any more.
func TestEnsureAfterTheDropletIsGone(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context, *dropletstest.API, *droplets.Client, int64) error{
		"deleted by this client": func(ctx context.Context, _ *dropletstest.API, c *droplets.Client, id int64) error {
			return c.Droplets.Delete(ctx, id)
		},
		"deleted by tag": func(ctx context.Context, _ *dropletstest.API, c *droplets.Client, _ int64) error {
			return c.Droplets.DeleteByTag(ctx, "web")
		},
		"deleted by another client": func(ctx context.Context, api *dropletstest.API, c *droplets.Client, id int64) error {
			_, err := c.Droplets.FindByName(ctx, "web-1")
			return errors.Join(err, api.Client().Droplets.Delete(ctx, id))
		},
		"renamed by another client": func(ctx context.Context, api *dropletstest.API, _ *droplets.Client, id int64) error {
			return rename(ctx, api.Client(), id, "web-2")
		},
		"renamed by this client": func(ctx context.Context, _ *dropletstest.API, c *droplets.Client, id int64) error {
			return rename(ctx, c, id, "web-2")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New()
				c := api.Client()
				req := createRequest()
				req.Tags = []string{"web"}
				first, err := c.Droplets.Create(t.Context(), req)
				require.NoError(t, err)
				<-time.After(40 * time.Second)
				require.NoError(t, end(t.Context(), api, c, first.Droplet.ID))
				d, created, err := c.Droplets.Ensure(t.Context(), req)
				require.NoError(t, err)
				assert.True(t, created)
				assert.NotEqual(t, first.Droplet.ID, d.ID)
				assert.Equal(t, "web-1", d.Name)
			})
		})
	}
}

func rename(ctx context.Context, c *droplets.Client, id int64, name string) error {
	a, err := c.DropletActions.Rename(ctx, id, droplets.RenameRequest{Name: name})
	if err == nil {
		_, err = c.DropletActions.WaitForAction(ctx, id, a.ID)
	}
	return err
}

// TestEnsureAfterACreateThatFailed creates again although the Droplet was never seen.
func TestEnsureAfterACreateThatFailed(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(visibility(20 * time.Second))
		api.FailNextAction(droplets.ActionTypeCreate)
		c := api.Client()
		_, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		<-time.After(5 * time.Second)
		_, err = c.Droplets.FindByName(t.Context(), "web-1")
		require.ErrorIs(t, err, droplets.ErrNotFound)
		d, created, err := c.Droplets.EnsureAndWait(t.Context(), createRequest())
		require.NoError(t, err)
		assert.True(t, created)
		assert.True(t, droplets.IsActive(d))

		api.FailNextAction(droplets.ActionTypeCreate)
		_, err = c.Droplets.CreateAndWait(t.Context(), droplets.DropletCreateRequest{Name: "web-2", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")})
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		all, added, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate("web-1", "web-2"))
		require.NoError(t, err)
		require.Len(t, all, 2)
		assert.Equal(t, d.ID, all[0].ID)
		require.Len(t, added, 1)
		assert.Equal(t, "web-2", added[0].Name)
	})
}

// TestEnsureFindsADropletThatThisClientRenamed finds a Droplet that this client renamed, before the API shows its new name.
func TestEnsureFindsADropletThatThisClientRenamed(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(20*time.Second))
		c := api.Client()
		_, err := c.DropletActions.Rename(t.Context(), sampleID, droplets.RenameRequest{Name: "web-1"})
		require.NoError(t, err)
		d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.False(t, created)
		assert.Equal(t, sampleID, d.ID)
		_, err = c.Droplets.FindByName(t.Context(), "web-1")
		require.ErrorIs(t, err, droplets.ErrNotFound, "it does not have the name yet")
		<-time.After(20 * time.Second)
		d, err = c.Droplets.FindByName(t.Context(), "web-1")
		require.NoError(t, err)
		assert.Equal(t, sampleID, d.ID)

		api.FailNextAction(droplets.ActionTypeRename)
		_, err = c.DropletActions.Rename(t.Context(), sampleID, droplets.RenameRequest{Name: "web-2"})
		require.NoError(t, err)
		<-time.After(25 * time.Second)
		_, created, err = c.Droplets.Ensure(t.Context(), droplets.DropletCreateRequest{Name: "web-2", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")})
		require.NoError(t, err)
		assert.True(t, created, "the rename has failed")
	})
}

// TestADeletedDropletInAList ignores a Droplet that this client deleted and that the lists still show.
func TestADeletedDropletInAList(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodDelete:
				return respond(204, "")()
			case r.Method == http.MethodPost:
				return respond(202, createdBody(43))()
			case r.URL.Query().Get("type") != "":
				return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
			}
			return respond(200, `{"droplets":[{"id":42,"name":"web-1","status":"active"}],"meta":{"total":1}}`)()
		})
		require.NoError(t, c.Droplets.Delete(t.Context(), 42))
		d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.True(t, created)
		assert.Equal(t, int64(43), d.ID)
	})
}

// TestResultsOfEnsureAreCopies modifies a result and calls Ensure again: the client does not share its memory with the caller.
func TestResultsOfEnsureAreCopies(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(visibility(time.Minute))
		c := api.Client()
		req := createRequest()
		req.Tags = []string{"web"}
		first, err := c.Droplets.Create(t.Context(), req)
		require.NoError(t, err)
		first.Droplet.Tags[0], first.Droplet.Region.Slug = "changed", "changed"
		second, _, err := c.Droplets.Ensure(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, []string{"web"}, second.Tags)
		assert.NotEqual(t, "changed", second.Region.Slug)
		second.Tags[0] = "changed"
		third, _, err := c.Droplets.Ensure(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, []string{"web"}, third.Tags)
	})
}

// TestTheMemoryOfCreatesIsBounded creates more Droplets than a client remembers.
func TestTheMemoryOfCreatesIsBounded(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var id int64
		_, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			id++
			return respond(202, fmt.Sprintf(`{"droplet":{"id":%d,"name":"web-%d","status":"new"}}`, id, id))()
		})
		for range 20_000 {
			_, err := c.Droplets.Create(t.Context(), createRequest())
			require.NoError(t, err)
			<-time.After(6 * time.Second)
		}
		assert.GreaterOrEqual(t, droplets.RememberedCreates(c), 100, "the creates of ten minutes")
		assert.Less(t, droplets.RememberedCreates(c), 600, "ten minutes of creates are 100, and twice that between two removals, with their names")
	})
}

// TestNamesThatTheCallerChanges: a caller reuses the slice of names for the next create. The names of the first one are released.
func TestNamesThatTheCallerChanges(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		req := multiCreate("web-1", "web-2")
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				req.Names[0], req.Names[1] = "db-1", "db-2"
				return respond(422, `{"id":"unprocessable_entity","message":"no"}`)()
			}
			return respond(200, listBody(nil, 0, 1, 1))()
		})
		require.ErrorIs(t, second(c.Droplets.CreateMultiple(t.Context(), req)), droplets.ErrUnprocessable)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, _, err := c.Droplets.EnsureMultiple(ctx, multiCreate("web-1", "web-2", "db-1"))
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	})
}
