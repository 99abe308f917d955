package droplets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

const grace, waitGrace, createMemory = 30 * time.Second, time.Minute, 10 * time.Minute

// hidingAPI creates Droplets and never shows them. The n-th Droplet has the ID n and the create action 1000+n.
type hidingAPI struct {
	droplets  int
	listed    []string // Droplets in the lists, as JSON
	uncertain bool     // creates have no usable response
	requests  map[string]int
}

func newHidingAPI(t *testing.T) (*hidingAPI, *droplets.Client) {
	h := &hidingAPI{requests: make(map[string]int)}
	_, c := newAPI(t, h.handle)
	return h, c
}

func (h *hidingAPI) handle(_ int, r *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(r.URL.Path, testPrefix)
	h.requests[r.Method+" "+path]++
	switch {
	case r.Method == http.MethodPost && h.uncertain:
		return respond(502, "")()
	case r.Method == http.MethodPost && path == "/v2/droplets":
		return h.create(r)
	case r.Method == http.MethodPost:
		return respond(201, actionBody(7, "in-progress"))()
	case r.Method == http.MethodDelete && path == "/v2/droplets":
		return respond(204, "")()
	case path == "/v2/actions":
		return respond(403, forbiddenBody)()
	case path == "/v2/droplets" && r.URL.Query().Get("type") == "":
		return respond(200, fmt.Sprintf(`{"droplets":[%s],"meta":{"total":%d}}`, strings.Join(h.listed, ","), len(h.listed)))()
	case path == "/v2/droplets":
		return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
	}
	return respond(404, notFoundBody)()
}

func (h *hidingAPI) create(r *http.Request) (*http.Response, error) {
	var req struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	if err := json.NewDecoder(body).Decode(&req); err != nil {
		return nil, err
	}
	h.droplets++
	d := encode(map[string]any{"id": h.droplets, "name": req.Name, "status": "new", "tags": req.Tags})
	return respond(202, fmt.Sprintf(`{"droplet":%s,"links":{"actions":[{"id":%d,"rel":"create"}]}}`, d, 1000+h.droplets))()
}

// TestGraceOfADelete deletes a Droplet that the API never shows, some time after its create or after a wait for it.
func TestGraceOfADelete(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wait    bool // CreateAndWait creates the Droplet
		renamed bool
		at      time.Duration
		inGrace bool
	}{
		"at once":                               {at: 0, inGrace: true},
		"at the end of the grace":               {at: grace, inGrace: true},
		"after the grace":                       {at: grace + 1},
		"at the end of the grace after a wait":  {wait: true, at: waitGrace, inGrace: true},
		"after the grace that a wait has begun": {wait: true, at: waitGrace + 1},
		"after a rename":                        {renamed: true, at: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				h, c := newHidingAPI(t)
				start := time.Now()
				if tt.wait {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_, err := c.Droplets.CreateAndWait(ctx, createRequest())
					require.ErrorIs(t, err, context.DeadlineExceeded)
				} else {
					require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest())))
				}
				if tt.renamed {
					require.NoError(t, second(c.DropletActions.Rename(t.Context(), 1, droplets.RenameRequest{Name: "web-2"})))
				}
				<-time.After(time.Until(start.Add(tt.at)))
				err := c.Droplets.Delete(t.Context(), 1)
				if !tt.inGrace {
					require.ErrorIs(t, err, droplets.ErrNotFound)
					require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
					assert.Equal(t, 1, h.requests["DELETE /v2/droplets/1"])
					return
				}
				require.ErrorIs(t, err, droplets.ErrMaybeApplied)
				require.NotErrorIs(t, err, droplets.ErrNotFound)
				assert.Greater(t, h.requests["DELETE /v2/droplets/1"], 1)
				assert.Greater(t, time.Since(start), grace)
				assert.LessOrEqual(t, time.Since(start), max(tt.at, grace)+10*time.Second, "the last retry is a poll after the grace")
			})
		})
	}
}

