package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/droplets-go/droplets"
)

func requireInvalid(t testing.TB, err error, field string) {
	t.Helper()
	require.ErrorIs(t, err, droplets.ErrInvalidArgument)
	var arg *droplets.ArgumentError
	require.ErrorAs(t, err, &arg)
	assert.Equal(t, field, arg.Field)
	assert.NotEmpty(t, arg.Rule)
	assert.Equal(t, "droplets: invalid argument: "+arg.Field+" "+arg.Rule, err.Error())
}

func TestInvalidArguments(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(500, "")))
	ctx := t.Context()
	var noContext context.Context
	create := func(change func(*droplets.DropletCreateRequest)) error {
		req := createRequest()
		change(&req)
		_, err := c.Droplets.Create(ctx, req)
		return err
	}
	names := func(names ...string) error {
		_, err := c.Droplets.CreateMultiple(ctx, droplets.DropletMultiCreateRequest{Names: names, Size: "s", Image: droplets.ImageID(1)})
		return err
	}
	initiate := func(req droplets.ActionRequest) error {
		_, err := c.DropletActions.Initiate(ctx, 42, req)
		return err
	}
	byTag := func(req droplets.TagActionRequest) error {
		_, err := c.DropletActions.InitiateByTag(ctx, "web", req)
		return err
	}
	for name, tt := range map[string]struct {
		field string
		err   error
	}{
		"no name":                  {"Name", create(func(r *droplets.DropletCreateRequest) { r.Name = "" })},
		"no size":                  {"Size", create(func(r *droplets.DropletCreateRequest) { r.Size = " " })},
		"no image":                 {"Image", create(func(r *droplets.DropletCreateRequest) { r.Image = droplets.ImageRef{} })},
		"image id 0":               {"Image", create(func(r *droplets.DropletCreateRequest) { r.Image = droplets.ImageID(0) })},
		"a negative image id":      {"Image", create(func(r *droplets.DropletCreateRequest) { r.Image = droplets.ImageID(-1) })},
		"no slug":                  {"Image", create(func(r *droplets.DropletCreateRequest) { r.Image = droplets.ImageSlug("") })},
		"a blank slug":             {"Image", create(func(r *droplets.DropletCreateRequest) { r.Image = droplets.ImageSlug(" ") })},
		"no key":                   {"SSHKeys[1]", create(func(r *droplets.DropletCreateRequest) { r.SSHKeys = []droplets.SSHKeyRef{droplets.SSHKeyID(1), {}} })},
		"an empty tag":             {"Tags[0]", create(func(r *droplets.DropletCreateRequest) { r.Tags = []string{""} })},
		"an empty volume":          {"Volumes[1]", create(func(r *droplets.DropletCreateRequest) { r.Volumes = []string{"v", ""} })},
		"too much user data":       {"UserData", create(func(r *droplets.DropletCreateRequest) { r.UserData = strings.Repeat("x", 64<<10+1) })},
		"a policy without backups": {"BackupPolicy", create(func(r *droplets.DropletCreateRequest) { r.BackupPolicy = &droplets.BackupPolicy{} })},
		"an hour of 24": {"BackupPolicy.Hour", create(func(r *droplets.DropletCreateRequest) {
			r.Backups, r.BackupPolicy = true, &droplets.BackupPolicy{Hour: new(24)}
		})},
		"IPv6 without public networking": {"IPv6", create(func(r *droplets.DropletCreateRequest) { r.IPv6, r.PublicNetworking = true, new(false) })},
		"no names":                       {"Names", names()},
		"eleven names":                   {"Names", names(strings.Split("a,b,c,d,e,f,g,h,i,j,k", ",")...)},
		"an empty name":                  {"Names[1]", names("a", "")},
		"Droplet 0":                      {"dropletID", c.Droplets.Delete(ctx, 0)},
		"a negative Droplet":             {"dropletID", second(c.Droplets.Get(ctx, -1))},
		"neighbors of 0":                 {"dropletID", second(c.Droplets.ListNeighbors(ctx, 0))},
		"snapshots of 0":                 {"dropletID", second(c.Droplets.ListSnapshots(ctx, 0, nil))},
		"a page too large":               {"PerPage", second(c.Droplets.ListSnapshots(ctx, 1, &droplets.ListOptions{PerPage: 500}))},
		"delete by an empty tag":         {"tag", c.Droplets.DeleteByTag(ctx, "")},
		"delete by a blank tag":          {"tag", c.Droplets.DeleteByTag(ctx, " ")},
		"action by an empty tag":         {"tag", second(c.DropletActions.InitiateByTag(ctx, "", droplets.PowerOffRequest{}))},
		"action 0":                       {"actionID", second(c.DropletActions.Get(ctx, 42, 0))},
		"action of Droplet 0":            {"dropletID", second(c.DropletActions.Get(ctx, 0, 42))},
		"account action 0":               {"actionID", second(c.Actions.Get(ctx, 0))},
		"no request":                     {"req", initiate(nil)},
		"a nil request":                  {"req", initiate((*droplets.RebootRequest)(nil))},
		"no request by tag":              {"req", byTag(nil)},
		"resize without a size":          {"Size", initiate(droplets.ResizeRequest{})},
		"restore without an image":       {"ImageID", initiate(droplets.RestoreRequest{})},
		"rebuild without an image":       {"Image", initiate(droplets.RebuildRequest{})},
		"rename without a name":          {"Name", initiate(droplets.RenameRequest{})},
		"no kernel":                      {"KernelID", initiate(droplets.ChangeKernelRequest{})},
		"no plan":                        {"Policy.Plan", initiate(droplets.ChangeBackupPolicyRequest{})},
		"custom without a type":          {"Type", initiate(droplets.CustomActionRequest{})},
		"custom with two types":          {"Attributes", initiate(droplets.CustomActionRequest{Type: "x", Attributes: map[string]any{"type": "y"}})},
		"custom with a channel":          {"body", initiate(droplets.CustomActionRequest{Type: "x", Attributes: map[string]any{"c": make(chan int)}})},
		"custom with NaN":                {"body", initiate(droplets.CustomActionRequest{Type: "x", Attributes: map[string]any{"c": math.NaN()}})},
		"a policy by tag":                {"Policy", byTag(droplets.EnableBackupsRequest{Policy: &droplets.BackupPolicy{Plan: "daily"}})},
		"policy of 0":                    {"dropletID", second(c.BackupPolicies.Get(ctx, 0))},
		"resources of 0":                 {"dropletID", second(c.AssociatedResources.List(ctx, 0))},
		"destroy 0":                      {"dropletID", c.AssociatedResources.DestroyAll(ctx, 0)},
		"destroy with an empty ID":       {"Volumes[0]", c.AssociatedResources.DestroySelective(ctx, 1, droplets.SelectiveDestroyRequest{Volumes: []string{""}})},
		"a bad header name":              {"header", second(c.Droplets.Get(ctx, 1, droplets.WithHeader("a b", "c")))},
		"a bad header value":             {"header", second(c.Droplets.Get(ctx, 1, droplets.WithHeader("a", "b\r\nc: d")))},
		"an Authorization header":        {"header", second(c.Droplets.Get(ctx, 1, droplets.WithHeader("authorization", "Bearer x")))},
		"read ahead of 0":                {"ReadAhead", second(c.Droplets.List(ctx, nil, droplets.ReadAhead(0)))},
		"a negative wait":                {"RetryPendingEvent", second(c.Droplets.Get(ctx, 1, droplets.RetryPendingEvent(-1)))},
		"no context":                     {"ctx", second(c.Droplets.Get(noContext, 1))},
		"wait without a context":         {"ctx", second(c.DropletActions.WaitForAction(noContext, 1, 1))},
	} {
		t.Run(name, func(t *testing.T) { requireInvalid(t, tt.err, tt.field) })
	}
	assert.Zero(t, a.count(), "no request was sent")
}

