package droplets_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestCreateAndWaitReportsTheDroplets: each poll has read an action or a Droplet, and the Progress has it.
func TestCreateAndWaitReportsTheDroplets(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Second), dropletstest.WithLag(dropletstest.Lag{Addresses: 20 * time.Second}))
		polls := make(map[int64]int) // polls of Droplets
		ready := make(map[int64]bool)
		report := droplets.OnProgress(func(p droplets.Progress) {
			assert.Equal(t, "create", p.Step)
			assert.NotEqual(t, p.Action == nil, p.Droplet == nil)
			if p.Droplet != nil {
				assert.Equal(t, p.DropletID, p.Droplet.ID)
				polls[p.DropletID]++
				ready[p.DropletID] = droplets.HasPublicIPv4(p.Droplet)
			}
		})
		one, err := api.Client().Droplets.CreateAndWait(t.Context(), createRequest(), report)
		require.NoError(t, err)
		assert.Greater(t, polls[one.ID], 1)
		several, err := api.Client().Droplets.CreateMultipleAndWait(t.Context(), multiCreate("a", "b"), report)
		require.NoError(t, err)
		assert.Greater(t, polls[several[0].ID], 1)
		for _, d := range append(several, *one) {
			assert.True(t, ready[d.ID], "the last poll")
		}
	})
}
