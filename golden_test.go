package droplets_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// models maps the top-level keys of responses to the types that they decode into. modelsByOperation has those keys that are
// of another type in the responses of some operation. unwrapped has the types of the responses that have no such key, by
// operation or by fixture.
var models = map[string]reflect.Type{
	"droplet":            reflect.TypeFor[droplets.Droplet](),
	"droplets":           reflect.TypeFor[[]droplets.Droplet](),
	"action":             reflect.TypeFor[droplets.Action](),
	"actions":            reflect.TypeFor[[]droplets.Action](),
	"snapshots":          reflect.TypeFor[[]droplets.DropletSnapshot](),
	"backups":            reflect.TypeFor[[]droplets.DropletSnapshot](),
	"kernels":            reflect.TypeFor[[]droplets.Kernel](),
	"firewalls":          reflect.TypeFor[[]droplets.Firewall](),
	"policy":             reflect.TypeFor[droplets.BackupPolicyRecord](),
	"ssh_key":            reflect.TypeFor[droplets.SSHKey](),
	"ssh_keys":           reflect.TypeFor[[]droplets.SSHKey](),
	"tag":                reflect.TypeFor[droplets.Tag](),
	"tags":               reflect.TypeFor[[]droplets.Tag](),
	"autoscale_pool":     reflect.TypeFor[droplets.AutoscalePool](),
	"autoscale_pools":    reflect.TypeFor[[]droplets.AutoscalePool](),
	"history":            reflect.TypeFor[[]droplets.AutoscalePoolEvent](),
	"policies":           reflect.TypeFor[map[string]droplets.BackupPolicyRecord](),
	"supported_policies": reflect.TypeFor[[]droplets.SupportedBackupPolicy](),
	"neighbor_ids":       reflect.TypeFor[[][]int64](),
	"image":              reflect.TypeFor[droplets.Image](),
	"images":             reflect.TypeFor[[]droplets.Image](),
	"snapshot":           reflect.TypeFor[droplets.Snapshot](),
	"sizes":              reflect.TypeFor[[]droplets.Size](),
	"regions":            reflect.TypeFor[[]droplets.Region](),
}

var modelsByOperation = map[string]map[string]reflect.Type{
	"snapshots_list":              {"snapshots": reflect.TypeFor[[]droplets.Snapshot]()},
	"autoscalepools_list_members": {"droplets": reflect.TypeFor[[]droplets.AutoscalePoolMember]()},
	"tags_get": {"tag": reflect.TypeFor[struct {
		Tag droplets.Tag `json:"tag"`
	}]()},
}

// modelOf returns the type of a key in the responses of an operation.
func modelOf(operation, key string) (typ reflect.Type, known bool) {
	if typ, known = modelsByOperation[operation][key]; known {
		return typ, true
	}
	typ, known = models[key]
	return typ, known
}

var unwrapped = map[string]reflect.Type{
	"droplets_list_associatedResources":             reflect.TypeFor[droplets.AssociatedResources](),
	"droplets_get_DestroyAssociatedResourcesStatus": reflect.TypeFor[droplets.DestroyStatus](),
	"imageActions_get.200.unwrapped":                reflect.TypeFor[droplets.Action](),
	"imageActions_post.201.unwrapped":               reflect.TypeFor[droplets.Action](),
}

// undocumented lists the leaves of the fixtures that the API does not document. Only these may be lost.
var undocumented = map[string][]string{
	"droplets_list_backups.200.undocumented": {"backups/0/distribution", "backups/0/public"},
	"droplets_get.200.future": {"deprecation", "droplet/confidential", "droplet/gpu_info/fabric", "droplet/hibernated_at", "droplet/image/signature",
		"droplet/networks/v4/0/mtu", "droplet/networks/v7", "droplet/owner", "droplet/region/coordinates", "droplet/scores",
		"droplet/size/carbon_grams_hourly", "droplet/size/gpu_info/nvlink", "included"},
	"dropletActions_get.200.unknown_status": {"action/progress"},
}

// TestGoldenRoundTrip decodes every documented response into the models, encodes it again and compares all leaves: none may
// be missing, and none may have another value.
func TestGoldenRoundTrip(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.2*.json")
	require.NoError(t, err)
	require.Greater(t, len(files), 40)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for _, leaf := range undocumented[name] {
				want = append(want, leaf+": lost")
			}
			assert.ElementsMatch(t, want, roundTrip(t, name, fixture(t, name)))
		})
	}
}

