package dropletstest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestNeighbors(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		a, b := createActive(t, c, createRequest("a")), createActive(t, c, createRequest("b"))
		api.Colocate(a.ID, b.ID, a.ID, 1)
		ids, err := c.Droplets.ListNeighborIDs(t.Context())
		require.NoError(t, err)
		assert.Equal(t, [][]int64{{a.ID, b.ID}}, ids)
		neighbors, err := c.Droplets.ListNeighbors(t.Context(), a.ID)
		require.NoError(t, err)
		require.Len(t, neighbors, 1)
		assert.Equal(t, b.ID, neighbors[0].ID)

		require.NoError(t, c.Droplets.Delete(t.Context(), b.ID))
		neighbors, err = c.Droplets.ListNeighbors(t.Context(), a.ID)
		require.NoError(t, err)
		assert.Empty(t, neighbors)
		ids, err = c.Droplets.ListNeighborIDs(t.Context())
		require.NoError(t, err)
		assert.Empty(t, ids)
	})
}
