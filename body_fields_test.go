package droplets_test

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// sentWith returns the body of the one change that a call sends.
func sentWith(t *testing.T, response func() (*http.Response, error), call func(*droplets.Client) error) map[string]any {
	t.Helper()
	a, c := newAPI(t, sequence(response))
	require.NoError(t, call(c))
	var body map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.last().Body), &body))
	return body
}

func TestWithBodyFieldAddsAField(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	key := droplets.WithBodyField("anti_affinity_key", "rack")
	list := droplets.WithBodyField("a<&\"b", []int{1, 2})
	action := respond(201, actionBody(7, "in-progress"))
	for name, tt := range map[string]struct {
		response func() (*http.Response, error)
		call     func(*droplets.Client) error
		has      string // a field of the request itself
	}{
		"create": {respond(202, createdBody(1)), func(c *droplets.Client) error {
			return second(c.Droplets.Create(ctx, createRequest(), key, list))
		}, "name"},
		"create of several": {respond(202, `{"droplets":[{"id":1,"name":"a"}],"links":{}}`), func(c *droplets.Client) error {
			return second(c.Droplets.CreateMultiple(ctx, multiCreate("a"), key, list))
		}, "names"},
		"action": {action, func(c *droplets.Client) error {
			return second(c.DropletActions.Reboot(ctx, 42, key, list))
		}, "type"},
		"custom action": {action, func(c *droplets.Client) error {
			return second(c.DropletActions.Initiate(ctx, 42, droplets.CustomActionRequest{Type: "migrate"}, key, list))
		}, "type"},
		"action by tag": {respond(201, `{"actions":[]}`), func(c *droplets.Client) error {
			return second(c.DropletActions.InitiateByTag(ctx, "web", droplets.PowerOffRequest{}, key, list))
		}, "type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := sentWith(t, tt.response, tt.call)
			assert.Contains(t, body, tt.has)
			assert.Equal(t, "rack", body["anti_affinity_key"])
			assert.Equal(t, []any{1.0, 2.0}, body["a<&\"b"])
		})
	}
	a, c := newAPI(t, sequence(respond(200, "{}")))
	for _, payload := range []any{struct{}{}, map[string]int{"a": 1}} {
		req, err := c.NewRequest(ctx, http.MethodPost, "v2/things", payload)
		require.NoError(t, err)
		_, err = c.Do(req, nil, key)
		require.NoError(t, err)
		assert.True(t, json.Valid([]byte(a.last().Body)), a.last().Body)
		assert.Contains(t, a.last().Body, `"anti_affinity_key":"rack"`)
	}
}

// TestWithBodyFieldReachesTheCreate checks that the creates of helpers have the field, and no other request.
func TestWithBodyFieldReachesTheCreate(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error{
		"CreateAndWait": func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			return second(c.Droplets.CreateAndWait(ctx, createRequest(), co...))
		},
		"CreateMultipleAndWait": func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			return second(c.Droplets.CreateMultipleAndWait(ctx, multiCreate(strings.Split("a,b,c,d,e,f,g,h,i,j,k,l", ",")...), co...))
		},
		"Ensure": func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			_, _, err := c.Droplets.Ensure(ctx, createRequest(), co...)
			return err
		},
		"EnsureMultiple": func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			_, _, err := c.Droplets.EnsureMultiple(ctx, multiCreate("a", "b"), co...)
			return err
		},
		"EnsureAndWait": func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			_, _, err := c.Droplets.EnsureAndWait(ctx, createRequest(), co...)
			return err
		},
		"SSHKeys.Ensure": func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			_, _, err := c.SSHKeys.Ensure(ctx, keyRequest(), co...)
			return err
		},
		"SnapshotAndWait": func(ctx context.Context, c *droplets.Client, co ...droplets.CallOption) error {
			return second(c.Droplets.SnapshotAndWait(ctx, sampleID, droplets.SnapshotRequest{}, co...))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(1))
				require.NoError(t, call(t.Context(), api.Client(), droplets.WithBodyField("anti_affinity_key", "rack")))
				changes := 0
				for _, r := range api.Requests() {
					has := strings.Contains(string(r.Body), `"anti_affinity_key":"rack"`)
					assert.Equal(t, r.Method == http.MethodPost, has, "%s %s %s", r.Method, r.Path, r.Body)
					if has {
						changes++
					}
				}
				assert.Positive(t, changes)
			})
		})
	}
}

