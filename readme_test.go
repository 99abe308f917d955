package droplets_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// block is a block of Go code in a page.
type block struct {
	file string
	line int // of the first line of code
	code string
}

var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// documents returns the pages for users, by file.
func documents(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	texts := make(map[string]string)
	for _, file := range append(files, "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		texts[file] = string(text)
	}
	return texts
}

// goBlocks returns the blocks of Go code in a page, except for those with godo, which the module benchmarks compiles.
func goBlocks(file, text string) (blocks []block) {
	for _, at := range goBlock.FindAllStringSubmatchIndex(text, -1) {
		b := block{file: file, line: 1 + strings.Count(text[:at[2]], "\n"), code: text[at[2]:at[3]]}
		if !strings.Contains(b.code, "godo.") {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// importPaths has the packages that a block may use without importing them, by name.
var importPaths = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "io": "io", "http": "net/http", "log": "log", "os": "os",
	"slog": "log/slog", "time": "time", "testing": "testing",
	"droplets":     "github.com/droplets-go/droplets",
	"dropletstest": "github.com/droplets-go/droplets/dropletstest",
}

// source returns a Go file with the block. A program is a complete file, declarations need imports, and statements become
// the body of a function with a context, a client and the ID of a Droplet.
func (b block) source() (string, error) {
	const head, statements = "package readme\n", "func _(ctx context.Context, client *droplets.Client, id int64) error {\n{\n"
	if strings.HasPrefix(b.code, "package ") {
		return fmt.Sprintf("//line %s:%d\n%s", b.file, b.line, b.code), nil
	}
	body := fmt.Sprintf("//line %s:%d\n%s", b.file, b.line, b.code)
	if _, err := parser.ParseFile(token.NewFileSet(), "", head+body, parser.SkipObjectResolution); err != nil {
		// Variables that a block declares for the next block, such as the client, count as used.
		body = statements + body + "_, _, _ = ctx, client, id\n}\nreturn nil\n}\n"
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", head+body, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	used := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && importPaths[x.Name] != "" {
				used[importPaths[x.Name]] = true
			}
		}
		return true
	})
	imports := ""
	for _, path := range slices.Sorted(maps.Keys(used)) {
		imports += fmt.Sprintf("import %q\n", path)
	}
	return head + imports + body, nil
}

// compile compiles blocks as packages of this module. They exist only in an overlay of the go command, so that no file is
// written into the repository.
func compile(t *testing.T, blocks []block) (output string, err error) {
	t.Helper()
	dir, root := t.TempDir(), t.TempDir()
	module, err := os.Getwd()
	require.NoError(t, err)
	files := make(map[string]string)
	packages := make(map[string]bool)
	for i, b := range blocks {
		source, err := b.source()
		if err != nil {
			return fmt.Sprintf("%s:%d: %s", b.file, b.line, err), err
		}
		pkg := strings.ToLower(strings.TrimSuffix(filepath.Base(b.file), ".md"))
		if strings.HasPrefix(b.code, "package ") {
			pkg = fmt.Sprintf("program%d", i)
		}
		written := filepath.Join(root, fmt.Sprintf("block%d.go", i))
		require.NoError(t, os.WriteFile(written, []byte(source), 0o600))
		files[filepath.Join(module, "testdata", "readme", pkg, fmt.Sprintf("block%d.go", i))] = written
		packages["./testdata/readme/"+pkg] = true
	}
	overlay, err := json.Marshal(map[string]any{"Replace": files})
	require.NoError(t, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, overlay, 0o600))
	args := append([]string{"build", "-o", os.DevNull, "-overlay=" + overlayFile}, slices.Sorted(maps.Keys(packages))...)
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	return string(out), err
}

func needsGo(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command, which compiles the README's code, is not on the PATH")
	}
}

// TestREADMECompiles compiles every block of Go code in the README and in the pages of docs.
func TestREADMECompiles(t *testing.T) {
	t.Parallel()
	needsGo(t)
	var blocks []block
	for file, text := range documents(t) {
		blocks = append(blocks, goBlocks(file, text)...)
	}
	require.Greater(t, len(blocks), 12)
	out, err := compile(t, blocks)
	require.NoError(t, err, out)
}

// TestREADMECompileErrors checks that compile reports errors in each of the three kinds of blocks, with the line in the
// README.
func TestREADMECompileErrors(t *testing.T) {
	t.Parallel()
	needsGo(t)
	out, err := compile(t, []block{
		{file: "README.md", line: 10, code: "d, err := client.Droplets.Get(ctx)\nif err != nil {\n\treturn err\n}\nfmt.Println(d.ID)\n"},
		{file: "README.md", line: 20, code: "func f() error { return droplets.ErrMissing }\n"},
		{file: "README.md", line: 30, code: "package main\n\nfunc main() { undefined() }\n"},
	})
	require.Error(t, err)
	for _, line := range []string{"README.md:10:", "README.md:20:", "README.md:32:"} {
		assert.Contains(t, out, line)
	}
	_, err = block{file: "README.md", line: 1, code: "if err {\n"}.source()
	require.Error(t, err)
}