// TestAWaitProvesTheDropletWhenItsActionCompletes: the grace after CreateAndWait begins again when the create action completes.
func TestAWaitProvesTheDropletWhenItsActionCompletes(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		h, _ := newHidingAPI(t)
		start := time.Now()
		var completed time.Duration
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/actions/") && time.Since(start) > 50*time.Second {
				completed = time.Since(start)
				return respond(200, `{"action":{"id":1001,"status":"completed","type":"create","resource_id":1,"resource_type":"droplet"}}`)()
			}
			return h.handle(n, r)
		})
		_, err := c.Droplets.CreateAndWait(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Greater(t, time.Since(start), completed+waitGrace)
		assert.LessOrEqual(t, time.Since(start), completed+waitGrace+10*time.Second)
	})
}

// TestACreateIsRemembered searches for a Droplet that the API never shows.
func TestACreateIsRemembered(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		tag   string // of DeleteByTag after the create
		at    time.Duration
		found bool
	}{
		"at the end":                   {at: createMemory, found: true},
		"after the end":                {at: createMemory + 1},
		"with another tag":             {tag: "db", at: createMemory, found: true},
		"deleted by tag in its grace":  {tag: "web", at: grace, found: true},
		"deleted by tag after that":    {tag: "web", at: grace + 1},
		"deleted by tag, at the start": {tag: "web", at: 0, found: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				h, c := newHidingAPI(t)
				req := createRequest()
				req.Tags = []string{"web", "eu"}
				require.NoError(t, second(c.Droplets.Create(t.Context(), req)))
				if tt.tag != "" {
					require.NoError(t, c.Droplets.DeleteByTag(t.Context(), tt.tag))
				}
				<-time.After(tt.at)
				d, err := c.Droplets.FindByName(t.Context(), "web-1")
				_, created, ensureErr := c.Droplets.Ensure(t.Context(), req)
				require.NoError(t, ensureErr)
				assert.Equal(t, !tt.found, created)
				if !tt.found {
					require.ErrorIs(t, err, droplets.ErrNotFound)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, int64(1), d.ID)
				assert.Equal(t, []string{"web", "eu"}, d.Tags)
				assert.Equal(t, 2, h.requests["GET /v2/droplets/1/actions/1001"], "one for each call")
			})
		})
	}
}

// TestAnUncertainCreateIsRemembered has two Droplets of a name after a create whose outcome is unknown.
func TestAnUncertainCreateIsRemembered(t *testing.T) {
	t.Parallel()
	for after, uncertain := range map[time.Duration]bool{0: true, createMemory: true, createMemory + 1: false} {
		virtualtime.Test(t, func(t *testing.T) {
			h, c := newHidingAPI(t)
			h.uncertain = true
			require.ErrorIs(t, second(c.Droplets.Create(t.Context(), createRequest())), droplets.ErrMaybeApplied)
			<-time.After(after)
			h.listed = []string{`{"id":5,"name":"web-1","status":"active"}`, `{"id":6,"name":"web-1","status":"active"}`}
			_, err := c.Droplets.FindByName(t.Context(), "web-1")
			var ambiguous *droplets.AmbiguousNameError
			require.ErrorAs(t, err, &ambiguous)
			assert.Equal(t, uncertain, ambiguous.Uncertain, "after %s", after)
		})
	}
}