func TestWithBodyFieldIsRejected(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, c := newAPI(t, sequence(respond(202, createdBody(1))))
	create := func(co ...droplets.CallOption) error { return second(c.Droplets.Create(ctx, createRequest(), co...)) }
	field := func(name string) droplets.CallOption { return droplets.WithBodyField(name, "some text") }
	for name, err := range map[string]error{
		"no name":                     create(field(" ")),
		"set by the request":          create(field("name")),
		"not set by the request":      create(field("ipv6")),
		"a field of the other create": create(field("names")),
		"another case":                create(field("User_Data")),
		"twice":                       create(field("a"), field("A")),
		"null":                        create(droplets.WithBodyField("a", nil)),
		"a nil pointer":               create(droplets.WithBodyField("a", (*int)(nil))),
		"a channel":                   create(droplets.WithBodyField("a", make(chan int))),
		"NaN":                         create(droplets.WithBodyField("a", math.NaN())),
		"type of an action":           second(c.DropletActions.Reboot(ctx, 42, field("type"))),
		"attribute of an action":      second(c.DropletActions.EnableBackups(ctx, 42, droplets.EnableBackupsRequest{}, field("backup_policy"))),
		"attribute of a custom action": second(c.DropletActions.Initiate(ctx, 42,
			droplets.CustomActionRequest{Type: "x", Attributes: map[string]any{"to": "ams3"}}, field("to"))),
		"a read":            second(c.Droplets.Get(ctx, 42, field("a"))),
		"a list":            second(collect1(c.Droplets.All(ctx, nil, field("a")))),
		"a list of AllFrom": second(collect1(droplets.AllFrom(ctx, c, "v2/volumes", "volumes", volumeID, nil, field("a")))),
		"a delete":          c.Droplets.Delete(ctx, 42, field("a")),
		"a wait":            second(c.Droplets.WaitFor(ctx, 42, droplets.IsActive, field("a"))),
		"several changes":   second(c.Droplets.ResizeAndRestart(ctx, 42, droplets.ResizeRequest{Size: "s-2vcpu-4gb"}, time.Minute, field("a"))),
	} {
		t.Run(name, func(t *testing.T) {
			requireInvalid(t, err, "WithBodyField")
			assert.Equal(t, 1, strings.Count(err.Error(), "droplets: "), "%s", err)
		})
	}
	requireInvalid(t, create(droplets.WithBodyField("a", strings.Repeat("x", 1<<20))), "WithBodyField")
	requireInvalid(t, create(droplets.WithBodyField("a", embedding{createRequest(), "rack"})), "body")
	requireInvalid(t, create(droplets.WithBodyField("a", strings.Repeat("x", 1<<20-20))), "body")
	assert.Zero(t, a.count(), "nothing was sent")
}

// TestWithBodyFieldOfAnotherAction: an action rejects the names of its own fields, set or not. A name that only another action
// has can become a field of this one, so that it is accepted.
func TestWithBodyFieldOfAnotherAction(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	names := []string{"type", "backup_policy", "size", "disk", "image", "name", "kernel", "region"}
	type test struct {
		own  string
		call func(*droplets.Client, droplets.CallOption) error
	}
	tests := []test{
		{"type region", func(c *droplets.Client, f droplets.CallOption) error {
			return second(c.Images.Transfer(ctx, 42, droplets.TransferRequest{Region: "ams3"}, f))
		}},
		{"type", func(c *droplets.Client, f droplets.CallOption) error { return second(c.Images.Convert(ctx, 42, f)) }},
		{"type name", func(c *droplets.Client, f droplets.CallOption) error {
			return second(c.DropletActions.InitiateByTag(ctx, "web", droplets.SnapshotRequest{}, f))
		}},
		{"type backup_policy", func(c *droplets.Client, f droplets.CallOption) error {
			return second(c.DropletActions.InitiateByTag(ctx, "web", droplets.EnableBackupsRequest{}, f))
		}},
	}
	for own, requests := range map[string][]droplets.ActionRequest{
		"type": {droplets.RebootRequest{}, droplets.PowerCycleRequest{}, droplets.ShutdownRequest{}, droplets.PowerOffRequest{}, droplets.PowerOnRequest{},
			droplets.PasswordResetRequest{}, droplets.EnableIPv6Request{}, droplets.DisableBackupsRequest{}, droplets.CustomActionRequest{Type: "resize"}},
		"type backup_policy": {droplets.EnableBackupsRequest{}, droplets.EnableBackupsRequest{Policy: &droplets.BackupPolicy{Plan: "daily"}},
			droplets.ChangeBackupPolicyRequest{Policy: droplets.BackupPolicy{Plan: "daily"}}},
		"type image":     {droplets.RestoreRequest{ImageID: 7}, droplets.RebuildRequest{Image: droplets.ImageID(7)}},
		"type size disk": {droplets.ResizeRequest{Size: "s-2vcpu-2gb"}, droplets.ResizeRequest{Size: "s-2vcpu-2gb", Disk: true}},
		"type name":      {droplets.RenameRequest{Name: "a"}, droplets.SnapshotRequest{}, droplets.SnapshotRequest{Name: "a"}},
		"type kernel":    {droplets.ChangeKernelRequest{KernelID: 7}},
	} {
		for _, req := range requests {
			tests = append(tests, test{own, func(c *droplets.Client, f droplets.CallOption) error {
				return second(c.DropletActions.Initiate(ctx, 42, req, f))
			}})
		}
	}
	for _, tt := range tests {
		for _, name := range names {
			action := `{"id":1,"status":"in-progress","resource_id":42,"type":"x"}`
			a, c := newAPI(t, sequence(respond(201, `{"action":`+action+`,"actions":[`+action+`]}`)))
			err := tt.call(c, droplets.WithBodyField(name, 7))
			if slices.Contains(strings.Fields(tt.own), name) {
				requireInvalid(t, err, "WithBodyField")
				assert.Zero(t, a.count(), "%q %s", tt.own, name)
				continue
			}
			require.NoError(t, err, "%q %s", tt.own, name)
			assert.Contains(t, a.last().Body, `"`+name+`":7`)
		}
	}
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		_, err := api.Client().Droplets.SnapshotAndWait(t.Context(), sampleID, droplets.SnapshotRequest{}, droplets.WithBodyField("name", "x"))
		requireInvalid(t, err, "WithBodyField")
		assert.Empty(t, api.Requests(), "rejected before anything is sent")
	})
}

