package droplets_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestFindByName(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		for _, name := range []string{"web-1", "twin", "twin", "Web-1"} {
			req := createRequest()
			req.Name = name
			_, err := c.Droplets.Create(t.Context(), req)
			require.NoError(t, err)
		}
		gpu := createRequest()
		gpu.Name, gpu.Size, gpu.Region = "gpu-1", gpuSize(t, api), ""
		_, err := c.Droplets.CreateAndWait(t.Context(), gpu)
		require.NoError(t, err)

		for _, name := range []string{"web-1", "Web-1", "gpu-1"} {
			d, err := c.Droplets.FindByName(t.Context(), name)
			require.NoError(t, err)
			assert.Equal(t, name, d.Name)
		}
		_, err = c.Droplets.FindByName(t.Context(), "web")
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Equal(t, `droplets: no Droplet is named "web": not found`, err.Error())
		_, err = c.Droplets.FindByName(t.Context(), "twin")
		var ambiguous *droplets.AmbiguousNameError
		require.ErrorAs(t, err, &ambiguous)
		assert.Len(t, ambiguous.IDs, 2)
		_, err = c.Droplets.FindByName(t.Context(), " ")
		requireInvalid(t, err, "name")
	})
}

// gpuSize returns the slug of a size with GPUs.
func gpuSize(t *testing.T, api *dropletstest.API) string {
	t.Helper()
	c := api.Client()
	req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/sizes?per_page=200", nil)
	require.NoError(t, err)
	var sizes struct{ Sizes []droplets.Size }
	_, err = c.Do(req, &sizes)
	require.NoError(t, err)
	i := slices.IndexFunc(sizes.Sizes, func(s droplets.Size) bool { return s.GPUInfo != nil })
	require.GreaterOrEqual(t, i, 0)
	return sizes.Sizes[i].Slug
}

// TestIDsOfAnAmbiguousName are in ascending order.
func TestIDsOfAnAmbiguousName(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
		if r.URL.Query().Get("type") != "" {
			return respond(200, listBody(nil, 0, 1, 1))()
		}
		return respond(200, `{"droplets":[{"id":3,"name":"a"},{"id":1,"name":"a"},{"id":2,"name":"a"}],"meta":{"total":3}}`)()
	})
	require.EqualError(t, second(c.Droplets.FindByName(t.Context(), "a")), `droplets: 3 Droplets are named "a": [1 2 3]`)
}

// TestLookupTakesTheFewestRequests looks for two names in a list of Droplets and in an empty one of GPU Droplets. The first list is read
// completely if it has at most as many pages after the first one as there are names.
func TestLookupTakesTheFewestRequests(t *testing.T) {
	t.Parallel()
	for listed, requests := range map[int]int{0: 1, 200: 1, 201: 2, 600: 3, 601: 1 + 2} {
		virtualtime.Test(t, func(t *testing.T) {
			filtered := 0
			list := pages(upTo(listed)...)
			a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
				switch {
				case r.URL.Query().Get("type") != "":
					return respond(200, listBody(nil, 0, 1, 1))()
				case r.Method == http.MethodPost:
					return respond(422, `{"id":"unprocessable_entity","message":"no"}`)()
				case r.URL.Query().Get("name") != "":
					filtered++
					return respond(200, listBody(nil, 0, 1, 1))()
				}
				return list(n, r)
			})
			req := multiCreate("a", "b")
			_, _, err := c.Droplets.EnsureMultiple(t.Context(), req)
			require.ErrorIs(t, err, droplets.ErrUnprocessable)
			assert.Equal(t, requests+2, a.count(), "%d Droplets: the list, that of GPU Droplets and a create", listed)
			assert.Equal(t, listed > 600, filtered > 0)
		})
	}
}

// TestALookupThatIsForbidden ends with the first error.
func TestALookupThatIsForbidden(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(403, forbiddenBody)))
	req := multiCreate("a", "b")
	_, _, err := c.Droplets.EnsureMultiple(t.Context(), req)
	require.ErrorIs(t, err, droplets.ErrForbidden)
	assert.Equal(t, 1, a.count())
	_, created, err := c.Droplets.Ensure(t.Context(), createRequest())
	require.ErrorIs(t, err, droplets.ErrForbidden)
	assert.False(t, created)
	assert.Equal(t, 2, a.count())
}
