package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEquivalentMutantsExist: an entry whose code has changed is out of date and has to be read again.
func TestEquivalentMutantsExist(t *testing.T) {
	t.Parallel()
	list, err := readEquivalent("equivalent.txt")
	require.NoError(t, err)
	require.NotEmpty(t, list)
	found := 0
	for _, dir := range []string{".", "dropletstest"} {
		all, err := findMutants(t.Context(), filepath.Join("..", "..", dir))
		require.NoError(t, err)
		here := equivalentIn(dir, list)
		found += len(here)
		_, unused := withoutEquivalent(all.mutants, here)
		assert.Empty(t, unused)
	}
	assert.Equal(t, len(list), found, "an entry names a file of another package")
}