// TestWithBodyFieldIsRedacted checks that errors do not contain the value of the field, which can be a secret.
func TestWithBodyFieldIsRedacted(t *testing.T) {
	t.Parallel()
	const secret = "a-very-secret-text"
	for _, value := range []any{secret, []string{"x", secret}, map[string]any{"key": map[string]string{"deep": secret}}} {
		_, c := newAPI(t, sequence(respond(422, `{"id":"unprocessable_entity","message":"bad key deep: `+secret+`"}`)))
		_, err := c.Droplets.Create(t.Context(), createRequest(), droplets.WithBodyField("license", value))
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		require.NotContains(t, err.Error(), secret)
		require.Contains(t, err.Error(), "bad key deep: ", "the keys of objects are not secret")
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		require.NotContains(t, string(e.Body), secret)
	}
}

// TestWithBodyFieldIsRejectedFirst checks that helpers reject an argument that can never be valid before they send a request.
func TestWithBodyFieldIsRejectedFirst(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, c := newAPI(t, sequence(respond(500, "")))
	size := droplets.WithBodyField("Size", "s-8vcpu-16gb")
	name := droplets.WithBodyField("name", "x")
	for method, call := range map[string]func() (any, any, error){
		"Ensure":         func() (any, any, error) { return c.Droplets.Ensure(ctx, createRequest(), size) },
		"EnsureMultiple": func() (any, any, error) { return c.Droplets.EnsureMultiple(ctx, multiCreate("a"), name) },
		"EnsureAndWait":  func() (any, any, error) { return c.Droplets.EnsureAndWait(ctx, createRequest(), size) },
		"CreateAndWait": func() (any, any, error) {
			return nil, nil, second(c.Droplets.CreateAndWait(ctx, createRequest(), size))
		},
		"CreateMultipleAndWait": func() (any, any, error) {
			return nil, nil, second(c.Droplets.CreateMultipleAndWait(ctx, multiCreate("a"), size))
		},
		"SnapshotAndWait": func() (any, any, error) {
			return nil, nil, second(c.Droplets.SnapshotAndWait(ctx, 42, droplets.SnapshotRequest{}, name))
		},
		"SSHKeys.Ensure": func() (any, any, error) { return c.SSHKeys.Ensure(ctx, keyRequest(), name) },
	} {
		t.Run(method, func(t *testing.T) {
			_, _, err := call()
			requireInvalid(t, err, "WithBodyField")
		})
	}
	assert.Zero(t, a.count(), "nothing was sent")
}

// TestFieldsOfABodyWithSpaces: a body that a caller has written may have spaces around it.
func TestFieldsOfABodyWithSpaces(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, `{}`)))
	for _, body := range []string{"{\"name\":\"web\"}", " \n{\"name\":\"web\" }\r\n\t", "\n{\"name\":\"web\"\n}\n"} {
		req, err := c.NewRequest(t.Context(), http.MethodPost, "v2/tags", nil)
		require.NoError(t, err)
		req.Body, req.GetBody = io.NopCloser(strings.NewReader(body)), nil
		_, err = c.Do(req, nil, droplets.WithBodyField("color", "red"))
		require.NoError(t, err)
		assert.JSONEq(t, `{"name":"web","color":"red"}`, a.last().Body)
	}
}
