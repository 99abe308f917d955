package dropletstest_test

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestOverviewPanicsForNegativeNumbers(t *testing.T) {
	api := dropletstest.New()
	for _, opts := range []dropletstest.OverviewOptions{{Droplets: -1}, {Actions: -1}, {Requests: -1}} {
		assertPanics(t, "dropletstest: Overview: ", "must not be negative", func() { api.Overview(opts) })
	}
	assert.Empty(t, api.Droplets(), "the API is not locked")
}

func TestOverviewOfFailuresOfDestroysAndShutdowns(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(4))
	o := api.Overview(dropletstest.OverviewOptions{})
	assert.Empty(t, o.DestroyFailures)
	assert.Empty(t, o.IgnoresShutdown)
	assert.False(t, o.AllIgnoreShutdown)

	all := api.Droplets()
	api.FailNextDestroy("v", "in use")
	api.FailNextDestroy("v", "really in use")
	api.FailNextDestroy("7", "")
	api.IgnoreShutdown(all[3].ID, all[1].ID)
	api.IgnoreShutdown(all[2].ID)
	require.NoError(t, api.Client().Droplets.Delete(t.Context(), all[2].ID))
	o = api.Overview(dropletstest.OverviewOptions{})
	assert.Equal(t, map[string]string{"v": "really in use", "7": "The resource could not be destroyed."}, o.DestroyFailures)
	assert.Equal(t, []int64{all[1].ID, all[3].ID}, o.IgnoresShutdown)
	assert.False(t, o.AllIgnoreShutdown)
	clear(o.DestroyFailures)
	assert.Len(t, api.Overview(dropletstest.OverviewOptions{}).DestroyFailures, 2, "the overview is a copy")

	api.IgnoreShutdown()
	api.ClearFailures()
	o = api.Overview(dropletstest.OverviewOptions{})
	assert.Empty(t, o.DestroyFailures)
	assert.True(t, o.AllIgnoreShutdown)
	assert.Len(t, o.IgnoresShutdown, 2)
}

func TestOverviewOfDroplets(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(5), dropletstest.WithActionDuration(0))
	all := api.Droplets()
	var price float64
	for _, d := range all {
		price += d.Size.PriceMonthly
	}
	o := api.Overview(dropletstest.OverviewOptions{Droplets: 2})
	require.Len(t, o.Droplets, 2)
	assert.Equal(t, all[4], o.Droplets[0], "the newest first")
	assert.Equal(t, all[3], o.Droplets[1])
	assert.Equal(t, 5, o.DropletCount)
	assert.Equal(t, map[droplets.DropletStatus]int{droplets.DropletStatusActive: 5}, o.DropletsByStatus)
	assert.InDelta(t, price, o.PriceMonthly, 0.001)
	assert.Empty(t, o.Actions)
	assert.Empty(t, o.Requests)

	o.Droplets[0].Size.PriceMonthly, o.Droplets[0].Tags[0] = 0, "changed"
	assert.Equal(t, all, api.Droplets(), "the overview is a copy")
	assert.Len(t, api.Overview(dropletstest.OverviewOptions{Droplets: 100}).Droplets, 5)
	assert.Empty(t, api.Overview(dropletstest.OverviewOptions{}).Droplets)
}

func TestOverviewOfActions(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		sleep(700 * time.Millisecond) // so that actions do not start at a whole second
		api := dropletstest.New(dropletstest.WithActionDuration(55*time.Second),
			dropletstest.WithActionDuration(10*time.Second, droplets.ActionTypeReboot))
		c := api.Client(noRetries)
		d := createActive(t, c, createRequest("web"))
		_, err := c.DropletActions.Initiate(t.Context(), d.ID, droplets.RebootRequest{})
		require.NoError(t, err)
		sleep(4 * time.Second)
		o := api.Overview(dropletstest.OverviewOptions{Actions: 10})
		require.Len(t, o.Actions, 2)
		assert.Equal(t, 2, o.ActionCount)
		assert.Equal(t, droplets.ActionTypeReboot, o.Actions[0].Type, "the newest first")
		assert.Equal(t, droplets.ActionStatusInProgress, o.Actions[0].Status)
		assert.Equal(t, 4*time.Second, o.Actions[0].Elapsed)
		assert.Equal(t, 10*time.Second, o.Actions[0].Duration)
		assert.Equal(t, droplets.ActionStatusCompleted, o.Actions[1].Status)
		assert.Equal(t, 55*time.Second, o.Actions[1].Duration)
		assert.Equal(t, 55*time.Second, o.Actions[1].Elapsed)
		assert.Len(t, api.Overview(dropletstest.OverviewOptions{Actions: 1}).Actions, 1)

		sleep(6 * time.Second)
		o = api.Overview(dropletstest.OverviewOptions{Actions: 10})
		assert.Equal(t, droplets.ActionStatusCompleted, o.Actions[0].Status, "the overview applies events that are due")
		assert.Equal(t, time.Now().UTC(), o.Time)
	})
}