// firstCell matches the first cell of a table row.
var firstCell = regexp.MustCompile(`(?m)^\|[^|]*\|`)

// TestREADMENames checks that the names in the README and in the pages of docs exist: methods of services, tests, and linked files
// and headings.
func TestREADMENames(t *testing.T) {
	t.Parallel()
	client := reflect.TypeFor[droplets.Client]()
	tests := declaredTests(t)
	all := documents(t)
	for file, text := range all {
		if file == "docs/godo.md" {
			text = firstCell.ReplaceAllString(text, "|") // the calls in that column are godo's
		}
		for _, match := range regexp.MustCompile("`([A-Z][A-Za-z]+)\\.([A-Z][A-Za-z0-9]+)[`(]").FindAllStringSubmatch(text, -1) {
			if service, ok := client.FieldByName(match[1]); ok {
				_, ok := service.Type.MethodByName(match[2])
				assert.True(t, ok, "%s: there is no method %s.%s", file, match[1], match[2])
			}
		}
		for _, name := range regexp.MustCompile("`((?:Test|Example|Fuzz)[A-Z_][A-Za-z0-9_]*)`").FindAllStringSubmatch(text, -1) {
			assert.True(t, tests[name[1]], "%s: there is no %s", file, name[1])
		}
		for _, link := range regexp.MustCompile(`\]\(([^):# ]*)(#[^)]*)?\)`).FindAllStringSubmatch(text, -1) {
			target := file
			if link[1] != "" {
				target = filepath.Join(filepath.Dir(file), link[1])
			}
			_, err := os.Stat(target)
			if !assert.NoError(t, err, "%s: %s", file, link[0]) || link[2] == "" {
				continue
			}
			assert.Contains(t, anchors(t, target), link[2], "%s: %s", file, link[0])
		}
	}
}

// anchors returns the anchors of the headings of a page, as GitHub makes them.
func anchors(t *testing.T, file string) (found []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(text), -1) {
		plain := regexp.MustCompile("[^a-z0-9 _-]").ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, "#"+strings.ReplaceAll(plain, " ", "-"))
	}
	return found
}

// TestREADMEOutput runs the program of the README on the fake and compares its output with the next block.
func TestREADMEOutput(t *testing.T) {
	needsGo(t)
	text := documents(t)["README.md"]
	program := goBlocks("README.md", text)[0]
	require.True(t, strings.HasPrefix(program.code, "package main"))
	_, rest, _ := strings.Cut(text, program.code+"```\n")
	output := regexp.MustCompile("(?ms)^```\n(.*?)^```$").FindStringSubmatch(rest)
	require.NotNil(t, output)

	server := httptest.NewServer(dropletstest.New(dropletstest.WithActionDuration(time.Millisecond)))
	defer server.Close()
	const token = `os.Getenv("DIGITALOCEAN_TOKEN")`
	require.Contains(t, program.code, token)
	t.Setenv("DIGITALOCEAN_TOKEN", dropletstest.Token)
	out, err := runProgram(t, strings.Replace(program.code, token, fmt.Sprintf("%s, droplets.WithBaseURL(%q)", token, server.URL), 1))
	require.NoError(t, err, out)
	assert.Equal(t, output[1], out)
}

// runProgram runs a program with this module, from an overlay of the go command.
func runProgram(t *testing.T, source string) (output string, err error) {
	t.Helper()
	dir := t.TempDir()
	module, err := os.Getwd()
	require.NoError(t, err)
	written := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(written, []byte(source), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(module, "testdata", "readme", "main", "main.go"): written}})
	require.NoError(t, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, overlay, 0o600))
	binary := filepath.Join(dir, "program")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay="+overlayFile, "-o", binary, "./testdata/readme/main").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	out, err = exec.CommandContext(t.Context(), binary).CombinedOutput()
	return string(out), err
}

// TestREADMEIsShort: details belong to the pages of docs.
func TestREADMEIsShort(t *testing.T) {
	t.Parallel()
	assert.LessOrEqual(t, strings.Count(documents(t)["README.md"], "\n"), 200)
}

// declaredTests returns the names of all tests, examples and fuzz targets of the module.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Example|Fuzz)\w*)\(`)
	require.NoError(t, filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range declaration.FindAllStringSubmatch(string(text), -1) {
			names[match[1]] = true
		}
		return err
	}))
	return names
}
