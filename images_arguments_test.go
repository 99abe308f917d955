package droplets_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// customImage returns the request of the documented example.
func customImage() droplets.CustomImageCreateRequest {
	return droplets.CustomImageCreateRequest{Name: "ubuntu-18.04-minimal", Region: "nyc3", Distribution: "Ubuntu", Tags: []string{"base-image", "prod"},
		URL: "http://cloud-images.ubuntu.com/minimal/releases/bionic/release/ubuntu-18.04-minimal-cloudimg-amd64.img"}
}

func TestInvalidImageArguments(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(500, "")))
	ctx := t.Context()
	create := func(change func(*droplets.CustomImageCreateRequest)) error {
		req := customImage()
		change(&req)
		return second(c.Images.CreateCustom(ctx, req))
	}
	images := func(opts droplets.ImageListOptions) error { return second(c.Images.List(ctx, &opts)) }
	snapshots := func(opts droplets.SnapshotListOptions) error { return second(c.Snapshots.List(ctx, &opts)) }
	tooLarge, negative := droplets.ListOptions{PerPage: 201}, droplets.ListOptions{Page: -1}
	update := droplets.ImageUpdateRequest{Name: "n"}
	for name, tt := range map[string]struct {
		field string
		err   error
	}{
		"image 0":                       {"imageID", second(c.Images.Get(ctx, 0))},
		"a negative image":              {"imageID", c.Images.Delete(ctx, -1)},
		"update of image 0":             {"imageID", second(c.Images.Update(ctx, 0, update))},
		"actions of image 0":            {"imageID", second(c.Images.ListActions(ctx, 0, nil))},
		"an action of image 0":          {"imageID", second(c.Images.GetAction(ctx, 0, 1))},
		"action 0":                      {"actionID", second(c.Images.GetAction(ctx, 1, 0))},
		"transfer of image 0":           {"imageID", second(c.Images.Transfer(ctx, 0, droplets.TransferRequest{Region: "nyc3"}))},
		"convert image 0":               {"imageID", second(c.Images.Convert(ctx, 0))},
		"transfer to no region":         {"Region", second(c.Images.Transfer(ctx, 1, droplets.TransferRequest{}))},
		"transfer to a blank region":    {"Region", second(c.Images.Transfer(ctx, 1, droplets.TransferRequest{Region: "\t"}))},
		"no slug":                       {"slug", second(c.Images.GetBySlug(ctx, ""))},
		"a blank slug":                  {"slug", second(c.Images.GetBySlug(ctx, " "))},
		"a slug of digits":              {"slug", second(c.Images.GetBySlug(ctx, "7938269"))},
		"a slug that is the path above": {"slug", second(c.Images.GetBySlug(ctx, ".."))},
		"an update of nothing":          {"req", second(c.Images.Update(ctx, 1, droplets.ImageUpdateRequest{}))},
		"an update to a blank name":     {"Name", second(c.Images.Update(ctx, 1, droplets.ImageUpdateRequest{Name: " ", Description: "d"}))},
		"a custom image without a name": {"Name", create(func(r *droplets.CustomImageCreateRequest) { r.Name = "" })},
		"without a region":              {"Region", create(func(r *droplets.CustomImageCreateRequest) { r.Region = "" })},
		"without a URL":                 {"URL", create(func(r *droplets.CustomImageCreateRequest) { r.URL = "" })},
		"a URL without a scheme":        {"URL", create(func(r *droplets.CustomImageCreateRequest) { r.URL = "example.com/x.img" })},
		"a file":                        {"URL", create(func(r *droplets.CustomImageCreateRequest) { r.URL = "file:///x.img" })},
		"an ftp URL":                    {"URL", create(func(r *droplets.CustomImageCreateRequest) { r.URL = "ftp://example.com/x.img" })},
		"a URL without a host":          {"URL", create(func(r *droplets.CustomImageCreateRequest) { r.URL = "https://:443/x.img" })},
		"a URL that cannot be parsed":   {"URL", create(func(r *droplets.CustomImageCreateRequest) { r.URL = "https://%zz/" })},
		"an empty tag":                  {"Tags[1]", create(func(r *droplets.CustomImageCreateRequest) { r.Tags = []string{"a", ""} })},
		"images by a blank tag":         {"TagName", images(droplets.ImageListOptions{TagName: " "})},
		"a page of 201 images":          {"PerPage", images(droplets.ImageListOptions{ListOptions: tooLarge})},
		"page -1 of the images":         {"Page", images(droplets.ImageListOptions{ListOptions: negative})},
		"a page of 201 image actions":   {"PerPage", second(c.Images.ListActions(ctx, 1, &tooLarge))},
		"no snapshot ID":                {"snapshotID", second(c.Snapshots.Get(ctx, ""))},
		"a blank snapshot ID":           {"snapshotID", c.Snapshots.Delete(ctx, " ")},
		"a snapshot ID that is a path":  {"snapshotID", c.Snapshots.Delete(ctx, ".")},
		"a blank resource type":         {"ResourceType", snapshots(droplets.SnapshotListOptions{ResourceType: " "})},
		"a page of 201 snapshots":       {"PerPage", snapshots(droplets.SnapshotListOptions{ListOptions: tooLarge})},
		"a page of 201 sizes":           {"PerPage", second(c.Sizes.List(ctx, &tooLarge))},
		"page -1 of the sizes":          {"Page", second(c.Sizes.List(ctx, &negative))},
		"a page of 201 regions":         {"PerPage", second(c.Regions.List(ctx, &tooLarge))},
	} {
		t.Run(name, func(t *testing.T) { requireInvalid(t, tt.err, tt.field) })
	}
	for _, err := range c.Images.All(ctx, &droplets.ImageListOptions{ListOptions: tooLarge}) {
		requireInvalid(t, err, "PerPage")
	}
	assert.Zero(t, a.count(), "no request was sent")
}

