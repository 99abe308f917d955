package dropletstest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// failures runs n actions of alternating types, reboot first, and returns the numbers of those that failed, beginning with 1.
func failures(t *testing.T, api *dropletstest.API, n int) (failed []int) {
	t.Helper()
	virtualtime.Test(t, func(t *testing.T) {
		c := api.Client()
		for i := range n {
			req := []droplets.ActionRequest{droplets.RebootRequest{}, droplets.PowerCycleRequest{}}[i%2]
			a, err := c.DropletActions.Initiate(t.Context(), api.Droplets()[0].ID, req)
			require.NoError(t, err)
			if _, err = c.DropletActions.WaitForAction(t.Context(), a.ResourceID, a.ID); err != nil {
				require.ErrorIs(t, err, droplets.ErrActionFailed)
				failed = append(failed, i+1)
			}
		}
	})
	return failed
}

func TestFailAction(t *testing.T) {
	for name, tc := range map[string]struct {
		plan func(*dropletstest.API)
		want []int
	}{
		"third": {func(a *dropletstest.API) { a.FailAction(3) }, []int{3}},
		"second of a type": {func(a *dropletstest.API) {
			a.FailAction(2, droplets.ActionTypePowerCycle)
		}, []int{4}},
		"third of two types":     {func(a *dropletstest.API) { a.FailAction(3, droplets.ActionTypePowerCycle, droplets.ActionTypeReboot) }, []int{3}},
		"type that is not used":  {func(a *dropletstest.API) { a.FailAction(1, droplets.ActionTypeResize) }, nil},
		"first, then second":     {func(a *dropletstest.API) { a.FailAction(1); a.FailAction(2) }, []int{1, 2}},
		"second, then first":     {func(a *dropletstest.API) { a.FailAction(2); a.FailAction(1) }, []int{1, 2}},
		"second, twice":          {func(a *dropletstest.API) { a.FailAction(2); a.FailAction(2) }, []int{2, 3}},
		"next, twice":            {func(a *dropletstest.API) { a.FailNextAction(); a.FailNextAction() }, []int{1, 2}},
		"cleared":                {func(a *dropletstest.API) { a.FailAction(1); a.FailAction(3); a.ClearFailures(); a.FailAction(2) }, []int{2}},
		"of a type, then of any": {func(a *dropletstest.API) { a.FailAction(1, droplets.ActionTypePowerCycle); a.FailAction(2) }, []int{2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			api := dropletstest.New(dropletstest.WithDroplets(1))
			tc.plan(api)
			assert.Equal(t, tc.want, failures(t, api, 6))
		})
	}
	assert.PanicsWithValue(t, "dropletstest: FailAction: n must be at least 1", func() { dropletstest.New().FailAction(0) })
}
