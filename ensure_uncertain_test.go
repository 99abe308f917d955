package droplets_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestEnsureAfterAnUncertainCreate calls Ensure while the Droplet of an uncertain create may still appear.
func TestEnsureAfterAnUncertainCreate(t *testing.T) {
	t.Parallel()
	for name, uncertain := range map[string]func(context.Context, *droplets.Client) error{
		"Create": func(ctx context.Context, c *droplets.Client) error {
			return second(c.Droplets.Create(ctx, createRequest()))
		},
		"CreateMultiple": func(ctx context.Context, c *droplets.Client) error {
			return second(c.Droplets.CreateMultiple(ctx, multiCreate("web-0", "web-1")))
		},
		"Ensure that ends early": func(ctx context.Context, c *droplets.Client) error {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			_, _, err := c.Droplets.Ensure(ctx, createRequest())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(visibility(40 * time.Second))
				api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 504, Applied: true})
				c := api.Client()
				require.ErrorIs(t, uncertain(t.Context(), c), droplets.ErrMaybeApplied)
				before := len(api.Droplets())
				require.NotZero(t, before, "the create was applied")
				d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
				require.NoError(t, err)
				assert.False(t, created, "another call has created it")
				assert.Equal(t, "web-1", d.Name)
				assert.Len(t, api.Droplets(), before)
			})
		})
	}
}

// TestADropletOfAnUncertainCreateThatAppearsLate is reported as soon as the API shows it.
func TestADropletOfAnUncertainCreateThatAppearsLate(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(visibility(2 * time.Minute))
		api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 504, Applied: true})
		c := api.Client()
		_, _, err := c.Droplets.Ensure(t.Context(), createRequest(), droplets.WithoutRetries())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Len(t, api.Droplets(), 1, "without retries the create is not repeated")
		_, created, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.True(t, created, "one minute has passed")
		<-time.After(3 * time.Minute)
		_, _, err = c.Droplets.Ensure(t.Context(), createRequest())
		ambiguous, ok := errors.AsType[*droplets.AmbiguousNameError](err)
		require.True(t, ok, "%v", err)
		assert.True(t, ambiguous.Uncertain)
		assert.Len(t, ambiguous.IDs, 2)
		assert.Contains(t, err.Error(), "whose outcome was unknown")
		assert.Len(t, api.Droplets(), 2)
	})
}

// TestAnotherCreateLeavesTheOutcomeUnknown keeps an uncertain create uncertain if the Droplet that appears is from another
// create of the same client.
func TestAnotherCreateLeavesTheOutcomeUnknown(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(visibility(8 * time.Second))
		api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 500, Applied: true})
		c := api.Client()
		var wg sync.WaitGroup
		wg.Go(func() {
			d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
			assert.ErrorIs(t, err, droplets.ErrMaybeApplied)
			assert.False(t, created)
			assert.NotNil(t, d)
		})
		<-time.After(time.Second)
		_, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		wg.Wait()
		<-time.After(10 * time.Second)
		_, err = c.Droplets.FindByName(t.Context(), "web-1")
		ambiguous, ok := errors.AsType[*droplets.AmbiguousNameError](err)
		require.True(t, ok, "%v", err)
		assert.True(t, ambiguous.Uncertain)
	})
}

// TestEnsureAfterAPartOfACreateAppeared does not create the rest again: the request was applied.
func TestEnsureAfterAPartOfACreateAppeared(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		posted := 0
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPost:
				posted++
				return respond(502, "")()
			case posted > 0 && r.URL.Query().Get("type") == "":
				return respond(200, `{"droplets":[{"id":7,"name":"b","status":"new"}],"meta":{"total":1}}`)()
			}
			return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
		})
		all, created, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b", "c"))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, []int64{7}, idsOf(all))
		assert.Equal(t, []int64{7}, idsOf(created))
		assert.Equal(t, 1, posted)
	})
}
