package check_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/check"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// TestInvalidFormatsAreFound checks formats, most of which kin-openapi does not check by itself.
func TestInvalidFormatsAreFound(t *testing.T) {
	t.Parallel()
	d := load(t)
	op := d.Operation("droplets_get")
	exchange, err := check.Sample(t.Context(), d, op, nil)
	require.NoError(t, err)
	response, _ := op.Response(http.StatusOK)
	good, err := json.Marshal(spec.Examples(response.Content)[0].Value)
	require.NoError(t, err)
	require.Empty(t, exchange.Response(t.Context(), http.StatusOK, completeHeader(), good))
	for _, c := range [][2]string{
		{`"ip_address":"10.128.192.124"`, `"ip_address":"10.128.192.1240"`},
		{`"ip_address":"10.128.192.124"`, `"ip_address":"2604::1"`},
		{`"created_at":"2020-07-21T18:37:44Z"`, `"created_at":"yesterday"`},
		{`"vcpus":1`, `"vcpus":1.5`},
	} {
		require.Contains(t, string(good), c[0])
		bad := strings.Replace(string(good), c[0], c[1], 1)
		assert.NotEmpty(t, exchange.Response(t.Context(), http.StatusOK, completeHeader(), []byte(bad)), c[1])
	}
}

func TestFindingIsOneLineWithItsPlace(t *testing.T) {
	t.Parallel()
	f := check.Finding{Where: check.WhereRequest, In: "query", Name: "page", Reason: "number must be at least 1"}
	assert.Equal(t, "request query page: number must be at least 1", f.String())
	f = check.Finding{Where: check.WhereResponse, In: "body", Pointer: "/droplet/id", Reason: "no"}
	assert.Equal(t, "response body at /droplet/id: no", f.String())
}

// TestFindingsNameTheirCause checks that the finding for an error inside a composition names the field with the error.
func TestFindingsNameTheirCause(t *testing.T) {
	t.Parallel()
	d := load(t)
	for body, want := range map[string]string{
		`{"type":"resize","size":5}`:                                               "/size",
		`{"type":"enable_backups","backup_policy":{"plan":"daily","hour":3}}`:      "/hour",
		`{"type":"change_backup_policy","backup_policy":{"plan":"monthly"}}`:       "/plan",
		`{"type":"restore","image":"ubuntu"}`:                                      "/image",
		`{"type":"enable_backups","backup_policy":{"plan":"daily","weekday":"x"}}`: "/weekday",
	} {
		exchange, err := check.Sample(t.Context(), d, d.Operation("dropletActions_post"), []byte(body))
		require.NoError(t, err)
		found := exchange.Request(t.Context())
		if assert.Len(t, found, 1, body) {
			assert.Contains(t, found[0].String(), want)
			assert.NotContains(t, found[0].String(), "\n")
		}
	}
}

// TestSampleOfEveryOperation checks that Sample returns a correct request for each operation, except for its body.
func TestSampleOfEveryOperation(t *testing.T) {
	t.Parallel()
	d := load(t)
	for _, op := range d.Operations {
		exchange, err := check.Sample(t.Context(), d, op, nil)
		require.NoError(t, err, op.ID)
		for _, f := range exchange.Request(t.Context()) {
			assert.Equal(t, "body", f.In, "%s: %s", op.ID, f) // a body may be required
		}
		assert.Empty(t, exchange.LintRequest(), op.ID)
	}
}
