package droplets_test

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// busiestMinute returns the largest number of requests in a minute.
func busiestMinute(requests []dropletstest.Request) (most int) {
	oldest := 0
	for i, r := range requests {
		for r.Time.Sub(requests[oldest].Time) > time.Minute {
			oldest++
		}
		most = max(most, i-oldest+1)
	}
	return most
}

const scopeMissing = `{"id":"forbidden","message":"You are not authorized to perform this operation"}`

func TestWaitForActionsSendsAtMost60RequestsAMinute(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		actions, newer int
		forbidden      bool
		lasts          time.Duration
		most           time.Duration // all actions are seen to have ended within this time
		requests       int
	}{
		"40 without the scope":          {actions: 40, forbidden: true, lasts: 55 * time.Second, most: 4 * time.Minute, requests: 200},
		"150 without the scope":         {actions: 150, forbidden: true, lasts: 55 * time.Second, most: 10 * time.Minute, requests: 500},
		"500 without the scope":         {actions: 500, forbidden: true, lasts: 55 * time.Second, most: 25 * time.Minute, requests: 1200},
		"150 behind 200 newer":          {actions: 150, newer: 200, lasts: 20 * time.Minute, most: 21 * time.Minute, requests: 300},
		"150 behind 2000 newer":         {actions: 150, newer: 2000, lasts: 10 * time.Minute, most: 11 * time.Minute, requests: 300},
		"one behind 2000 newer":         {actions: 1, newer: 2000, lasts: 10 * time.Minute, most: 11 * time.Minute, requests: 75},
		"10000":                         {actions: 10000, lasts: 5 * time.Minute, most: 8 * time.Minute, requests: 450},
		"10000 behind 2000 newer":       {actions: 10000, newer: 2000, lasts: 5 * time.Minute, most: 8 * time.Minute, requests: 450},
		"one, polled as fast as can be": {actions: 1, lasts: time.Minute, most: 70 * time.Second, requests: 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(tt.actions+tt.newer), dropletstest.WithActionDuration(tt.lasts))
				actions := powerCycle(t, api, tt.actions)
				c := api.Client()
				for _, id := range idsOf(api.Droplets())[tt.actions:] {
					_, err := c.DropletActions.PowerCycle(t.Context(), id)
					require.NoError(t, err)
				}
				if tt.forbidden {
					api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403, Body: scopeMissing})
				}
				before := len(api.Requests())
				start := time.Now()
				ended, err := c.DropletActions.WaitForActions(t.Context(), actions...)
				require.NoError(t, err)
				require.Len(t, ended, tt.actions)
				for i := range ended {
					require.Equal(t, actions[i].ID, ended[i].ID)
					require.Equal(t, droplets.ActionStatusCompleted, ended[i].Status)
				}
				requests := api.Requests()[before:]
				assert.LessOrEqual(t, busiestMinute(requests), 60)
				assert.LessOrEqual(t, time.Since(start), tt.most)
				assert.LessOrEqual(t, len(requests), tt.requests)
				t.Logf("%d requests in %s, at most %d in a minute", len(requests), time.Since(start), busiestMinute(requests))
			})
		})
	}
}

func TestAnActionThatCannotBeReadDoesNotDelayTheOthers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]dropletstest.Fault{"500": {Status: 500}, "a proxy's 403": {Status: 403, Body: "<html>no</html>"}, "garbage": {Status: 200, Body: "<html>"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(5), dropletstest.WithActionDuration(10*time.Second))
				actions := powerCycle(t, api, 5)
				api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403, Body: scopeMissing})
				bad := fmt.Sprintf("/actions/%d", actions[0].ID)
				api.Respond(-1, dropletstest.Match{Func: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, bad) }}, fault)
				start := time.Now()
				ended, err := api.Client().DropletActions.WaitForActions(t.Context(), actions...)
				var e *droplets.Error
				require.ErrorAs(t, err, &e)
				assert.Contains(t, e.Path, bad)
				require.Len(t, ended, 5)
				assert.Equal(t, droplets.ActionStatusInProgress, ended[0].Status)
				for _, a := range ended[1:] {
					assert.Equal(t, droplets.ActionStatusCompleted, a.Status)
				}
				assert.LessOrEqual(t, time.Since(start), 40*time.Second)
			})
		})
	}
}

