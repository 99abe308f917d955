package droplets_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(42))), droplets.WithUserAgent("provisioner/1.4"))
	_, err := c.Droplets.Create(t.Context(), createRequest(), droplets.WithHeader("x-trace", "abc"), droplets.WithHeader("Authorization-Hint", "none"))
	require.NoError(t, err)
	h := a.last().Header
	assert.Equal(t, "Bearer "+testToken, h.Get("Authorization"))
	assert.Equal(t, "application/json", h.Get("Accept"))
	assert.Equal(t, "application/json", h.Get("Content-Type"))
	assert.Equal(t, "provisioner/1.4 droplets-go/"+droplets.Version, h.Get("User-Agent"))
	assert.Equal(t, "abc", h.Get("X-Trace"))

	a, c = newAPI(t, sequence(respond(200, dropletBody(42))))
	_, err = c.Droplets.Get(t.Context(), 42)
	require.NoError(t, err)
	assert.Empty(t, a.last().Header.Get("Content-Type"), "a request without a body has no Content-Type")
	assert.Empty(t, a.last().Body)
}

func TestBaseURLs(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://api.example.com":        "https://api.example.com/v2/droplets/42",
		"https://api.example.com/":       "https://api.example.com/v2/droplets/42",
		"https://api.example.com/proxy":  "https://api.example.com/proxy/v2/droplets/42",
		"https://api.example.com/proxy/": "https://api.example.com/proxy/v2/droplets/42",
		"http://localhost:8080":          "http://localhost:8080/v2/droplets/42",
		"http://127.0.0.1:8080/a/b":      "http://127.0.0.1:8080/a/b/v2/droplets/42",
		"http://[::1]:8080":              "http://[::1]:8080/v2/droplets/42",
	} {
		var got string
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			got = r.URL.String()
			return respond(200, dropletBody(42))()
		})
		hc := &http.Client{Transport: transport}
		// The order of the options does not matter.
		for _, opts := range [][]droplets.Option{
			{droplets.WithBaseURL(base), droplets.WithHTTPClient(hc)},
			{droplets.WithHTTPClient(hc), droplets.WithBaseURL(base)},
		} {
			c, err := droplets.NewClient(testToken, opts...)
			require.NoError(t, err)
			_, err = c.Droplets.Get(t.Context(), 42)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
}

func TestHTTPClientIsNotModified(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	own := &api{t: t, handle: sequence(respond(200, dropletBody(42), "Set-Cookie: lb=7"))}
	hc := &http.Client{Transport: own, Jar: jar, Timeout: time.Hour}
	before := *hc
	c, err := droplets.NewClient(testToken, droplets.WithHTTPClient(hc), droplets.WithBaseURL("https://"+testHost+testPrefix))
	require.NoError(t, err)
	for range 2 {
		_, err = c.Droplets.Get(t.Context(), 42)
		require.NoError(t, err)
	}
	assert.Nil(t, hc.CheckRedirect)
	assert.Equal(t, before.Timeout, hc.Timeout)
	assert.Equal(t, "lb=7", own.last().Header.Get("Cookie"), "the cookie jar is used")
}

func TestCaptureResponse(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(503, ""), respond(200, dropletBody(42), "X-Request-Id: req-1",
			"RateLimit-Limit: 5000", "RateLimit-Remaining: 4816", "RateLimit-Reset: 1754524800")))
		var resp droplets.Response
		_, err := c.Droplets.Get(t.Context(), 42, droplets.CaptureResponse(&resp))
		require.NoError(t, err)
		want := droplets.RateLimit{Limit: 5000, Remaining: 4816, Reset: time.Unix(1754524800, 0).UTC()}
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, 2, resp.Attempts)
		assert.Equal(t, "req-1", resp.RequestID)
		assert.Equal(t, want, resp.RateLimit)
		assert.Equal(t, "4816", resp.Header.Get("Ratelimit-Remaining"))
		rl, ok := c.RateLimit()
		assert.True(t, ok)
		assert.Equal(t, want, rl)

		_, c = newAPI(t, sequence(respond(404, notFoundBody, "X-Request-Id: req-2")))
		_, err = c.Droplets.Get(t.Context(), 42, droplets.CaptureResponse(&resp))
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Equal(t, "req-2", resp.RequestID, "an error response is captured too")
		assert.Equal(t, 404, resp.StatusCode)

		_, c = newAPI(t, sequence(failWith(errDial)))
		_, err = c.Droplets.Get(t.Context(), 42, droplets.CaptureResponse(&resp))
		require.Error(t, err)
		assert.Equal(t, droplets.Response{Attempts: 4}, resp, "the response of the previous call is replaced")
	})
}

func TestRateLimitIsNotOverwritten(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		limits := func(remaining string) []string {
			return []string{"RateLimit-Limit: 5000", "RateLimit-Remaining: " + remaining, "RateLimit-Reset: 1754524800"}
		}
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch r.URL.Path {
			case testPrefix + "/v2/droplets/1":
				<-time.After(time.Minute)
				return respond(200, dropletBody(1), limits("4000")...)()
			case testPrefix + "/v2/droplets/2":
				return respond(200, dropletBody(2), limits("3999")...)()
			}
			return respond(200, dropletBody(3), "RateLimit-Limit: what")()
		})
		_, ok := c.RateLimit()
		assert.False(t, ok)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.Droplets.Get(t.Context(), 1)
			assert.NoError(t, err)
		})
		synctest.Wait()
		for id := int64(2); id <= 3; id++ {
			_, err := c.Droplets.Get(t.Context(), id)
			require.NoError(t, err)
			rl, ok := c.RateLimit()
			assert.True(t, ok)
			assert.Equal(t, 3999, rl.Remaining, "a response without the headers does not change the rate limit")
		}
		wg.Wait()
		rl, _ := c.RateLimit()
		assert.Equal(t, 3999, rl.Remaining, "the response to an older request does not replace a newer one")
	})
}

