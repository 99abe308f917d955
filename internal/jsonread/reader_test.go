package jsonread_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// acceptedDocuments are decoded without encoding/json.
var acceptedDocuments = map[string]string{
	"every field":             fullDocument,
	"an empty object":         `{}`,
	"white space":             " {\t\"id\" :\r 1 ,\n\"ids\": [ 1 , 2 ] , \"main\" : { } } \n",
	"another order":           `{"items":[{"part":{"size":1},"name":"x","id":2}],"name":"y","id":3}`,
	"unknown keys":            `{"a":null,"id":1,"b":{"id":2,"B":[{}]},"c":[1,[2],{"d":"}"}],"e":-0.5e+3,"f":true,"g":false,"name":"x","h":"\u00e9\"\\ü"}`,
	"an unknown key, nested":  `{"main":{"a":[],"id":1,"b":{}},"items":[{"x":1},{"id":2,"y":"]"}],"id":7}`,
	"a prefix of a key":       `{"i":1,"idx":2,"nam":"x","names":["y"]}`,
	"an empty key":            `{"":1,"id":2}`,
	"escapes":                 `{"name":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`,
	"a lone surrogate":        `{"name":"\ud800"}`,
	"UTF-8":                   `{"name":"é 😀","tags":["ü"]}`,
	"invalid UTF-8":           "{\"name\":\"\xff\"}",
	"empty strings and lists": `{"name":"","tags":[],"ids":[],"items":[],"colors":[""]}`,
	"a long string":           `{"name":"` + strings.Repeat("x", 1000) + `"}`,
	"negative zero":           `{"id":-0,"ratio":-0.0}`,
	"smallest integer":        `{"id":-9223372036854775808}`,
	"numbers":                 `{"ratio":1E-2,"ids":[0,10,-10]}`,
	"whole number as a float": `{"ratio":12}`,
	"a repeated string":       `{"name":"a","name":"b"}`,
	"a repeated number":       `{"id":1,"id":2,"ratio":1,"ratio":2,"enabled":true,"enabled":false}`,
	"a repeated object":       `{"main":{"id":1},"main":{"name":"x"},"owner":{"id":1},"owner":{"name":"x"}}`,
	"a repeated time":         `{"ended_at":"2026-08-07T12:00:00Z","ended_at":"2027-08-07T12:00:00Z"}`,
	"a list after null":       `{"tags":null,"tags":["a"]}`,
	"null in a list":          `{"tags":["a",null],"ids":[null,1],"items":[null,{"id":1}]}`,
	"nested unknown values":   `{"x":` + strings.Repeat("[", 90) + strings.Repeat("]", 90) + `,"id":1}`,
	"a bracket in a string":   `{"tags":["]","[",","],"items":[{"name":"],["},{"name":"}"}]}`,
}

func TestReaderDecodesLikeEncodingJSON(t *testing.T) {
	t.Parallel()
	for name, body := range acceptedDocuments {
		assert.True(t, requireEqualDecoding(t, body), "%s: the reader falls back on %s", name, body)
	}
}

// fallbackDocuments are left to encoding/json: invalid documents, and valid ones that are unusual.
var fallbackDocuments = map[string]string{
	"no document": ``, "white space only": " \n", "null": `null`, "a list": `[]`, "a string": `"x"`, "a number": `1`,
	"a truncated object": `{"id":1`, "a truncated key": `{"id`, "a key without a value": `{"id"}`, "a truncated string": `{"name":"x`,
	"a truncated list": `{"tags":["a"`, "a truncated literal": `{"enabled":tru`, "a truncated null": `{"owner":nul`,
	"trailing text": `{"id":1} x`, "two documents": `{"id":1}{}`, "a trailing comma": `{"id":1,}`, "a leading comma": `{,"id":1}`,
	"a missing comma": `{"id":1 "name":"x"}`, "a missing colon": `{"id" 1}`, "a trailing comma in a list": `{"tags":["a",]}`,
	"a missing comma in a list": `{"tags":["a" "b"]}`, "a list that ends as an object": `{"tags":["a"}}`, "an object that ends as a list": `{"main":{"id":1]}`,
	"a fraction": `{"id":1.5}`, "an exponent": `{"id":1e2}`, "a plus sign": `{"id":+1}`, "a leading zero": `{"id":01}`, "hexadecimal": `{"id":0x1}`,
	"an underscore": `{"id":1_000}`, "a minus sign alone": `{"id":-}`, "too large": `{"id":9223372036854775808}`, "too small": `{"id":-9223372036854775809}`,
	"a float without digits": `{"ratio":.5}`, "a float that ends in a point": `{"ratio":1.}`, "an infinite float": `{"ratio":1e999}`, "NaN": `{"ratio":NaN}`,
	"a string for an integer": `{"id":"1"}`, "a string for a float": `{"ratio":"1"}`, "a number for a string": `{"name":1}`, "a string for a boolean": `{"enabled":"true"}`,
	"an integer for a boolean": `{"enabled":1}`, "a list for an object": `{"main":[]}`, "an object for a list": `{"tags":{}}`, "a string for an object": `{"owner":"x"}`,
	"a number in a list of strings": `{"tags":["a",1]}`, "a string in a list of objects": `{"items":["x"]}`, "a float in a list of integers": `{"ids":[1.5]}`,
	"an invalid time": `{"created_at":"yesterday"}`, "an empty time": `{"created_at":""}`, "a number for a time": `{"ended_at":1754568000}`,
	"a misspelled literal": `{"enabled":truth}`, "a capitalized literal": `{"enabled":True}`, "a misspelled null": `{"owner":nil}`,
	"an invalid escape": `{"name":"\q"}`, "an invalid escape in an unknown value": `{"x":"\q"}`, "a truncated escape": `{"name":"\u00"}`,
	"a control character": "{\"name\":\"a\nb\"}", "a control character in an unknown value": "{\"x\":\"a\nb\"}",
	"an upper-case key": `{"ID":1}`, "a capitalized key": `{"Name":"x"}`, "an upper-case key, nested": `{"main":{"ID":1}}`, "an unknown upper-case key": `{"X":1}`,
	"an escaped key": `{"i\u0064":1}`, "a key that is not ASCII": `{"ID":1,"é":2}`, "a number as a key": `{1:2}`, "a number as an unknown key": `{"x":{1:2}}`,
	"a repeated list": `{"tags":["a"],"tags":["b"]}`, "a repeated empty list": `{"ids":[],"ids":[1]}`, "a repeated list of objects": `{"items":[{"id":1}],"items":[{}]}`,
	"null after a list": `{"tags":["a"],"tags":null}`, "a repeated list, nested": `{"main":{"tags":["a"]},"main":{"tags":["b"]}}`,
	"deep lists":   `{"x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`,
	"deep objects": `{"x":` + strings.Repeat(`{"x":`, 10_000) + `1` + strings.Repeat("}", 10_000) + `}`,
}

