package droplets_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// requestTypes has a pointer to every exported request type. TestRequestTypesAreComplete compares it with the source.
func requestTypes() map[string]any {
	all := make(map[string]any)
	for _, r := range []any{
		new(droplets.DropletCreateRequest), new(droplets.DropletMultiCreateRequest), new(droplets.SelectiveDestroyRequest),
		new(droplets.SSHKeyCreateRequest), new(droplets.SSHKeyUpdateRequest), new(droplets.AutoscalePoolRequest),
		new(droplets.RebootRequest), new(droplets.PowerCycleRequest), new(droplets.ShutdownRequest), new(droplets.PowerOffRequest),
		new(droplets.PowerOnRequest), new(droplets.PasswordResetRequest), new(droplets.EnableIPv6Request),
		new(droplets.DisableBackupsRequest), new(droplets.EnableBackupsRequest), new(droplets.ChangeBackupPolicyRequest),
		new(droplets.RestoreRequest), new(droplets.ResizeRequest), new(droplets.RebuildRequest), new(droplets.RenameRequest),
		new(droplets.ChangeKernelRequest), new(droplets.SnapshotRequest), new(droplets.CustomActionRequest),
		new(droplets.CustomImageCreateRequest), new(droplets.ImageUpdateRequest), new(droplets.TransferRequest),
	} {
		all[reflect.TypeOf(r).Elem().Name()] = r
	}
	return all
}

func TestRequestTypesAreComplete(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var declared []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() || !strings.HasSuffix(spec.Name.Name, "Request") {
				return true
			}
			if _, isStruct := spec.Type.(*ast.StructType); isStruct {
				declared = append(declared, spec.Name.Name)
			}
			return true
		})
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(requestTypes())), declared, "add each type to requestTypes and give it UnmarshalJSON")
}

