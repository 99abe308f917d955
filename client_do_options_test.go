package droplets_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func getVolumes(t *testing.T, c *droplets.Client) *http.Request {
	t.Helper()
	req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/volumes", nil)
	require.NoError(t, err)
	return req
}

func TestDoTakesCallOptions(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var operation string
		a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			operation, _ = droplets.OperationFromContext(r.Context())
			return sequence(respond(200, `{"volumes":[]}`, "X-Request-Id: r"), respond(200, "{}"), respond(503, ""))(n, r)
		}, droplets.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		req := getVolumes(t, c)
		req.Header = nil
		var captured droplets.Response
		resp, err := c.Do(req, nil, droplets.WithHeader("X-Trace", "7"), droplets.WithOperation("volumes_list"), droplets.CaptureResponse(&captured))
		require.NoError(t, err)
		assert.Equal(t, "7", a.last().Header.Get("X-Trace"))
		assert.Empty(t, req.Header, "the caller's request is not changed")
		assert.Equal(t, "volumes_list", operation)
		assert.Contains(t, log.String(), "operation=volumes_list")
		assert.JSONEq(t, `{"volumes":[]}`, string(resp.Body))
		assert.Equal(t, *resp, captured)

		req.Header = http.Header{"X-Trace": {"1", "2"}, "X-Other": {"3"}}
		_, err = c.Do(req, nil, droplets.WithHeader("x-trace", "7"))
		require.NoError(t, err)
		assert.Equal(t, []string{"7"}, a.last().Header.Values("X-Trace"), "the option replaces the header of the request")
		assert.Equal(t, []string{"3"}, a.last().Header.Values("X-Other"))
		assert.Equal(t, http.Header{"X-Trace": {"1", "2"}, "X-Other": {"3"}}, req.Header, "the caller's request is not changed")

		_, err = c.Do(getVolumes(t, c), nil, droplets.WithoutRetries(), droplets.WithOperation("volumes_list"))
		require.ErrorContains(t, err, "volumes_list: GET /some/prefix/v2/volumes")
		assert.Equal(t, 3, a.count(), "not retried")

		a, c = newAPI(t, sequence(respond(502, ""), respond(200, "{}")))
		req, err = c.NewRequest(t.Context(), http.MethodPut, "v2/volumes/7", struct{}{})
		require.NoError(t, err)
		_, err = c.Do(req, nil, droplets.ResendUncertain())
		require.NoError(t, err)
		assert.Equal(t, 2, a.count())

		pending := respond(422, fixture(t, "error.422.pending_event"))
		a, c = newAPI(t, sequence(pending, pending, respond(200, "{}")))
		req, err = c.NewRequest(t.Context(), http.MethodPost, "v2/volumes/actions", struct{}{})
		require.NoError(t, err)
		_, err = c.Do(req, nil, droplets.RetryPendingEvent(time.Minute), droplets.WithPolling(droplets.PollPolicy{Initial: time.Second}))
		require.NoError(t, err)
		assert.Equal(t, 3, a.count())
	})
}

func TestDoRejectsOptions(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, "{}")))
	for field, option := range map[string]droplets.CallOption{
		"header": droplets.WithHeader("Authorization", "x"), "OnProgress": droplets.OnProgress(func(droplets.Progress) {}),
		"WithPolling": droplets.WithPolling(droplets.PollPolicy{Initial: time.Second}), "ReadAhead": droplets.ReadAhead(0),
		"WithOperation": droplets.WithOperation("two words"), "RequireRoot": droplets.RequireRoot(""),
	} {
		_, err := c.Do(getVolumes(t, c), nil, option)
		requireInvalid(t, err, field)
	}
	for field, option := range map[string]droplets.CallOption{
		"WithOperation": droplets.WithOperation("volumes_list"), "RequireRoot": droplets.RequireRoot("volumes"),
	} {
		requireInvalid(t, second(c.Droplets.Get(t.Context(), 1, option)), field)
		requireInvalid(t, c.Droplets.WaitForDeleted(t.Context(), 1, option), field)
		requireInvalid(t, second(collect1(c.Droplets.All(t.Context(), nil, option))), field)
	}
	assert.Zero(t, a.count())
}

