package dropletstest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func TestPlannedFaults(t *testing.T) {
	api := dropletstest.New()
	assert.Empty(t, api.Faults())
	twice := dropletstest.PlannedFault{Match: dropletstest.Match{Operation: "tags_list"}, Remaining: 2,
		Fault: dropletstest.Fault{Status: 503, Header: http.Header{"Retry-After": {"7"}}}}
	always := dropletstest.PlannedFault{Match: dropletstest.Match{Path: "/v2/tags"}, Fault: dropletstest.Fault{Delay: time.Nanosecond}, Remaining: -1}
	for _, f := range []dropletstest.PlannedFault{twice, always} {
		api.Respond(f.Remaining, f.Match, f.Fault)
	}
	assert.Equal(t, []dropletstest.PlannedFault{twice, always}, api.Faults())
	api.Faults()[0].Fault.Header.Set("Retry-After", "changed")
	resp := sendRequest(t, api, http.MethodGet, "/v2/tags", "")
	assert.Equal(t, "7", resp.Header.Get("Retry-After"))
	twice.Remaining = 1
	assert.Equal(t, []dropletstest.PlannedFault{twice, always}, api.Faults())
	assert.Equal(t, 503, sendRequest(t, api, http.MethodGet, "/v2/tags", "").StatusCode)
	assert.Equal(t, []dropletstest.PlannedFault{always}, api.Faults(), "a fault that was used up is no longer planned")
	assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/tags", "").StatusCode)
	assert.Zero(t, api.ClearFaults())
	assert.Empty(t, api.Faults())
}

func TestMatchBodyContains(t *testing.T) {
	api := dropletstest.New()
	api.Respond(-1, dropletstest.Match{BodyContains: `"name":"bad"`}, dropletstest.Fault{Status: 500})
	assert.Equal(t, 201, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"good"}`).StatusCode)
	assert.Equal(t, 500, sendRequest(t, api, http.MethodPost, "/v2/tags", `{"name":"bad"}`).StatusCode)
	assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/tags", "").StatusCode)
}

func TestOperationsHasTheDocumentedOperations(t *testing.T) {
	ids := dropletstest.Operations()
	assert.IsIncreasing(t, ids)
	assert.Subset(t, ids, append(documentedOperations(t), "account_get"))
}

// TestOperationsHasAllRoutes checks that the list has the operations that package droplets does not have, with their ids in the OpenAPI
// document.
func TestOperationsHasAllRoutes(t *testing.T) {
	api := dropletstest.New()
	for _, tc := range [][3]string{
		{"GET", "/v2/account", "account_get"}, {"PATCH", "/v2/vpcs/1", "vpcs_patch"}, {"POST", "/v2/volumes", "volumes_create"},
		{"GET", "/v2/volumes/1/snapshots", "volumeSnapshots_list"}, {"POST", "/v2/volumes/1/actions", "volumeActions_post_byId"},
		{"POST", "/v2/firewalls/1/rules", "firewalls_add_rules"}, {"GET", "/v2/reserved_ips/192.0.2.1/actions", "reservedIPsActions_list"},
		{"GET", "/v2/floating_ips", "floatingIPs_list"}, {"GET", "/v2/floating_ips/192.0.2.1/actions", "floatingIPsAction_list"},
	} {
		sendRequest(t, api, tc[0], tc[1], "")
		all := api.Requests()
		assert.Equal(t, tc[2], all[len(all)-1].Operation)
		assert.True(t, slices.Contains(dropletstest.Operations(), tc[2]), tc[2])
	}
}

// TestActionTypes checks that the list has all constants in the source.
func TestActionTypes(t *testing.T) {
	types := dropletstest.ActionTypes()
	assert.IsIncreasing(t, types)
	assert.Subset(t, types, []droplets.ActionType{"create", "resize", "power_cycle", "transfer", dropletstest.ActionTypeDestroy})
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	declared := regexp.MustCompile(`ActionType = "(\w+)"`)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, match := range declared.FindAllStringSubmatch(string(b), -1) {
			assert.Contains(t, types, droplets.ActionType(match[1]), file)
		}
	}
}
