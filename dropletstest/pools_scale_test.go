package dropletstest_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestUpdatePool(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(time.Minute, dropletstest.ActionTypeDestroy))
		c := api.Client()
		req := poolRequest(api, 2)
		p := createPool(t, c, req)
		req.Name, req.Config.TargetNumberInstances, req.DropletTemplate.Size = "web2", 4, "s-2vcpu-2gb"
		updated, err := c.AutoscalePools.Update(t.Context(), p.ID, req)
		require.NoError(t, err)
		assert.Equal(t, []any{"web2", p.ID, p.CreatedAt, 2}, []any{updated.Name, updated.ID, updated.CreatedAt, updated.ActiveResourcesCount})
		assert.True(t, updated.UpdatedAt.After(p.UpdatedAt))
		sleep(time.Second)
		assert.Equal(t, []string{"CONFIGURATION_CHANGE 2/2 success", "CONFIGURATION_CHANGE 4/4 success"}, poolEvents(t, c, p.ID))
		members := collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil))
		assert.Equal(t, "s-1vcpu-1gb", getDroplet(t, c, members[0].DropletID).SizeSlug)
		assert.Equal(t, "s-2vcpu-2gb", getDroplet(t, c, members[3].DropletID).SizeSlug)

		req.Config.TargetNumberInstances = 1
		_, err = c.AutoscalePools.Update(t.Context(), p.ID, req)
		require.NoError(t, err)
		assert.Equal(t, []string{"active", "deleting", "deleting", "deleting"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, "CONFIGURATION_CHANGE 4/1 in_progress", poolEvents(t, c, p.ID)[2])
		assert.Equal(t, 1, readPool(t, c, p.ID).ActiveResourcesCount)
		actions := collect(t, c.DropletActions.All(t.Context(), members[3].DropletID, nil))
		assert.Equal(t, droplets.ActionTypeShutdown, actions[0].Type)
		sleep(time.Second)
		assert.Equal(t, droplets.DropletStatusOff, getDroplet(t, c, members[3].DropletID).Status)
		api = requireReloadable(t, api)
		c = api.Client()
		sleep(time.Minute)
		assert.Equal(t, []string{"active"}, memberStatuses(t, c, p.ID))
		assert.Equal(t, "CONFIGURATION_CHANGE 1/1 success", poolEvents(t, c, p.ID)[2])
		assert.Len(t, api.Droplets(), 1)
		last := api.Ledger()[len(api.Ledger())-1]
		assert.Equal(t, []any{dropletstest.EntryDelete, "autoscalepools_update"}, []any{last.Kind, last.Operation})
		_, err = c.AutoscalePools.Update(t.Context(), "none", req)
		require.ErrorIs(t, err, droplets.ErrNotFound)
	})
}

// createDynamicPool creates a pool of 2 to 5 Droplets with the targets of 80 % of the CPU and 50 % of the memory.
func createDynamicPool(t *testing.T, api *dropletstest.API) *droplets.AutoscalePool {
	t.Helper()
	req := poolRequest(api, 0)
	req.Config = droplets.AutoscaleConfig{MinInstances: 2, MaxInstances: 5, TargetCPUUtilization: 0.8, TargetMemoryUtilization: 0.5, CooldownMinutes: 5}
	return createPool(t, api.Client(), req)
}

func TestDynamicPool(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		p := createDynamicPool(t, api)
		size := func() int { return len(memberStatuses(t, api.Client(), p.ID)) }
		assert.Equal(t, 2, size())
		assert.Nil(t, p.CurrentUtilization)
		sleep(4 * time.Minute)
		assert.True(t, api.SetPoolUtilization(p.ID, 0.95, 0.1))
		assert.Equal(t, droplets.AutoscaleUtilization{CPU: 0.95, Memory: 0.1}, *readPool(t, api.Client(), p.ID).CurrentUtilization)
		member := collect(t, api.Client().AutoscalePools.AllMembers(t.Context(), p.ID, nil))[0]
		assert.Equal(t, droplets.AutoscaleUtilization{CPU: 0.95, Memory: 0.1}, member.CurrentUtilization)
		assert.Equal(t, 2, size(), "the cooldown is not over")
		api = requireReloadable(t, api)
		sleep(time.Minute - time.Second)
		assert.Equal(t, 3, size(), "2 × 0.95 / 0.8, rounded up")
		assert.Equal(t, "SCALE_UP 2/3 in_progress", poolEvents(t, api.Client(), p.ID)[1])
		sleep(5*time.Minute - time.Second)
		assert.Equal(t, 3, size())
		sleep(time.Second)
		assert.Equal(t, 4, size(), "the utilization is still too high")
		sleep(time.Hour)
		assert.Equal(t, 5, size(), "the maximum")

		api.SetPoolUtilization(p.ID, 0.1, 0.28)
		assert.Equal(t, 5, size())
		assert.Len(t, collect(t, api.Client().AutoscalePools.AllMembers(t.Context(), p.ID, nil)), 5)
		sleep(2 * time.Second)
		assert.Equal(t, 3, size(), "5 × 0.28 / 0.5, rounded up: the memory needs more Droplets than the CPU")
		api.SetPoolUtilization(p.ID, 0, 0)
		sleep(time.Hour)
		assert.Equal(t, 2, size(), "the minimum")
		events := poolEvents(t, api.Client(), p.ID)
		assert.Equal(t, []string{"CONFIGURATION_CHANGE 2/2 success", "SCALE_UP 3/3 success", "SCALE_UP 4/4 success", "SCALE_UP 5/5 success",
			"SCALE_DOWN 3/3 success", "SCALE_DOWN 2/2 success"}, events)
		assert.False(t, api.SetPoolUtilization("none", 0, 0))
		const message = "dropletstest: SetPoolUtilization: cpu and memory must be between 0 and 1, not "
		assert.PanicsWithValue(t, message+"1.1 and 0", func() { api.SetPoolUtilization(p.ID, 1.1, 0) })
		assert.PanicsWithValue(t, message+"0 and -0.1", func() { api.SetPoolUtilization(p.ID, 0, -0.1) })
		assert.PanicsWithValue(t, message+"-0.1 and 0", func() { api.SetPoolUtilization(p.ID, -0.1, 0) })
		assert.PanicsWithValue(t, message+"0 and 1.1", func() { api.SetPoolUtilization(p.ID, 0, 1.1) })
		assert.PanicsWithValue(t, message+"NaN and 0", func() { api.SetPoolUtilization(p.ID, math.NaN(), 0) })
		assert.True(t, api.SetPoolUtilization(p.ID, 1, 1))
	})
}