func roundTrip(t *testing.T, name, body string) (lost []string) {
	t.Helper()
	operation, _, _ := strings.Cut(name, ".")
	for _, key := range []string{operation, name} {
		if typ, ok := unwrapped[key]; ok {
			return compareModel(t, "", json.RawMessage(body), typ)
		}
	}
	var parts map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(body), &parts))
	for key, part := range parts {
		switch typ, known := modelOf(operation, key); {
		case known:
			lost = append(lost, compareModel(t, key, part, typ)...)
		case key == "links" && strings.HasPrefix(name, "droplets_create."):
			var links struct {
				Actions []droplets.ActionLink `json:"actions"`
			}
			require.NoError(t, json.Unmarshal(part, &links))
			lost = append(lost, compareModel(t, key, part, reflect.TypeOf(links))...)
		case key != "links" && key != "meta":
			lost = append(lost, key+": lost")
		}
	}
	return lost
}

// compareModel returns the leaves that are lost or changed by the model.
func compareModel(t *testing.T, at string, part json.RawMessage, typ reflect.Type) []string {
	t.Helper()
	model := reflect.New(typ)
	require.NoError(t, json.Unmarshal(part, model.Interface()))
	encoded, err := json.Marshal(model.Interface())
	require.NoError(t, err)
	var before, after any
	require.NoError(t, json.Unmarshal(part, &before))
	require.NoError(t, json.Unmarshal(encoded, &after))
	var lost []string
	compare(at, before, after, &lost)
	sort.Strings(lost)
	return lost
}

// compare compares every leaf of before with after. A null may become a zero value or be omitted.
func compare(at string, before, after any, lost *[]string) {
	switch b := before.(type) {
	case map[string]any:
		a, ok := after.(map[string]any)
		if !ok {
			*lost = append(*lost, at+": lost")
			return
		}
		for key, value := range b {
			if got, there := a[key]; there || value == nil {
				compare(at+"/"+key, value, got, lost)
			} else {
				*lost = append(*lost, at+"/"+key+": lost")
			}
		}
	case []any:
		a, ok := after.([]any)
		if !ok || len(a) != len(b) {
			*lost = append(*lost, fmt.Sprintf("%s: %d items became %v", at, len(b), after))
			return
		}
		for i := range b {
			compare(fmt.Sprintf("%s/%d", at, i), b[i], a[i], lost)
		}
	case nil:
		if !isZero(after) {
			*lost = append(*lost, fmt.Sprintf("%s: null became %v", at, after))
		}
	case string:
		if !sameText(b, after) {
			*lost = append(*lost, fmt.Sprintf("%s: %q became %v", at, b, after))
		}
	default:
		if !reflect.DeepEqual(before, after) {
			*lost = append(*lost, fmt.Sprintf("%s: %v became %v", at, before, after))
		}
	}
}

// isZero reports whether v is a zero value, or an object of zero values, which a null element of a list becomes.
func isZero(v any) bool {
	m, ok := v.(map[string]any)
	if !ok {
		return v == nil || reflect.ValueOf(v).IsZero()
	}
	for _, value := range m {
		if !isZero(value) {
			return false
		}
	}
	return true
}

// sameText reports whether two strings are equal or represent the same time.
func sameText(before string, after any) bool {
	text, ok := after.(string)
	if !ok || before == text {
		return ok
	}
	b, err1 := time.Parse(time.RFC3339, before)
	a, err2 := time.Parse(time.RFC3339, text)
	return err1 == nil && err2 == nil && a.Equal(b)
}

func TestDecodeDroplet(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, fixture(t, "droplets_get.200.gpu"))))
	d, err := c.Droplets.Get(t.Context(), 1)
	require.NoError(t, err)
	require.NotNil(t, d.GPUInfo)
	assert.Equal(t, 80, d.GPUInfo.VRAM.Amount)
	assert.Equal(t, "gib", d.GPUInfo.VRAM.Unit)
	var types []droplets.DiskType
	for _, disk := range d.DiskInfo {
		types = append(types, disk.Type)
	}
	assert.Equal(t, []droplets.DiskType{droplets.DiskTypeLocal, droplets.DiskTypeScratch}, types)

	_, c = newAPI(t, sequence(respond(200, fixture(t, "droplets_get.200.future"))))
	d, err = c.Droplets.Get(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, droplets.DropletStatus("hibernating"), d.Status)
	assert.Equal(t, 123456789, d.CreatedAt.Nanosecond())
}
