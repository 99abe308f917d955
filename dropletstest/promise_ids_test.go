package dropletstest_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
)

// TestIDs: like those of the API, the ids of Droplets ascend, and those of actions need more than 32 bits.
func TestIDs(t *testing.T) {
	c := dropletstest.New().Client()
	var last int64
	for range 3 {
		created, err := c.Droplets.Create(t.Context(), createRequest("a"))
		require.NoError(t, err)
		assert.Greater(t, created.Droplet.ID, last)
		assert.Greater(t, created.Actions[0].ID, int64(math.MaxInt32))
		last = created.Droplet.ID
	}
}