// TestInvalidURLIsNotPrinted: the URL of a custom image can contain a signature.
func TestInvalidURLIsNotPrinted(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(500, "")))
	req := customImage()
	req.URL = "s3://bucket/x.img?signature=hunter2-hunter2"
	_, err := c.Images.CreateCustom(t.Context(), req)
	requireInvalid(t, err, "URL")
	assert.NotContains(t, err.Error(), "hunter2")
}

// TestSecretsOfAnImageURL: if the API repeats the URL of a custom image, the error does not contain its secret.
func TestSecretsOfAnImageURL(t *testing.T) {
	t.Parallel()
	for url, secret := range map[string]string{
		"https://spaces.example.com/x.img?X-Amz-Signature=hunter2-hunter2&X-Amz-Expires=60": "hunter2",
		"https://user:hunter2-hunter2@example.com/x.img":                                    "hunter2",
		"https://user:hunter2-hunter2@example.com?key=dolphin":                              "dolphin",
	} {
		body := `{"id":"unprocessable_entity","message":"cannot download ` + url + `"}`
		_, c := newAPI(t, sequence(respond(422, body)))
		req := customImage()
		req.URL = url
		var resp droplets.Response
		_, err := c.Images.CreateCustom(t.Context(), req, droplets.CaptureResponse(&resp))
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Contains(t, e.Message, "cannot download https://")
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "req", req, "pointer", &req)
		for _, text := range []string{err.Error(), e.Message, string(e.Body), fmt.Sprintf("%v %+v %#v %s %v", req, req, req, req, &req), log.String()} {
			assert.NotContains(t, text, secret)
			assert.NotContains(t, text, "hunter2")
		}
	}
	_, c := newAPI(t, sequence(respond(422, `{"id":"unprocessable_entity","message":"cannot download `+customImage().URL+`"}`)))
	_, err := c.Images.CreateCustom(t.Context(), customImage())
	assert.Contains(t, err.Error(), strings.TrimPrefix(customImage().URL, "http://"), "a URL without a secret is not removed")
	encoded, err := json.Marshal(customImage())
	require.NoError(t, err)
	assert.Equal(t, string(encoded), customImage().String())
}