// TestWithOperationTakesAnyName checks that a name of printable ASCII without spaces is accepted.
func TestWithOperationTakesAnyName(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(404, notFoundBody)))
	for name, valid := range map[string]bool{
		"volumes_list": true, "volumes/list": true, "storage:volumes.list()": true, "": false, " ": false, "two words": false, "a\n": false, "é": false, "a\x00": false,
	} {
		_, err := c.Do(getVolumes(t, c), nil, droplets.WithOperation(name))
		if !valid {
			requireInvalid(t, err, "WithOperation")
			continue
		}
		require.ErrorContains(t, err, "droplets: "+name+": GET ")
	}
}

func TestRequireRoot(t *testing.T) {
	t.Parallel()
	for body, missing := range map[string]bool{
		`{"volumes":[]}`: false, `{"volumes":{"id":1},"links":{}}`: false, `{}`: true, `{"volumes":null}`: true,
		`{"volume":[]}`: true, `[]`: true, `null`: true, ``: true, `<html>`: true,
	} {
		for name, v := range map[string]any{"struct": new(struct{ Volumes any }), "bytes": new([]byte), "writer": new(bytes.Buffer), "nothing": nil} {
			_, c := newAPI(t, sequence(respond(200, body)), once()...)
			resp, err := c.Do(getVolumes(t, c), v, droplets.RequireRoot("volumes"))
			require.NotNil(t, resp)
			if !missing {
				require.NoError(t, err, "%s %s", body, name)
				continue
			}
			require.ErrorIs(t, err, droplets.ErrInvalidResponse, "%s %s", body, name)
			if w, ok := v.(*bytes.Buffer); ok {
				assert.Zero(t, w.Len(), "nothing was written")
			}
		}
	}
}

// TestResponseHasTheBody: fields that the package does not have can be read.
func TestResponseHasTheBody(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		const body = ` {"droplet":{"id":42,"status":"active","orbit":"low"}}`
		_, c := newAPI(t, sequence(respond(200, body), respond(200, dropletBody(43)), respond(404, notFoundBody), respond(200, `{"droplet":`)))
		var resp, later droplets.Response
		_, err := c.Droplets.Get(t.Context(), 42, droplets.CaptureResponse(&resp))
		require.NoError(t, err)
		_, err = c.Droplets.Get(t.Context(), 43, droplets.CaptureResponse(&later)) // uses the buffer again
		require.NoError(t, err)
		assert.True(t, bytes.Equal([]byte(body), resp.Body), "byte for byte: %s", resp.Body)
		_, err = c.Droplets.Get(t.Context(), 44, droplets.CaptureResponse(&resp))
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Nil(t, resp.Body)
		_, err = c.Droplets.Get(t.Context(), 45, droplets.CaptureResponse(&resp))
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
		assert.Equal(t, `{"droplet":`, string(resp.Body))
		requireNoSecret(t, "response", droplets.Response{StatusCode: 200, Body: []byte(testToken + secretUserData)}, true)
		assert.Equal(t, `status 200, request "r", 1 attempts, 3 bytes`, droplets.Response{StatusCode: 200, RequestID: "r", Attempts: 1, Body: []byte("abc")}.String())
	})
}

