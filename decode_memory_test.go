package droplets

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// allocatedBy returns the number of bytes that f allocates. No other test may run at the same time: the callers are not
// parallel.
func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// decodeRoots returns one empty root for each operation group.
func decodeRoots() map[string]func() root {
	return map[string]func() root{
		"droplet": func() root { return new(dropletRoot) }, "droplets": func() root { return new(dropletsRoot) },
		"neighbors": func() root { return new(neighborsRoot) }, "action": func() root { return new(actionRoot) },
		"actions": func() root { return new(actionsRoot) }, "create": func() root { return new(createRoot) },
		"multi create": func() root { return new(multiCreateRoot) }, "snapshots": func() root { return new(snapshotsRoot) },
		"kernels": func() root { return new(kernelsRoot) }, "firewalls": func() root { return new(firewallsRoot) },
		"policies": func() root { return new(policiesRoot) }, "neighbor ids": func() root { return new(neighborIDsRoot) },
		"associated": func() root { return new(associatedRoot) }, "destroy status": func() root { return new(destroyStatusRoot) },
		"images": func() root { return new(imagesRoot) }, "image action": func() root { return new(imageActionRoot) },
		"account snapshots": func() root { return new(accountSnapshotsRoot) }, "sizes": func() root { return new(sizesRoot) },
		"regions": func() root { return new(regionsRoot) }, "keys": func() root { return new(sshKeysRoot) },
		"tags": func() root { return new(tagsRoot) }, "pools": func() root { return new(autoscalePoolsRoot) },
		"members": func() root { return new(autoscaleMembersRoot) }, "history": func() root { return new(autoscaleHistoryRoot) },
		"list of AllFrom": func() root { return &listDocument[Droplet]{key: "droplets"} },
	}
}

// requireBoundedDecode fails if decoding allocates more than a small multiple of the document.
func requireBoundedDecode(t *testing.T, name string, body []byte) {
	t.Helper()
	for rootName, empty := range decodeRoots() {
		requireBounded(t, name, body, rootName, empty())
	}
}

// requireBounded does the same for one root.
func requireBounded(t *testing.T, name string, body []byte, rootName string, dst root) {
	t.Helper()
	const constant, factor = 4 << 20, 64
	used := allocatedBy(func() { _ = decodeBody(body, dst) })
	require.LessOrEqual(t, used, uint64(constant+factor*len(body)), "%s: %s of %d bytes", name, rootName, len(body))
}

// TestDecodingIsBounded decodes documents that were made to use memory.
//
//nolint:paralleltest // it measures allocations
func TestDecodingIsBounded(t *testing.T) {
	sizes := []int{1 << 16, 1 << 20}
	if raceDetector {
		sizes = sizes[:1] // nothing is concurrent here
	}
	for _, size := range sizes {
		for name, body := range hostileDocuments(size) {
			requireBoundedDecode(t, name, []byte(body))
		}
	}
}

// hostileDocuments returns documents that need much memory, of about size bytes, by name.
func hostileDocuments(size int) map[string]string {
	dense := func(item string) string { return strings.Repeat(item+",", size/(len(item)+1)) + item }
	documents := map[string]string{
		"empty Droplets":              `{"droplets":[` + dense(`{}`) + `]}`,
		"empty Droplets, unusual":     `{"Droplets":[],"droplets":[` + dense(`{}`) + `]}`,
		"Droplets with IDs":           `{"droplets":[` + dense(`{"id":1}`) + `],"meta":{"TOTAL":1}}`,
		"a bracket in the first item": `{"droplets":[{"id":1,"name":"]"},` + dense(`{"id":1}`) + `]}`,
		"lists in lists":              `{"droplets":[` + dense(`{"id":1,"tags":["]",""],"networks":{"v4":[{"ip_address":"]"},{}]}}`) + `]}`,
		"commas in texts":             `{"droplets":[` + dense(`{"tags":["`+strings.Repeat(",", 50)+`"]}`) + `]}`,
		"one text of commas":          `{"droplet":{"id":1,"tags":["` + strings.Repeat(",", size) + `"]}}`,
		"empty texts":                 `{"droplet":{"id":1,"tags":[` + dense(`""`) + `]}}`,
		"numbers":                     `{"droplet":{"id":1,"backup_ids":[` + dense(`1`) + `]}}`,
		"empty actions":               `{"actions":[` + dense(`{}`) + `]}`,
		"empty firewalls":             `{"firewalls":[` + dense(`{}`) + `]}`,
		"empty rules":                 `{"firewalls":[{"inbound_rules":[` + dense(`{}`) + `]}]}`,
		"policies":                    `{"policies":{` + dense(`"1":{}`) + `}}`,
		"kernels":                     `{"kernels":[` + dense(`{}`) + `]}`,
		"escapes":                     `{"droplet":{"id":1,"name":"` + strings.Repeat(`\n`, size/2) + `"}}`,
		"deep":                        `{"droplet":` + strings.Repeat(`{"x":`, size/5),
		"neighbor IDs":                `{"neighbor_ids":[` + dense(`[]`) + `]}`,
		"empty images":                `{"images":[` + dense(`{}`) + `]}`,
		"empty sizes":                 `{"sizes":[` + dense(`{}`) + `]}`,
		"empty regions":               `{"regions":[` + dense(`{}`) + `]}`,
		"empty snapshots":             `{"snapshots":[` + dense(`{}`) + `]}`,
	}
	for _, key := range []string{"droplets", "actions", "images", "snapshots", "tags", "autoscale_pools", "history"} {
		for _, item := range []string{"null", "0", `""`, "[]"} {
			documents[item+" in "+key] = `{"` + key + `":[` + dense(item) + `]}`
		}
	}
	return documents
}

