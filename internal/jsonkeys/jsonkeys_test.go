package jsonkeys_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/jsonkeys"
)

type page struct {
	Total int `json:"total"`
}

type node struct {
	page
	Plain    string
	Renamed  int               `json:"renamed,omitempty"`
	Skipped  int               `json:"-"`
	Children []*node           `json:"children"`
	Labels   map[string]item   `json:"labels"`
	Texts    map[string]string `json:"texts"`
	Pair     [2]item           `json:"pair"`
	Time     time.Time         `json:"time"`
	Own      own               `json:"own"`
	Any      any               `json:"any"`
	hidden   int
}

type item struct {
	ID   int  `json:"id"`
	Next *own `json:"next"`
}

type own struct{ a int }

func (o own) MarshalJSON() ([]byte, error) { return json.Marshal(map[string]int{"a": o.a}) }

func TestOfFollowsTheStructTags(t *testing.T) {
	t.Parallel()
	_ = node{}.hidden
	assert.Equal(t, []string{"/Plain", "/any", "/children", "/labels", "/labels/*/id", "/labels/*/next", "/own", "/pair", "/pair/*/id",
		"/pair/*/next", "/renamed", "/texts", "/time", "/total"}, slices.Sorted(maps.Keys(jsonkeys.Of(reflect.TypeFor[*node]()))))
	assert.Empty(t, jsonkeys.Of(reflect.TypeFor[time.Time]()))
	keys := jsonkeys.Of(reflect.TypeFor[node]())
	assert.Equal(t, reflect.TypeFor[map[string]item](), keys["/labels"])
	assert.True(t, keys.Has("/any"))
	assert.False(t, keys.Has("/none"))
}

type request struct {
	Name  string    `json:"name,omitempty"`
	Count *int      `json:"count,omitempty"`
	Ratio float64   `json:"ratio,omitempty"`
	Size  uint8     `json:"size,omitempty"`
	On    bool      `json:"on,omitempty"`
	Items []item    `json:"items,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

func TestFilledSetsEveryFieldAndEncodedFindsIt(t *testing.T) {
	t.Parallel()
	v, err := jsonkeys.Filled(reflect.TypeFor[request](), own{7}, time.Unix(0, 0))
	require.NoError(t, err)
	assert.Equal(t, own{7}, *v.(request).Items[0].Next)
	keys, err := jsonkeys.Encoded(v)
	require.NoError(t, err)
	assert.Equal(t, []string{"/count", "/items", "/items/*/id", "/items/*/next", "/items/*/next/a", "/name", "/on", "/ratio", "/since", "/size"},
		slices.Sorted(maps.Keys(keys)))
	assert.Equal(t, reflect.TypeFor[float64](), keys["/count"])
}

func TestFilledRequiresSamples(t *testing.T) {
	t.Parallel()
	_, err := jsonkeys.Filled(reflect.TypeFor[item]())
	require.ErrorContains(t, err, "pass a sample of jsonkeys_test.own")
	_, err = jsonkeys.Filled(reflect.TypeFor[struct{ F func() }]())
	require.ErrorContains(t, err, "cannot fill a func()")
	_, err = jsonkeys.Encoded(func() {})
	require.Error(t, err)
}
