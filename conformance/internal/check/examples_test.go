package check_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/check"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

func facts(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "droplets.openapi.json"))
	require.NoError(t, err)
	return b
}

func load(t *testing.T) *spec.Document {
	t.Helper()
	d, err := spec.Load(t.Context(), facts(t))
	require.NoError(t, err)
	return d
}

// completeHeader returns the headers that every response must have.
func completeHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Ratelimit-Limit": {"1"}, "Ratelimit-Remaining": {"1"}, "Ratelimit-Reset": {"1"}}
}

// wrongExamples returns the operations and statuses of examples that the schema rejects, and the number of examples.
func wrongExamples(t *testing.T, d *spec.Document) (wrong []string, examples int) {
	t.Helper()
	for _, op := range d.Operations {
		for key, ref := range op.Responses.Map() {
			status, err := strconv.Atoi(key)
			if err != nil {
				status = http.StatusTeapot // the default response
			}
			for _, e := range spec.Examples(ref.Value.Content) {
				examples++
				body, err := json.Marshal(e.Value)
				require.NoError(t, err)
				exchange, err := check.Sample(t.Context(), d, op, nil)
				require.NoError(t, err)
				if found := exchange.Response(t.Context(), status, completeHeader(), body); len(found) > 0 {
					wrong = append(wrong, op.ID+" "+key)
				}
			}
		}
		for _, body := range requestExamples(op) {
			examples++
			exchange, err := check.Sample(t.Context(), d, op, body)
			require.NoError(t, err)
			if found := exchange.Request(t.Context()); len(found) > 0 {
				wrong = append(wrong, op.ID+" request")
			}
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong), examples
}

func requestExamples(op *spec.Operation) (bodies [][]byte) {
	if op.RequestBody == nil {
		return nil
	}
	media := op.RequestBody.Value.Content.Get("application/json")
	values := []any{media.Example, media.Schema.Value.Example}
	for _, e := range media.Examples {
		values = append(values, e.Value.Value)
	}
	for _, branch := range slices.Concat(openapi3.SchemaRefs{}, media.Schema.Value.OneOf, media.Schema.Value.AnyOf) {
		values = append(values, branch.Value.Example)
	}
	for _, v := range values {
		if b, err := json.Marshal(v); err == nil && v != nil {
			bodies = append(bodies, b)
		}
	}
	return bodies
}

// TestSchemasAcceptTheExamples checks that the patched schemas accept every example of the document, and that the unpatched ones
// do not.
func TestSchemasAcceptTheExamples(t *testing.T) {
	t.Parallel()
	wrong, examples := wrongExamples(t, load(t))
	assert.Empty(t, wrong)
	assert.Greater(t, examples, 300)
	unpatched, err := spec.LoadUnpatched(t.Context(), facts(t))
	require.NoError(t, err)
	wrong, _ = wrongExamples(t, unpatched)
	assert.Equal(t, []string{"autoscalepools_list 200", "autoscalepools_list_history 200", "autoscalepools_list_members 200"}, wrong)
}
