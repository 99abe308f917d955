package droplets_test

import (
	"context"
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

func TestEnsureUncertainDuringOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		outage := func(created func() (*http.Response, error)) *droplets.Client {
			posted := false
			_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
				switch {
				case r.Method == http.MethodPost:
					posted = true
					return created()
				case posted:
					return respond(503, "")()
				}
				return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
			})
			return c
		}
		_, _, err := outage(respond(502, "")).Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "the look failed too, and the create may have been made")
		require.ErrorIs(t, err, droplets.ErrServer)
		_, _, err = outage(respond(502, "")).Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b"))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)

		posts := 0
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				posts++
				return respond(202, `{"droplet":`)()
			}
			return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
		})
		_, _, err = c.Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 1, posts, "a 202 was taken, readable or not")
	})
}

func TestEnsureResultWithoutExactName(t *testing.T) {
	t.Parallel()
	answered := func(body string) *droplets.Client {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return respond(202, body)()
			}
			return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
		})
		return c
	}
	d, created, err := answered(`{"droplet":{"id":7,"name":"WEB-1"}}`).Droplets.Ensure(t.Context(), createRequest())
	require.NoError(t, err)
	assert.True(t, created)
	assert.Equal(t, int64(7), d.ID)

	all, _, err := answered(`{"droplets":[{"id":7,"name":"a"}]}`).Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b"))
	require.ErrorIs(t, err, droplets.ErrInvalidResponse)
	require.ErrorIs(t, err, droplets.ErrMaybeApplied)
	assert.Len(t, all, 1)
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*dropletstest.Fault{
		"in fair weather":                   nil,
		"answered 504 after it was made":    {Status: 504, Applied: true},
		"answered 504 and not made":         {Status: 504},
		"broken after it was made":          {Break: dropletstest.BreakAnswer, Applied: true},
		"broken before it arrived":          {Break: dropletstest.BreakAnswer},
		"answered with garbage, and made":   {Status: 200, Body: "<html>", Applied: true},
		"refused by the rate limit":         {Status: 429, Header: http.Header{"Retry-After": {"3"}}},
		"answered half, and made":           {Break: dropletstest.BreakBody},
		"made, but not visible for a while": {Status: 502, Applied: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 8 * time.Second}))
				if fault != nil {
					api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, *fault)
				}
				c := api.Client()
				d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
				require.NoError(t, err)
				assert.True(t, created)
				require.Len(t, api.Droplets(), 1)
				assert.Equal(t, api.Droplets()[0].ID, d.ID)
				<-time.After(time.Minute)
				again, created, err := c.Droplets.Ensure(t.Context(), createRequest())
				require.NoError(t, err)
				assert.False(t, created)
				assert.Equal(t, d.ID, again.ID)
				assert.Len(t, api.Droplets(), 1)
			})
		})
	}
}

func TestEnsureUncertain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(-1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 502})
		creates := func() (n int) {
			for _, r := range api.Requests() {
				if r.Operation == "droplets_create" {
					n++
				}
			}
			return n
		}
		_, _, err := api.Client().Droplets.Ensure(t.Context(), createRequest(), droplets.WithoutRetries())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 1, creates(), "without retries nothing is sent again")
		d, _, err := api.Client().Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Nil(t, d)
		assert.Equal(t, 1+4, creates())

		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		_, _, err = api.Client().Droplets.Ensure(ctx, createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestEnsureMultiple(t *testing.T) {
	t.Parallel()
	ten := strings.Split("a,b,c,d,e,f,g,h,i,j", ",")
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 5 * time.Second}))
		api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 504, Applied: true})
		all, created, err := api.Client().Droplets.EnsureMultiple(t.Context(), multiCreate(ten...))
		require.NoError(t, err)
		assert.Len(t, api.Droplets(), 10, "ten in the end, not twenty")
		assert.Len(t, created, 10)
		for i, d := range all {
			assert.Equal(t, ten[i], d.Name, "in the order asked")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		_, err := c.Droplets.CreateMultiple(t.Context(), multiCreate("c", "a"))
		require.NoError(t, err)
		all, created, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b", "c", "d"))
		require.NoError(t, err)
		assert.Len(t, all, 4)
		require.Len(t, created, 2)
		assert.Equal(t, []string{"b", "d"}, []string{created[0].Name, created[1].Name})
		assert.Len(t, api.Droplets(), 4)

		_, _, err = c.Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b", "a"))
		requireInvalid(t, err, "Names[2]")
		_, err = c.Droplets.Create(t.Context(), droplets.DropletCreateRequest{Name: "a", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")})
		require.NoError(t, err)
		_, _, err = c.Droplets.EnsureMultiple(t.Context(), multiCreate("x", "a"))
		require.ErrorAs(t, err, new(*droplets.AmbiguousNameError))
		assert.Len(t, api.Droplets(), 5, "nothing is created beside a name that is not clear")
	})
}
