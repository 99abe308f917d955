package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireError checks that a response is a JSON error with a status and a part of its message.
func requireError(t *testing.T, resp controlResponse, status int, message string) {
	t.Helper()
	var body struct{ Error string }
	require.NoError(t, json.Unmarshal([]byte(resp.body), &body), resp.body)
	assert.Equal(t, status, resp.status, resp.body)
	assert.Contains(t, body.Error, message)
	assert.NotContains(t, body.Error, "\n")
	assert.Equal(t, "application/json; charset=utf-8", resp.header.Get("Content-Type"))
}

// TestControlErrors checks that each error has the field and the rule, and that the account is unchanged.
func TestControlErrors(t *testing.T) {
	p := start(t, "-seed", "1", "-clock", manualClock)
	before := p.control(t, "GET", "/_fake/state", "").body
	for _, tc := range []struct{ endpoint, body, message string }{
		{"POST /_fake/reset", `{"sede": 3}`, "sede is not a field"},
		{"POST /_fake/reset", `{"seed": -1}`, "seed must be between 0 and 100000"},
		{"POST /_fake/reset", `{"seed": "3"}`, "seed must be a whole number, not string"},
		{"POST /_fake/reset", `{"seed": 1.5}`, "seed must be a whole number, not number 1.5"},
		{"POST /_fake/reset", `{"lag": "speed=1s"}`, `lag must have visibility, addresses, status or snapshots, not "speed"`},
		{"POST /_fake/reset", `{"lag": "status=-1s"}`, "lag status must not be negative"},
		{"POST /_fake/reset", `{"clock": "sundial"}`, `clock must be real, manual or manual@2030-01-02T03:04:05Z, not "sundial"`},
		{"POST /_fake/reset", `{"rate_limit": "fast"}`, `rate_limit must have a number of requests, not "fast"`},
		{"POST /_fake/reset", `{"action_duration": "fly=1s"}`, `action_duration must be a type of action such as resize, not "fly"`},
		{"POST /_fake/reset", `{"droplet_limit": -1}`, "droplet_limit must not be negative"},
		{"POST /_fake/reset", `[]`, "the body must be a JSON object"},
		{"POST /_fake/reset", `{`, "the body cannot be decoded"},
		{"POST /_fake/reset", `{} {}`, "data after the JSON object"},
		{"POST /_fake/reset", `{}]`, "data after the JSON object"},
		{"POST /_fake/reset", `null`, "the body must be a JSON object"},
		{"POST /_fake/reset?seed=1", ``, "seed is not a query parameter of /_fake/reset"},

		{"POST /_fake/seed", ``, "the body must be a JSON object with count"},
		{"POST /_fake/seed", `{"count": -1}`, "count must be between 0 and 100000"},
		{"POST /_fake/seed", `{"droplets": [{"nam": "a"}]}`, "nam is not a field"},
		{"POST /_fake/seed", `{"droplets": {}}`, "droplets must be an array, not object"},
		{"POST /_fake/seed", `{"count": 3, "droplets": [{}, {"size_slug": "none"}]}`, `droplets[1]: the size "none" is unknown`},

		{"GET /_fake/requests?limit=-1", ``, `limit must be a number of requests, not "-1"`},
		{"GET /_fake/requests?limit=1&limit=2", ``, "limit is in the query more than once"},
		{"GET /_fake/requests?operation=droplets", ``, `operation must be an operation such as droplets_create, not "droplets"`},
		{"GET /_fake/requests?method=GETS", ``, "method must be one of GET, HEAD, POST, PUT, PATCH, DELETE"},
		{"GET /_fake/requests?path=[", ``, `path must be a pattern such as /v2/droplets/*, not "["`},
		{"GET /_fake/ledger?limit=1", ``, "limit is not a query parameter of /_fake/ledger"},

		{"POST /_fake/faults", `{}`, "status is required, unless body, break, delay or headers is set"},
		{"POST /_fake/faults", `{"applied": true}`, "status is required"},
		{"POST /_fake/faults", `{"status": 99}`, "status must be between 200 and 599"},
		{"POST /_fake/faults", `{"status": "503"}`, "status must be a whole number, not string"},
		{"POST /_fake/faults", `{"status": 500, "times": 0}`, "times must be between 1 and 1000000"},
		{"POST /_fake/faults", `{"status": 500, "times": 2, "always": true}`, "times cannot be combined with always"},
		{"POST /_fake/faults", `{"status": 500, "delay": "2"}`, `delay must be a duration such as 1m30s, not "2"`},
		{"POST /_fake/faults", `{"status": 500, "delay": "-2s"}`, "delay must not be negative"},
		{"POST /_fake/faults", `{"break": "everything"}`, `break must be response, body or dial, not "everything"`},
		{"POST /_fake/faults", `{"status": 204, "body": "x"}`, "body cannot be combined with the status 204"},
		{"POST /_fake/faults", `{"status": 500, "headers": {"a b": "c"}}`, `headers has the invalid name "a b"`},
		{"POST /_fake/faults", `{"status": 500, "headers": {"a": "b\r\nc"}}`, "headers has a control character in the value of a"},
		{"POST /_fake/faults", `{"status": 500, "headers": {"a": 5}}`, "headers must be an array, not number"},
		{"POST /_fake/faults", `{"status": 500, "operation": "droplets_creat"}`, "operation must be an operation"},
		{"POST /_fake/faults", `{"status": 500, "method": "TAKE"}`, "method must be one of"},
		{"POST /_fake/faults", `{"status": 500, "path": "v2/droplets"}`, "path must be a pattern"},
		{"POST /_fake/faults", `{"status": 500, "retries": 1}`, "retries is not a field"},

		{"POST /_fake/fail-next-action", `{"type": "fly"}`, `type must be a type of action such as resize, not "fly"`},
		{"POST /_fake/fail-next-action", `{"type": "destroy_with_associated_resources"}`, "type must be a type of action; for a destroy with associated resources, use /_fake/fail-next-destroy"},
		{"POST /_fake/fail-next-action", `{"nth": 0}`, "nth must be between 1 and 1000000"},
		{"POST /_fake/fail-next-action", `{"nth": null}`, "nth must be between 1 and 1000000"},
		{"POST /_fake/fail-next-action", `{"type": "reboot", "types": ["resize"]}`, "type cannot be combined with types"},
		{"POST /_fake/fail-next-action", `{"types": []}`, "types must not be empty; omit it for all types"},
		{"POST /_fake/fail-next-destroy", `{}`, "resource_id is required"},
		{"POST /_fake/fail-next-destroy", `{"resource_id": 5}`, "resource_id must be a string, not number"},
		{"POST /_fake/ignore-shutdown", `{"droplet_ids": []}`, "droplet_ids must not be empty; omit it for all Droplets"},
		{"POST /_fake/ignore-shutdown", `{"droplet_ids": [500000001, 5]}`, "droplet_ids[1] must be the id of a Droplet, not 5"},

		{"POST /_fake/clock", ``, "advance is required, such as 55s"},
		{"POST /_fake/clock", `{"advance": 55}`, "advance must be a string, not number"},
		{"POST /_fake/clock", `{"advance": "-1s"}`, "advance must not be negative"},
		{"POST /_fake/clock", `{"advance": "soon"}`, `advance must be a duration such as 1m30s, not "soon"`},
		{"POST /_fake/clock", `{"advance": "10000h"}`, "advance must be at most 8784h0m0s"},
		{"POST /_fake/clock", `{"advance": "1s", "to": "noon"}`, "to is not a field"},

		{"PUT /_fake/state", ``, "the state cannot be read"},
		{"PUT /_fake/state", `{"version": 99}`, "the state has version 99"},
		{"PUT /_fake/state", before[:len(before)/2], "the state cannot be read"},
	} {
		method, path, _ := strings.Cut(tc.endpoint, " ")
		t.Run(tc.endpoint+" "+tc.body[:min(len(tc.body), 40)], func(t *testing.T) {
			requireError(t, p.send(t, method, path, tc.body), http.StatusBadRequest, tc.message)
		})
	}
	assert.JSONEq(t, before, p.control(t, "GET", "/_fake/state", "").body)
	assert.JSONEq(t, `{"faults": []}`, p.control(t, "GET", "/_fake/faults", "").body)
	require.NoError(t, p.stop())
}

