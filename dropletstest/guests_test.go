package dropletstest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestIgnoreShutdown(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(2))
		c := api.Client()
		ignoring, other := api.Droplets()[0].ID, api.Droplets()[1].ID
		api.IgnoreShutdown(ignoring)
		for range 2 {
			assert.Equal(t, droplets.DropletStatusActive, runAction(t, c, ignoring, droplets.ShutdownRequest{}).Status)
		}
		assert.Equal(t, droplets.DropletStatusOff, runAction(t, c, other, droplets.ShutdownRequest{}).Status)
		assert.Equal(t, droplets.DropletStatusOff, runAction(t, c, ignoring, droplets.PowerOffRequest{}).Status)

		api.IgnoreShutdown()
		created := createActive(t, c, createRequest("late"))
		assert.Equal(t, droplets.DropletStatusActive, runAction(t, c, created.ID, droplets.ShutdownRequest{}).Status)
	})
}

// TestShutdownGracefullyOfAGuestThatIgnoresShutdowns checks that ShutdownGracefully powers the Droplet off.
func TestShutdownGracefullyOfAGuestThatIgnoresShutdowns(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		api.IgnoreShutdown()
		d, err := api.Client().Droplets.ShutdownGracefully(t.Context(), api.Droplets()[0].ID, time.Minute)
		require.NoError(t, err)
		assert.Equal(t, droplets.DropletStatusOff, d.Status)
		var types []droplets.ActionType
		for _, a := range collect(t, api.Client().Actions.All(t.Context(), nil)) {
			types = append(types, a.Type)
		}
		assert.Equal(t, []droplets.ActionType{droplets.ActionTypePowerOff, droplets.ActionTypeShutdown}, types)
	})
}
