package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// mutation is a change of one random node of a JSON document.
type mutation struct {
	*rapid.T
	remaining int // the number of nodes to visit before the one that is changed
}

// mutate returns a copy of a value in which one random node is replaced.
func mutate(t *rapid.T, v any) any {
	m := mutation{t, rapid.IntRange(0, countNodes(v)-1).Draw(t, "node")}
	return m.visit(v)
}

func countNodes(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, child := range v {
			n += countNodes(child)
		}
	case []any:
		for _, child := range v {
			n += countNodes(child)
		}
	}
	return n
}

// visit returns a copy of the nodes below v, with the replacement of the node that is changed.
func (m *mutation) visit(v any) any {
	m.remaining--
	if m.remaining == -1 {
		return m.replacement(v)
	}
	switch v := v.(type) {
	case map[string]any:
		changed := make(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			changed[key] = m.visit(v[key])
		}
		return changed
	case []any:
		changed := []any{}
		for _, child := range v {
			changed = append(changed, m.visit(child))
		}
		return changed
	}
	return v
}

// replacement returns another value for a node, most often of the same type.
func (m *mutation) replacement(v any) any {
	texts := []any{"", "x", "0", "500000001", "s-2vcpu-2gb", "nyc3", "active", "errored", "resize", "droplet", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"}
	numbers := []any{json.Number("0"), json.Number("-1"), json.Number("1"), json.Number("7"), json.Number("500000001"), json.Number("500000002"),
		json.Number("9223372036854775807"), json.Number("-9223372036854775808"), json.Number("1e400")}
	others := slices.Concat(texts, numbers, []any{nil, true, false, []any{}, map[string]any{}})
	if rapid.IntRange(0, 5).Draw(m.T, "type") > 0 {
		others = []any{nil}
		switch v := v.(type) {
		case string:
			others = texts
		case bool:
			others = []any{!v}
		case json.Number:
			others = numbers
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				without := maps.Clone(v)
				delete(without, key)
				others = append(others, without)
			}
		case []any:
			others = append(others, []any{}, slices.Concat(v, v), append(slices.Clone(v), nil), v[:len(v)/2])
		}
	}
	return rapid.SampledFrom(others).Draw(m.T, "replacement")
}

// TestMutatedBodies sends bodies that are valid except for one or two nodes. Many of them can be decoded, so that the checks after decoding
// are tested.
func TestMutatedBodies(t *testing.T) {
	valid, accepted, tried := validRequests(t), 0, 0
	for _, r := range valid {
		require.True(t, checkControl(t, r.method, r.path, r.body), r.path)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := valid[len(valid)-1]
		if rapid.Bool().Draw(t, "not the state") {
			r = rapid.SampledFrom(valid).Draw(t, "request")
		}
		var v any
		dec := json.NewDecoder(strings.NewReader(r.body))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&v))
		for range rapid.IntRange(1, 2).Draw(t, "mutations") {
			v = mutate(t, v)
		}
		b, err := json.Marshal(v)
		require.NoError(t, err)
		tried++
		if checkControl(t, r.method, r.path, string(b)) {
			accepted++
		}
	})
	t.Logf("%d of %d bodies were accepted", accepted, tried)
	assert.Positive(t, accepted)
	if tried >= 100 { // more than half is accepted
		assert.Less(t, accepted, tried)
	}
}