func TestNewRequestAcceptsLinks(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://api.digitalocean.com/v2/volumes?page=2&per_page=200":      "/v2/volumes?page=2&per_page=200",
		"http://API.DigitalOcean.com/v2/volumes?page=2":                    "/v2/volumes?page=2",
		"https://" + testHost + testPrefix + "/v2/volumes?page=3":          "/v2/volumes?page=3",
		"https://" + testHost + "/v2/volumes?page=3":                       "/v2/volumes?page=3",
		"https://api.digitalocean.com/v2/tags/a%2Fb?tag_name=x%26y&page=2": "/v2/tags/a%2Fb?tag_name=x%26y&page=2",
		"/v2/volumes":        "/v2/volumes",
		"v2/volumes/7/x%20y": "/v2/volumes/7/x%20y",
		"v3/volumes?a=..":    "/v3/volumes?a=..",
	} {
		_, c := newAPI(t, sequence(respond(200, "{}")))
		req, err := c.NewRequest(t.Context(), http.MethodGet, link, nil)
		require.NoError(t, err, link)
		assert.Equal(t, "https://"+testHost+testPrefix+want, req.URL.String())
	}
}

func TestNewRequestRejectsPaths(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, "{}")))
	for path, rule := range map[string]string{
		"droplets":            "must begin with the version",
		"volumes?x=v2/":       "must begin with the version",
		"V2/volumes":          "must begin with the version",
		"v/volumes":           "must begin with the version",
		"v2":                  "must name a resource",
		"v2/":                 "empty segment",
		"v2/volumes/":         "is an ID missing?",
		"v2//volumes":         "is an ID missing?",
		"v2/volumes//actions": "is an ID missing?",
		"v2/./volumes":        "must not contain",
		"v2/a/..;x/b":         "must not contain",
		"v2/a%2f..%2fb":       "must not contain",
		`v2/a\b`:              "backslash",
		"v2/a%00b":            "zero byte",
		"https://api.digitalocean.com.evil.example.com/v2/volumes": "must be a path",
		"https://user:secret@api.digitalocean.com/v2/volumes":      "must be a path",
		"https://api.digitalocean.com:8443/v2/volumes":             "must be a path",
		"ftp://api.digitalocean.com/v2/volumes":                    "must be a path",
		"https://api.digitalocean.com/v2/volumes#x":                "must be a path",
		"https://api.digitalocean.com/":                            "must not be empty",
		"https://cloud.digitalocean.com/v1/oauth/token":            "must be a path",
		"v2/%zz":                  "must be a path",
		"ftp:/v2/volumes":         "must be a path",
		"//example.com/v2/volume": "must be a path",
		"//user:secret@/v2/volum": "must be a path",
		"v2/volumes#x":            "must be a path",
	} {
		_, err := c.NewRequest(t.Context(), http.MethodGet, path, nil)
		requireInvalid(t, err, "path")
		require.ErrorContains(t, err, rule, path)
		require.NotContains(t, err.Error(), "secret")
	}
}

// TestRequestsKeepThePrefix checks that the prefix of the base URL is sent with its escapes.
func TestRequestsKeepThePrefix(t *testing.T) {
	t.Parallel()
	const base = "https://" + testHost + "/some%2Fprefix"
	_, c := newAPI(t, sequence(respond(200, "{}")), droplets.WithBaseURL(base))
	for _, path := range []string{"v2/a%2Fb", "/v2/x", base + "/v2/x", "%2Fv2/x", "%2fv2/a%2Fb", "/%2Fv2/x", base + "/%2Fv2/x"} {
		req, err := c.NewRequest(t.Context(), http.MethodGet, path, nil)
		if strings.Contains(strings.ToUpper(path), "%2FV2") {
			requireInvalid(t, err, "path")
			continue
		}
		require.NoError(t, err, path)
		assert.True(t, strings.HasPrefix(req.URL.String(), base+"/v2/"), "%s: %s", path, req.URL)
	}
	var sent []string
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.URL.EscapedPath())
		return respond(404, notFoundBody)()
	})
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL(base), droplets.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	require.ErrorIs(t, second(c.Droplets.Get(t.Context(), 42)), droplets.ErrNotFound)
	require.ErrorIs(t, c.Snapshots.Delete(t.Context(), "a b"), droplets.ErrNotFound)
	assert.Equal(t, []string{"/some%2Fprefix/v2/droplets/42", "/some%2Fprefix/v2/snapshots/a%20b"}, sent)
}
