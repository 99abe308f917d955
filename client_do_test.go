package droplets_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// retainingDecoder retains its argument. json.Unmarshaler forbids that, but some callers do it.
type retainingDecoder []byte

func (d *retainingDecoder) UnmarshalJSON(b []byte) error {
	*d = b
	return nil
}

func TestDoDoesNotReuseBuffers(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
		return respond(200, fmt.Sprintf(`{"number":%d}`, 100+n))()
	})
	decoded := make([]retainingDecoder, 20)
	for i := range decoded {
		req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/account", nil)
		require.NoError(t, err)
		_, err = c.Do(req, &decoded[i])
		require.NoError(t, err)
	}
	for i := range decoded {
		assert.Equal(t, fmt.Sprintf(`{"number":%d}`, 101+i), string(decoded[i]))
	}
}

func TestDoUsesThePipeline(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 1"), respond(200, `{"tags":[{"name":"web"}]}`, "X-Request-Id: r")))
		req, err := c.NewRequest(t.Context(), "GET", "/v2/tags?page=2&name=a%2Fb", nil)
		require.NoError(t, err)
		assert.Empty(t, req.Header.Get("Authorization"), "the token is not in the request that the caller has")
		var out struct{ Tags []struct{ Name string } }
		resp, err := c.Do(req, &out)
		require.NoError(t, err)
		assert.Equal(t, "web", out.Tags[0].Name)
		assert.Equal(t, 2, resp.Attempts)
		assert.Equal(t, "r", resp.RequestID)
		assert.Equal(t, "/v2/tags", a.last().Path)
		assert.Equal(t, "page=2&name=a%2Fb", a.last().RawQuery)
		assert.Equal(t, "Bearer "+testToken, a.last().Header.Get("Authorization"))

		a, c = newAPI(t, sequence(respond(502, ""), respond(201, `{}`)))
		req, err = c.NewRequest(t.Context(), "POST", "v2/tags", map[string]string{"name": "web"})
		require.NoError(t, err)
		resp, err = c.Do(req, nil)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 502, resp.StatusCode)
		assert.JSONEq(t, `{"name":"web"}`, a.last().Body)
		assert.Equal(t, 1, a.count())

		_, c = newAPI(t, sequence(failWith(errReset)))
		req, err = c.NewRequest(t.Context(), "POST", "v2/tags", nil)
		require.NoError(t, err)
		resp, err = c.Do(req, nil)
		require.ErrorIs(t, err, syscallReset)
		assert.Nil(t, resp)
	})
}

func TestDoRejectsOtherHosts(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, "{}")))
	for _, path := range []string{"https://elsewhere.example.com/v2", "//elsewhere.example.com/v2", "v2/../../secret", "v2/%2e%2e/x", "", "/", "v2/x#y", "mailto:x"} {
		_, err := c.NewRequest(t.Context(), "GET", path, nil)
		requireInvalid(t, err, "path")
	}
	for _, target := range []string{"https://elsewhere.example.com", "http://" + testHost, "https://" + testHost + ":444", "https://" + testHost + ".example.com", "//" + testHost} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", target+testPrefix+"/v2/tags", nil)
		require.NoError(t, err)
		_, err = c.Do(req, nil)
		requireInvalid(t, err, "req")
	}
	req, err := c.NewRequest(t.Context(), "GET", "v2/tags", nil)
	require.NoError(t, err)
	req.Host = "elsewhere.example.com"
	_, err = c.Do(req, nil)
	requireInvalid(t, err, "req")
	_, err = c.Do(nil, nil)
	requireInvalid(t, err, "req")
	_, err = c.NewRequest(t.Context(), "GE T", "v2/tags", nil)
	requireInvalid(t, err, "method")
	assert.Zero(t, a.count())
}

