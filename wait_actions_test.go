package droplets_test

import (
	"context"
	"fmt"
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

// powerCycle initiates an action on each of the first n Droplets.
func powerCycle(t *testing.T, api *dropletstest.API, n int) []droplets.Action {
	t.Helper()
	c := api.Client()
	var actions []droplets.Action
	for _, id := range idsOf(api.Droplets())[:n] {
		a, err := c.DropletActions.PowerCycle(t.Context(), id)
		require.NoError(t, err)
		actions = append(actions, *a)
	}
	return actions
}

func TestWaitForActionsRequestCount(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 10, 150, 200} {
		t.Run(itoa(int64(n)), func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(n), dropletstest.WithActionDuration(55*time.Second))
				actions := powerCycle(t, api, n)
				slices.Reverse(actions)
				before := len(api.Requests())
				start := time.Now()
				ended, err := api.Client().DropletActions.WaitForActions(t.Context(), actions...)
				require.NoError(t, err)
				assert.LessOrEqual(t, len(api.Requests())-before, 10)
				assert.LessOrEqual(t, time.Since(start), 65*time.Second)
				require.Len(t, ended, n)
				for i := range ended {
					assert.Equal(t, actions[i].ID, ended[i].ID, "in the order of the arguments")
					assert.Equal(t, droplets.ActionStatusCompleted, ended[i].Status)
				}
			})
		})
	}
}

func TestWaitForActionsWithoutTheScope(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(10*time.Second))
		api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403})
		c := api.Client()
		for range 2 {
			ended, err := c.DropletActions.WaitForActions(t.Context(), powerCycle(t, api, 3)...)
			require.NoError(t, err)
			require.Len(t, ended, 3)
			for _, a := range ended {
				assert.Equal(t, droplets.ActionStatusCompleted, a.Status)
			}
		}
		assert.Equal(t, 1, countRequests(api, "actions_list"), "the client does not request the list again")
	})
}

func TestWaitForActionsNotInTheList(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(300), dropletstest.WithActionDuration(5*time.Second))
		actions := powerCycle(t, api, 2)
		c := api.Client()
		for _, id := range idsOf(api.Droplets())[2:] {
			_, err := c.DropletActions.PowerCycle(t.Context(), id)
			require.NoError(t, err)
		}
		ended, err := c.DropletActions.WaitForActions(t.Context(), actions...)
		require.NoError(t, err)
		require.Len(t, ended, 2)
		for i, a := range ended {
			assert.Equal(t, actions[i].ID, a.ID)
			assert.Equal(t, droplets.ActionStatusCompleted, a.Status)
		}
	})
}

func TestWaitForActionsJoinsAllFailures(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(4), dropletstest.WithActionDuration(5*time.Second))
		api.FailNextAction()
		api.FailNextAction()
		actions := powerCycle(t, api, 4)
		ended, err := api.Client().DropletActions.WaitForActions(t.Context(), actions...)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		text := err.Error()
		assert.Equal(t, 2, strings.Count(text, " errored"))
		assert.NotContains(t, text, "\n")
		assert.Equal(t, []droplets.ActionStatus{"errored", "errored", "completed", "completed"},
			[]droplets.ActionStatus{ended[0].Status, ended[1].Status, ended[2].Status, ended[3].Status})

		again, err := api.Client().DropletActions.WaitForActions(t.Context(), append(ended, ended...)...)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		assert.Equal(t, 2, strings.Count(err.Error(), " errored"), "each failure is reported once")
		assert.Len(t, again, 8)
	})
}

func TestWaitForActionsContextDone(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(time.Hour))
		c := api.Client()
		fast := dropletstest.New(dropletstest.WithDroplets(1))
		done := powerCycle(t, fast, 1)
		ended, err := fast.Client().DropletActions.WaitForActions(t.Context(), done...)
		require.NoError(t, err)
		actions := powerCycle(t, api, 3)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got, err := c.DropletActions.WaitForActions(ctx, append(ended, actions[1:]...)...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Len(t, got, 3)
		assert.Equal(t, droplets.ActionStatusCompleted, got[0].Status)
		assert.Equal(t, droplets.ActionStatusInProgress, got[2].Status, "the last observed state")
		for _, a := range actions[1:] {
			assert.Contains(t, err.Error(), fmt.Sprint(a.ID))
		}
		assert.Contains(t, err.Error(), "2 of 3 actions, still running")
	})
}