// TestRecordsAreRemoved counts what a client remembers. Old records are removed when 64 have been added, and then each time when
// their number has doubled.
func TestRecordsAreRemoved(t *testing.T) {
	t.Parallel()
	one := func(int) string { return "web-1" }
	each := func(i int) string { return fmt.Sprintf("web-%d", i) }
	for name, tt := range map[string]struct {
		creates   int
		name      func(i int) string
		uncertain bool
		then      time.Duration // until one more create
		want      int
	}{
		"62 Droplets of a name":              {creates: 62, name: one, then: createMemory + 1, want: 64},
		"63 Droplets of a name":              {creates: 63, name: one, then: createMemory + 1, want: 2},
		"63 Droplets of a name, not too old": {creates: 63, name: one, then: createMemory, want: 65},
		"126 Droplets of a name":             {creates: 126, name: one, then: createMemory + 1, want: 128},
		"127 Droplets of a name":             {creates: 127, name: one, then: createMemory + 1, want: 2},
		"31 names":                           {creates: 31, name: each, then: createMemory + 1, want: 64},
		"32 names":                           {creates: 32, name: each, then: createMemory + 1, want: 2},
		"32 names, not too old":              {creates: 32, name: each, then: createMemory, want: 66},
		"62 names of uncertain creates":      {creates: 62, name: each, uncertain: true, then: createMemory + 1, want: 64},
		"63 names of uncertain creates":      {creates: 63, name: each, uncertain: true, then: createMemory + 1, want: 2},
		"63 such names, not too old":         {creates: 63, name: each, uncertain: true, then: createMemory, want: 65},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				h, c := newHidingAPI(t)
				h.uncertain = tt.uncertain
				for i := range tt.creates {
					err := second(c.Droplets.Create(t.Context(), createdNamed(tt.name(i+2))))
					require.Equal(t, tt.uncertain, err != nil)
				}
				<-time.After(tt.then)
				h.uncertain = false
				require.NoError(t, second(c.Droplets.Create(t.Context(), createdNamed("web-1"))))
				assert.Equal(t, tt.want, droplets.RememberedCreates(c))
			})
		})
	}
}

// TestDeletesAndRenamesAreRemembered has records that are needed although there is no create.
func TestDeletesAndRenamesAreRemembered(t *testing.T) {
	t.Parallel()
	for after, remembered := range map[time.Duration]bool{createMemory: true, createMemory + 1: false} {
		virtualtime.Test(t, func(t *testing.T) {
			h, _ := newHidingAPI(t)
			_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodDelete {
					return respond(204, "")()
				}
				return h.handle(n, r)
			})
			h.listed = []string{`{"id":500,"name":"gone","status":"active"}`, `{"id":501,"name":"old","status":"active"}`}
			require.NoError(t, c.Droplets.Delete(t.Context(), 500))
			require.NoError(t, second(c.DropletActions.Rename(t.Context(), 501, droplets.RenameRequest{Name: "fresh"})))
			<-time.After(after)
			for i := range 64 { // adds enough records for a removal of old ones
				require.NoError(t, second(c.Droplets.Create(t.Context(), createdNamed(fmt.Sprintf("other-%d", i)))))
			}
			_, err := c.Droplets.FindByName(t.Context(), "gone")
			if remembered {
				require.ErrorIs(t, err, droplets.ErrNotFound, "this client has deleted it")
			} else {
				require.NoError(t, err)
			}
			reads := h.requests["GET /v2/droplets/501"]
			_, err = c.Droplets.FindByName(t.Context(), "fresh")
			require.ErrorIs(t, err, droplets.ErrNotFound)
			assert.Equal(t, remembered, h.requests["GET /v2/droplets/501"] > reads)
		})
	}
}

// TestNamesInTheErrorOfAWait: the error of a call that waits for another create names at most ten Droplets.
func TestNamesInTheErrorOfAWait(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		names int
		want  string
	}{{1, `create of ["web-1"] by`}, {10, `"web-9" "web-10"] by`}, {11, `"web-9" "web-10"] and 1 more by`}, {12, `"web-9" "web-10"] and 2 more by`}} {
		virtualtime.Test(t, func(t *testing.T) {
			hold := make(chan struct{})
			_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost {
					<-hold
					return respond(422, `{"id":"unprocessable_entity","message":"no"}`)()
				}
				return respond(200, `{"droplets":[],"meta":{"total":0}}`)()
			})
			var names []string
			for i := range tt.names {
				names = append(names, fmt.Sprintf("web-%d", i+1))
			}
			done := make(chan error, 1)
			go func() {
				_, _, err := c.Droplets.EnsureMultiple(t.Context(), multiCreate(names...))
				done <- err
			}()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, _, err := c.Droplets.EnsureMultiple(ctx, multiCreate(names...))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorContains(t, err, tt.want)
			close(hold)
			require.ErrorIs(t, <-done, droplets.ErrUnprocessable)
		})
	}
}

