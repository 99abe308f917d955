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
	for _, target := range []string{"https://elsewhere.example.com/v2/tags", "http://" + testHost + "/v2/tags", "https://" + testHost + ":444/v2/tags"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", target, nil)
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