// TestNestedListsAreBounded fills every list of every response, at any depth, with items that need more memory than bytes.
//
//nolint:paralleltest // it measures allocations
func TestNestedListsAreBounded(t *testing.T) {
	const size = 1 << 16
	lists := 0
	repeat := func(item string) string { return strings.Repeat(item+",", size/(len(item)+1)) + item }
	for name, empty := range decodeRoots() {
		for _, l := range listsIn(reflect.TypeOf(empty()), "", "", nil) {
			lists++
			for _, item := range []string{"null", "0", `""`, "[]", "{}"} {
				requireBounded(t, l.open+item, []byte(l.open+repeat(item)+l.shut), name, empty())
				// The same in many short lists, such as {"firewalls":[{"tags":[0,0]},{"tags":[0,0]}]}.
				outer := l.open[:strings.Index(l.open, "[")+1]
				end := len(l.shut) - strings.Count(outer, "[") - strings.Count(outer, "{")
				inner := l.open[len(outer):] + item + "," + item + l.shut[:end]
				requireBounded(t, outer+inner, []byte(outer+repeat(inner)+l.shut[end:]), name, empty())
			}
		}
	}
	assert.Greater(t, lists, 100)
}

// list is a list in a response: the document before its items and after them.
type list struct{ open, shut string }

// listsIn returns the lists in a type. within has the structs around it.
func listsIn(t reflect.Type, open, shut string, within []reflect.Type) (all []list) {
	switch t.Kind() {
	case reflect.Pointer:
		return listsIn(t.Elem(), open, shut, within)
	case reflect.Slice:
		return append(listsIn(t.Elem(), open+"[", "]"+shut, within), list{open + "[", "]" + shut})
	case reflect.Map:
		return listsIn(t.Elem(), open+`{"1":`, "}"+shut, within)
	case reflect.Struct:
		if slices.Contains(within, t) {
			return nil
		}
		for _, field := range reflect.VisibleFields(t) {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if key == "" && field.Name == "Items" {
				key = "droplets" // of a listDocument
			}
			if key != "" && key != "-" {
				all = append(all, listsIn(field.Type, open+`{"`+key+`":`, "}"+shut, append(slices.Clip(within), t))...)
			}
		}
	default:
	}
	return all
}

// TestDocumentedResponsesAreNotDense: no response that the API documents comes near to what checkDensity rejects.
func TestDocumentedResponsesAreNotDense(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.2*.json")
	require.NoError(t, err)
	checked := 0
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, body))
		for name, empty := range decodeRoots() {
			dst := empty()
			if decodeBody(body, dst) != nil {
				continue // a response of another operation
			}
			checked++
			assert.False(t, jsonread.NeedsMore(compact.Bytes(), reflect.TypeOf(dst).Elem(), 4*compact.Len()), "%s as %s", file, name)
		}
	}
	assert.GreaterOrEqual(t, checked, len(files)/2)
}

// FuzzDecodeMemory checks the same for any document.
func FuzzDecodeMemory(f *testing.F) {
	files, err := filepath.Glob("testdata/*.2*.json")
	require.NoError(f, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body, uint16(1))
	}
	f.Add([]byte(`{"droplets":[{"id":1,"tags":["]"]},{}`), uint16(2000))
	f.Fuzz(func(t *testing.T, body []byte, repeat uint16) {
		// Repeating the second half of the input makes long documents out of short inputs.
		half := len(body) / 2
		long := string(body[:half]) + strings.Repeat(string(body[half:]), 1+int(repeat%4096))
		requireBoundedDecode(t, "fuzz", []byte(long[:min(len(long), 1<<20)]))
	})
}

// TestErrorBodiesAreBounded: an error keeps 64 KiB of the body, and not the whole of it in memory. The search for secrets
// takes linear time and memory.
//
//nolint:paralleltest // it measures allocations
func TestErrorBodiesAreBounded(t *testing.T) {
	const size = 14 << 20
	for name, body := range map[string]string{
		"escapes":          strings.Repeat(`\n`, size/2),
		"unicode escapes":  strings.Repeat(`\u0041`, size/6),
		"backslashes":      strings.Repeat(`\`, size),
		"nearly the token": strings.Repeat("dop_v1_the-token-of-the-test", size/28),
		"a long text":      strings.Repeat("x", size),
	} {
		r := &request{call: call{method: http.MethodGet}}
		r.addSecret("dop_v1_the-token-of-the-tests")
		r.addSecret("#cloud-config\n" + strings.Repeat("password: hunter2\n", 100))
		var e *Error
		used := allocatedBy(func() {
			e = newError(200, http.Header{}, []byte(body), r.secrets, time.Now())
			r.addCall(e)
		})
		assert.LessOrEqual(t, cap(e.Body), maxErrorBody, name)
		assert.LessOrEqual(t, used, uint64(4*size), name)
	}
}

// TestSecretsAtTheEndOfABody: a secret is found although the body is cut there.
func TestSecretsAtTheEndOfABody(t *testing.T) {
	t.Parallel()
	const secret = "dop_v1_the-token-of-the-tests"
	for _, offset := range []int{0, 1, 10, len(secret) - 1, len(secret), len(secret) + 1, 100} {
		for _, count := range []int{1, 500} {
			body := strings.Repeat(secret, count-1)
			body += strings.Repeat("x", maxErrorBody-offset-len(body)) + strings.Repeat(secret, 30)
			r := &request{call: call{method: http.MethodGet}}
			r.addSecret(secret)
			e := newError(502, http.Header{}, []byte(body), r.secrets, time.Now())
			r.addCall(e)
			assert.NotContains(t, string(e.Body), secret[:8], "offset %d, %d secrets", offset, count)
			assert.LessOrEqual(t, len(e.Body), maxErrorBody)
		}
	}
}