func second[T any](_ T, err error) error { return err }

func TestNewClientRejects(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		field, token string
		opt          droplets.Option
	}{
		"no token":                      {field: "token"},
		"a token with a newline":        {field: "token", token: "abc\n"},
		"a token with a space":          {field: "token", token: "abc def"},
		"http beyond loopback":          {"BaseURL", testToken, droplets.WithBaseURL("http://api.example.com")},
		"http to a private host":        {"BaseURL", testToken, droplets.WithBaseURL("http://10.0.0.1")},
		"http to a name like localhost": {"BaseURL", testToken, droplets.WithBaseURL("http://localhost.example.com")},
		"another scheme":                {"BaseURL", testToken, droplets.WithBaseURL("ftp://api.example.com")},
		"no scheme":                     {"BaseURL", testToken, droplets.WithBaseURL("api.example.com")},
		"no host":                       {"BaseURL", testToken, droplets.WithBaseURL("https:///v2")},
		"a user":                        {"BaseURL", testToken, droplets.WithBaseURL("https://u:p@api.example.com")},
		"a query":                       {"BaseURL", testToken, droplets.WithBaseURL("https://api.example.com?x=y")},
		"not a URL":                     {"BaseURL", testToken, droplets.WithBaseURL("https://%zz")},
		"no HTTP client":                {"HTTPClient", testToken, droplets.WithHTTPClient(nil)},
		"a bad product":                 {"UserAgent", testToken, droplets.WithUserAgent("a\r\nb")},
		"negative retries":              {"RetryPolicy.MaxRetries", testToken, droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: -1})},
		"a negative retry delay":        {"RetryPolicy", testToken, droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 1, MinDelay: -1})},
		"a negative poll delay":         {"PollPolicy", testToken, droplets.WithPollPolicy(droplets.PollPolicy{Initial: -1})},
		"a poll factor below 1":         {"PollPolicy.Factor", testToken, droplets.WithPollPolicy(droplets.PollPolicy{Factor: 0.5})},
		"a poll factor of NaN":          {"PollPolicy.Factor", testToken, droplets.WithPollPolicy(droplets.PollPolicy{Factor: math.NaN()})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := droplets.NewClient(tt.token, tt.opt)
			requireInvalid(t, err, tt.field)
			assert.Nil(t, c)
			if tt.token != "" {
				assert.NotContains(t, err.Error(), tt.token)
			}
		})
	}
	_, err := droplets.NewClientFromTokenSource(nil)
	requireInvalid(t, err, "token source")
}

