package droplets_test

import (
	"context"
	"errors"
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

// stepErrors returns the StepErrors in an error by Droplet ID.
func stepErrors(err error) map[int64]*droplets.StepError {
	found := make(map[int64]*droplets.StepError)
	var walk func(error)
	walk = func(err error) {
		if step, ok := err.(*droplets.StepError); ok { //nolint:errorlint // it takes the error apart
			if step.Droplet != nil {
				found[step.Droplet.ID] = step
			}
			return
		}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, part := range joined.Unwrap() {
				walk(part)
			}
		}
	}
	walk(err)
	return found
}

// operationsSent counts the requests that the API received by operation.
func operationsSent(api *dropletstest.API) map[string]int {
	sent := make(map[string]int)
	for _, r := range api.Requests() {
		sent[r.Operation]++
	}
	return sent
}

func names(prefix string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%s-%d", prefix, i+1))
	}
	return all
}

func TestEachDropletHasItsOwnCreateError(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.FailNextAction(droplets.ActionTypeCreate) // of the first
		api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403})
		api.Respond(-1, dropletstest.Match{Operation: "dropletActions_get", Func: func(r *http.Request) bool {
			return strings.Contains(r.URL.Path, "/500000002/")
		}}, dropletstest.Fault{Status: 403})
		ds, err := api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate("failed", "unreadable", "healthy"))
		require.Len(t, ds, 3)
		steps := stepErrors(err)
		require.Len(t, steps, 2)
		require.ErrorIs(t, steps[500000001], droplets.ErrActionFailed)
		require.ErrorIs(t, steps[500000002], droplets.ErrForbidden)
		require.NotErrorIs(t, steps[500000002], droplets.ErrActionFailed, "the Droplet is healthy")
		for id, step := range steps {
			require.NotNil(t, step.Action)
			assert.Equal(t, id, step.Action.ResourceID)
		}
		assert.True(t, droplets.IsActive(&ds[2]))
	})
}

func TestStepErrorForEachDropletAfterTheContextIsDone(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		ds, err := api.Client().Droplets.CreateMultipleAndWait(ctx, multiCreate(names("web", 12)...))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Len(t, ds, 12)
		steps := stepErrors(err)
		require.Len(t, steps, 12)
		for _, d := range ds {
			step := steps[d.ID]
			require.NotNil(t, step)
			assert.Equal(t, "create", step.Step)
			assert.Equal(t, d.Name, step.Droplet.Name)
			require.NotNil(t, step.Action)
			assert.Equal(t, droplets.ActionStatusInProgress, step.Action.Status)
			require.ErrorIs(t, step, context.DeadlineExceeded)
		}
	})
}

// TestACreateCanBeResumed stores the IDs of an interrupted create and waits again with another client.
func TestACreateCanBeResumed(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(5 * time.Minute))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := api.Client().Droplets.CreateAndWait(ctx, createRequest())
		step, ok := errors.AsType[*droplets.StepError](err)
		require.True(t, ok)
		c := api.Client()
		_, err = c.DropletActions.WaitForAction(t.Context(), step.Droplet.ID, step.Action.ID)
		require.NoError(t, err)
		d, err := c.Droplets.WaitFor(t.Context(), step.Droplet.ID, droplets.HasPublicIPv4)
		require.NoError(t, err)
		assert.True(t, droplets.IsActive(d))
	})
}

func TestCreateAndWaitPassesItsOptionsOn(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(30*time.Second), dropletstest.WithLag(dropletstest.Lag{Addresses: 20 * time.Second}))
		var resp droplets.Response
		phases := map[bool]int{}
		_, err := api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate("a", "b"), droplets.WithHeader("X-Trace", "7"),
			droplets.CaptureResponse(&resp), droplets.WithPolling(droplets.PollPolicy{Initial: 5 * time.Second, Max: 5 * time.Second, Factor: 1}),
			droplets.OnProgress(func(p droplets.Progress) {
				assert.Equal(t, "create", p.Step)
				assert.NotZero(t, p.DropletID)
				phases[p.Action != nil]++
			}))
		require.NoError(t, err)
		require.NotEmpty(t, api.Requests())
		for _, r := range api.Requests() {
			assert.Equal(t, "7", r.Header.Get("X-Trace"), "%s %s", r.Method, r.Path)
		}
		assert.Equal(t, 200, resp.StatusCode, "of the last poll")
		sent := operationsSent(api)
		assert.InDelta(t, 7, sent["actions_list"], 1, "30 s at 5 s")
		assert.Equal(t, 2*sent["actions_list"], phases[true], "each action, each poll")
		assert.Equal(t, sent["droplets_get"], phases[false])
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 502})
		_, err := api.Client().Droplets.CreateAndWait(t.Context(), createRequest(), droplets.WithoutRetries())
		require.ErrorIs(t, err, droplets.ErrServer)
		assert.Equal(t, 1, operationsSent(api)["actions_list"])
		require.Len(t, stepErrors(err), 1)
	})
}

func TestADropletThatIsInvisibleForLong(t *testing.T) {
	t.Parallel()
	for _, listed := range []bool{true, false} {
		for _, duration := range []time.Duration{time.Second, 40 * time.Second, 2 * time.Minute} {
			t.Run(fmt.Sprint(listed, duration), func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					api := dropletstest.New(dropletstest.WithActionDuration(duration), dropletstest.WithLag(dropletstest.Lag{Visibility: 45 * time.Second}))
					if !listed {
						api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403})
					}
					d, err := api.Client().Droplets.CreateAndWait(t.Context(), createRequest())
					require.NoError(t, err)
					assert.True(t, droplets.IsActive(d))
				})
			})
		}
	}
}

func TestCreateMultipleAndWaitTakesAnyNumber(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		all := names("web", 25)
		ds, err := api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate(all...))
		require.NoError(t, err)
		require.Len(t, ds, 25)
		for i, d := range ds {
			assert.Equal(t, all[i], d.Name)
			assert.True(t, droplets.IsActive(&d))
		}
		assert.Equal(t, 3, operationsSent(api)["droplets_create"])

		_, err = api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate())
		requireInvalid(t, err, "Names")
		ds, err = api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate("twin", "twin"))
		require.NoError(t, err, "names may repeat, as in CreateMultiple")
		assert.Len(t, ds, 2)
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDropletLimit(25))
		ds, err := api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate(names("web", 45)...))
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		assert.Contains(t, err.Error(), "of 45 Droplets 20 were created")
		require.Len(t, ds, 20)
		for _, d := range ds {
			assert.True(t, droplets.IsActive(&d), "those that exist are waited for")
		}
		assert.Equal(t, 3, operationsSent(api)["droplets_create"], "no create after the one that failed")
	})
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return respond(202, `{"droplets":[{"id":42,"name":"a","status":"active","networks":{"v4":[{"ip_address":"192.0.2.1","type":"public"}]}}]}`)()
			}
			return respond(200, `{"droplet":{"id":42,"name":"a","status":"active","networks":{"v4":[{"ip_address":"192.0.2.1","type":"public"}]}}}`)()
		})
		ds, err := c.Droplets.CreateMultipleAndWait(t.Context(), multiCreate("a", "b"))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "one of two is missing in the response")
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
		assert.Len(t, ds, 1)
	})
}
