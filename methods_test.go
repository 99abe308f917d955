package droplets_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// method is an exported method of a service, found by reflection. The tests that use methods include new methods
// automatically.
type method struct {
	name string // such as "Droplets.Get"
	call func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) (result any, err error)
	// lists is true for a method that returns an iterator. results is the number of return values.
	lists   bool
	results int
	// noOptions is true for a method that takes no call options, because its last argument is a list.
	noOptions bool
}

// sampleID is the ID of the first Droplet of the in-memory fake.
const sampleID = int64(500000001)

// sample returns an argument of each type that the methods accept.
func sample(t testing.TB, typ reflect.Type) reflect.Value {
	switch typ {
	case reflect.TypeFor[int64]():
		return reflect.ValueOf(sampleID)
	case reflect.TypeFor[time.Duration]():
		return reflect.ValueOf(time.Minute)
	case reflect.TypeFor[func(*droplets.Droplet) bool]():
		return reflect.ValueOf(droplets.IsActive)
	case reflect.TypeFor[[]droplets.Action]():
		return reflect.ValueOf([]droplets.Action{{ID: sampleAction, ResourceID: sampleID, Status: droplets.ActionStatusInProgress},
			{ID: sampleImageAction, ResourceID: sampleImageID, ResourceType: "image", Status: droplets.ActionStatusInProgress}})
	case reflect.TypeFor[string]():
		return reflect.ValueOf("web")
	case reflect.TypeFor[*droplets.ListOptions](), reflect.TypeFor[*droplets.DropletListOptions](),
		reflect.TypeFor[*droplets.ImageListOptions](), reflect.TypeFor[*droplets.SnapshotListOptions]():
		return reflect.Zero(typ)
	case reflect.TypeFor[droplets.DropletCreateRequest]():
		return reflect.ValueOf(createRequest())
	case reflect.TypeFor[droplets.DropletMultiCreateRequest]():
		return reflect.ValueOf(multiCreate("web-1", "web-2"))
	case reflect.TypeFor[droplets.ActionRequest](), reflect.TypeFor[droplets.TagActionRequest]():
		return reflect.ValueOf(droplets.PowerOffRequest{})
	case reflect.TypeFor[droplets.ChangeBackupPolicyRequest]():
		return reflect.ValueOf(droplets.ChangeBackupPolicyRequest{Policy: droplets.BackupPolicy{Plan: droplets.BackupPlanDaily}})
	case reflect.TypeFor[droplets.RestoreRequest]():
		return reflect.ValueOf(droplets.RestoreRequest{ImageID: 7})
	case reflect.TypeFor[droplets.ResizeRequest]():
		return reflect.ValueOf(droplets.ResizeRequest{Size: "s-2vcpu-4gb"})
	case reflect.TypeFor[droplets.RebuildRequest]():
		return reflect.ValueOf(droplets.RebuildRequest{Image: droplets.ImageID(7)})
	case reflect.TypeFor[droplets.SSHKeyRef]():
		return reflect.ValueOf(droplets.SSHKeyID(sampleID))
	case reflect.TypeFor[droplets.SSHKeyCreateRequest]():
		return reflect.ValueOf(droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: sampleKey + " me@laptop\n"})
	case reflect.TypeFor[droplets.SSHKeyUpdateRequest]():
		return reflect.ValueOf(droplets.SSHKeyUpdateRequest{Name: "laptop"})
	case reflect.TypeFor[[]droplets.TaggedResource]():
		return reflect.ValueOf([]droplets.TaggedResource{droplets.TaggedDroplet(sampleID)})
	case reflect.TypeFor[droplets.AutoscalePoolRequest]():
		return reflect.ValueOf(poolRequest())
	case reflect.TypeFor[*droplets.AutoscalePoolListOptions]():
		return reflect.Zero(typ)
	case reflect.TypeFor[droplets.RenameRequest]():
		return reflect.ValueOf(droplets.RenameRequest{Name: "web-2"})
	case reflect.TypeFor[droplets.ChangeKernelRequest]():
		return reflect.ValueOf(droplets.ChangeKernelRequest{KernelID: 7})
	case reflect.TypeFor[droplets.EnableBackupsRequest](), reflect.TypeFor[droplets.SnapshotRequest](),
		reflect.TypeFor[droplets.SelectiveDestroyRequest]():
		return reflect.Zero(typ)
	}
	if v, ok := sampleImageRequest(typ); ok {
		return v
	}
	t.Fatalf("there is no sample of %s: add one", typ)
	return reflect.Value{}
}

// The IDs of the sample actions, which are the first two of the fake, and of the image of the second one.
const (
	sampleAction      = int64(3169590176)
	sampleImageAction = sampleAction + 1
	sampleImageID     = int64(7938269)
)

// sampleImageRequest returns an argument of each request type of ImagesService.
func sampleImageRequest(typ reflect.Type) (v reflect.Value, ok bool) {
	switch typ {
	case reflect.TypeFor[droplets.CustomImageCreateRequest]():
		return reflect.ValueOf(customImage()), true
	case reflect.TypeFor[droplets.ImageUpdateRequest]():
		return reflect.ValueOf(droplets.ImageUpdateRequest{Name: "new-image-name"}), true
	case reflect.TypeFor[droplets.TransferRequest]():
		return reflect.ValueOf(droplets.TransferRequest{Region: "nyc3"}), true
	}
	return reflect.Value{}, false
}