// TestDoRejectsOtherPaths: behind a proxy, another path of the host can be another service, which must not get the token.
func TestDoRejectsOtherPaths(t *testing.T) {
	t.Parallel()
	for base, paths := range map[string]map[string]bool{
		"/some/prefix": {
			"/some/prefix": true, "/some/prefix/": true, "/some/prefix/v2/tags": true, "/some/prefix/v2/a%2Fb": true, "/some/prefix//v2/tags": true,
			"/some/prefix/v2/..a": true, "/some/prefix/other?x=../..": true,
			"": false, "/": false, "/v2/tags": false, "/some": false, "/some/prefixes/v2/tags": false, "/some/prefix2": false, "/Some/Prefix/v2/tags": false,
			"/some%2Fprefix/v2/tags": false, "//some/prefix/v2/tags": false, "/other/some/prefix/v2/tags": false,
			"/some/prefix/..": false, "/some/prefix/../other": false, "/some/prefix/v2/%2e%2E/%2e%2e/other": false, "/some/prefix/v2/..%2f..%2fother": false,
			"/some/prefix/..;x/other": false, "/some/prefix/./v2": false, `/some/prefix/..\tags`: false, "/some/prefix/v2/%5C..": false, "/some/prefix/%00": false,
		},
		"/some%2Fprefix": {"/some%2Fprefix/v2/tags": true, "/some/prefix/v2/tags": false, "/some%2Fprefixes": false},
		"/a b":           {"/a%20b/v2/tags": true, "/a/b": false},
		"":               {"": true, "/": true, "/v2/tags": true, "/other": true, "/v2/../other": false},
	} {
		for path, accepted := range paths {
			sent := 0
			transport := roundTripper(func(*http.Request) (*http.Response, error) {
				sent++
				return respond(200, "{}")()
			})
			c, err := droplets.NewClient(testToken, droplets.WithBaseURL("https://"+testHost+base), droplets.WithHTTPClient(&http.Client{Transport: transport}))
			require.NoError(t, err)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+testHost+path, nil)
			require.NoError(t, err)
			_, err = c.Do(req, nil)
			if accepted {
				require.NoError(t, err, "%q %q", base, path)
				assert.Equal(t, 1, sent)
				continue
			}
			require.ErrorIs(t, err, droplets.ErrInvalidArgument, "%q %q", base, path)
			requireInvalid(t, err, "req")
			assert.Zero(t, sent, "%q %q", base, path)
		}
	}
	a, c := newAPI(t, sequence(respond(200, "{}")))
	req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/tags", nil)
	require.NoError(t, err)
	req.URL.Opaque = "//" + testHost + "/other" // net/http sends it instead of the path
	_, err = c.Do(req, nil)
	requireInvalid(t, err, "req")
	require.ErrorContains(t, err, "must be for https://"+testHost+testPrefix+": the token is sent")
	assert.Zero(t, a.count())
}

// TestDeleteOfDropletsNeedsATag: the API requires tag_name. With an empty one, the request could delete all Droplets.
func TestDeleteOfDropletsNeedsATag(t *testing.T) {
	t.Parallel()
	for path, accepted := range map[string]bool{
		"v2/droplets?tag_name=web": true, "/v2/droplets?tag_name=%20web": true, "v2/droplets/7": true, "v2/volumes?name=": true, "v2/volumes?tag_name=": true,
		"v2/droplets/7/x?tag_name=": true, "v2/tags/droplets": true, "v3/droplets": true,
		"v2/droplets": false, "v2/droplets?": false, "v2/droplets?tag_name": false, "v2/droplets?tag_name=": false, "/v2/droplets?tag_name=%20": false,
		"v2/droplets?tag_name=+%09": false, "v2/droplets?tag_name=&tag_name=web": false, "v2/droplets?tag_name=web&tag_name=": false, "v2/droplets?Tag_Name=web": false,
		"v2/droplets?name=web": false, "v2/droplets?tag_name=%zz": false, "v2/droplets?tag_name=web&tag_name=%zz": false, "v2/droplets?tag_name=web;tag_name=": false, "v2/%64roplets": false, "v2%2Fdroplets": false,
		"https://api.digitalocean.com/v2/droplets?tag_name=": false,
	} {
		a, c := newAPI(t, sequence(respond(204, "")))
		req, err := c.NewRequest(t.Context(), http.MethodDelete, path, nil)
		if accepted {
			require.NoError(t, err, path)
			_, err = c.Do(req, nil)
			require.NoError(t, err, path)
			continue
		}
		require.ErrorContains(t, err, "tag_name", path)
		requireInvalid(t, err, "path")
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			_, err = c.NewRequest(t.Context(), method, path, nil)
			require.NoError(t, err, "%s %s", method, path)
		}
		assert.Zero(t, a.count())
	}
	for path, accepted := range map[string]bool{
		"/v2/droplets?tag_name=web": true, "/v2/droplets/7": true, "/v2/droplets": false, "/v2/droplets/": false, "//v2//droplets//": false,
		"/v2/droplets?tag_name=": false, "/v2/droplets?tag_name=%20": false, "/v2/droplets/?tag_name=": false, "/v2/%64roplets?tag_name=": false,
	} {
		a, c := newAPI(t, sequence(respond(204, "")))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "https://"+testHost+testPrefix+path, nil)
		require.NoError(t, err)
		_, err = c.Do(req, nil)
		if accepted {
			require.NoError(t, err, path)
			continue
		}
		require.ErrorContains(t, err, "tag_name", path)
		requireInvalid(t, err, "req")
		assert.Zero(t, a.count())
	}
}

