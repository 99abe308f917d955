package droplets_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestEnsureMultipleMatchesByName(t *testing.T) {
	t.Parallel()
	respondWith := func(names ...string) (*api, *droplets.Client) {
		return newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodPost {
				return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
			}
			body := `{"droplets":[`
			for i, name := range names {
				if i > 0 {
					body += ","
				}
				body += fmt.Sprintf(`{"id":%d,"name":%q,"status":"new"}`, i+1, name)
			}
			return respond(202, body+`]}`)()
		})
	}
	for name, tt := range map[string]struct {
		response, all []string
		fails         bool
	}{
		"in order":                {[]string{"a", "b", "c"}, []string{"a", "b", "c"}, false},
		"in another order":        {[]string{"c", "a", "b"}, []string{"a", "b", "c"}, false},
		"in another case":         {[]string{"B", "A", "C"}, []string{"A", "B", "C"}, false},
		"the first is missing":    {[]string{"b", "c"}, []string{"b", "c"}, true},
		"one is not known":        {[]string{"x", "c", "b"}, []string{"x", "b", "c"}, false},
		"two are not known":       {[]string{"x", "y", "b"}, []string{"b", "x", "y"}, true},
		"one more than requested": {[]string{"a", "b", "c", "d"}, []string{"a", "b", "c", "d"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			a, c := respondWith(tt.response...)
			all, created, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate("a", "b", "c"))
			var got []string
			for _, d := range all {
				got = append(got, d.Name)
			}
			assert.Equal(t, tt.all, got)
			assert.Equal(t, all, created)
			if tt.fails {
				require.ErrorIs(t, err, droplets.ErrInvalidResponse)
				require.ErrorIs(t, err, droplets.ErrMaybeApplied)
			} else {
				require.NoError(t, err)
			}
			posts := 0
			for _, r := range a.received() {
				if r.Method == http.MethodPost {
					posts++
				}
			}
			assert.Equal(t, 1, posts)
		})
	}
}

func TestEnsureMultipleTakesAnyNumber(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDropletLimit(25))
		c := api.Client()
		all, created, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate(names("web", 23)...))
		require.NoError(t, err)
		assert.Len(t, all, 23)
		assert.Len(t, created, 23)
		assert.Equal(t, 3, operationsSent(api)["droplets_create"])

		all, created, err = c.Droplets.EnsureMultiple(t.Context(), multiCreate(append(names("web", 23), names("db", 30)...)...))
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		assert.Len(t, all, 23)
		assert.Empty(t, created)
		assert.Equal(t, 4, operationsSent(api)["droplets_create"], "no create after the one that failed")
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDropletLimit(15))
		all, created, err := api.Client().Droplets.EnsureMultiple(t.Context(), multiCreate(names("web", 30)...))
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		assert.Len(t, all, 10)
		assert.Len(t, created, 10)
		assert.Len(t, api.Droplets(), 10)
	})
}

// TestNamesAreLookedUpCheaply counts the requests before the create.
func TestNamesAreLookedUpCheaply(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ account, names, most int }{
		{0, 1, 2}, {0, 10, 2}, {400, 1, 2}, {400, 2, 3}, {400, 10, 3}, {2000, 10, 11}, {2000, 5, 7}, {5000, 10, 12},
	} {
		t.Run(fmt.Sprintf("%d of %d", tt.names, tt.account), func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(tt.account))
				_, created, err := api.Client().Droplets.EnsureMultiple(t.Context(), multiCreate(names("web", tt.names)...))
				require.NoError(t, err)
				assert.Len(t, created, tt.names)
				lists := operationsSent(api)["droplets_list"]
				assert.LessOrEqual(t, lists, tt.most)
				assert.LessOrEqual(t, lists, 1+max(1, (tt.account+199)/200), "the account is one list of GPU Droplets and one of the others")
			})
		})
	}
}

// TestLookupFindsEveryDroplet compares both ways of looking up names.
func TestLookupFindsEveryDroplet(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(900))
		c := api.Client()
		gpu := createRequest()
		gpu.Name, gpu.Size, gpu.Region = "gpu-1", gpuSize(t, api), ""
		_, err := c.Droplets.CreateAndWait(t.Context(), gpu)
		require.NoError(t, err)
		var all []string
		for _, d := range api.Droplets() {
			all = append(all, d.Name)
		}
		slices.Reverse(all)
		for _, names := range [][]string{all, all[:1], all[:2], all[:3], all[450:452], all[880:]} {
			found, created, err := api.Client().Droplets.EnsureMultiple(t.Context(), multiCreate(names...))
			require.NoError(t, err)
			assert.Empty(t, created)
			for i, d := range found {
				assert.Equal(t, names[i], d.Name)
			}
		}
	})
}
