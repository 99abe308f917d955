package droplets

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// readerRoots are the documents that the reader takes, each as a function that makes an empty one.
func readerRoots() map[string]func() any {
	return map[string]func() any{
		"droplet":      func() any { return new(dropletRoot) },
		"droplets":     func() any { return new(dropletsRoot) },
		"neighbors":    func() any { return new(neighborsRoot) },
		"action":       func() any { return new(actionRoot) },
		"actions":      func() any { return new(actionsRoot) },
		"tag actions":  func() any { return new(tagActionsRoot) },
		"create":       func() any { return new(createRoot) },
		"multi create": func() any { return new(multiCreateRoot) },
	}
}

// taken decodes by the reader alone.
func taken(body []byte, into any) bool {
	r := jsonread.NewReader(body)
	for r.Next() {
		into.(fieldReader).fields(r)
	}
	return r.Done()
}

// requireSame holds the reader to encoding/json: what it takes, that takes, and makes the same of.
func requireSame(t *testing.T, name string, body []byte, empty func() any) bool {
	t.Helper()
	mine, theirs := empty(), empty()
	if !taken(body, mine) {
		return false
	}
	require.NoError(t, json.Unmarshal(body, theirs), "%s: encoding/json refuses what the reader takes: %s", name, body)
	require.Equal(t, theirs, mine, "%s: %s", name, body)
	return true
}

// TestTheReaderKnowsEveryField fails when a field that is added to a model is not added to its fields method.
func TestTheReaderKnowsEveryField(t *testing.T) {
	t.Parallel()
	for name, empty := range readerRoots() {
		full := empty()
		n := 0
		fillIn(t, reflect.ValueOf(full).Elem(), &n)
		body, err := json.Marshal(full)
		require.NoError(t, err)
		require.Greater(t, n, 10)
		assert.True(t, requireSame(t, name, body, empty), "%s: the reader gives up on %s", name, body)
	}
}

// fillIn gives every field a value of its own.
func fillIn(t *testing.T, v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillIn(t, v.Index(0), n)
		fillIn(t, v.Index(1), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(noon.Add(time.Duration(*n) * time.Second)))
			return
		}
		for _, field := range v.Fields() {
			fillIn(t, field, n)
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

// TestTheReaderTakesWhatTheAPISends keeps a document that the reader should take from going the slow way unnoticed.
func TestTheReaderTakesWhatTheAPISends(t *testing.T) {
	t.Parallel()
	roots := readerRoots()
	for pattern, root := range map[string]string{
		"droplets_get.200*": "droplet", "droplets_list.200*": "droplets", "droplets_list_neighbors.200*": "neighbors",
		"dropletActions_get.200*": "action", "actions_get.200*": "action", "dropletActions_post.201*": "action",
		"dropletActions_list.200*": "actions", "actions_list.200*": "actions", "dropletActions_post_byTag.201*": "tag actions",
		"droplets_create.202.json": "create", "droplets_create.202.multi.json": "multi create",
	} {
		files, err := filepath.Glob(filepath.Join("testdata", pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.True(t, requireSame(t, file, body, roots[root]), "the reader gives up on %s", file)
		}
	}
}

// TestTheReaderGivesUp lists documents that are encoding/json's alone to judge.
func TestTheReaderGivesUp(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for name, body := range map[string]string{
		"nothing": ``, "a list": `[]`, "cut short": `{"droplet":{"id":1`, "more after": `{"droplet":{"id":1}} x`,
		"two documents": `{"droplet":{"id":1}}{}`, "a comma too many": `{"droplet":{"id":1,}}`, "no comma": `{"droplet":{"id":1 "name":"x"}}`,
		"a fraction": `{"droplet":{"id":1.5}}`, "an exponent": `{"droplet":{"id":1e2}}`, "a plus": `{"droplet":{"id":+1}}`,
		"a leading zero": `{"droplet":{"id":01}}`, "hexadecimal": `{"droplet":{"id":0x1}}`, "too large": `{"droplet":{"id":9223372036854775808}}`,
		"a text for a number": `{"droplet":{"id":"1"}}`, "a number for a text": `{"droplet":{"name":1}}`, "a text for a boolean": `{"droplet":{"locked":"true"}}`,
		"a date of its own": `{"droplet":{"created_at":"yesterday"}}`, "capitals": `{"droplet":{"ID":1}}`, "a list for an object": `{"droplet":[]}`,
		"a list twice": `{"droplet":{"tags":["a"],"tags":["b"]}}`, "a bare word": `{"droplet":{"locked":truth}}`,
		"a bad escape": `{"droplet":{"x":"\q"}}`, "a control character": "{\"droplet\":{\"x\":\"a\nb\"}}", "deep": `{"droplet":{"x":` + deep + `}}`,
		"an escaped key": `{"droplet":{"i\u0064":1}}`, "an infinity": `{"droplet":{"size":{"transfer":1e999}}}`,
	} {
		assert.False(t, taken([]byte(body), new(dropletRoot)), name)
		var mine, theirs dropletRoot
		err := json.Unmarshal([]byte(body), &theirs)
		assert.Equal(t, err, unmarshal([]byte(body), &mine), name)
		assert.Equal(t, theirs, mine, name)
	}
}

// TestTextsDoNotShareTheDocument lets a caller keep one text without keeping the page that it came on.
func TestTextsDoNotShareTheDocument(t *testing.T) {
	t.Parallel()
	body := []byte(`{"droplet":{"id":1,"name":"web-1","tags":["a","b"]}}`)
	var root dropletRoot
	require.NoError(t, unmarshal(body, &root))
	clear(body)
	assert.Equal(t, "web-1", root.Droplet.Name)
	assert.Equal(t, []string{"a", "b"}, root.Droplet.Tags)
}

// FuzzDecode holds the reader against encoding/json on anything.
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
		for name, empty := range readerRoots() {
			requireSame(t, name, body, empty)
		}
	})
}

// TestAListIsNotSizedByTheCommasInATextAlone keeps an answer from claiming many times its own size in memory.
func TestAListIsNotSizedByTheCommasInATextAlone(t *testing.T) {
	t.Parallel()
	body := []byte(`{"droplet":{"id":1,"tags":["` + strings.Repeat(",", 1<<20) + `"],"backup_ids":[1,2,3]}}`)
	var root dropletRoot
	require.True(t, taken(body, &root))
	assert.LessOrEqual(t, cap(root.Droplet.Tags)*int(reflect.TypeFor[string]().Size()), 3*len(body))
	assert.Equal(t, []int64{1, 2, 3}, root.Droplet.BackupIDs)
}