func TestDoSendsAnyBody(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, "{}")))
	req, err := http.NewRequestWithContext(t.Context(), "PUT", "https://"+testHost+testPrefix+"/v2/x", io.MultiReader(strings.NewReader(`{"a":`), strings.NewReader(`1}`)))
	require.NoError(t, err)
	_, err = c.Do(req, nil)
	require.NoError(t, err)
	assert.Equal(t, `{"a":1}`, a.last().Body)

	req, err = http.NewRequestWithContext(t.Context(), "PUT", "https://"+testHost+testPrefix+"/v2/x", strings.NewReader(strings.Repeat(" ", 2<<20)))
	require.NoError(t, err)
	_, err = c.Do(req, nil)
	requireInvalid(t, err, "req")
}

// TestDoAfterALostResponseToADelete: a 404 means that the resource of the path is gone. With a body it can also mean that one of
// several resources does not exist, and that the API has removed none of them.
func TestDoAfterALostResponseToADelete(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(502, ""), respond(404, notFoundBody), respond(502, ""), respond(404, notFoundBody)))
		req, err := c.NewRequest(t.Context(), http.MethodDelete, "v2/firewalls/7", nil)
		require.NoError(t, err)
		_, err = c.Do(req, nil)
		require.NoError(t, err)
		req, err = c.NewRequest(t.Context(), http.MethodDelete, "v2/firewalls/7/droplets", map[string][]int64{"droplet_ids": {1, 2}})
		require.NoError(t, err)
		_, err = c.Do(req, nil)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 4, a.count())
	})
}

// TestDoErrorsAreOneLine: the path of a caller can have an escaped line break. It is in errors as it was sent, without the query.
func TestDoErrorsAreOneLine(t *testing.T) {
	t.Parallel()
	const path = "v2/tags/a%0Ab%2Fc"
	for _, response := range []func() (*http.Response, error){respond(404, notFoundBody), failWith(errReset)} {
		_, c := newAPI(t, sequence(response), once()...)
		req, err := c.NewRequest(t.Context(), "GET", path+"?q=1", nil)
		require.NoError(t, err)
		_, err = c.Do(req, nil)
		require.ErrorContains(t, err, "GET "+testPrefix+"/"+path+":")
		requireOneLine(t, err)
		_, err = collect1(droplets.AllFrom(t.Context(), c, path, "tags", volumeID, nil))
		requireOneLine(t, err)
	}
}

// TestDoWithoutAMethod: as in net/http, an empty method is GET.
func TestDoWithoutAMethod(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(502, ""), respond(200, `{}`)))
		req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/account", nil)
		require.NoError(t, err)
		req.Method = ""
		_, err = c.Do(req, nil)
		require.NoError(t, err, "a read is retried")
		assert.Equal(t, http.MethodGet, a.last().Method)
	})
}

// TestDoClosesTheBody of the request, as http.Client does.
func TestDoClosesTheBody(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, `{}`)))
	req, err := c.NewRequest(t.Context(), http.MethodPost, "v2/tags", nil)
	require.NoError(t, err)
	body := &closedBody{Reader: strings.NewReader(`{"name":"web"}`)}
	req.Body, req.GetBody = body, nil
	_, err = c.Do(req, nil)
	require.NoError(t, err)
	assert.True(t, body.closed)
}

type closedBody struct {
	io.Reader
	closed bool
}

func (b *closedBody) Close() error { b.closed = true; return nil }

// TestReadsCanBeResent: a transport may send a read again, so that it can get the body again. It cannot for a change.
func TestReadsCanBeResent(t *testing.T) {
	t.Parallel()
	for method, resendable := range map[string]bool{http.MethodGet: true, http.MethodPost: false} {
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			if assert.Equal(t, resendable, r.GetBody != nil, method) && resendable {
				body, err := r.GetBody()
				require.NoError(t, err)
				text, err := io.ReadAll(body)
				require.NoError(t, err)
				assert.JSONEq(t, `{"name":"web"}`, string(text))
			}
			return respond(200, `{}`)()
		})
		c, err := droplets.NewClient(testToken, droplets.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		req, err := c.NewRequest(t.Context(), method, "v2/tags", map[string]string{"name": "web"})
		require.NoError(t, err)
		_, err = c.Do(req, nil)
		require.NoError(t, err)
	}
}

func TestPathOfAnAction(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, actionBody(12, "completed"))))
	require.NoError(t, second(c.Actions.Get(t.Context(), 12)))
	assert.Equal(t, "/v2/actions/12", a.last().Path)
}
