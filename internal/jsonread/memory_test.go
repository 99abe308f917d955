package jsonread_test

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// tree has lists at every kind of place, in itself and in what it embeds.
type tree struct {
	Items    []leaf          `json:"items"`
	Pointers []*leaf         `json:"pointers"`
	Lists    [][]leaf        `json:"lists"`
	Map      map[string]leaf `json:"map"`
	Main     leaf            `json:"main"`
	Pointer  *leaf           `json:"pointer"`
	Deeper   **leaf          `json:"deeper"`
	Tree     *tree           `json:"tree"`
	Any      any             `json:"any"`
	Raw      json.RawMessage `json:"raw"`
	Numbers  []int64         `json:"numbers"`
	Flags    []bool          `json:"flags"`
	Ratios   []float64       `json:"ratios"`
	Address  netip.Addr      `json:"address"`
	Hidden   []leaf          `json:"-"`
	Untagged []leaf
	hidden   []leaf
	Base
}

// Base is embedded, so that its fields are those of tree.
type Base struct {
	Below []leaf `json:"below"`
}

type leaf struct {
	Tags    []string  `json:"tags"`
	Created time.Time `json:"created"`
	Padding [20]int64 `json:"-"`
}

// needs returns the smallest limit that a document does not exceed.
func needs(document string, t reflect.Type) int {
	return sort.Search(1<<30, func(limit int) bool { return !jsonread.NeedsMore([]byte(document), t, limit) })
}

func TestNeedsMore(t *testing.T) {
	t.Parallel()
	_ = tree{}.hidden
	size := int(reflect.TypeFor[leaf]().Size())
	text, pointer := int(reflect.TypeFor[string]().Size()), int(reflect.TypeFor[*leaf]().Size())
	list, whole := int(reflect.TypeFor[[]leaf]().Size()), int(reflect.TypeFor[tree]().Size())
	const mistyped = 16
	for document, want := range map[string]int{
		`{}`: 0, `null`: 0, ` { "items" : [ ] } `: 0, `{"items":null}`: 0, `{"x":[{},{"items":[{}]}]}`: 0,
		`{"items":[{}, null ,{"tags":null}]}`:                  3 * size,
		`{"items":[0,"a",true,[],-1.5e3,{}]}`:                  6*size + 5*mistyped,
		`{"items":[[0,0,{"tags":["a"]}]]}`:                     size + mistyped,
		`{"items":[{"tags":["a","b"]},{"tags":[""],"x":[0]}]}`: 2*size + 3*text,
		`{"main":{"tags":["a","b",0]}}`:                        3*text + mistyped,
		`{"ITEMS":[{}],"Main":{"TAGS":["a"]}}`:                 size + text,
		`{"it\u0065ms":[{}],"\u00e9":[0]}`:                     size,
		`{"items":[{}],"items":[{}]}`:                          2 * size,
		`{"items":{"a":[{}]},"main":[{}],"map":[{}]}`:          3 * mistyped,
		`{"pointers":[null,{},0]}`:                             3*pointer + 2*size + mistyped,
		`{"pointer":null,"deeper":null,"tree":null}`:           0,
		`{"pointer":{"tags":["a"]}}`:                           size + text,
		`{"deeper":{}}`:                                        pointer + size,
		`{"lists":[[],[{}],0]}`:                                3*list + size + mistyped,
		`{"map":{"a":{},"b":null,"c":{"tags":["a"]}}}`:         3*(size+text) + text,
		`{"tree":{"tree":{"items":[{}]}}}`:                     2*whole + size,
		`{"any":[0,0,{"items":[0]}],"raw":{"items":[0]}}`:      0,
		`{"any":"x","Any":true,"ANY":1,"aNY":{}}`:              0,
		`{"address":"::1","Address":[0]}`:                      mistyped,
		`{"numbers":[1,-2],"flags":[true,false],"ratios":[0]}`: 2*8 + 2 + 8,
		`{"numbers":["",true],"flags":[0,""],"ratios":[{}]}`:   2*8 + 2 + 8 + 5*mistyped,
		`{"below":[{}],"base":[{}],"hidden":[0],"Hidden":[0]}`: size,
		`{"untagged":[{}],"-":[{}]}`:                           size,
		`{"main":{"created":"x"},"items":[{"created":{}}]}`:    size,
	} {
		assert.Equal(t, want, needs(document, reflect.TypeFor[tree]()), "%s", document)
	}
	valid := `{"x":[1,{"y":"\u00e9"}],"items":[{"tags":["a"]},null,1.5,true],"map":{"a":{}},"\u0069tems":[{}]}`
	for n := range valid { // a document that was cut, or has a mistake
		assert.LessOrEqual(t, needs(valid[:n], reflect.TypeFor[tree]()), needs(valid, reflect.TypeFor[tree]())+mistyped, "%s", valid[:n])
		assert.NotPanics(t, func() { needs(valid[:n]+"x"+valid[n:], reflect.TypeFor[tree]()) })
	}
	type loop *loop
	assert.True(t, jsonread.NeedsMore([]byte(`{}`), reflect.TypeFor[loop](), 1000))
	for _, open := range []string{"[", `{"tree":`, `{"x":[`, `{"any":`} {
		deep := strings.Repeat(open, 1<<20/len(open))
		assert.NotPanics(t, func() { jsonread.NeedsMore([]byte(deep), reflect.TypeFor[tree](), 1<<30) })
	}
}

// TestNeedsMoreCountsWhatIsDecoded: lists that encoding/json fills are counted wherever they are.
func TestNeedsMoreCountsWhatIsDecoded(t *testing.T) {
	t.Parallel()
	for _, document := range []string{
		`{"items":[X]}`, `{"Items":[X]}`, `{"pointers":[X]}`, `{"lists":[[],[X]]}`, `{"map":{"a":{},"b":{"tags":[X]}}}`, `{"main":{"tags":[X]}}`,
		`{"deeper":{"tags":[X]}}`, `{"tree":{"tree":{"below":[X]}}}`, `{"items":[{},{"tags":[X]}]}`, `{"untagged":[X]}`, `{"below":[{"TAGS":[X]}]}`,
	} {
		long := strings.ReplaceAll(document, "X", strings.Repeat("null,", 999)+"null")
		var decoded tree
		assert.NoError(t, json.Unmarshal([]byte(long), &decoded), "%s", document)
		assert.GreaterOrEqual(t, needs(long, reflect.TypeFor[tree]()), 4000, "%s: at least a pointer for each item", document)
	}
}
