package droplets_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func idsOf(ds []droplets.Droplet) (ids []int64) {
	for _, d := range ds {
		ids = append(ids, d.ID)
	}
	return ids
}

// powerCycle starts an action on each of the first n Droplets.
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

func TestWaitForActionsIsFrugal(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 10, 150, 200} {
		t.Run(itoa(int64(n)), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
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
					assert.Equal(t, actions[i].ID, ended[i].ID, "in the order asked")
					assert.Equal(t, droplets.ActionStatusCompleted, ended[i].Status)
				}
			})
		})
	}
}

func TestWaitForActionsWithoutTheScope(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(10*time.Second))
		api.Respond(-1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403})
		c := api.Client()
		for range 2 {
			_, err := c.DropletActions.WaitForActions(t.Context(), powerCycle(t, api, 3)...)
			require.NoError(t, err)
		}
		refused := 0
		for _, r := range api.Requests() {
			if r.Operation == "actions_list" {
				refused++
			}
		}
		assert.Equal(t, 1, refused, "asked once, and remembered")
	})
}

func TestWaitForActionsThatTheListDoesNotShow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(300), dropletstest.WithActionDuration(5*time.Second))
		actions := powerCycle(t, api, 2)
		c := api.Client()
		for _, id := range idsOf(api.Droplets())[2:] {
			_, err := c.DropletActions.PowerCycle(t.Context(), id)
			require.NoError(t, err)
		}
		ended, err := c.DropletActions.WaitForActions(t.Context(), actions...)
		require.NoError(t, err)
		assert.Equal(t, droplets.ActionStatusCompleted, ended[1].Status)
	})
}

func TestWaitForActionsJoinsAllFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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
		assert.Equal(t, 2, strings.Count(err.Error(), " errored"), "each is told once")
		assert.Len(t, again, 8)
	})
}

func TestWaitForActionsThatIsCutShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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
		assert.Len(t, got, 3)
		for _, a := range actions[1:] {
			assert.Contains(t, err.Error(), fmt.Sprint(a.ID))
		}
		assert.Contains(t, err.Error(), "2 of 3 actions, still running")
	})
}

func TestWaitForNoActions(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(500, "")))
	got, err := c.DropletActions.WaitForActions(t.Context())
	require.NoError(t, err)
	assert.Empty(t, got)
	got, err = c.DropletActions.WaitForActions(t.Context(), droplets.Action{ID: 7, Status: droplets.ActionStatusCompleted})
	require.NoError(t, err)
	assert.Len(t, got, 1)
	_, err = c.DropletActions.WaitForActions(t.Context(), droplets.Action{})
	requireInvalid(t, err, "actions[0].ID")
	assert.Zero(t, a.count())
}

func TestWaitForWhatATagAndACreateReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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
		for _, d := range api.Droplets() {
			assert.Equal(t, droplets.DropletStatusOff, d.Status)
		}
	})
}

func multiCreate(names ...string) droplets.DropletMultiCreateRequest {
	return droplets.DropletMultiCreateRequest{Names: names, Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")}
}

func TestCreateAndWait(t *testing.T) {
	t.Parallel()
	lag := dropletstest.WithLag(dropletstest.Lag{Visibility: 5 * time.Second, Addresses: 12 * time.Second, Status: 3 * time.Second})
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(lag, dropletstest.WithActionDuration(40*time.Second))
		req := createRequest()
		req.IPv6 = true
		d, err := api.Client().Droplets.CreateAndWait(t.Context(), req)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusActive, d.Status)
		_, ok := d.PublicIPv4()
		assert.True(t, ok)
		_, ok = d.PublicIPv6()
		assert.True(t, ok)
	})
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(lag)
		req := createRequest()
		req.PublicNetworking = new(false)
		d, err := api.Client().Droplets.CreateAndWait(t.Context(), req)
		require.NoError(t, err)
		_, ok := d.PublicIPv4()
		assert.False(t, ok, "none was asked for, and none waited for")
	})
}

func TestCreateAndWaitThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.FailNextAction(droplets.ActionTypeCreate)
		d, err := api.Client().Droplets.CreateAndWait(t.Context(), createRequest())
		var failed *droplets.ActionError
		require.ErrorAs(t, err, &failed)
		require.NotErrorIs(t, err, droplets.ErrNotFound)
		assert.Equal(t, d.ID, failed.Action.ResourceID)

		api = dropletstest.New(dropletstest.WithActionDuration(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		d, err = api.Client().Droplets.CreateAndWait(ctx, createRequest())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var step *droplets.StepError
		require.ErrorAs(t, err, &step)
		assert.Equal(t, "create", step.Step)
		assert.Equal(t, api.Droplets()[0].ID, d.ID, "it is there, and billed")
	})
}

func TestCreateMultipleAndWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(30 * time.Second))
		api.FailNextAction(droplets.ActionTypeCreate)
		ds, err := api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate("a", "b", "c"))
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		require.Len(t, ds, 3)
		active := 0
		for _, d := range ds {
			if droplets.IsActive(&d) && droplets.HasPublicIPv4(&d) {
				active++
			}
		}
		assert.Equal(t, 2, active, "the others are waited for all the same")
	})
}

func TestWaitForAndWaitForDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(20*time.Second))
		c := api.Client()
		_, err := c.DropletActions.PowerOff(t.Context(), sampleID)
		require.NoError(t, err)
		d, err := c.Droplets.WaitFor(t.Context(), sampleID, droplets.IsOff)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, d.Status)
		assert.True(t, droplets.IsUnlocked(d))

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		d, err = c.Droplets.WaitFor(ctx, sampleID, droplets.IsActive)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, droplets.DropletStatusOff, d.Status, "the last state seen")
		require.ErrorIs(t, c.Droplets.WaitForDeleted(ctx, sampleID), context.DeadlineExceeded)

		time.AfterFunc(time.Minute, func() { _ = api.Client().Droplets.Delete(context.Background(), sampleID) })
		start := time.Now()
		require.NoError(t, c.Droplets.WaitForDeleted(t.Context(), sampleID))
		assert.GreaterOrEqual(t, time.Since(start), time.Minute)
		_, err = c.Droplets.WaitFor(t.Context(), sampleID, droplets.IsActive)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		_, err = c.Droplets.WaitFor(t.Context(), sampleID, nil)
		requireInvalid(t, err, "met")
	})
}

func TestA404AfterACreateIsNotADelete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 10 * time.Second}))
		c := api.Client()
		created, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		require.ErrorIs(t, c.Droplets.WaitForDeleted(ctx, created.Droplet.ID), context.DeadlineExceeded, "it is not visible yet, and not gone")
		require.NoError(t, c.Droplets.Delete(t.Context(), created.Droplet.ID))
		start := time.Now()
		require.NoError(t, c.Droplets.WaitForDeleted(t.Context(), created.Droplet.ID))
		assert.Zero(t, time.Since(start))

		req := createRequest()
		req.Tags = []string{"batch"}
		d, err := c.Droplets.CreateAndWait(t.Context(), req)
		require.NoError(t, err)
		require.NoError(t, c.Droplets.DeleteByTag(t.Context(), "batch"))
		start = time.Now()
		require.NoError(t, c.Droplets.WaitForDeleted(t.Context(), d.ID))
		assert.Zero(t, time.Since(start), "it has been seen, so that a 404 is the truth")
	})
}

func TestFindByName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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

// gpuSize is a size of the catalogue that has GPUs.
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

func TestEnsureThatStaysUncertain(t *testing.T) {
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

// TestAQuotaIsKept makes 1,000 calls from 16 goroutines against the burst limit of 250 a minute.
func TestAQuotaIsKept(t *testing.T) {
	t.Parallel()
	for name, onlyReset := range map[string]bool{"with Retry-After": false, "with a reset alone": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithRateLimit(250, 0))
				if onlyReset {
					api = dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithRateLimit(0, 250),
						dropletstest.WithRateLimitWindows(time.Minute, time.Minute))
				}
				c := api.Client()
				start := time.Now()
				var wg sync.WaitGroup
				for range 16 {
					wg.Go(func() {
						for range 1000 / 16 {
							_, err := c.Droplets.Get(t.Context(), sampleID)
							assert.NoError(t, err)
						}
					})
				}
				wg.Wait()
				least := 3 * time.Minute
				assert.LessOrEqual(t, time.Since(start), least+least/10)
				wasted := 0
				for _, r := range api.Requests() {
					if r.Status == http.StatusTooManyRequests {
						wasted++
					}
				}
				assert.LessOrEqual(t, wasted, 3*16, "one for each goroutine and pause")
			})
		})
	}
}

// TestNothingIsSentDuringAPause starts ten calls a second and looks at when they arrive.
func TestNothingIsSentDuringAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var pausedUntil time.Time
		var mu sync.Mutex
		early := 0
		_, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if time.Now().Before(pausedUntil) {
				early++
			}
			if n%100 == 50 {
				pausedUntil = time.Now().Add(7 * time.Second)
				return respond(429, "{}", "Retry-After: 7")()
			}
			return respond(200, dropletBody(42))()
		})
		var wg sync.WaitGroup
		for range 60 {
			for range 10 {
				wg.Go(func() {
					_, err := c.Droplets.Get(t.Context(), 42)
					assert.NoError(t, err)
				})
				synctest.Wait()
			}
			<-time.After(time.Second)
		}
		wg.Wait()
		assert.Zero(t, early)
	})
}