// TestOverviewOfALoadedAction checks the progress of an action that was saved by an API with another action duration.
func TestOverviewOfALoadedAction(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		saved := dropletstest.New(dropletstest.WithActionDuration(10 * time.Second))
		_, err := saved.Client().Droplets.Create(t.Context(), createRequest("web"))
		require.NoError(t, err)
		api := dropletstest.New(dropletstest.WithActionDuration(time.Hour))
		var b bytes.Buffer
		require.NoError(t, saved.WriteState(&b))
		require.NoError(t, api.ReadState(&b))
		sleep(4 * time.Second)
		o := api.Overview(dropletstest.OverviewOptions{Actions: 1})
		require.Len(t, o.Actions, 1)
		assert.Equal(t, 4*time.Second, o.Actions[0].Elapsed)
		assert.Equal(t, 10*time.Second, o.Actions[0].Duration)
	})
}

func TestOverviewOfRequests(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		for i := range 4 {
			sendRequest(t, api, http.MethodGet, "/v2/droplets?page="+strconv.Itoa(i+1), "")
		}
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: 503, Delay: 3 * time.Second})
		sendRequest(t, api, http.MethodPost, "/v2/droplets", `{"name":"a"}`)
		o := api.Overview(dropletstest.OverviewOptions{Requests: 2})
		require.Len(t, o.Requests, 2)
		assert.Equal(t, 5, o.RequestCount)
		r := o.Requests[0]
		assert.Equal(t, "droplets_create", r.Operation, "the newest first")
		assert.Equal(t, 503, r.Status)
		assert.Equal(t, 3*time.Second, r.Duration)
		assert.False(t, r.InProgress)
		assert.Nil(t, r.Body)
		assert.Equal(t, "4", o.Requests[1].Query.Get("page"))
		assert.Equal(t, 3*time.Second, api.Requests()[4].Duration)

		r.Header.Set("Authorization", "changed")
		assert.Equal(t, "REDACTED", api.Requests()[4].Header.Get("Authorization"), "the overview is a copy")
	})
}

func TestOverviewOfARequestInProgress(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Delay: time.Minute, Break: dropletstest.BreakAnswer})
		go func() { _, _ = api.Client(noRetries).Droplets.List(t.Context(), nil) }()
		synctest.Wait()
		r := api.Overview(dropletstest.OverviewOptions{Requests: 1}).Requests[0]
		assert.True(t, r.InProgress)
		assert.Zero(t, r.Duration)
		sleep(time.Minute)
		synctest.Wait()
		r = api.Overview(dropletstest.OverviewOptions{Requests: 1}).Requests[0]
		assert.False(t, r.InProgress)
		assert.Zero(t, r.Status, "the connection broke")
		assert.Equal(t, time.Minute, r.Duration)
	})
}

func TestOverviewOfRateLimits(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		assert.Equal(t, []dropletstest.RateLimitWindow{{Length: time.Hour, Limit: 5000, Remaining: 5000, Reset: time.Now().UTC()}},
			api.Overview(dropletstest.OverviewOptions{}).RateLimits, "without limits, the window of the headers")

		api = dropletstest.New(dropletstest.WithRateLimit(3, 10))
		first := time.Now().UTC()
		for range 4 {
			sendRequest(t, api, http.MethodGet, "/v2/account", "")
		}
		assert.Equal(t, []dropletstest.RateLimitWindow{
			{Length: time.Minute, Limit: 3, Remaining: 0, Enforced: true, Reset: first.Add(time.Minute)},
			{Length: time.Hour, Limit: 10, Remaining: 7, Enforced: true, Reset: first.Add(time.Hour)},
		}, api.Overview(dropletstest.OverviewOptions{}).RateLimits)
		sleep(time.Minute)
		assert.Equal(t, 3, api.Overview(dropletstest.OverviewOptions{}).RateLimits[0].Remaining, "the window slides without a request")
	})
}

func TestOverviewOfPlannedFaults(t *testing.T) {
	api := dropletstest.New()
	o := api.Overview(dropletstest.OverviewOptions{})
	assert.Empty(t, o.Faults)
	assert.Empty(t, o.ActionFailures)
	api.Respond(2, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 503})
	api.Respond(-1, dropletstest.Match{Method: http.MethodDelete}, dropletstest.Fault{Break: dropletstest.BreakAnswer})
	api.FailAction(2)
	api.FailNextAction(droplets.ActionTypeReboot, droplets.ActionTypeResize)
	o = api.Overview(dropletstest.OverviewOptions{})
	assert.Equal(t, []dropletstest.PlannedFault{
		{Remaining: 2, Match: dropletstest.Match{Operation: "droplets_create"}, Fault: dropletstest.Fault{Status: 503}},
		{Remaining: -1, Match: dropletstest.Match{Method: http.MethodDelete}, Fault: dropletstest.Fault{Break: dropletstest.BreakAnswer}},
	}, o.Faults)
	assert.Equal(t, []dropletstest.PlannedActionFailure{{Nth: 2},
		{Nth: 1, Types: []droplets.ActionType{droplets.ActionTypeReboot, droplets.ActionTypeResize}}}, o.ActionFailures)
	sendRequest(t, api, http.MethodPost, "/v2/droplets", "{}")
	assert.Equal(t, 1, api.Overview(dropletstest.OverviewOptions{}).Faults[0].Remaining)
}
