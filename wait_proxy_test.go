package droplets_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

const proxyPage = "<html>blocked</html>"

// TestWaitForActionsToleratesAProxysPage: the token lacks the scope for the list, and a proxy responds to consecutive requests
// for the only action.
func TestWaitForActionsToleratesAProxysPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pages    int // of the proxy, in a row
		client   []droplets.Option
		gaveUp   bool
		requests int
	}{
		"one page":        {pages: 1, requests: 4},
		"three pages":     {pages: 3, requests: 6},
		"four pages":      {pages: 4, gaveUp: true, requests: 6},
		"without retries": {pages: 1, client: []droplets.Option{droplets.WithRetryPolicy(droplets.RetryPolicy{})}, gaveUp: true, requests: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
					switch {
					case n == 1:
						return respond(403, scopeMissing)()
					case n == 2:
						return respond(200, actionBody(7, "in-progress"))()
					case n <= 2+tt.pages:
						return respond(403, proxyPage)()
					}
					return respond(200, actionBody(7, "completed"))()
				}, tt.client...)
				ended, err := c.DropletActions.WaitForActions(t.Context(), droplets.Action{ID: 7, ResourceID: 42, ResourceType: "droplet"})
				require.Len(t, ended, 1)
				assert.Equal(t, tt.requests, a.count())
				if tt.gaveUp {
					require.ErrorIs(t, err, droplets.ErrInvalidResponse)
					require.NotErrorIs(t, err, droplets.ErrForbidden)
					assert.Equal(t, droplets.ActionStatusInProgress, ended[0].Status)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, droplets.ActionStatusCompleted, ended[0].Status)
			})
		})
	}
}

// TestAProxysPageForEveryActionEndsTheWait: as many polls in a row may fail as the policy has retries, whatever the number of
// actions.
func TestAProxysPageForEveryActionEndsTheWait(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(403, scopeMissing), respond(403, proxyPage)))
		actions := make([]droplets.Action, 150)
		for i := range actions {
			actions[i] = droplets.Action{ID: int64(i + 1), ResourceID: 42, ResourceType: "droplet"}
		}
		ended, err := c.DropletActions.WaitForActions(t.Context(), actions...)
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
		assert.Len(t, ended, 150)
		assert.Equal(t, 8+4*8, a.count(), "the poll that learns about the list, and four polls that fail")
	})
}

// TestAProxysPageEndsTheOtherWaiters: a page of a proxy is an invalid response. It does not mean that something is gone.
func TestAProxysPageEndsTheOtherWaiters(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(context.Context, *droplets.Client) error{
		"WaitFor": func(ctx context.Context, c *droplets.Client) error {
			return second(c.Droplets.WaitFor(ctx, 42, droplets.IsOff))
		},
		"WaitForAction": func(ctx context.Context, c *droplets.Client) error {
			return second(c.DropletActions.WaitForAction(ctx, 42, 7))
		},
		"WaitForDeleted": func(ctx context.Context, c *droplets.Client) error {
			return c.Droplets.WaitForDeleted(ctx, 42)
		},
		"WaitForDestroy": func(ctx context.Context, c *droplets.Client) error {
			return second(c.AssociatedResources.WaitForDestroy(ctx, 42))
		},
	} {
		for _, status := range []int{403, 404} {
			t.Run(fmt.Sprintf("%s, %d", name, status), func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					a, c := newAPI(t, sequence(respond(status, proxyPage)))
					err := wait(t.Context(), c)
					require.ErrorIs(t, err, droplets.ErrInvalidResponse)
					require.NotErrorIs(t, err, droplets.ErrNotFound)
					require.NotErrorIs(t, err, droplets.ErrForbidden)
					assert.Equal(t, 1, a.count())
				})
			})
		}
	}
}

// TestTheLastActionThatCannotBeReadKeepsTheOtherFailures: the poll that gives the last action up also ends the wait.
func TestTheLastActionThatCannotBeReadKeepsTheOtherFailures(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]func() (*http.Response, error){
		"a proxy's page": respond(403, proxyPage), "502": respond(502, ""), "no connection": failWith(errDial),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				running := func(id int64) droplets.Action {
					return droplets.Action{ID: id, ResourceID: 42, ResourceType: "droplet", Status: droplets.ActionStatusInProgress}
				}
				_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
					switch {
					case n == 1:
						return respond(403, scopeMissing)()
					case strings.HasSuffix(r.URL.Path, "/7"):
						return respond(200, actionBody(7, "errored"))()
					case n == 3:
						return respond(200, actionBody(8, "in-progress"))()
					}
					return outage()
				})
				ended, err := c.DropletActions.WaitForActions(t.Context(), running(7), running(8))
				require.ErrorIs(t, err, droplets.ErrActionFailed)
				assert.Contains(t, err.Error(), "/droplets/42/actions/8")
				assert.Equal(t, droplets.ActionStatusErrored, ended[0].Status)
				assert.Equal(t, droplets.ActionStatusInProgress, ended[1].Status)
			})
		})
	}
}

// TestAListThatAProxyBlocks: after as many responses of a proxy as the policy has retries, and one, the actions are read one by one.
func TestAListThatAProxyBlocks(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithActionDuration(3*time.Minute))
		actions := powerCycle(t, api, 2)
		api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403, Body: proxyPage})
		start := time.Now()
		c := api.Client(droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 2}))
		_, err := c.DropletActions.WaitForActions(t.Context(), actions...)
		require.NoError(t, err)
		assert.Less(t, time.Since(start), 4*time.Minute)
		operations := ""
		var lists []time.Time
		for _, r := range api.Requests() {
			switch r.Operation {
			case "actions_list":
				operations += "l"
				lists = append(lists, r.Time)
			case "dropletActions_get":
				operations += "g"
			}
		}
		assert.True(t, strings.HasPrefix(operations, "lllgglllgg"), operations)
		assert.Greater(t, lists[1].Sub(lists[0]), time.Second, "it is read again in the next poll")
	})
}

// TestAListThatAProxyBlocksAtTimes: the responses of the proxy are counted in a row, so that no action is read by itself.
func TestAListThatAProxyBlocksAtTimes(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithActionDuration(5*time.Minute))
		actions := powerCycle(t, api, 2)
		lists := 0
		api.Respond(-1, dropletstest.Match{Operation: "actions_list", Func: func(*http.Request) bool { lists++; return lists%3 != 0 }},
			dropletstest.Fault{Status: 403, Body: proxyPage})
		c := api.Client(droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 2}))
		_, err := c.DropletActions.WaitForActions(t.Context(), actions...)
		require.NoError(t, err)
		assert.Greater(t, lists, 9)
		assert.Zero(t, countRequests(api, "dropletActions_get"))
	})
}
