package droplets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// createdNamed returns a request for a Droplet with a name.
func createdNamed(name string) droplets.DropletCreateRequest {
	req := createRequest()
	req.Name = name
	return req
}

// TestARenameReplacesTheNameBefore renames a Droplet of another program twice. The first of the new names is free again, also if
// the client has created so many Droplets in between that it removes old records.
func TestARenameReplacesTheNameBefore(t *testing.T) {
	t.Parallel()
	for _, between := range []int{0, 100} {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(time.Second))
			c := api.Client()
			require.NoError(t, rename(t.Context(), c, sampleID, "web-1"))
			for i := range between {
				_, err := c.Droplets.Create(t.Context(), createdNamed(fmt.Sprintf("other-%d", i)))
				require.NoError(t, err)
			}
			require.NoError(t, rename(t.Context(), c, sampleID, "web-2"))
			_, err := c.Droplets.FindByName(t.Context(), "web-1")
			require.ErrorIs(t, err, droplets.ErrNotFound)
			d, created, err := c.Droplets.Ensure(t.Context(), createdNamed("web-1"))
			require.NoError(t, err)
			assert.True(t, created, "after %d creates", between)
			assert.NotEqual(t, sampleID, d.ID)

			// After the delete, no request is sent about the Droplet.
			require.NoError(t, c.Droplets.Delete(t.Context(), sampleID))
			reads := countRequests(api, "droplets_get")
			_, created, err = c.Droplets.Ensure(t.Context(), createdNamed("web-2"))
			require.NoError(t, err)
			assert.True(t, created)
			assert.Equal(t, reads, countRequests(api, "droplets_get"))
		})
	}
}

// TestEnsureFindsADropletThatACustomActionRenames: Initiate records the new name of every request for a rename.
func TestEnsureFindsADropletThatACustomActionRenames(t *testing.T) {
	t.Parallel()
	type hostname string
	field := droplets.WithBodyField("name", "web-1")
	for name, tt := range map[string]struct {
		attributes map[string]any
		co         []droplets.CallOption
	}{
		"a string":                {attributes: map[string]any{"name": "web-1"}},
		"another string type":     {attributes: map[string]any{"name": hostname("web-1")}},
		"a value of a JSON type":  {attributes: map[string]any{"name": json.RawMessage(`"web-1"`)}},
		"the option":              {co: []droplets.CallOption{field}},
		"the option after others": {co: []droplets.CallOption{nil, droplets.WithBodyField("comment", "web-2"), field}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(20*time.Second))
				c := api.Client()
				req := droplets.CustomActionRequest{Type: droplets.ActionTypeRename, Attributes: tt.attributes}
				_, err := c.DropletActions.Initiate(t.Context(), sampleID, req, tt.co...)
				require.NoError(t, err)
				d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
				require.NoError(t, err)
				assert.False(t, created)
				assert.Equal(t, sampleID, d.ID)
				<-time.After(20 * time.Second)
				d, err = c.Droplets.FindByName(t.Context(), "web-1")
				require.NoError(t, err)
				assert.Equal(t, sampleID, d.ID)
				assert.Len(t, api.Droplets(), 1)
			})
		})
	}
}

// TestOtherActionsWithANameAreNotRenames: a snapshot has a name too, and a rename that the API rejects changes nothing.
func TestOtherActionsWithANameAreNotRenames(t *testing.T) {
	t.Parallel()
	for name, req := range map[string]droplets.ActionRequest{
		"a snapshot":        droplets.SnapshotRequest{Name: "web-1"},
		"a custom snapshot": droplets.CustomActionRequest{Type: droplets.ActionTypeSnapshot, Attributes: map[string]any{"name": "web-1"}},
		"a rejected rename": droplets.RenameRequest{Name: "web-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(1))
				c := api.Client()
				if _, ok := req.(droplets.RenameRequest); ok {
					api.Respond(1, dropletstest.Match{Operation: "dropletActions_post"}, dropletstest.Fault{Status: 422})
				}
				_, _ = c.DropletActions.Initiate(t.Context(), sampleID, req)
				_, created, err := c.Droplets.Ensure(t.Context(), createRequest())
				require.NoError(t, err)
				assert.True(t, created)
			})
		})
	}
}

// TestADropletThatGetsItsOldNameBack has a rename to the name of the create that has not completed.
func TestADropletThatGetsItsOldNameBack(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(20*time.Second, droplets.ActionTypeRename))
		c := api.Client()
		d, err := c.Droplets.CreateAndWait(t.Context(), createRequest())
		require.NoError(t, err)
		require.NoError(t, rename(t.Context(), c, d.ID, "web-2"))
		require.NoError(t, second(c.DropletActions.Rename(t.Context(), d.ID, droplets.RenameRequest{Name: "web-1"})))
		for range 3 {
			found, created, err := c.Droplets.Ensure(t.Context(), createRequest())
			require.NoError(t, err)
			assert.False(t, created)
			assert.Equal(t, d.ID, found.ID)
		}
	})
}

// TestANameThatIsFreeAgain: a Droplet that is gone is read once, and then its name is free.
func TestANameThatIsFreeAgain(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		d, err := c.Droplets.CreateAndWait(t.Context(), createRequest())
		require.NoError(t, err)
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), d.ID))
		reads := countRequests(api, "droplets_get")
		for range 3 {
			_, err := c.Droplets.FindByName(t.Context(), "web-1")
			require.ErrorIs(t, err, droplets.ErrNotFound)
		}
		assert.Equal(t, reads+1, countRequests(api, "droplets_get"))
	})
}

// TestEnsureWaitsForAnyCreate has another method that is creating the name. The client creates many other Droplets meanwhile.
func TestEnsureWaitsForAnyCreate(t *testing.T) {
	t.Parallel()
	for name, create := range map[string]func(context.Context, *droplets.Client) error{
		"Create": func(ctx context.Context, c *droplets.Client) error {
			return second(c.Droplets.Create(ctx, createRequest()))
		},
		"CreateMultiple": func(ctx context.Context, c *droplets.Client) error {
			return second(c.Droplets.CreateMultiple(ctx, multiCreate("web-0", "web-1")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(visibility(time.Minute))
				api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Delay: time.Minute})
				c := api.Client(droplets.WithAttemptTimeout(time.Hour))
				done := make(chan error, 1)
				go func() { done <- create(t.Context(), c) }()
				synctest.Wait()
				for i := range 100 {
					require.NoError(t, second(c.Droplets.Create(t.Context(), createdNamed(fmt.Sprintf("other-%d", i)))))
				}
				start := time.Now()
				d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
				require.NoError(t, err)
				assert.False(t, created)
				assert.Equal(t, "web-1", d.Name)
				assert.Equal(t, time.Minute, time.Since(start))
				require.NoError(t, <-done)
			})
		})
	}
}