func TestReaderFallsBack(t *testing.T) {
	t.Parallel()
	for name, body := range fallbackDocuments {
		_, ok := decode(body)
		assert.False(t, ok, "%s: the reader accepts %.100s", name, body)
	}
}

// TestReaderFallsBackOnTruncation cuts a document at every byte.
func TestReaderFallsBackOnTruncation(t *testing.T) {
	t.Parallel()
	for n := range len(fullDocument) {
		_, ok := decode(fullDocument[:n])
		assert.False(t, ok, "%s", fullDocument[:n])
	}
}

// TestNullIsDecodedLikeEncodingJSON decodes null into a field without a value and into one that has a value. The reader fails for a
// list that has a value.
func TestNullIsDecodedLikeEncodingJSON(t *testing.T) {
	t.Parallel()
	var values map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(fullDocument), &values))
	lists := []string{"tags", "colors", "ids", "items"}
	for key, value := range values {
		assert.True(t, requireEqualDecoding(t, fmt.Sprintf(`{%q:null}`, key)), "%s", key)
		ok := requireEqualDecoding(t, fmt.Sprintf(`{%q:%s,%q:null}`, key, value, key))
		assert.Equal(t, !slices.Contains(lists, key), ok, "%s", key)
	}
	assert.Len(t, slices.Collect(maps.Keys(values)), 14, "fullDocument has every field")
}

func TestStringsDoNotShareMemoryWithTheDocument(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	body := []byte(`{"name":"web-1","color":"red","tags":["a","` + long + `","\u00e9"],"main":{"name":"y"}}`)
	got, ok := decodeBytes(body)
	require.True(t, ok)
	clear(body)
	assert.Equal(t, document{Name: "web-1", Color: "red", Tags: []string{"a", long, "é"}, Main: item{Name: "y"}}, got)
}

// TestMoreStringsThanTheTableHolds decodes more distinct strings than the table of recent strings holds, each of them repeatedly.
func TestMoreStringsThanTheTableHolds(t *testing.T) {
	t.Parallel()
	var tags []string
	for n := range 5000 {
		tags = append(tags, fmt.Sprintf("tag-%d", n%700), "common")
	}
	body, err := json.Marshal(document{Tags: tags})
	require.NoError(t, err)
	got, ok := decodeBytes(body)
	require.True(t, ok)
	assert.Equal(t, tags, got.Tags)
}

// TestEqualStringsAreAllocatedOnce is not parallel because testing.AllocsPerRun requires that.
func TestEqualStringsAreAllocatedOnce(t *testing.T) {
	body, err := json.Marshal(document{Tags: slices.Repeat([]string{"s-1vcpu-1gb"}, 1000)})
	require.NoError(t, err)
	allocs := testing.AllocsPerRun(10, func() { _, _ = decodeBytes(body) })
	assert.LessOrEqual(t, allocs, 10.0)
}

// TestWrongEstimatesAreBounded decodes lists whose strings look like many items: the reader estimates too many.
func TestWrongEstimatesAreBounded(t *testing.T) {
	t.Parallel()
	body := `{"tags":["` + strings.Repeat(",", 1<<20) + `"],"ids":[1,2,3],"items":[{"name":"` + strings.Repeat("},{", 1<<16) + `"},{}]}`
	got, ok := decode(body)
	require.True(t, ok)
	used := cap(got.Tags)*int(reflect.TypeFor[string]().Size()) + cap(got.Items)*int(reflect.TypeFor[item]().Size())
	assert.LessOrEqual(t, used, 3*len(body), "the budget for all lists of a document")
	assert.Equal(t, []int64{1, 2, 3}, got.IDs)
}

// TestReaderFallsBackOnDenseLists decodes items that are much larger in memory than in the document.
func TestReaderFallsBackOnDenseLists(t *testing.T) {
	t.Parallel()
	_, ok := decode(`{"items":[` + strings.Repeat(`{},`, 1<<16) + `{}]}`)
	assert.False(t, ok)
}

func TestListsOfAnyLength(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 5, 199, 1000, 5000} {
		full := document{Tags: []string{}, IDs: []int64{}, Items: []item{}}
		for i := range n {
			full.Tags = append(full.Tags, fmt.Sprint(i))
			full.IDs = append(full.IDs, int64(i))
			full.Items = append(full.Items, item{ID: int64(i), Name: strings.Repeat("x", i%50), Tags: []string{"a"}})
		}
		body, err := json.Marshal(full)
		require.NoError(t, err)
		assert.True(t, requireEqualDecoding(t, string(body)), "%d items", n)
	}
}
