package facts_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oasdiff/yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/facts"
)

func stored(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "droplets.openapi.json"))
	require.NoError(t, err)
	return b
}

// source has prose in every place, references, a parameter of a path, operations of other resources, and numeric keys, booleans and
// a date, which YAML does not decode as strings.
const source = `
openapi: 3.0.0
info: {title: The API, version: "2.0", description: Prose., license: {name: Apache 2.0, url: https://example.com/license, x-short: A}}
tags: [{name: Droplets, description: Prose.}]
servers: [{url: https://api.example.com}]
security: [{bearer_auth: []}]
paths:
  /v2/account: {get: {operationId: account_get, responses: {200: {description: Prose.}}}}
  /v2/droplets_and_more: {get: {operationId: more_get, responses: {200: {description: Prose.}}}}
  /v2/droplets/{droplet_id}:
    description: Prose.
    parameters:
      - $ref: "#/components/parameters/droplet_id"
      - {in: query, name: verbose, required: false, schema: {type: boolean, description: Prose.}}
    get:
      operationId: droplets_get
      summary: Prose.
      description: Prose.
      tags: [Droplets]
      x-codeSamples: [{lang: cURL, source: curl}]
      parameters: [{in: query, name: verbose, description: Prose., schema: {type: string, title: Prose.}}]
      responses:
        200: {$ref: "#/components/responses/droplet"}
        404: {$ref: "#/components/responses/not_found"}
    delete:
      operationId: droplets_destroy
      responses:
        204: {description: Prose.}
        404: {$ref: "#/components/responses/not_found"}
components:
  parameters:
    droplet_id: {in: path, name: droplet_id, required: true, description: Prose., schema: {type: integer, minimum: 1}, example: 3164444}
  headers:
    ratelimit-limit: {description: Prose., schema: {type: integer}, example: 5000}
  responses:
    droplet:
      description: Prose.
      headers: {ratelimit-limit: {$ref: "#/components/headers/ratelimit-limit"}}
      links: {self: {operationId: droplets_get}}
      content:
        application/json:
          schema: {type: object, properties: {droplet: {$ref: "#/components/schemas/droplet"}}}
          examples: {One: {summary: Prose., value: {droplet: {description: It is data., created_at: 2020-07-21T18:37:44Z}}}}
    not_found:
      description: Prose.
      headers: {ratelimit-limit: {$ref: "#/components/headers/ratelimit-limit"}}
      content: {application/json: {schema: {$ref: "#/components/schemas/error"}}}
  schemas:
    droplet:
      type: object
      title: Prose.
      externalDocs: {url: https://example.com}
      properties:
        description: {type: string, description: Prose., pattern: "^[a-z]+$"}
        parent: {allOf: [{$ref: "#/components/schemas/droplet"}, {description: Prose.}], nullable: true}
        labels: {type: object, additionalProperties: {type: string, enum: [on, off, true, false]}}
    error: {type: object, required: [id], properties: {id: {$ref: "#/components/x-types/id"}}}
    unused: {type: string}
  x-types: {id: {type: string, description: Prose.}}
  securitySchemes: {bearer_auth: {type: http, scheme: bearer, description: Prose.}}
`

