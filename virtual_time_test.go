package droplets_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestVirtualTimeHasADeadline checks that tests call virtualtime.Test and not synctest.Test, with which a test that polls
// forever runs until the time limit of go test. Examples call synctest.Test, because users cannot import virtualtime.
func TestVirtualTimeHasADeadline(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*_test.go", "internal/*/*_test.go", "dropletstest/*_test.go", "dropletstest/fakeapi/*_test.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			if !strings.HasPrefix(filepath.Base(file), "example_") {
				assert.Empty(t, synctestCalls(t, file), "call virtualtime.Test")
			}
		}
	}
	assert.Len(t, synctestCalls(t, "internal/virtualtime/virtualtime.go"), 1, "the check finds calls")
}

// synctestCalls returns the positions at which a file uses synctest.Test, or imports its package without a name.
func synctestCalls(t *testing.T, file string) (positions []string) {
	t.Helper()
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	name := ""
	for _, spec := range parsed.Imports {
		if spec.Path.Value != `"testing/synctest"` {
			continue
		}
		name = "synctest"
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			positions = append(positions, fset.Position(spec.Pos()).String())
		}
	}
	if name == "" {
		return nil
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok && selector.Sel.Name == "Test" {
			if pkg, ok := selector.X.(*ast.Ident); ok && pkg.Name == name {
				positions = append(positions, fset.Position(selector.Pos()).String())
			}
		}
		return true
	})
	return positions
}
