package droplets

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// readerRoots lists the roots that have a fields method, each with a function that returns an empty one.
// TestReaderRoots fails if one is missing.
func readerRoots() map[string]func() fieldReader {
	return map[string]func() fieldReader{
		"dropletRoot":     func() fieldReader { return new(dropletRoot) },
		"dropletsRoot":    func() fieldReader { return new(dropletsRoot) },
		"neighborsRoot":   func() fieldReader { return new(neighborsRoot) },
		"actionRoot":      func() fieldReader { return new(actionRoot) },
		"actionsRoot":     func() fieldReader { return new(actionsRoot) },
		"tagActionsRoot":  func() fieldReader { return new(tagActionsRoot) },
		"createRoot":      func() fieldReader { return new(createRoot) },
		"multiCreateRoot": func() fieldReader { return new(multiCreateRoot) },
		"imageRoot":       func() fieldReader { return new(imageRoot) },
		"imagesRoot":      func() fieldReader { return new(imagesRoot) },
		"imageActionRoot": func() fieldReader { return new(imageActionRoot) },
		"sizesRoot":       func() fieldReader { return new(sizesRoot) },
		"regionsRoot":     func() fieldReader { return new(regionsRoot) },
	}
}

// readerFixtures maps the fixtures that the reader must decode to their roots.
var readerFixtures = map[string]string{
	"droplets_get.200*": "dropletRoot", "droplets_list.200*": "dropletsRoot", "droplets_list_neighbors.200*": "neighborsRoot",
	"dropletActions_get.200*": "actionRoot", "actions_get.200*": "actionRoot", "dropletActions_post.201*": "actionRoot",
	"dropletActions_list.200*": "actionsRoot", "actions_list.200*": "actionsRoot", "dropletActions_post_byTag.201*": "tagActionsRoot",
	"droplets_create.202.json": "createRoot", "droplets_create.202.multi.json": "multiCreateRoot",
	"images_get.200*": "imageRoot", "images_update.200*": "imageRoot", "images_create_custom.202*": "imageRoot",
	"images_list.200*": "imagesRoot", "imageActions_list.200*": "actionsRoot", "imageActions_get.200*": "imageActionRoot",
	"imageActions_post.201*": "imageActionRoot", "sizes_list.200*": "sizesRoot", "regions_list.200*": "regionsRoot",
}

// TestReaderRoots compares readerRoots and readerFixtures with the source of the package: a root has the method missing,
// and the reader decodes it if it has, or embeds a type that has, the method fields.
func TestReaderRoots(t *testing.T) {
	t.Parallel()
	methods, embedded := make(map[string][]string), make(map[string][]string) // names by type
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					if n.Recv != nil {
						receiver := typeName(n.Recv.List[0].Type)
						methods[receiver] = append(methods[receiver], n.Name.Name)
					}
				case *ast.TypeSpec:
					embedded[n.Name.Name] = embeddedTypes(n)
				}
				return true
			})
		}
	}
	hasFields := func(name string) bool { return slices.Contains(methods[name], "fields") }
	var want []string
	for name := range methods {
		if slices.Contains(methods[name], "missing") && (hasFields(name) || slices.ContainsFunc(embedded[name], hasFields)) {
			want = append(want, name)
		}
	}
	require.NotEmpty(t, want)
	assert.ElementsMatch(t, want, slices.Collect(maps.Keys(readerRoots())), "add the root to readerRoots")
	withFixture := slices.Compact(slices.Sorted(maps.Values(readerFixtures)))
	assert.ElementsMatch(t, want, withFixture, "add the fixtures of the root to readerFixtures")
	for name, newRoot := range readerRoots() {
		typ, _, _ := strings.Cut(reflect.TypeOf(newRoot()).Elem().Name(), "[")
		assert.Equal(t, name, typ)
	}
}

// embeddedTypes returns the names of the types that a struct embeds.
func embeddedTypes(spec *ast.TypeSpec) (names []string) {
	if structure, ok := spec.Type.(*ast.StructType); ok {
		for _, field := range structure.Fields.List {
			if len(field.Names) == 0 {
				names = append(names, typeName(field.Type))
			}
		}
	}
	return names
}

// typeName returns the name of a type, without a pointer and without type arguments.
func typeName(expr ast.Expr) string {
	switch typ := expr.(type) {
	case *ast.Ident:
		return typ.Name
	case *ast.StarExpr:
		return typeName(typ.X)
	case *ast.IndexExpr:
		return typeName(typ.X)
	}
	return ""
}

// decodeWithReader decodes a document with the reader alone and reports whether that succeeded.
func decodeWithReader(body []byte, dst fieldReader) bool {
	r := jsonread.NewReader(body)
	for r.Next() {
		dst.fields(r)
	}
	return r.Done()
}

