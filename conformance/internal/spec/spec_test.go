package spec_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

func stored(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "droplets.openapi.json"))
	require.NoError(t, err)
	return b
}

func load(t *testing.T) *spec.Document {
	t.Helper()
	d, err := spec.Load(t.Context(), stored(t))
	require.NoError(t, err)
	return d
}

// TestOperationsAreThoseOfTheLibrary compares the operations of the document with those that the library wraps.
func TestOperationsAreThoseOfTheLibrary(t *testing.T) {
	t.Parallel()
	type operation struct {
		ID, Method, Path string
		Status           int
	}
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "operations.json"))
	require.NoError(t, err)
	var want, got []operation
	require.NoError(t, json.Unmarshal(b, &want))
	require.Len(t, want, 57)
	d := load(t)
	for _, op := range d.Operations {
		got = append(got, operation{op.ID, op.Method, op.Path, op.SuccessStatus()})
		assert.Same(t, op, d.Operation(op.ID))
	}
	assert.ElementsMatch(t, want, got)
	assert.Nil(t, d.Operation("droplets_none"))
}

// TestPatchesAreNeeded fails if a patch changes nothing, because the document was corrected.
func TestPatchesAreNeeded(t *testing.T) {
	t.Parallel()
	for _, p := range spec.Patches() {
		d, err := spec.LoadUnpatched(t.Context(), stored(t))
		require.NoError(t, err)
		assert.Positive(t, p.Apply(d), "%s: remove the patch", p.Name)
		assert.Zero(t, p.Apply(d), "%s is applied twice", p.Name)
		assert.NotEmpty(t, p.Reason)
	}
}

func TestFindReturnsTheOperationOfARequest(t *testing.T) {
	t.Parallel()
	d := load(t)
	for _, c := range []struct {
		method, path, want string
		params             map[string]string
	}{
		{http.MethodGet, "/v2/droplets", "droplets_list", map[string]string{}},
		{http.MethodGet, "/v2/droplets/3", "droplets_get", map[string]string{"droplet_id": "3"}},
		{http.MethodPost, "/v2/droplets/actions", "dropletActions_post_byTag", map[string]string{}},
		{http.MethodGet, "/v2/droplets/autoscale", "autoscalepools_list", map[string]string{}},
		{http.MethodGet, "/v2/droplets/backups/policies", "droplets_list_backup_policies", map[string]string{}},
		{http.MethodGet, "/v2/droplets/autoscale/7", "autoscalepools_get", map[string]string{"autoscale_pool_id": "7"}},
		{http.MethodGet, "/v2/account/keys/3b%3A16", "sshKeys_get", map[string]string{"ssh_key_identifier": "3b:16"}},
		{http.MethodGet, "/v2/tags/a%2Fb", "tags_get", map[string]string{"tag_id": "a/b"}},
		{http.MethodGet, "/v2/droplets/3/actions/4", "dropletActions_get", map[string]string{"droplet_id": "3", "action_id": "4"}},
		{http.MethodGet, "/v2/droplets/", "", nil},
		{http.MethodGet, "/v2/droplets/%zz", "", nil},
		{http.MethodGet, "/v2/dropletz", "", nil},
		{http.MethodGet, "v2/droplets", "", nil},
	} {
		op, params, allowed := d.Find(c.method, c.path)
		assert.Empty(t, allowed, c.path)
		if c.want == "" {
			assert.Nil(t, op, c.path)
			continue
		}
		if assert.NotNil(t, op, c.path) {
			assert.Equal(t, c.want, op.ID, c.path)
		}
		assert.Equal(t, c.params, params)
	}
	op, _, allowed := d.Find(http.MethodPatch, "/v2/droplets/3")
	assert.Nil(t, op)
	assert.ElementsMatch(t, []string{http.MethodGet, http.MethodDelete}, allowed)
}

func TestLoadRejectsInvalidDocuments(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", `{"openapi": "3.0.0"}`} {
		_, err := spec.Load(t.Context(), []byte(text))
		assert.ErrorContains(t, err, "OpenAPI document", text)
	}
	broken := bytes.Replace(stored(t), []byte(`"#/components/schemas/droplet"`), []byte(`"#/components/schemas/none"`), 1)
	_, err := spec.Load(t.Context(), broken)
	assert.ErrorContains(t, err, "cannot read")
}

// TestPatchesAddTheFieldsOfGodo checks to which schemas the fields that the document does not have are added.
func TestPatchesAddTheFieldsOfGodo(t *testing.T) {
	t.Parallel()
	unpatched, err := spec.LoadUnpatched(t.Context(), stored(t))
	require.NoError(t, err)
	for _, name := range []string{"droplet", "droplet_create"} {
		assert.NotContains(t, unpatched.T.Components.Schemas[name].Value.Properties, "subnet_uuid")
		patched := load(t).T.Components.Schemas[name].Value.Properties
		assert.Contains(t, patched, "subnet_uuid")
		assert.Equal(t, []any{"PARTITION_MODE_SPX_NPS1", "PARTITION_MODE_DPX_NPS2"}, patched["gpu_partition_mode"].Value.Enum)
	}
	assert.Contains(t, load(t).T.Components.Schemas["gpu_info"].Value.Properties, "supported_partition_modes")
	assert.NotContains(t, load(t).T.Components.Schemas["autoscale_pool_droplet_template"].Value.Properties, "subnet_uuid")
}
