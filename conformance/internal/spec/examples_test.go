package spec_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// bodyWith returns a document with one response. members are the members of its media type object, in JSON.
func bodyWith(t *testing.T, members string) *spec.Document {
	t.Helper()
	d, err := spec.Load(t.Context(), fmt.Appendf(nil, `{"openapi": "3.0.0", "info": {"title": "T", "version": "1"}, "paths": {"/v2/droplets": {"get": {
		"operationId": "droplets_list", "responses": {"200": {"description": "", "content": {"application/json": {%s}}}}}}}}`, members))
	require.NoError(t, err)
	return d
}

func TestExamplesComeFromTheDocumentOrTheSchema(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ members, want string }{
		{`"schema": {}, "example": {"a": 1}`, `[{"Name":"","Value":{"a":1}}]`},
		{`"schema": {}, "examples": {"b": {"value": 2}, "a": {"value": 1}}`, `[{"Name":"a","Value":1},{"Name":"b","Value":2}]`},
		{`"schema": {"type": "object", "properties": {"a": {"type": "integer", "example": 7}, "b": {"type": "boolean"}, "c": {"type": "number"},
			"d": {"type": "string"}, "e": {"type": "string", "enum": ["x", "y"]}, "f": {"type": "string", "default": "z"}, "g": {}}}`,
			`[{"Name":"","Value":{"a":7,"b":true,"c":1,"d":"string","e":"x","f":"z"}}]`},
		{`"schema": {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "integer"}}}]}`, `[{"Name":"","Value":{"a":1,"b":1}}]`},
		{`"schema": {"allOf": [{"type": "string"}, {"example": "x"}]}`, `[{"Name":"","Value":"x"}]`},
		{`"schema": {"oneOf": [{"type": "string"}, {"type": "integer"}]}`, `[{"Name":"","Value":"string"}]`},
		{`"schema": {"anyOf": [{"type": "integer"}, {"type": "string"}]}`, `[{"Name":"","Value":1}]`},
		{`"schema": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}`, `[{"Name":"","Value":[[1]]}]`},
		{`"schema": {"type": "array", "items": {}}`, `[{"Name":"","Value":[]}]`},
	} {
		response, declared := bodyWith(t, c.members).Operation("droplets_list").Response(200)
		require.True(t, declared)
		got, err := json.Marshal(spec.Examples(response.Content))
		require.NoError(t, err)
		assert.JSONEq(t, c.want, string(got), c.members)
	}
	response, declared := load(t).Operation("droplets_destroy").Response(204)
	require.True(t, declared)
	assert.Empty(t, spec.Examples(response.Content))
}

func TestResponseFallsBackToTheDefault(t *testing.T) {
	t.Parallel()
	op := load(t).Operation("droplets_get")
	response, declared := op.Response(404)
	assert.True(t, declared)
	fallback, declared := op.Response(418)
	assert.False(t, declared)
	assert.NotNil(t, response)
	assert.NotSame(t, response, fallback)
	none, declared := bodyWith(t, `"schema": {}`).Operation("droplets_list").Response(404)
	assert.Nil(t, none)
	assert.False(t, declared)
	assert.Nil(t, op.RequestSchema())
	assert.NotNil(t, load(t).Operation("droplets_create").RequestSchema())
	assert.True(t, load(t).Operation("droplets_list").HasParameter("query", "tag_name"))
	assert.False(t, load(t).Operation("droplets_list").HasParameter("header", "tag_name"))
}