func TestOperationFromContext(t *testing.T) {
	t.Parallel()
	var got string
	var known bool
	_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
		got, known = droplets.OperationFromContext(r.Context())
		return respond(200, dropletBody(42))()
	})
	_, err := c.Droplets.Get(t.Context(), 42)
	require.NoError(t, err)
	assert.Equal(t, "droplets_get", got)
	req, err := c.NewRequest(t.Context(), "GET", "v2/account", nil)
	require.NoError(t, err)
	_, err = c.Do(req, nil)
	require.NoError(t, err)
	assert.False(t, known)
}

func TestLogsContainOnlyMetadata(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	_, c := newAPI(t, sequence(respond(202, createdBody(42), "X-Request-Id: req-9"), respond(404, notFoundBody)), droplets.WithLogger(logger))
	req := createRequest()
	req.UserData = "#!/bin/sh\nexport PASSWORD=hunter2-hunter2"
	_, err := c.Droplets.Create(t.Context(), req)
	require.NoError(t, err)
	require.Error(t, c.Droplets.DeleteByTag(t.Context(), "secret-tag"))

	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 2, "one record for each call")
	var first, second map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &second))
	assert.Equal(t, "droplets_create", first["operation"])
	assert.Equal(t, "POST", first["method"])
	assert.Equal(t, "/v2/droplets", first["path"])
	assert.InDelta(t, 202, first["status"], 0)
	assert.InDelta(t, 1, first["attempts"], 0)
	assert.Equal(t, "req-9", first["request_id"])
	assert.Equal(t, "DEBUG", first["level"])
	assert.Equal(t, "WARN", second["level"])
	assert.Equal(t, "not found", second["error"])
	for _, secret := range []string{testToken, "hunter2", "web-1", "secret-tag"} {
		assert.NotContains(t, out.String(), secret)
	}
}

type limiter struct {
	waits int
	err   error
}

func (l *limiter) Wait(context.Context) error { l.waits++; return l.err }

func TestRateLimiterCountsAttempts(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		l := &limiter{}
		_, c := newAPI(t, sequence(respond(500, ""), respond(500, ""), respond(200, dropletBody(42))), droplets.WithRateLimiter(l))
		_, err := c.Droplets.Get(t.Context(), 42)
		require.NoError(t, err)
		assert.Equal(t, 3, l.waits)

		l = &limiter{err: errors.New("budget spent")}
		a, c := newAPI(t, sequence(respond(202, createdBody(42))), droplets.WithRateLimiter(l))
		_, err = c.Droplets.Create(t.Context(), createRequest())
		require.ErrorIs(t, err, l.err)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Zero(t, a.count())
	})
}

func TestTokenSourceIsCalledForEachAttempt(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		n := 0
		a := &api{t: t, handle: sequence(respond(500, ""), respond(200, dropletBody(42)))}
		c, err := droplets.NewClientFromTokenSource(tokens(func() (*oauth2.Token, error) {
			n++
			return &oauth2.Token{AccessToken: "token-" + itoa(int64(n))}, nil
		}), droplets.WithHTTPClient(&http.Client{Transport: a}), droplets.WithBaseURL("https://"+testHost+testPrefix))
		require.NoError(t, err)
		_, err = c.Droplets.Get(t.Context(), 42)
		require.NoError(t, err)
		got := a.received()
		assert.Equal(t, "Bearer token-1", got[0].Header.Get("Authorization"))
		assert.Equal(t, "Bearer token-2", got[1].Header.Get("Authorization"))
	})
}

func TestQueriesAreEscaped(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(204, "")))
	for tag, want := range map[string]string{
		"#prod": "tag_name=%23prod", "a&name=x": "tag_name=a%26name%3Dx", "a b": "tag_name=a+b", "%zz": "tag_name=%25zz", "env:prod": "tag_name=env%3Aprod",
	} {
		require.NoError(t, c.Droplets.DeleteByTag(t.Context(), tag))
		assert.Equal(t, want, a.last().RawQuery)
		assert.Equal(t, url.Values{"tag_name": {tag}}, a.last().Query)
		assert.Equal(t, "/v2/droplets", a.last().Path)
	}
}

// TestEachConstructorChecksItsOptions: the constructors have the same rules for options.
func TestEachConstructorChecksItsOptions(t *testing.T) {
	t.Parallel()
	bad := droplets.WithBaseURL("ftp://example.com")
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: testToken})
	for _, create := range []func() (*droplets.Client, error){
		func() (*droplets.Client, error) { return droplets.NewClient(testToken, bad) },
		func() (*droplets.Client, error) { return droplets.NewClientFromTokenSource(source, bad) },
		func() (*droplets.Client, error) { return droplets.NewClientFromHTTPClient(&http.Client{}, bad) },
	} {
		c, err := create()
		require.ErrorIs(t, err, droplets.ErrInvalidArgument)
		assert.Nil(t, c)
	}
}
