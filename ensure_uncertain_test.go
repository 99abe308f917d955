package droplets_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
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

// TestEnsureStaysUncertain: a create that was uncertain once stays uncertain, however the create after it ends. The Droplet of
// the first one may appear and be billed.
func TestEnsureStaysUncertain(t *testing.T) {
	t.Parallel()
	no := `{"id":"x","message":"no"}`
	tests := map[string]struct {
		second func() (*http.Response, error)
		list   func() (*http.Response, error) // the lists after the second create; nil for an empty one
		end    time.Duration                  // of the context, after the second create; 0 for none
		kind   error
	}{
		"400":                        {second: respond(400, no)},
		"401":                        {second: respond(401, no), kind: droplets.ErrUnauthorized},
		"403":                        {second: respond(403, no), kind: droplets.ErrForbidden},
		"404":                        {second: respond(404, no), kind: droplets.ErrNotFound},
		"404 of a proxy":             {second: respond(404, "<html>"), kind: droplets.ErrInvalidResponse},
		"409":                        {second: respond(409, no), kind: droplets.ErrConflict},
		"422":                        {second: respond(422, no), kind: droplets.ErrUnprocessable},
		"429 without a delay":        {second: respond(429, no), kind: droplets.ErrRateLimited},
		"429 above MaxRetryAfter":    {second: respond(429, no, "Retry-After: 3600"), kind: droplets.ErrRateLimited},
		"429 above the deadline":     {second: respond(429, no, "Retry-After: 30"), end: 10 * time.Second, kind: context.DeadlineExceeded},
		"no connection":              {second: failWith(errDial), kind: errDial},
		"no connection, and no time": {second: failWith(errDial), end: time.Millisecond, kind: errDial},
		"the outcome is unknown":     {second: respond(502, no), kind: droplets.ErrServer},
		"an invalid response":        {second: respond(202, "<html>"), kind: droplets.ErrInvalidResponse},
		"the search is rejected":     {second: respond(502, no), list: respond(401, no), kind: droplets.ErrUnauthorized},
		"the search fails":           {second: respond(502, no), list: respond(503, no), kind: droplets.ErrServer},
		"the search is canceled":     {second: respond(502, no), end: 5 * time.Second, kind: context.DeadlineExceeded},
	}
	methods := map[string]func(context.Context, *droplets.Client) (bool, error){
		"Ensure": func(ctx context.Context, c *droplets.Client) (bool, error) {
			d, created, err := c.Droplets.Ensure(ctx, createRequest())
			return d != nil || created, err
		},
		"EnsureMultiple": func(ctx context.Context, c *droplets.Client) (bool, error) {
			all, created, err := c.Droplets.EnsureMultiple(ctx, multiCreate(names("web", 11)...))
			return len(all)+len(created) > 0, err
		},
		"EnsureAndWait": func(ctx context.Context, c *droplets.Client) (bool, error) {
			d, created, err := c.Droplets.EnsureAndWait(ctx, createRequest())
			return d != nil || created, err
		},
	}
	for name, tt := range tests {
		for method, ensure := range methods {
			t.Run(method+"/"+name, func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					posted := 0
					_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
						switch {
						case r.Method == http.MethodPost && posted == 0:
							posted++
							return respond(502, no)()
						case r.Method == http.MethodPost:
							posted++
							return tt.second()
						case posted > 1 && tt.list != nil:
							return tt.list()
						}
						return emptyList()
					})
					if tt.end > 0 { // the search after the first create takes one minute
						var stop context.CancelFunc
						ctx, stop = context.WithTimeout(ctx, time.Minute+tt.end)
						defer stop()
					}
					known, err := ensure(ctx, c)
					require.ErrorIs(t, err, droplets.ErrMaybeApplied)
					if tt.kind != nil {
						require.ErrorIs(t, err, tt.kind)
					}
					requireOneLine(t, err)
					assert.False(t, known, "nothing is known to exist")
					assert.GreaterOrEqual(t, posted, 2)
				})
			})
		}
	}
}

// TestASearchEndsWhenAllNamesWereFound: the Droplets of an uncertain create appear one after the other.
func TestASearchEndsWhenAllNamesWereFound(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var created time.Time
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				created = time.Now()
				return respond(502, "")()
			}
			var visible []int64
			if !created.IsZero() && r.URL.Query().Get("type") == "" {
				visible = upTo(min(2, int(time.Since(created)/(8*time.Second))))
			}
			return respond(200, listBody(visible, len(visible), 1, 1))()
		})
		req := multiCreate("web-1", "web-2")
		all, _, err := c.Droplets.EnsureMultiple(t.Context(), req)
		require.NoError(t, err)
		assert.Len(t, all, 2)
		assert.Less(t, time.Since(created), 40*time.Second, "the second one appears after 16 seconds")
	})
}

// TestASearchThatIsForbidden ends at once, with both errors.
func TestASearchThatIsForbidden(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var sent time.Time
		a, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPost:
				sent = time.Now()
				return respond(502, "")()
			case !sent.IsZero():
				return respond(403, forbiddenBody)()
			}
			return respond(200, listBody(nil, 0, 1, 1))()
		})
		_, _, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrForbidden)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Less(t, time.Since(sent), 10*time.Second)
		assert.Equal(t, http.MethodGet, a.last().Method)
	})
}

// TestADropletOfAnUncertainCreateIsRemembered: a search has found it, and then the lists do not show it any more.
func TestADropletOfAnUncertainCreateIsRemembered(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		creates, hidden, gone := 0, false, false
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPost && gone:
				return respond(202, createdBody(2))()
			case r.Method == http.MethodPost:
				creates++
				return respond(502, "")()
			case strings.HasSuffix(r.URL.Path, "/droplets/1") && gone:
				return respond(404, notFoundBody)()
			case strings.HasSuffix(r.URL.Path, "/droplets/1"):
				return respond(200, dropletBody(1))()
			case creates == 0 || hidden || r.URL.Query().Get("type") != "":
				return respond(200, listBody(nil, 0, 1, 1))()
			}
			return respond(200, listBody(upTo(1), 1, 1, 1))()
		})
		d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.True(t, created)
		hidden = true
		again, created, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.False(t, created)
		assert.Equal(t, d.ID, again.ID)
		assert.Equal(t, 1, creates)

		gone = true
		again, created, err = c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.True(t, created, "the API has shown it, so that a 404 means that it is gone")
		assert.Equal(t, int64(2), again.ID)
	})
}

// TestAResponseWithoutTheNames has one Droplet with another name for two names: it is neither of them.
func TestAResponseWithoutTheNames(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return respond(202, `{"droplets":[{"id":1,"name":"other"}],"links":{}}`)()
			}
			return respond(200, listBody(nil, 0, 1, 1))()
		})
		req := multiCreate("web-1", "web-2")
		all, created, err := c.Droplets.EnsureMultiple(t.Context(), req)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
		assert.ErrorContains(t, err, `responded with 1 Droplets, without ["web-1" "web-2"]`)
		require.Len(t, all, 1)
		assert.Equal(t, "other", all[0].Name)
		assert.Equal(t, all, created)

		start := time.Now()
		_, _, err = c.Droplets.EnsureMultiple(t.Context(), req)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.GreaterOrEqual(t, time.Since(start), 50*time.Second, "the names are uncertain, so that it searches first")
	})
}
