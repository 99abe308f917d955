package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/report"
)

const log = `{"seq":1,"operationId":"droplets_get","method":"GET","path":"/v2/droplets/1","status":200}
{"seq":2,"operationId":"droplets_get","method":"GET","path":"/v2/droplets/1","status":404}
{"seq":3,"operationId":"droplets_list","method":"GET","path":"/v2/droplets","status":200,"lints":[{"where":"request","in":"query","name":"a","rule":"unknown-parameter","reason":"R"}]}
`

const bad = `{"seq":4,"method":"GET","path":"/v2/none","status":404,"violations":[{"where":"request","in":"route","rule":"path","reason":"P"}]}
{"seq":5,"operationId":"droplets_destroy","method":"DELETE","path":"/v2/droplets/1","status":204,"violations":[{"where":"response","in":"body","rule":"no-content","reason":"B"}]}
`

func TestReportCountsRequestsAndLints(t *testing.T) {
	t.Parallel()
	r, err := report.Read(strings.NewReader(log))
	require.NoError(t, err)
	var out strings.Builder
	r.Write(&out)
	assert.Equal(t, `droplets_get                                                2 requests     1 successes     0 violations     0 lints
droplets_list                                               1 requests     1 successes     0 violations     1 lints
     1 × lint request query unknown-parameter
#3 droplets_list GET /v2/droplets: lint request query a: R
2 operations, 3 requests, 0 violations, 1 lints
`, out.String())
	require.NoError(t, r.Err([]string{"droplets_get", "droplets_list"}, false))
	require.EqualError(t, r.Err(nil, true), "1 lints")
	require.EqualError(t, r.Err([]string{"droplets_get", "droplets_create"}, false), "no success of droplets_create")
}

func TestReportOfViolations(t *testing.T) {
	t.Parallel()
	r, err := report.Read(strings.NewReader(log + bad))
	require.NoError(t, err)
	var out strings.Builder
	r.Write(&out)
	assert.Contains(t, out.String(), "#4 (no operation) GET /v2/none: violation request route: P\n")
	assert.Contains(t, out.String(), "\n4 operations, 5 requests, 2 violations, 1 lints\n")
	require.EqualError(t, r.Err([]string{"droplets_destroy"}, false), "2 violations\nno success of droplets_destroy")
}

func TestReadRejectsATruncatedLog(t *testing.T) {
	t.Parallel()
	_, err := report.Read(strings.NewReader(log + "{"))
	require.ErrorContains(t, err, "not an entry")
}
