package droplets_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// once returns options that disable retries and poll delays, so that a fuzz target is fast.
func once() []droplets.Option {
	return []droplets.Option{droplets.WithRetryPolicy(droplets.RetryPolicy{}), droplets.WithPollPolicy(droplets.PollPolicy{Initial: 1, Max: 1})}
}

// FuzzResponses calls any method with any response body. The method must return a result or an error.
func FuzzResponses(f *testing.F) {
	files, err := filepath.Glob("testdata/*.2*.json")
	require.NoError(f, err)
	all := methods(f)
	for i, file := range files {
		body := fixture(f, strings.TrimSuffix(filepath.Base(file), ".json"))
		for j := range 4 {
			f.Add(uint8(i*4+j), body)
		}
	}
	f.Add(uint8(0), duplicateKeys)
	f.Add(uint8(1), wrongTypes)
	f.Fuzz(func(t *testing.T, n uint8, body string) {
		m := all[int(n)%len(all)]
		a, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
			if n > 20 {
				return respond(403, forbiddenBody)() // ends a wait whose condition is never met
			}
			return respond(200, body)()
		}, once()...)
		result, err := m.call(t.Context(), c)
		if err != nil {
			requireOneLine(t, err)
			return
		}
		sent := a.last()
		if hasResult := result != nil && !reflect.ValueOf(result).IsZero(); !hasResult && !m.lists && m.results > 1 {
			t.Fatalf("%s returned neither a result nor an error for %s %s: %q", m.name, sent.Method, sent.Path, body)
		}
		if result == nil {
			return
		}
		encoded, err := json.Marshal(result)
		require.NoError(t, err, "encode the result")
		again := reflect.New(reflect.TypeOf(result))
		require.NoError(t, json.Unmarshal(encoded, again.Interface()), "decode it again")
	})
}

// FuzzErrorBodies calls Create with any error response. The error must match the status, in one line of bounded length.
func FuzzErrorBodies(f *testing.F) {
	files, err := filepath.Glob("testdata/error.*.json")
	require.NoError(f, err)
	for _, file := range files {
		f.Add(uint16(422), fixture(f, strings.TrimSuffix(filepath.Base(file), ".json")), "req-1")
	}
	f.Add(uint16(404), "<html>no such page</html>", "")
	f.Add(uint16(403), `{"id":"forbidden","message":"no"}`, "")
	f.Add(uint16(502), "<html><h1>Bad Gateway</h1>\r\n</html>", "")
	f.Add(uint16(429), `{"id":7,"message":null}`, "\x00")
	f.Add(uint16(401), `["Unable to authenticate you"]`, "x")
	f.Fuzz(func(t *testing.T, code uint16, body, requestID string) {
		code = 300 + code%300
		_, c := newAPI(t, sequence(respond(int(code), body, "X-Request-Id: "+requestID)), once()...)
		_, err := c.Droplets.Create(t.Context(), createRequest())
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, int(code), e.StatusCode)
		require.Equal(t, code >= 500, isKind(err, droplets.ErrServer))
		require.Equal(t, code >= 500, isKind(err, droplets.ErrMaybeApplied))
		fromAPI := isAPIError(body)
		require.Equal(t, code == 404 && fromAPI, isKind(err, droplets.ErrNotFound))
		require.Equal(t, code == 403 && fromAPI, isKind(err, droplets.ErrForbidden))
		require.Equal(t, (code == 403 || code == 404) && !fromAPI, isKind(err, droplets.ErrInvalidResponse))
		if isKind(err, droplets.ErrPendingEvent) {
			require.EqualValues(t, 422, code)
		}
		requireOneLine(t, err)
		require.NotContains(t, err.Error(), testToken)
	})
}

// isAPIError reports whether a body is an error of the API: an object with an ID and a message.
func isAPIError(body string) bool {
	var e struct {
		ID        string `json:"id"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"` // a body with another type here is not an error of the API
	}
	return json.Unmarshal([]byte(body), &e) == nil && e.ID != "" && e.Message != ""
}

func isKind(err, kind error) bool { return is(kind)(err) }

func requireOneLine(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	require.True(t, strings.HasPrefix(text, "droplets: "), text)
	require.Less(t, len(text), 4000)
	require.Equal(t, -1, strings.IndexFunc(text, unicode.IsControl), "%q", text)
}

// FuzzLinks lists with any links and total. The iteration must end, and requests go only to the base URL.
func FuzzLinks(f *testing.F) {
	f.Add("https://api.digitalocean.com/v2/droplets?page=2", "https://api.digitalocean.com/v2/droplets?page=3", "", 3)
	f.Add("?page=2", "", "http://evil.example.com/?page=0", -1)
	f.Add("page=99999999999999999999", "%zz", "https://x/?page=-1", 1<<30)
	f.Add("https://elsewhere.example.com/?cursor=abc", "", "", 0)
	f.Fuzz(func(t *testing.T, next, last, prev string, total int) {
		body, err := json.Marshal(map[string]any{
			"droplets": []map[string]any{{"id": 1}},
			"links":    map[string]any{"pages": map[string]any{"next": next, "last": last, "prev": prev}},
			"meta":     map[string]any{"total": total},
		})
		require.NoError(t, err)
		a, c := newAPI(t, sequence(respond(200, string(body))), once()...)
		p, err := c.Droplets.List(t.Context(), nil)
		require.NoError(t, err)
		require.GreaterOrEqual(t, p.NextPage, 0)
		require.GreaterOrEqual(t, p.PrevPage, 0)
		require.GreaterOrEqual(t, p.LastPage, 1)
		require.GreaterOrEqual(t, p.Total, 0)
		ids, _ := collect(t, c, nil)
		require.Equal(t, []int64{1}, ids)
		require.LessOrEqual(t, a.count(), 30)
	})
}

