package check_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/check"
)

// TestFixturesConformToTheDocument checks the responses that the library's tests decode, testdata/OPERATION.STATUS.json. Files with
// a further word in their names, such as nulls, are responses that the document does not describe.
func TestFixturesConformToTheDocument(t *testing.T) {
	t.Parallel()
	d := load(t)
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "testdata", "*.json"))
	require.NoError(t, err)
	checked := 0
	for _, file := range files {
		parts := strings.Split(filepath.Base(file), ".")
		op := d.Operation(parts[0])
		if op == nil || len(parts) != 3 {
			continue
		}
		status, err := strconv.Atoi(parts[1])
		require.NoError(t, err, file)
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		exchange, err := check.Sample(t.Context(), d, op, nil)
		require.NoError(t, err)
		assert.Empty(t, exchange.Response(t.Context(), status, completeHeader(), body), file)
		checked++
	}
	assert.GreaterOrEqual(t, checked, 45)
}