// setAll gives every field of a request a value of its own. It leaves out the two fields of a backup policy that are never
// sent.
func setAll(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Interface().(type) {
	case droplets.ImageRef:
		v.Set(reflect.ValueOf(droplets.ImageID(int64(*n))))
		return
	case droplets.SSHKeyRef:
		ref := droplets.SSHKeyID(int64(*n))
		if *n%2 == 0 {
			ref = droplets.SSHKeyFingerprint(fmt.Sprintf("%d", *n)) // digits that are a text
		}
		v.Set(reflect.ValueOf(ref))
		return
	case map[string]any:
		v.Set(reflect.ValueOf(map[string]any{"text": "x", "id": json.Number("9007199254740993"), "list": []any{"a", nil, true}}))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		setAll(t, v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if v.Type() == reflect.TypeFor[droplets.BackupPolicy]() && (name == "WindowLengthHours" || name == "RetentionPeriodDays") {
				continue
			}
			setAll(t, v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		setAll(t, v.Index(0), n)
		setAll(t, v.Index(1), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("text \"%d\" <&> ü", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}

// A request that was stored as JSON decodes to itself, with every field set and with none.
func TestRequestsDecodeToWhatWasEncoded(t *testing.T) {
	t.Parallel()
	for name, empty := range requestTypes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			setAll(t, reflect.ValueOf(empty).Elem(), &n)
			for what, value := range map[string]any{"full": empty, "zero": reflect.New(reflect.TypeOf(empty).Elem()).Interface()} {
				encoded, err := json.Marshal(value)
				require.NoError(t, err)
				back := reflect.New(reflect.TypeOf(empty).Elem()).Interface()
				require.NoError(t, json.Unmarshal(encoded, back), "%s: %s", what, encoded)
				assert.Equal(t, value, back, "%s: %s", what, encoded)
			}
		})
	}
	custom := droplets.CustomActionRequest{Type: "x", Attributes: map[string]any{"id": int64(1<<53 + 1), "ratio": 0.5}}
	encoded, err := json.Marshal(custom)
	require.NoError(t, err)
	var back droplets.CustomActionRequest
	require.NoError(t, json.Unmarshal(encoded, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	assert.JSONEq(t, string(encoded), string(again), "numbers keep their digits")
	assert.Equal(t, json.Number("9007199254740993"), back.Attributes["id"])
}

func TestRequestsKeepPointersToZero(t *testing.T) {
	t.Parallel()
	req := createRequest()
	req.PublicNetworking, req.WithDropletAgent = new(false), new(false)
	req.Backups, req.BackupPolicy = true, &droplets.BackupPolicy{Hour: new(0)}
	encoded, err := json.Marshal(req)
	require.NoError(t, err)
	var back droplets.DropletCreateRequest
	require.NoError(t, json.Unmarshal(encoded, &back))
	assert.Equal(t, req, back)
}

func TestRequestsRejectWhatTheyWouldLose(t *testing.T) {
	t.Parallel()
	for name, empty := range requestTypes() {
		n := 0
		setAll(t, reflect.ValueOf(empty).Elem(), &n)
		encoded, err := json.Marshal(empty)
		require.NoError(t, err)
		bad := map[string]string{"null": "null", "a list": "[]", "a text": `"x"`, "nothing": "", "half": string(encoded[:len(encoded)-1])}
		if name != "CustomActionRequest" {
			bad["an unknown field"] = string(bytes.Replace(encoded, []byte("{"), []byte(`{"anti_affinity_key":"x",`), 1))
		}
		if bytes.Contains(encoded, []byte(`"type"`)) {
			bad["no type"] = "{}"
			bad["a type that is not text"] = `{"type":7}`
			if name != "CustomActionRequest" {
				bad["another type"] = `{"type":"invented"}`
				bad["a field of another action"] = string(bytes.Replace(encoded, []byte("{"), []byte(`{"`+foreignField(name)+`,`), 1))
			}
		}
		for what, body := range bad {
			t.Run(name+"/"+what, func(t *testing.T) {
				back := reflect.New(reflect.TypeOf(empty).Elem())
				err := back.Interface().(json.Unmarshaler).UnmarshalJSON([]byte(body))
				require.Error(t, err, "%s", body)
				assert.True(t, strings.HasPrefix(err.Error(), "droplets: cannot decode "+name+": "), "%v", err)
				assert.True(t, back.Elem().IsZero(), "the request is unchanged")
				assert.Error(t, json.Unmarshal([]byte(body), back.Interface()))
			})
		}
	}
	var single droplets.DropletCreateRequest
	require.Error(t, json.Unmarshal([]byte(`{"names":["a","b"],"size":"s","image":1}`), &single), "the request for several")
	var multi droplets.DropletMultiCreateRequest
	require.Error(t, json.Unmarshal([]byte(`{"name":"a","size":"s","image":1}`), &multi), "the request for one")
	require.Error(t, single.UnmarshalJSON([]byte(`{"name":"a","size":"s","image":1} {}`)), "a second value")
	var resize droplets.ResizeRequest
	require.NoError(t, json.Unmarshal([]byte(`{"type":"resize","size":"s"}`), &resize), "no disk is false")
	assert.Equal(t, droplets.ResizeRequest{Size: "s"}, resize)
}

// foreignField returns a JSON field that the action does not have.
func foreignField(request string) string {
	if request == "ChangeKernelRequest" {
		return `name":"x"`
	}
	return `kernel":7`
}

func TestReferencesRejectNothing(t *testing.T) {
	t.Parallel()
	var image droplets.ImageRef
	require.Error(t, image.UnmarshalJSON(nil))
	var key droplets.SSHKeyRef
	require.Error(t, key.UnmarshalJSON([]byte{}))
}

// TestReferencesAreReplaced: decoding into a reference replaces what it was before. The smallest ID is a number too.
func TestReferencesAreReplaced(t *testing.T) {
	t.Parallel()
	image := droplets.ImageID(1)
	assert.Equal(t, "1", encode(image))
	require.NoError(t, json.Unmarshal([]byte(`"ubuntu-24-04-x64"`), &image))
	assert.Equal(t, droplets.ImageSlug("ubuntu-24-04-x64"), image)
	require.NoError(t, json.Unmarshal([]byte(`7`), &image))
	assert.Equal(t, droplets.ImageID(7), image)
}
