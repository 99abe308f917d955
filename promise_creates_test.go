package droplets_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestCreatesAreRememberedForTenMinutes: the API does not show the Droplet all this time, and the client does not create another.
func TestCreatesAreRememberedForTenMinutes(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(visibility(time.Hour))
		c := api.Client()
		first, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		for range 9 {
			<-time.After(time.Minute)
			d, created, err := c.Droplets.Ensure(t.Context(), createRequest())
			require.NoError(t, err)
			assert.False(t, created)
			assert.Equal(t, first.Droplet.ID, d.ID)
		}
		<-time.After(50 * time.Second)
		_, created, err := c.Droplets.Ensure(t.Context(), createRequest())
		require.NoError(t, err)
		assert.False(t, created, "after nine minutes and fifty seconds")
		assert.Len(t, api.Droplets(), 1)
	})
}