func TestUnknownControlPaths(t *testing.T) {
	p := start(t)
	for _, path := range []string{"/_fake", "/_fake/", "/_fake/resets", "/_fake/reset/"} {
		requireError(t, p.send(t, "GET", path, ""), http.StatusNotFound, "the endpoints are /_fake/clock, /_fake/fail-next-action")
	}
	for path, allow := range map[string]string{"/_fake/reset": "POST", "/_fake/faults": "GET, POST, DELETE", "/_fake/state": "GET, PUT"} {
		resp := p.send(t, "PATCH", path, "")
		requireError(t, resp, http.StatusMethodNotAllowed, "the method of "+path+" must be "+strings.ReplaceAll(allow, ", ", " or "))
		assert.Equal(t, allow, resp.header.Get("Allow"))
	}
	assert.Equal(t, 200, p.send(t, "HEAD", "/_fake/ledger", "").status)
	assert.Equal(t, http.StatusNotImplemented, p.send(t, "GET", "/_fakes", "", "Authorization: Bearer any").status, "other paths belong to the API")
	require.NoError(t, p.stop())
}

// TestClockHasALatestTime checks that the clock cannot be advanced to a time at which the account could no longer be encoded.
func TestClockHasALatestTime(t *testing.T) {
	p := start(t, "-clock", "manual@2199-06-01T00:00:00Z")
	requireError(t, p.send(t, "POST", "/_fake/clock", `{"advance": "8784h"}`), http.StatusBadRequest, "advance must not move the clock beyond 2200-01-01")
	assert.JSONEq(t, `{"now": "2199-06-02T00:00:00Z", "manual": true}`, p.control(t, "POST", "/_fake/clock", `{"advance": "24h"}`).body)
	require.NoError(t, p.stop())
}

// TestControlAPIIsNotRecordedOrLimited checks that requests to the control API are not recorded, not limited, meet no faults, and need no
// token.
func TestControlAPIIsNotRecordedOrLimited(t *testing.T) {
	p := start(t, "-rate-limit", "1,1", "-token", "sesame", "-fault", `{"status": 500, "always": true, "path": "/*/*"}`)
	for range 3 {
		p.control(t, "GET", "/_fake/ledger", "")
	}
	assert.JSONEq(t, `{"requests": [], "total": 0}`, p.control(t, "GET", "/_fake/requests", "").body)
	require.NoError(t, p.stop())
}