func TestWaitForNoActions(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(500, "")))
		got, err := c.DropletActions.WaitForActions(t.Context())
		require.NoError(t, err)
		assert.Empty(t, got)
		got, err = c.DropletActions.WaitForActions(t.Context(), droplets.Action{ID: 7, Status: droplets.ActionStatusCompleted})
		require.NoError(t, err)
		assert.Equal(t, []droplets.Action{{ID: 7, Status: droplets.ActionStatusCompleted}}, got)
		_, err = c.DropletActions.WaitForActions(t.Context(), droplets.Action{})
		requireInvalid(t, err, "actions[0].ID")
		assert.Zero(t, a.count())
	})
}

func TestWaitForActionsOfTagAndCreate(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(30 * time.Second))
		c := api.Client()
		req := multiCreate("a", "b", "c")
		req.Tags = []string{"batch"}
		created, err := c.Droplets.CreateMultiple(t.Context(), req)
		require.NoError(t, err)
		ended, err := c.DropletActions.WaitForActions(t.Context(), created.PendingActions()...)
		require.NoError(t, err)
		assert.Equal(t, []int64{ended[0].ResourceID, ended[1].ResourceID, ended[2].ResourceID}, idsOf(created.Droplets))

		actions, err := c.DropletActions.InitiateByTag(t.Context(), "batch", droplets.PowerOffRequest{})
		require.NoError(t, err)
		_, err = c.DropletActions.WaitForActions(t.Context(), actions...)
		require.NoError(t, err)
		require.Len(t, api.Droplets(), 3)
		for _, d := range api.Droplets() {
			assert.Equal(t, droplets.DropletStatusOff, d.Status)
		}
	})
}

// TestErrorNamesTheFirstActions: the error of a wait whose context is done names up to ten actions that have not ended.
func TestErrorNamesTheFirstActions(t *testing.T) {
	t.Parallel()
	for count, end := range map[int]string{10: "", 11: ", and 1 more", 14: ", and 4 more"} {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithDroplets(count), dropletstest.WithActionDuration(time.Hour))
			actions := powerCycle(t, api, count)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			twice := slices.Concat(actions[:1], actions)
			_, err := api.Client().DropletActions.WaitForActions(ctx, twice...)
			var names []string
			for _, a := range actions[:10] {
				names = append(names, fmt.Sprintf("%d (power_cycle)", a.ID))
			}
			require.ErrorContains(t, err, fmt.Sprintf("%d of %d actions, still running: %s%s", count, count+1, strings.Join(names, ", "), end))
		})
	}
}

// TestFailuresOfAnActionAreCountedInARow: an action may be unreadable more often than the retry policy allows, if not in a row.
func TestFailuresOfAnActionAreCountedInARow(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(2*time.Minute))
		actions := powerCycle(t, api, 1)
		api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403, Body: scopeMissing})
		reads := 0
		api.Respond(-1, dropletstest.Match{Operation: "dropletActions_get", Func: func(*http.Request) bool { reads++; return reads%3 != 0 }},
			dropletstest.Fault{Status: 500})
		ended, err := api.Client(droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 2})).DropletActions.WaitForActions(t.Context(), actions...)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, ended[0].Status)
		assert.Greater(t, reads, 9)
	})
}

// TestA401EndsAWaitForActions: a token that is not valid is not valid for the other actions either.
func TestA401EndsAWaitForActions(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(time.Minute))
		actions := powerCycle(t, api, 3)
		api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403, Body: scopeMissing})
		api.Respond(-1, dropletstest.Match{Operation: "dropletActions_get"}, dropletstest.Fault{Status: 401})
		got, err := api.Client().DropletActions.WaitForActions(t.Context(), actions...)
		require.ErrorIs(t, err, droplets.ErrUnauthorized)
		assert.Len(t, got, 3)
		assert.Equal(t, 1, countRequests(api, "dropletActions_get"))
	})
}

// TestReadsOfAnActionThatFails: an action is read once more than the retry policy has retries, and then its error is a result.
func TestReadsOfAnActionThatFails(t *testing.T) {
	t.Parallel()
	for retries := range 3 {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithActionDuration(time.Hour))
			actions := powerCycle(t, api, 2)
			api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403, Body: scopeMissing})
			bad, reads := fmt.Sprintf("/actions/%d", actions[0].ID), 0
			api.Respond(-1, dropletstest.Match{Func: func(r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, bad) {
					return false
				}
				reads++
				return true
			}}, dropletstest.Fault{Status: 500})
			policy := droplets.RetryPolicy{MaxRetries: retries, MinDelay: time.Second}
			if retries == 0 {
				policy = droplets.RetryPolicy{}
			}
			_, err := api.Client(droplets.WithRetryPolicy(policy)).DropletActions.WaitForActions(t.Context(), actions...)
			require.ErrorIs(t, err, droplets.ErrServer)
			assert.Equal(t, retries+1, reads)
		})
	}
}

