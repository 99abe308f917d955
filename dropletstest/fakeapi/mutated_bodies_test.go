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

// mutation changes one random node of a JSON document.
type mutation struct {
	*rapid.T
	left int // the number of nodes until the one that is changed
}

// mutate returns a copy of a value in which one node is different.
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

func (m *mutation) visit(v any) any {
	m.left--
	if m.left == -1 {
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

// replacement returns another value for a node: of any type, or one like it.
func (m *mutation) replacement(v any) any {
	others := []any{nil, true, "", "x", "0", "500000001", "s-2vcpu-2gb", "nyc3", "active", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
		json.Number("0"), json.Number("-1"), json.Number("1"), json.Number("7"), json.Number("500000001"), json.Number("500000002"),
		json.Number("9223372036854775807"), json.Number("-9223372036854775808"), json.Number("1e400"), []any{}, map[string]any{}}
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			without := maps.Clone(v)
			delete(without, key)
			others = append(others, without)
		}
	case []any:
		if len(v) > 0 {
			others = append(others, v[1:], slices.Concat(v, v), slices.Concat(v[1:], v[:1]), append(slices.Clone(v), nil))
		}
	case json.Number:
		n, _ := v.Int64() // 0 for 1e400
		for _, d := range []int64{-1, 1, 1 << 40} {
			b, err := json.Marshal(n + d)
			require.NoError(m, err)
			others = append(others, json.Number(b))
		}
	}
	return others[rapid.IntRange(0, len(others)-1).Draw(m.T, "replacement")]
}

// TestMutatedBodies sends bodies that are valid except for one or two nodes. Most of them pass the decoder, so that the rules behind
// it are tried.
func TestMutatedBodies(t *testing.T) {
	bodies, accepted, tried := validBodies(t)[2:], 0, 0
	state := bodies[len(bodies)-1]
	rapid.Check(t, func(t *rapid.T) {
		body := state
		if rapid.Bool().Draw(t, "not the state") {
			body = rapid.SampledFrom(bodies).Draw(t, "body")
		}
		var v any
		dec := json.NewDecoder(strings.NewReader(body))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&v))
		e := endpoint{method: "PUT", path: "/_fake/state"}
		if body != state {
			e = rapid.SampledFrom(changingEndpoints()).Filter(func(e endpoint) bool { return e.path != "/_fake/state" }).Draw(t, "endpoint")
		}
		for range rapid.IntRange(1, 2).Draw(t, "mutations") {
			v = mutate(t, v)
		}
		b, err := json.Marshal(v)
		require.NoError(t, err)
		tried++
		if checkControl(t, e, string(b)) {
			accepted++
		}
	})
	t.Logf("%d of %d bodies were accepted", accepted, tried)
	assert.Positive(t, accepted)
}