func TestA403ForTheListIsRememberedForTenMinutes(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(10*time.Second))
		var lists atomic.Int64
		api.Respond(-1, dropletstest.Match{Operation: "actions_list", Func: func(*http.Request) bool { lists.Add(1); return true }},
			dropletstest.Fault{Status: 403, Body: scopeMissing})
		c := api.Client()
		wait := func() {
			_, err := c.DropletActions.WaitForActions(t.Context(), powerCycle(t, api, 3)...)
			require.NoError(t, err)
		}
		wait()
		wait()
		assert.EqualValues(t, 1, lists.Load())
		<-time.After(9 * time.Minute)
		wait()
		assert.EqualValues(t, 1, lists.Load())
		<-time.After(time.Minute)
		wait()
		assert.EqualValues(t, 2, lists.Load())
	})
	virtualtime.Test(t, func(t *testing.T) { // after the page of a proxy, the list is requested again
		api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(20*time.Second))
		actions := powerCycle(t, api, 3)
		before := len(api.Requests())
		api.Respond(2, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403, Body: "<html>blocked</html>"})
		_, err := api.Client().DropletActions.WaitForActions(t.Context(), actions...)
		require.NoError(t, err)
		require.Greater(t, len(api.Requests()), before+2, "the list is requested after the 403")
		for _, r := range api.Requests()[before:] {
			assert.Equal(t, "actions_list", r.Operation)
		}
	})
}

func TestErrorsOfManyActionsAreShort(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		actions := make([]droplets.Action, 20_000)
		for i := range actions {
			actions[i] = droplets.Action{ID: int64(i + 1), Type: droplets.ActionTypeSnapshot, ResourceID: int64(i + 1), ResourceType: "droplet"}
			if i%2 == 1 {
				actions[i].Status = droplets.ActionStatusErrored
			}
		}
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Query().Has("page") {
				return respond(200, `{"actions":[],"meta":{"total":0}}`)()
			}
			id, err := strconv.ParseInt(path.Base(r.URL.Path), 10, 64)
			if !assert.NoError(t, err) {
				return nil, err
			}
			return respond(200, actionBody(id, "in-progress"))()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got, err := c.DropletActions.WaitForActions(ctx, actions...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		assert.Less(t, len(err.Error()), 4096)
		assert.Contains(t, err.Error(), "10000 of 20000 actions, still running: 1 (")
		assert.Contains(t, err.Error(), "more")
		assert.Len(t, got, 20_000)
	})
}

// actionsPages is an API with many running actions, the newest first.
func actionsPages(total int) func(int, *http.Request) (*http.Response, error) {
	bodies := make(map[string]string)
	for page := range total / 200 {
		var items []string
		for i := range 200 {
			id := total - page*200 - i
			items = append(items, fmt.Sprintf(`{"id":%d,"status":"in-progress","type":"snapshot","started_at":"2026-11-21T10:00:00Z","resource_id":%d,"resource_type":"droplet","region_slug":"nyc3"}`, id, id))
		}
		bodies[fmt.Sprint(page+1)] = fmt.Sprintf(`{"actions":[%s],"meta":{"total":%d},"links":{}}`, strings.Join(items, ","), total)
	}
	return func(_ int, r *http.Request) (*http.Response, error) {
		return respond(200, bodies[r.URL.Query().Get("page")])()
	}
}

// BenchmarkPollOf20000Actions measures the first poll of a wait, the start of the wait included.
func BenchmarkPollOf20000Actions(b *testing.B) {
	actions := make([]droplets.Action, 20_000)
	for i := range actions {
		actions[i] = droplets.Action{ID: int64(i + 1), Type: droplets.ActionTypeSnapshot, ResourceID: int64(i + 1), ResourceType: "droplet"}
	}
	a, c := newAPI(b, actionsPages(len(actions)))
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		go func(from int) {
			for a.count() < from+8 {
				runtime.Gosched()
			}
			cancel()
		}(a.count())
		_, err := c.DropletActions.WaitForActions(ctx, actions...)
		require.ErrorIs(b, err, context.Canceled)
	}
}