// TestActionsAreFoundAmongOthers: the pages of the list also have newer actions of others, and no action is read by itself.
func TestActionsAreFoundAmongOthers(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(5), dropletstest.WithActionDuration(30*time.Second))
		c := api.Client()
		var actions []droplets.Action
		for i, d := range api.Droplets() {
			a, err := c.DropletActions.Reboot(t.Context(), d.ID)
			require.NoError(t, err)
			if i%2 == 0 {
				actions = append(actions, *a)
			}
		}
		_, err := c.DropletActions.PowerCycle(t.Context(), api.AddDroplet(droplets.Droplet{}).ID)
		require.NoError(t, err)
		_, err = c.DropletActions.WaitForActions(t.Context(), actions...)
		require.NoError(t, err)
		assert.Zero(t, countRequests(api, "dropletActions_get"))
		assert.Greater(t, countRequests(api, "actions_list"), 2)
	})
}

// TestAnActionThatIsNotInTheList: after the last page the action is read by itself, and no further page is requested. The next round
// begins with the list again.
func TestAnActionThatIsNotInTheList(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/v2/actions") {
				return respond(200, `{"actions":[{"id":9,"status":"completed"}],"meta":{"total":1}}`)()
			}
			if n <= 2 {
				return respond(200, actionBody(7, "in-progress"))()
			}
			return respond(200, actionBody(7, "completed"))()
		})
		ended, err := c.DropletActions.WaitForActions(t.Context(), droplets.Action{ID: 7, ResourceID: 42, ResourceType: "droplet"})
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, ended[0].Status)
		assert.Equal(t, 4, a.count(), "the list and the action, twice")
	})
}

// TestFailuresAreJoinedWhenTheContextIsDone: the failure of one action is part of the error although another one has not ended.
func TestFailuresAreJoinedWhenTheContextIsDone(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithActionDuration(time.Hour))
		actions := powerCycle(t, api, 2)
		actions[0].Status = droplets.ActionStatusErrored
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := api.Client().DropletActions.WaitForActions(ctx, actions...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
	})
}

// TestWaitForAnActionOnTheFirstImage: every ID of at least 1 is in the path.
func TestWaitForAnActionOnTheFirstImage(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/v2/actions") {
				return respond(403, scopeMissing)()
			}
			return respond(200, `{"action":{"id":7,"status":"completed"}}`)()
		})
		_, err := c.DropletActions.WaitForActions(t.Context(), droplets.Action{ID: 7, ResourceID: 1, ResourceType: "image"})
		require.NoError(t, err)
		assert.Equal(t, "/v2/images/1/actions/7", a.last().Path)
	})
}

// TestAnActionThatIsWaitedForTwice has the same state at both positions of the result.
func TestAnActionThatIsWaitedForTwice(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithActionDuration(time.Minute))
		actions := powerCycle(t, api, 2)
		ended, err := api.Client().DropletActions.WaitForActions(t.Context(), actions[0], actions[1], actions[0])
		require.NoError(t, err)
		require.Len(t, ended, 3)
		assert.Equal(t, ended[0], ended[2])
		assert.Equal(t, droplets.ActionStatusCompleted, ended[2].Status)
	})
}

// TestPagesWithoutTheActions: after an action was found, as many pages without one are read as actions remain.
func TestPagesWithoutTheActions(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var pages []string
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/v2/actions") {
				return respond(200, actionBody(1, "completed"))()
			}
			page := r.URL.Query().Get("page")
			pages = append(pages, page)
			id := map[string]int{"1": 90, "2": 80, "3": 70, "4": 60}[page]
			return respond(200, fmt.Sprintf(`{"actions":[{"id":%d,"status":"completed"}],"links":{"pages":{"next":"https://x/?page=9"}},"meta":{"total":900}}`, id))()
		})
		_, err := c.DropletActions.WaitForActions(t.Context(), droplets.Action{ID: 80, ResourceID: 42, ResourceType: "droplet"},
			droplets.Action{ID: 1, ResourceID: 42, ResourceType: "droplet"})
		require.NoError(t, err)
		assert.Equal(t, []string{"1", "2", "3"}, pages)
	})
}
