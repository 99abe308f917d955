package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const stored = "../testdata/droplets.openapi.json"

type object = map[string]any

// at returns the object at a path of names in o.
func at(t *testing.T, o object, path ...string) object {
	t.Helper()
	for _, name := range path {
		inner, ok := o[name].(object)
		require.True(t, ok, "there is no %s in %v", name, path)
		o = inner
	}
	return o
}

// edited writes a copy of the stored facts, changed by edit, and returns the file.
func edited(t *testing.T, edit func(doc object)) string {
	t.Helper()
	b, err := os.ReadFile(stored)
	require.NoError(t, err)
	var doc object
	require.NoError(t, json.Unmarshal(b, &doc))
	edit(doc)
	b, err = json.Marshal(doc)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "openapi.json")
	require.NoError(t, os.WriteFile(file, b, 0o600))
	return file
}

// differences returns the lines that run prints.
func differences(t *testing.T, args ...string) []string {
	t.Helper()
	var out strings.Builder
	n, err := run(t.Context(), append([]string{"-facts", stored, "-library", "../.."}, args...), &out)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if out.Len() == 0 {
		lines = []string{}
	}
	assert.Len(t, lines, n)
	return lines
}

func TestStoredFactsHaveNoDifference(t *testing.T) {
	assert.Empty(t, differences(t, stored))
}

// TestOtherResourcesAreIgnored adds an operation and a schema that this repository does not wrap, and a description.
func TestOtherResourcesAreIgnored(t *testing.T) {
	file := edited(t, func(doc object) {
		at(t, doc, "paths")["/v2/volumes"] = object{"get": object{"operationId": "volumes_list", "responses": object{"200": object{"description": ""}}}}
		at(t, doc, "components", "schemas")["volume"] = object{"type": "object"}
		at(t, doc, "components", "schemas", "droplet")["description"] = "A Droplet."
	})
	assert.Empty(t, differences(t, file))
}