type tokens func() (*oauth2.Token, error)

func (f tokens) Token() (*oauth2.Token, error) { return f() }

func TestTokenSourceErrors(t *testing.T) {
	t.Parallel()
	sourceErr := errors.New("the vault is sealed")
	for name, source := range map[string]tokens{
		"an error":               func() (*oauth2.Token, error) { return nil, sourceErr },
		"no token":               func() (*oauth2.Token, error) { return nil, nil },
		"an empty token":         func() (*oauth2.Token, error) { return &oauth2.Token{}, nil },
		"a token with a newline": func() (*oauth2.Token, error) { return &oauth2.Token{AccessToken: "a\nb"}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &api{t: t, handle: sequence(respond(500, ""))}
			c, err := droplets.NewClientFromTokenSource(source, droplets.WithHTTPClient(&http.Client{Transport: a}))
			require.NoError(t, err)
			_, err = c.Droplets.Create(t.Context(), createRequest())
			require.ErrorContains(t, err, "token source")
			require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
			assert.Equal(t, name == "an error", errors.Is(err, sourceErr))
			assert.Zero(t, a.count())
		})
	}
}

func TestUserDataMustBeUTF8(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(1))))
	req := createRequest()
	req.UserData = "\x1f\x8b\xff"
	_, err := c.Droplets.Create(t.Context(), req)
	requireInvalid(t, err, "UserData")
	req = createRequest()
	req.Backups, req.BackupPolicy = true, &droplets.BackupPolicy{RetentionPeriodDays: 7}
	_, err = c.Droplets.Create(t.Context(), req)
	requireInvalid(t, err, "BackupPolicy")
	assert.Zero(t, a.count())
	req = createRequest()
	req.UserData = "password"
	assert.NotContains(t, fmt.Sprintf("%d %x %t", req, req, &req), "password")
}

// TestArgumentsOfHelpers has arguments and options that helpers and services reject before a request is sent.
func TestArgumentsOfHelpers(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(500, "")))
	ctx := t.Context()
	requireInvalid(t, second(c.AssociatedResources.Status(ctx, 0)), "dropletID")
	requireInvalid(t, c.AssociatedResources.DestroySelective(ctx, 0, droplets.SelectiveDestroyRequest{}), "dropletID")
	requireInvalid(t, c.AssociatedResources.DestroyAll(ctx, 0), "dropletID")
	requireInvalid(t, c.AssociatedResources.Retry(ctx, 0), "dropletID")
	requireInvalid(t, second(c.DropletActions.Get(ctx, 0, 1)), "dropletID")
	requireInvalid(t, second(c.DropletActions.Get(ctx, 1, 0)), "actionID")
	requireInvalid(t, second(c.DropletActions.Initiate(ctx, 0, droplets.RebootRequest{})), "dropletID")
	requireInvalid(t, second(c.Actions.Get(ctx, 0)), "actionID")
	requireInvalid(t, second(c.Actions.List(ctx, &droplets.ListOptions{PerPage: 201})), "PerPage")
	_, createdOne, err := c.Droplets.Ensure(ctx, droplets.DropletCreateRequest{Size: "s-1vcpu-1gb"})
	requireInvalid(t, err, "Name")
	assert.False(t, createdOne)
	_, createdOne, err = c.Droplets.Ensure(ctx, createRequest(), droplets.ResendUncertain())
	requireInvalid(t, err, "ResendUncertain")
	assert.False(t, createdOne)
	requireInvalid(t, second(c.Droplets.ResizeAndRestart(ctx, 1, droplets.ResizeRequest{}, 0)), "Size")
	requireInvalid(t, second(c.Droplets.ResizeAndRestart(ctx, 1, droplets.ResizeRequest{Size: "s-1vcpu-1gb"}, -1)), "grace")
	multiple := multiCreate("web-1")
	_, _, err = c.Droplets.EnsureMultiple(ctx, multiple, droplets.ResendUncertain())
	requireInvalid(t, err, "ResendUncertain")
	_, created, err := c.SSHKeys.Ensure(ctx, droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: sampleKey}, droplets.ResendUncertain())
	requireInvalid(t, err, "ResendUncertain")
	assert.False(t, created)
	_, created, err = c.SSHKeys.Ensure(ctx, droplets.SSHKeyCreateRequest{Name: "laptop"})
	requireInvalid(t, err, "PublicKey")
	assert.False(t, created)
	assert.Zero(t, a.count(), "no request was sent")
}
