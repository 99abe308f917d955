package droplets_test

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// layer is one box of the diagram in docs/design.md.
type layer struct {
	name  string
	level int // 0 is the lowest
}

// TestLayers checks that every library file is in exactly one layer of the diagram in docs/design.md, and that it uses no
// declaration of a higher layer.
func TestLayers(t *testing.T) {
	t.Parallel()
	layers := documentedLayers(t)
	fset, files := parseLibrary(t)
	for _, f := range files {
		name := filepath.Base(fset.Position(f.Pos()).Filename)
		_, listed := layers[name]
		assert.True(t, listed, "%s is in no layer: add it to the diagram of docs/design.md, section Layers", name)
	}
	for name := range layers {
		_, err := os.Stat(name)
		assert.NoError(t, err, "docs/design.md lists a file that does not exist")
	}
	for _, v := range violations(t, fset, files, layers) {
		t.Error(v)
	}
}

// TestLayersDetectsViolations checks that violations are found: in the reverse order of the layers there must be some.
func TestLayersDetectsViolations(t *testing.T) {
	t.Parallel()
	layers := documentedLayers(t)
	for name, l := range layers {
		layers[name] = layer{l.name, -l.level}
	}
	fset, files := parseLibrary(t)
	found := strings.Join(violations(t, fset, files, layers), "\n")
	for _, want := range []string{"client.go (client) uses newConfig of config.go (pipeline)", "uses invoke of pipeline.go", "uses Action of action.go"} {
		assert.Contains(t, found, want)
	}
}

// documentedLayers reads the diagram: one node for each layer, the highest first, with its files.
func documentedLayers(t *testing.T) map[string]layer {
	t.Helper()
	doc, err := os.ReadFile("docs/design.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(doc), "\n## Layers\n")
	require.True(t, found, "docs/design.md has no section Layers")
	_, section, _ = strings.Cut(section, "```mermaid\n")
	diagram, _, _ := strings.Cut(section, "```")
	nodes := regexp.MustCompile(`(?m)^\s*(\w+)\["(.*)"\]$`).FindAllStringSubmatch(diagram, -1)
	require.NotEmpty(t, nodes, "the diagram has no node like name[\"…\"]")
	layers := make(map[string]layer)
	for i, node := range nodes {
		for _, file := range regexp.MustCompile(`\w+\.go`).FindAllString(node[2], -1) {
			assert.NotContains(t, layers, file, "the file is in two layers")
			layers[file] = layer{name: node[1], level: len(nodes) - i}
		}
	}
	return layers
}

func parseLibrary(t *testing.T) (*token.FileSet, []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, f)
	}
	return fset, files
}

// violations lists each use of a declaration in a higher layer, once for each file and declaration.
func violations(t *testing.T, fset *token.FileSet, files []*ast.File, layers map[string]layer) []string {
	t.Helper()
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: compiledImports(t, fset)}
	pkg, err := config.Check("droplets", fset, files, info)
	require.NoError(t, err)
	fileOf := func(pos token.Pos) string { return filepath.Base(fset.Position(pos).Filename) }
	var found []string
	reported := make(map[string]bool)
	for ident, obj := range info.Uses {
		if obj.Pkg() != pkg {
			continue
		}
		from, to := fileOf(ident.Pos()), fileOf(obj.Pos())
		_, fromListed := layers[from]
		_, toListed := layers[to]
		if !fromListed || !toListed || layers[from].level >= layers[to].level {
			continue
		}
		text := fmt.Sprintf("%s (%s) uses %s of %s (%s), a higher layer: move the code that needs it up or the declaration down",
			from, layers[from].name, obj.Name(), to, layers[to].name)
		if !reported[text] {
			reported[text] = true
			found = append(found, text)
		}
	}
	return found
}

// compiledImports returns an importer for the packages that the library imports, from the build cache.
func compiledImports(t *testing.T, fset *token.FileSet) types.Importer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // go list waits for locks of the build cache
	defer cancel()
	list, err := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", ".").Output()
	require.NoError(t, err, "go list: %v", ctx.Err())
	exports := make(map[string]string)
	for line := range strings.Lines(string(list)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		data, err := os.ReadFile(exports[path])
		return io.NopCloser(bytes.NewReader(data)), err
	})
}