const reduced = `{
 "components": {
  "headers": {"ratelimit-limit": {"example": 5000, "schema": {"type": "integer"}}},
  "parameters": {
   "droplet_id": {
    "example": 3164444,
    "in": "path",
    "name": "droplet_id",
    "required": true,
    "schema": {"minimum": 1, "type": "integer"}
   }
  },
  "responses": {
   "404": {
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
    "description": "",
    "headers": {"ratelimit-limit": {"$ref": "#/components/headers/ratelimit-limit"}}
   }
  },
  "schemas": {
   "droplet": {
    "properties": {
     "description": {"pattern": "^[a-z]+$", "type": "string"},
     "labels": {"additionalProperties": {"enum": ["on", "off", "on", "off"], "type": "string"}, "type": "object"},
     "parent": {"allOf": [{"$ref": "#/components/schemas/droplet"}], "nullable": true}
    },
    "type": "object"
   },
   "error": {"properties": {"id": {"type": "string"}}, "required": ["id"], "type": "object"}
  },
  "securitySchemes": {"bearer_auth": {"scheme": "bearer", "type": "http"}}
 },
 "info": {
  "license": {"name": "Apache 2.0", "url": "https://example.com/license"},
  "title": "Facts of the DigitalOcean API",
  "version": "2.0"
 },
 "openapi": "3.0.0",
 "paths": {
  "/v2/droplets/{droplet_id}": {
   "delete": {
    "operationId": "droplets_destroy",
    "parameters": [
     {"$ref": "#/components/parameters/droplet_id"},
     {"in": "query", "name": "verbose", "schema": {"type": "boolean"}}
    ],
    "responses": {"204": {"description": ""}, "404": {"$ref": "#/components/responses/404"}}
   },
   "get": {
    "operationId": "droplets_get",
    "parameters": [
     {"$ref": "#/components/parameters/droplet_id"},
     {"in": "query", "name": "verbose", "schema": {"type": "string"}}
    ],
    "responses": {
     "200": {
      "content": {
       "application/json": {
        "examples": {
         "One": {"value": {"droplet": {"created_at": "2020-07-21T18:37:44Z", "description": "It is data."}}}
        },
        "schema": {"properties": {"droplet": {"$ref": "#/components/schemas/droplet"}}, "type": "object"}
       }
      },
      "description": "",
      "headers": {"ratelimit-limit": {"$ref": "#/components/headers/ratelimit-limit"}}
     },
     "404": {"$ref": "#/components/responses/404"}
    }
   }
  }
 },
 "security": [{"bearer_auth": []}]
}
`

func TestReduceKeepsOnlyFacts(t *testing.T) {
	t.Parallel()
	got, err := facts.Reduce([]byte(source))
	require.NoError(t, err)
	if string(got) != reduced { // the layout counts too
		t.Errorf("got:\n%s", got)
	}
}

// TestReduceIsStable checks that reducing the stored facts again, from JSON or from YAML, changes nothing.
func TestReduceIsStable(t *testing.T) {
	t.Parallel()
	want := string(stored(t))
	again, err := facts.Reduce([]byte(want))
	require.NoError(t, err)
	assert.Equal(t, want, string(again))
	text, err := yaml.JSONToYAML([]byte(want))
	require.NoError(t, err)
	require.False(t, json.Valid(text))
	again, err = facts.Reduce(text)
	require.NoError(t, err)
	assert.Equal(t, want, string(again))
}

// TestReduceRejects changes source in one way for each error. The change without an expected error is accepted.
func TestReduceRejects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, replacement, want string }{
		{source, "{", "neither JSON nor YAML"},
		{"/v2/droplets/{droplet_id}:", "/v2/other:", "no operation of the wrapped resources"},
		{`"#/components/parameters/droplet_id"`, "parameters.yml#/droplet_id", "bundle the document first"},
		{`parent: {allOf: [{$ref: "#/components/schemas/droplet"}`, "parent: {allOf: [{$ref: droplet.yml}", "bundle the document first"},
		{`"#/components/parameters/droplet_id"`, `"#/components/parameters/droplet"`, "does not exist"},
		{"    unused: {type: string}", "", ""},
		{"droplet_id: {in: path, name: droplet_id,", `droplet_id: {$ref: "#/components/parameters/droplet_id", name: droplet_id,`, "refers to itself"},
	} {
		require.Contains(t, source, c.old)
		_, err := facts.Reduce([]byte(strings.Replace(source, c.old, c.replacement, 1)))
		if c.want == "" {
			assert.NoError(t, err, c.replacement)
		} else {
			assert.ErrorContains(t, err, c.want)
		}
	}
}

func TestWrappedSelectsTheResources(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/v2/droplets": true, "/v2/droplets/{droplet_id}": true, "/v2/account/keys": true, "/v2/reports/droplet_neighbors_ids": true,
		"/v2/droplets_and_more": false, "/v2/account": false, "/v2/volumes/snapshots": false, "/v2/reports": false,
	} {
		assert.Equal(t, want, facts.Wrapped(path), path)
	}
}