// TestEachRememberedDropletOfANameIsRead has two Droplets of a name, of which the lists show only the first.
func TestEachRememberedDropletOfANameIsRead(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		h, c := newHidingAPI(t)
		for range 2 {
			require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest())))
		}
		h.listed = []string{`{"id":1,"name":"web-1"}`}
		var ambiguous *droplets.AmbiguousNameError
		require.ErrorAs(t, second(c.Droplets.FindByName(t.Context(), "web-1")), &ambiguous)
		assert.Equal(t, []int64{1, 2}, ambiguous.IDs)
	})
}

// TestARememberedDropletThatCannotBeRead: the error of reading a Droplet that the lists do not show, or of reading its create action,
// is returned, and no second Droplet is created.
func TestARememberedDropletThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v2/droplets/1", "/v2/droplets/1/actions/1001"} {
		virtualtime.Test(t, func(t *testing.T) {
			h, _ := newHidingAPI(t)
			a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
				if r.URL.Path == testPrefix+path {
					return respond(403, forbiddenBody)()
				}
				return h.handle(n, r)
			})
			require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest())))
			_, created, err := c.Droplets.Ensure(t.Context(), createRequest())
			require.ErrorIs(t, err, droplets.ErrForbidden)
			assert.False(t, created)
			assert.Equal(t, 1, h.droplets)
			assert.Equal(t, http.MethodGet, a.last().Method)
		})
	}
}

// TestTwoCreatesDuringAnEnsure: Create does not wait for other creates of the name, so that Ensure can find two Droplets after it
// has waited for them.
func TestTwoCreatesDuringAnEnsure(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		h, _ := newHidingAPI(t)
		var mu sync.Mutex
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				<-time.After(5 * time.Second)
			}
			mu.Lock()
			defer mu.Unlock()
			return h.handle(n, r)
		})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { assert.NoError(t, second(c.Droplets.Create(t.Context(), createRequest()))) })
		}
		<-time.After(time.Second)
		_, _, err := c.Droplets.Ensure(t.Context(), createRequest())
		wg.Wait()
		var ambiguous *droplets.AmbiguousNameError
		require.ErrorAs(t, err, &ambiguous)
		assert.ElementsMatch(t, []int64{1, 2}, ambiguous.IDs)
		assert.Equal(t, 2, h.droplets)
	})
}

// TestACreateWithoutAnActionIsRemembered: without the create action, a Droplet that the API does not show yet counts as existing.
func TestACreateWithoutAnActionIsRemembered(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		h, _ := newHidingAPI(t)
		creates := 0
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				creates++
				return respond(202, `{"droplet":{"id":1,"name":"web-1","status":"new"},"links":{}}`)()
			}
			return h.handle(n, r)
		})
		require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest())))
		for range 2 {
			d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
			require.NoError(t, err)
			assert.False(t, created)
			assert.Equal(t, int64(1), d.ID)
		}
		assert.Equal(t, 1, creates)
	})
}

// TestARememberedDropletIsRead: the response to the create is not used for a Droplet that was created before the call.
func TestARememberedDropletIsRead(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		h, c := newHidingAPI(t)
		require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest())))
		d, err := c.Droplets.FindByName(t.Context(), "web-1")
		require.NoError(t, err)
		assert.Equal(t, int64(1), d.ID)
		assert.Equal(t, 1, h.requests["GET /v2/droplets/1"])
	})
}