// requireEqualDecoding decodes a document with the reader and, if the reader accepts it, compares the result with that of
// encoding/json. It reports whether the reader accepts the document.
func requireEqualDecoding(t *testing.T, name string, body []byte, newRoot func() fieldReader) bool {
	t.Helper()
	got, want := newRoot(), newRoot()
	if !decodeWithReader(body, got) {
		return false
	}
	require.NoError(t, json.Unmarshal(body, want), "%s: encoding/json rejects a document that the reader accepts: %s", name, body)
	require.Equal(t, want, got, "%s: %s", name, body)
	return true
}

// TestReaderDecodesEveryField fails when a field of a model is missing in its fields method.
func TestReaderDecodesEveryField(t *testing.T) {
	t.Parallel()
	for name, newRoot := range readerRoots() {
		full := newRoot()
		n := 0
		fillFields(t, reflect.ValueOf(full).Elem(), &n)
		require.Greater(t, n, 1)
		body, err := json.Marshal(full)
		require.NoError(t, err)
		assert.True(t, requireEqualDecoding(t, name, body, newRoot), "%s: the reader falls back on %s", name, body)
	}
}

// fillFields sets every field to a value that no other field has.
func fillFields(t *testing.T, v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillFields(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillFields(t, v.Index(0), n)
		fillFields(t, v.Index(1), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(noon.Add(time.Duration(*n) * time.Second)))
			return
		}
		for _, field := range v.Fields() {
			fillFields(t, field, n)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("no value for a %s", v.Type())
	}
}

// TestReaderDecodesFixtures fails when the reader falls back on a document that the API sends.
func TestReaderDecodesFixtures(t *testing.T) {
	t.Parallel()
	roots := readerRoots()
	for pattern, root := range readerFixtures {
		files, err := filepath.Glob(filepath.Join("testdata", pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.True(t, requireEqualDecoding(t, file, body, roots[root]), "the reader falls back on %s", file)
		}
	}
}

// TestUnmarshalFallsBack decodes documents that the reader does not accept: the result and the error are those of
// encoding/json. Package jsonread tests which documents these are.
func TestUnmarshalFallsBack(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"invalid JSON": `{"droplets":[{"id":1}`, "a wrong type": `{"droplets":[{"id":1},{"id":"2"}]}`, "an invalid time": `{"droplets":[{"created_at":"yesterday"}]}`,
		"an upper-case key": `{"droplets":[{"id":1}],"meta":{"Total":7}}`, "a repeated list": `{"droplets":[{"id":1},{"id":2}],"droplets":[{"name":"x"}]}`,
		"links that are a list": `{"droplets":[],"links":[]}`, "pages that are a number": `{"droplets":[],"links":{"pages":7}}`,
	} {
		require.False(t, decodeWithReader([]byte(body), new(dropletsRoot)), name)
		var got, want dropletsRoot
		err := json.Unmarshal([]byte(body), &want)
		assert.Equal(t, err, unmarshal([]byte(body), &got), name)
		assert.Equal(t, want, got, name)
	}
}

// FuzzDecode compares the reader with encoding/json for every root.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.2*.json")
	require.NoError(f, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body)
	}
	for _, body := range []string{`{"droplet":{"id":1,"id":2,"kernel":null,"kernel":{"id":3}}}`, `{"droplet":{"name":"\ud800","x":"\u00e9"}}`,
		`{"droplets":[null,{}],"links":null,"meta":{"total":null}}`, "{\"droplet\":{\"name\":\"\xff\"}}", `{"action":{"completed_at":"2020-01-01T00:00:00.5+01:00"}}`,
		` { "droplet" : { "id" : -0 , "memory":-5,"size":{"transfer":0.5e-3}} } `, `{"links":{"actions":[{"id":1}]},"droplet":{"networks":{"v4":[]}}}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for name, newRoot := range readerRoots() {
			requireEqualDecoding(t, name, body, newRoot)
		}
	})
}

// TestDensityOfADocument: the items of the lists in a document may need eight times its length and 512 KiB.
func TestDensityOfADocument(t *testing.T) {
	t.Parallel()
	size := int(reflect.TypeFor[Droplet]().Size())
	for name, padding := range map[string]int{"short": 0, "of a mebibyte": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items := (512<<10 + 8*padding) / (size - 8*len("{},"))
			for percent, tooMany := range map[int]bool{95: false, 105: true} {
				body := `{"droplets":[` + strings.Repeat("{},", items*percent/100) + `{}]` + strings.Repeat(" ", padding) + `}`
				err := unmarshal([]byte(body), new(dropletsRoot))
				if !tooMany {
					require.NoError(t, err)
					continue
				}
				require.ErrorContains(t, err, "the items of its lists are too many for a document of")
			}
		})
	}
}