// methods returns every exported method of every service.
func methods(t testing.TB) []method {
	t.Helper()
	var out []method
	client := reflect.TypeFor[droplets.Client]()
	for i := range client.NumField() {
		field := client.Field(i)
		if !field.IsExported() {
			continue
		}
		for m := range field.Type.Methods() {
			fixed := []reflect.Value{}
			last := m.Type.NumIn() - 1
			for k := 2; k < last; k++ {
				fixed = append(fixed, sample(t, m.Type.In(k)))
			}
			takesOptions := m.Type.In(last) == reflect.TypeFor[[]droplets.CallOption]()
			if !takesOptions {
				values := sample(t, m.Type.In(last))
				for k := range values.Len() {
					fixed = append(fixed, values.Index(k))
				}
			}
			results := m.Type.NumOut()
			out = append(out, method{
				name:  field.Name + "." + m.Name,
				lists: m.Type.Out(0).Kind() == reflect.Func, results: results, noOptions: !takesOptions,
				call: func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) (any, error) {
					args := append([]reflect.Value{reflect.ValueOf(c).Elem().Field(i), reflect.ValueOf(ctx)}, fixed...)
					for _, o := range co {
						if !takesOptions {
							break
						}
						args = append(args, reflect.ValueOf(o))
					}
					values := m.Func.Call(args)
					if values[0].Kind() == reflect.Func {
						return drain(values[0])
					}
					err, _ := reflect.TypeAssert[error](values[results-1])
					if results == 1 {
						return nil, err
					}
					return values[0].Interface(), err
				},
			})
		}
	}
	require.Greater(t, len(out), 40)
	return out
}

// drain ranges over an iterator and returns its last value and its error.
func drain(seq reflect.Value) (last any, err error) {
	for v, e := range seq.Seq2() {
		last = v.Interface()
		err, _ = reflect.TypeAssert[error](e)
	}
	return last, err
}

// operation is an operation in testdata/operations.json.
type operation struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
}

func operations(t testing.TB) []operation {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "operations.json"))
	require.NoError(t, err)
	var ops []operation
	require.NoError(t, json.Unmarshal(b, &ops))
	// A path without placeholders takes precedence over a path with a placeholder that matches too.
	sort.SliceStable(ops, func(i, j int) bool { return strings.Count(ops[i].Path, "{") < strings.Count(ops[j].Path, "{") })
	return ops
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func (op operation) matches(method, path string) bool {
	pattern := "^" + placeholder.ReplaceAllString(op.Path, `[^/]+`) + "$"
	return op.Method == method && regexp.MustCompile(pattern).MatchString(path)
}

func findOperation(t testing.TB, ops []operation, r *http.Request) (operation, bool) {
	t.Helper()
	path := strings.TrimPrefix(r.URL.Path, testPrefix)
	for _, op := range ops {
		// DELETE and GET /v2/droplets with a tag are separate operations, distinguished by the method.
		if op.matches(r.Method, path) {
			return op, true
		}
	}
	t.Errorf("%s %s is not a documented operation", r.Method, path)
	return operation{}, false
}

// documented returns a handler that responds to every operation with its documented success.
func documented(t testing.TB) func(int, *http.Request) (*http.Response, error) {
	ops := operations(t)
	return func(_ int, r *http.Request) (*http.Response, error) {
		op, ok := findOperation(t, ops, r)
		if !ok {
			return respond(404, notFoundBody)()
		}
		return respond(op.Status, successBody(t, op, r))()
	}
}

func successBody(t testing.TB, op operation, r *http.Request) string {
	t.Helper()
	name := op.ID + "." + itoa(int64(op.Status))
	switch op.ID {
	case "droplets_destroy", "droplets_destroy_byTag", "droplets_destroy_withAssociatedResourcesSelective",
		"droplets_destroy_withAssociatedResourcesDangerous", "droplets_destroy_retryWithAssociatedResources",
		"images_delete", "snapshots_delete":
		return ""
	case "droplets_create":
		if body, err := r.GetBody(); err == nil {
			var wire struct{ Names []string }
			if json.NewDecoder(body).Decode(&wire) == nil && wire.Names != nil {
				name += ".multi"
			}
		}
	case "sshKeys_delete", "tags_delete", "tags_assign_resources", "tags_unassign_resources", "autoscalepools_delete",
		"autoscalepools_delete_dangerous":
		return ""
	}
	body := fixture(t, name)
	if op.ID == "droplets_create" {
		return body
	}
	return onlyPage(t, body)
}

// onlyPage removes the links to other pages from a response, and the total, which counts the items of those pages.
func onlyPage(t testing.TB, body string) string {
	t.Helper()
	var parts map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(body), &parts))
	delete(parts, "links")
	delete(parts, "meta")
	rest, err := json.Marshal(parts)
	require.NoError(t, err)
	return string(rest)
}