// TestEachKindOfDifferenceIsReported changes the facts in one way for each kind of difference.
func TestEachKindOfDifferenceIsReported(t *testing.T) {
	properties := func(doc object, schema string) object {
		return at(t, doc, "components", "schemas", schema, "properties")
	}
	for _, c := range []struct {
		name string
		edit func(doc object)
		want []string
	}{
		{"new operation", func(doc object) {
			at(t, doc, "paths")["/v2/droplets/{droplet_id}/consoles"] = object{"get": object{"operationId": "droplets_list_consoles",
				"parameters": []any{object{"$ref": "#/components/parameters/droplet_id"}},
				"responses":  object{"200": object{"description": ""}}}}
		}, []string{"new operation: GET /v2/droplets/{droplet_id}/consoles (droplets_list_consoles)"}},
		{"removed operation", func(doc object) { delete(at(t, doc, "paths"), "/v2/sizes") },
			[]string{"removed operation: GET /v2/sizes (sizes_list)"}},
		{"operation ID", func(doc object) { at(t, doc, "paths", "/v2/sizes", "get")["operationId"] = "sizes_all" },
			[]string{"changed operation ID: GET /v2/sizes (sizes_all) was sizes_list"}},
		{"success status", func(doc object) {
			responses := at(t, doc, "paths", "/v2/tags/{tag_id}", "delete", "responses")
			responses["202"] = responses["204"]
			delete(responses, "204")
		}, []string{"changed success status: DELETE /v2/tags/{tag_id} (tags_delete) has 202, was 204",
			"new status: tags_delete 202", "removed status: tags_delete 204"}},
		{"error status", func(doc object) {
			responses := at(t, doc, "paths", "/v2/tags/{tag_id}", "delete", "responses")
			responses["409"] = responses["404"]
		}, []string{"new status: tags_delete 409"}},
		{"parameter", func(doc object) {
			op := at(t, doc, "paths", "/v2/sizes", "get")
			op["parameters"] = append(op["parameters"].([]any), object{"in": "query", "name": "region", "schema": object{"type": "string"}})
		}, []string{"new query parameter: sizes_list region: string"}},
		{"limit", func(doc object) { at(t, doc, "components", "parameters", "droplet_id", "schema")["minimum"] = 0 }, nil},
		{"request field", func(doc object) {
			properties(doc, "image_update")["visible"] = object{"type": "object", "properties": object{"from": object{"type": "string"}}}
		}, []string{"new request field: images_create_custom /visible: object", "new request field: images_update /visible: object"}},
		{"required field", func(doc object) {
			at(t, doc, "components", "schemas", "autoscale_pool_create")["required"] = []any{"name", "config"}
		},
			[]string{"changed request field: autoscalepools_create /droplet_template: object; was object, required",
				"changed request field: autoscalepools_update /droplet_template: object; was object, required"}},
		{"response field", func(doc object) {
			properties(doc, "member")["cost"] = object{"type": "array", "items": object{"properties": object{"unit": object{}}}}
		}, []string{"new response field: autoscalepools_list_members 200 /droplets/*/cost: array"}},
		{"removed field", func(doc object) { delete(properties(doc, "neighbor_ids"), "neighbor_ids") },
			[]string{"removed response field: droplets_list_neighborsIds 200 /neighbor_ids"}},
		{"type", func(doc object) { at(t, properties(doc, "member"), "droplet_id")["type"] = "string" },
			[]string{"changed response field: autoscalepools_list_members 200 /droplets/*/droplet_id: string, required; was integer, required"}},
		{"enum of a response", func(doc object) {
			at(t, properties(doc, "member"), "status")["enum"] = []any{"provisioning", "active", "deleting", "paused"}
		}, []string{`new enum value of response field: autoscalepools_list_members 200 /droplets/*/status: "paused"`,
			`removed enum value of response field: autoscalepools_list_members 200 /droplets/*/status: "off"`}},
		{"enum of a parameter", func(doc object) {
			for _, p := range at(t, doc, "paths", "/v2/droplets", "get")["parameters"].([]any) {
				if p.(object)["name"] == "type" {
					p.(object)["schema"].(object)["enum"] = []any{"droplets", "gpus", "npus"}
				}
			}
		}, []string{`new enum value of query parameter: droplets_list type: "npus"`}},
		{"removed enum", func(doc object) { delete(at(t, properties(doc, "member"), "status"), "enum") },
			[]string{`changed response field: autoscalepools_list_members 200 /droplets/*/status: enum []; was enum ["active" "deleting" "off" "provisioning"]`}},
		{"action", func(doc object) {
			schema := at(t, doc, "paths", "/v2/images/{image_id}/actions", "post", "requestBody", "content", "application/json", "schema")
			at(t, schema, "discriminator", "mapping")["shrink"] = "#/components/schemas/image_action_image_action_base"
		}, []string{`new enum value of request field: imageActions_post /type: "shrink"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := differences(t, edited(t, c.edit))
			if c.want == nil { // many operations have the parameter
				assert.Greater(t, len(got), 10)
				for _, line := range got {
					assert.Regexp(t, `^changed path parameter: \w+ droplet_id: integer, .*minimum 0.*; was integer, .*minimum 1`, line)
				}
				return
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// TestGapsOfTheLibraryAreReported compares a document with facts that already have its additions: only the library lacks them.
func TestGapsOfTheLibraryAreReported(t *testing.T) {
	schema := func(doc object, name string) object { return at(t, doc, "components", "schemas", name, "properties") }
	file := edited(t, func(doc object) {
		schema(doc, "history")["cause"] = object{"type": "object", "properties": object{"id": object{"type": "string"}}}
		schema(doc, "history")["status"] = object{"type": "string", "enum": []any{"success", "partial"}}
		actions := at(t, doc, "paths", "/v2/images/{image_id}/actions", "post", "requestBody", "content", "application/json", "schema")
		at(t, actions, "discriminator", "mapping")["shrink"] = "#/components/schemas/image_action_image_action_base"
		schema(doc, "image_update")["visible"] = object{"type": "boolean"}
		schema(doc, "image_update")["old"] = object{"type": "boolean", "deprecated": true}
		schema(doc, "image_update")["id"] = object{"readOnly": true, "properties": object{"text": object{"type": "string"}}}
		list := at(t, doc, "paths", "/v2/regions", "get")
		list["parameters"] = append(list["parameters"].([]any), object{"in": "query", "name": "feature", "schema": object{"type": "string"}})
		at(t, doc, "paths", "/v2/tags/{tag_id}", "delete")["requestBody"] = object{"content": object{"application/json": object{"schema": object{}}}}
	})
	assert.Equal(t, []string{
		"missing in the library: autoscalepools_list_history constant of droplets.AutoscaleEventStatus for \"partial\"",
		"missing in the library: autoscalepools_list_history response field /history/*/cause",
		"missing in the library: imageActions_post request of type \"shrink\"",
		"missing in the library: images_create_custom request field /visible",
		"missing in the library: images_update request field /visible",
		"missing in the library: regions_list query parameter feature",
		"missing in the library: tags_delete request body",
	}, differences(t, "-facts", file, file))
}

func TestRunRejectsInvalidInput(t *testing.T) {
	empty := t.TempDir()
	broken := filepath.Join(empty, "broken.json")
	require.NoError(t, os.WriteFile(broken, []byte("{}"), 0o600))
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "usage"},
		{[]string{stored, stored}, "usage"},
		{[]string{filepath.Join(empty, "none")}, "no such file"},
		{[]string{broken}, "no operation of the wrapped resources"},
		{[]string{"-facts", broken, stored}, "no operation of the wrapped resources"},
		{[]string{"-facts", stored, "-library", empty, stored}, "operations.json"},
	} {
		n, err := run(t.Context(), c.args, io.Discard)
		assert.ErrorContains(t, err, c.want)
		assert.Zero(t, n)
	}
}
