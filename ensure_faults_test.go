package droplets_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestEnsureUncertainDuringOutage(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		outage := func() *droplets.Client {
			_, c := ensureAPI(t, respond(502, ""), respond(503, ""))
			return c
		}
		_, _, err := outage().Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "the list failed too, and the create may have been applied")
		require.ErrorIs(t, err, droplets.ErrServer)
		_, _, err = outage().Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b"))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)

		a, c := ensureAPI(t, respond(202, `{"droplet":`), emptyList)
		_, _, err = c.Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		creates := slices.DeleteFunc(a.received(), func(r request) bool { return r.Method != http.MethodPost })
		assert.Len(t, creates, 1, "a create with a 202 response is not sent again")
	})
}

var emptyList = respond(200, `{"droplets":[],"meta":{"total":0}}`)

// ensureAPI returns a server without Droplets. It responds to creates with create, and to lists after the first create with
// list.
func ensureAPI(t *testing.T, create, list func() (*http.Response, error)) (*api, *droplets.Client) {
	t.Helper()
	created := false
	return newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
		switch {
		case r.Method == http.MethodPost:
			created = true
			return create()
		case created:
			return list()
		}
		return emptyList()
	})
}

func TestEnsureResultOfUnexpectedCreateResponse(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := ensureAPI(t, respond(202, `{"droplet":{"id":7,"name":"WEB-1"}}`), emptyList)
		d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.True(t, created)
		assert.Equal(t, int64(7), d.ID)

		_, c = ensureAPI(t, respond(202, `{"droplets":[{"id":7,"name":"a"}]}`), emptyList)
		all, _, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b"))
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Len(t, all, 1)
	})
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*dropletstest.Fault{
		"no fault":                       nil,
		"504, applied":                   {Status: 504, Applied: true},
		"504, not applied":               {Status: 504},
		"connection broken, applied":     {Break: dropletstest.BreakAnswer, Applied: true},
		"connection broken, not applied": {Break: dropletstest.BreakAnswer},
		"unreadable response, applied":   {Status: 200, Body: "<html>", Applied: true},
		"429":                            {Status: 429, Header: http.Header{"Retry-After": {"3"}}},
		"truncated response, applied":    {Break: dropletstest.BreakBody},
		"502, applied":                   {Status: 502, Applied: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
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
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(-1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 502})
		_, _, err := api.Client().Droplets.Ensure(t.Context(), createRequest(), droplets.WithoutRetries())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 1, countRequests(api, "droplets_create"), "without retries the create is sent once")
		d, _, err := api.Client().Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Nil(t, d)
		assert.Equal(t, 1+4, countRequests(api, "droplets_create"))

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
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 5 * time.Second}))
		api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 504, Applied: true})
		all, created, err := api.Client().Droplets.EnsureMultiple(t.Context(), multiCreate(ten...))
		require.NoError(t, err)
		assert.Len(t, api.Droplets(), 10, "no name is created twice")
		assert.Len(t, created, 10)
		require.Len(t, all, 10)
		for i, d := range all {
			assert.Equal(t, ten[i], d.Name, "in the order of the names")
		}
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		_, err := c.Droplets.CreateMultiple(t.Context(), multiCreate("c", "a"))
		require.NoError(t, err)
		all, created, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b", "c", "d"))
		require.NoError(t, err)
		require.Len(t, all, 4)
		for i, name := range []string{"a", "b", "c", "d"} {
			assert.Equal(t, name, all[i].Name)
		}
		require.Len(t, created, 2)
		assert.Equal(t, []string{"b", "d"}, []string{created[0].Name, created[1].Name})
		assert.Len(t, api.Droplets(), 4)

		_, _, err = c.Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b", "a"))
		requireInvalid(t, err, "Names[2]")
		_, err = c.Droplets.Create(t.Context(), droplets.DropletCreateRequest{Name: "a", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")})
		require.NoError(t, err)
		_, _, err = c.Droplets.EnsureMultiple(t.Context(), multiCreate("x", "a"))
		var ambiguous *droplets.AmbiguousNameError
		require.ErrorAs(t, err, &ambiguous)
		assert.Equal(t, "a", ambiguous.Name)
		assert.Len(t, ambiguous.IDs, 2)
		assert.Len(t, api.Droplets(), 5, "nothing is created if a name is ambiguous")
	})
}