// FuzzReferences parses any string and any JSON as a reference. Encoding and decoding must preserve the reference.
func FuzzReferences(f *testing.F) {
	for _, s := range []string{"123", "ubuntu-24-04-x64", "", "-1", " 7 ", "9223372036854775808", "3b:16:e4", `"123"`, `1.5`, `null`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range []droplets.ImageRef{droplets.ParseImageRef(s), droplets.ImageSlug(s)} {
			b, err := json.Marshal(r)
			require.NoError(t, err)
			var back droplets.ImageRef
			require.NoError(t, json.Unmarshal(b, &back))
			if strings.ToValidUTF8(s, "") == s {
				require.Equal(t, r, back)
				require.Equal(t, r.String(), back.String())
			}
		}
		var key droplets.SSHKeyRef
		if json.Unmarshal([]byte(s), &key) == nil {
			b, err := json.Marshal(key)
			require.NoError(t, err)
			var back droplets.SSHKeyRef
			require.NoError(t, json.Unmarshal(b, &back))
			require.Equal(t, key, back)
		}
	})
}

// FuzzTags deletes by any tag. The server must receive exactly that tag and no other filter, or the tag is rejected.
func FuzzTags(f *testing.F) {
	for _, s := range []string{"web", "#prod", "a&name=x", "a b", "%zz", "%23", " ", "", "env:prod", "a+b", "../..", "\x00", "é", "\xff;x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		a, c := newAPI(t, sequence(respond(204, "")), once()...)
		err := c.Droplets.DeleteByTag(t.Context(), tag)
		if strings.TrimSpace(tag) == "" {
			requireInvalid(t, err, "tag")
			require.Zero(t, a.count())
			return
		}
		require.NoError(t, err)
		require.Equal(t, "/v2/droplets", a.last().Path)
		require.Len(t, a.last().Query, 1)
		require.Equal(t, []string{tag}, a.last().Query["tag_name"])
	})
}

// FuzzPaths passes any path to NewRequest. The request must stay below the base URL, or the path is rejected.
func FuzzPaths(f *testing.F) {
	for _, s := range []string{"v2/tags", "/v2/tags?page=2", "//evil.example.com", "https://evil.example.com/", "../x", "v2/%2e%2e/x", "v2/a%2fb", "v2\\..\\x", "?x", "#y", ":", "v2/..;/x",
		"https://api.digitalocean.com/v2/droplets?page=2", "https://" + testHost + testPrefix + "/v2/x", "v2/x/", "v2//x", "v1/\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			assert.Equal(t, testHost, r.URL.Host)
			assert.Equal(t, testHost, r.Host)
			assert.True(t, strings.HasPrefix(r.URL.EscapedPath(), testPrefix+"/"), r.URL.EscapedPath())
			assert.NotContains(t, strings.Split(r.URL.Path, "/"), "..")
			assert.Regexp(t, "^"+testPrefix+"/v[0-9]+/", r.URL.Path)
			return respond(200, "{}")()
		}, once()...)
		req, err := c.NewRequest(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			require.ErrorIs(t, err, droplets.ErrInvalidArgument)
			return
		}
		_, err = c.Do(req, nil)
		require.NoError(t, err)
	})
}

// FuzzBodyFields adds any field to a create. What is sent must be the create and the field, or the field is rejected.
func FuzzBodyFields(f *testing.F) {
	for _, name := range []string{"anti_affinity_key", "", " ", "name", "NAMES", "a\"b", "\u2028", "\xff", "user_data", "{", "a,\"b\":1"} {
		f.Add(name, `"text"`)
	}
	for _, value := range []string{"null", "[null]", `{"a":[{}]}`, "1e400", "{", `"</script>"`, "[1,2]", " true "} {
		f.Add("field", value)
	}
	plain, err := json.Marshal(createRequest())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, name, value string) {
		a, c := newAPI(t, sequence(respond(202, createdBody(1))), once()...)
		_, err := c.Droplets.Create(t.Context(), createRequest(), droplets.WithBodyField(name, json.RawMessage(value)))
		if err != nil {
			require.ErrorIs(t, err, droplets.ErrInvalidArgument)
			require.Zero(t, a.count())
			return
		}
		var sent, want map[string]any
		require.NoError(t, json.Unmarshal([]byte(a.last().Body), &sent))
		require.NoError(t, json.Unmarshal(plain, &want))
		require.NotContains(t, want, name)
		var added any
		require.NoError(t, json.Unmarshal([]byte(value), &added))
		require.Equal(t, added, sent[name])
		delete(sent, name)
		require.Equal(t, want, sent)
	})
}