// TestPoolChecksAreScheduledOnce checks that the state does not grow if the utilization of a pool is set often.
func TestPoolChecksAreScheduledOnce(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		p := createDynamicPool(t, api)
		for range 5 {
			sleep(time.Second)
			api.SetPoolUtilization(p.ID, 1, 1)
		}
		assert.Equal(t, 1, strings.Count(savedState(t, api), `"pool is checked"`))
		assert.Len(t, memberStatuses(t, api.Client(), p.ID), 2)
		sleep(5 * time.Minute)
		assert.Len(t, memberStatuses(t, api.Client(), p.ID), 4)
	})
}

// TestPoolWithAFullTarget checks the largest target, a utilization of 100 %, of the CPU or of the memory.
func TestPoolWithAFullTarget(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for _, config := range []droplets.AutoscaleConfig{{TargetCPUUtilization: 1}, {TargetMemoryUtilization: 1}} {
			config.MinInstances, config.MaxInstances = 1, 6
			api := dropletstest.New()
			req := poolRequest(api, 0)
			req.Config = config
			p := createPool(t, api.Client(), req)
			req.Config.MinInstances = 4
			_, err := api.Client().AutoscalePools.Update(t.Context(), p.ID, req)
			require.NoError(t, err)
			req.Config.MinInstances = 1
			_, err = api.Client().AutoscalePools.Update(t.Context(), p.ID, req)
			require.NoError(t, err)
			api.SetPoolUtilization(p.ID, 0.5, 0.5)
			sleep(10*time.Minute - time.Second)
			assert.Len(t, memberStatuses(t, api.Client(), p.ID), 4, "the default cooldown is ten minutes")
			sleep(time.Minute)
			assert.Len(t, memberStatuses(t, api.Client(), p.ID), 2, "4 × 0.5 / 1")
		}
	})
}

func TestUpdateDynamicPool(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		p := createDynamicPool(t, api)
		size := func(config droplets.AutoscaleConfig) int {
			req := p.Request()
			req.Config = config
			_, err := c.AutoscalePools.Update(t.Context(), p.ID, req)
			require.NoError(t, err)
			sleep(10 * time.Second)
			return len(memberStatuses(t, c, p.ID))
		}
		assert.Equal(t, 3, size(droplets.AutoscaleConfig{MinInstances: 3, MaxInstances: 5}))
		assert.Equal(t, 1, size(droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 1}))
		assert.Equal(t, 4, size(droplets.AutoscaleConfig{TargetNumberInstances: 4}))
		assert.Equal(t, 4, size(droplets.AutoscaleConfig{MinInstances: 1, MaxInstances: 9, TargetCPUUtilization: 0.5}))
		api.SetPoolUtilization(p.ID, 0.5, 1)
		sleep(time.Hour)
		assert.Len(t, memberStatuses(t, c, p.ID), 4)
	})
}

// TestPoolsDoNotDependOnPolls runs the same history twice. One client polls every second, the other one only after an hour.
func TestPoolsDoNotDependOnPolls(t *testing.T) {
	run := func(poll time.Duration) (history, members []string, ledger []dropletstest.Entry) {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithActionDuration(20 * time.Second))
			c := api.Client()
			p := createDynamicPool(t, api)
			api.SetPoolUtilization(p.ID, 1, 0)
			require.NoError(t, c.Droplets.Delete(t.Context(), api.Droplets()[0].ID))
			for range time.Hour / poll {
				sleep(poll)
				readPool(t, c, p.ID)
			}
			for _, e := range collect(t, c.AutoscalePools.AllHistory(t.Context(), p.ID, nil)) {
				history = append(history, fmt.Sprintf("%+v", e))
			}
			for _, m := range collect(t, c.AutoscalePools.AllMembers(t.Context(), p.ID, nil)) {
				members = append(members, fmt.Sprintf("%+v", m))
			}
			ledger = api.Ledger()
		})
		return history, members, ledger
	}
	history, members, ledger := run(time.Second)
	assert.Len(t, members, 5)
	otherHistory, otherMembers, otherLedger := run(time.Hour)
	assert.Equal(t, history, otherHistory)
	assert.Equal(t, members, otherMembers)
	assert.Equal(t, ledger, otherLedger)
}
