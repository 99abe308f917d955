package main

import (
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
)

// newTestServer returns a server whose account is api.
func newTestServer(tb testing.TB, api *dropletstest.API, token string) *server {
	tb.Helper()
	account := accountSettings{Token: token, ActionDuration: "0", DropletLimit: 25_000, Clock: clockReal}
	s, err := newServer(settings{account: account}, nil, slog.New(slog.DiscardHandler))
	require.NoError(tb, err)
	if api != nil {
		s.current.Load().api = api
	}
	return s
}

// newTestPage returns the page of a server whose account is api.
func newTestPage(tb testing.TB, api *dropletstest.API, token string) http.Handler {
	tb.Helper()
	s := newTestServer(tb, api, token)
	return newPage(s, s)
}

type webResponse struct {
	*http.Response
	body string
}

// request sends a request to a handler, as a browser at http://localhost:8080 would.
func request(t *testing.T, h http.Handler, method, target string, header map[string]string, body io.Reader) webResponse {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost:8080"+target, body)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	resp := w.Result()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return webResponse{resp, string(text)}
}

func get(t *testing.T, h http.Handler, target string) webResponse {
	t.Helper()
	return request(t, h, http.MethodGet, target, nil, http.NoBody)
}

// plainText returns the text of a document without its tags, with single spaces.
func plainText(document string) string {
	return html.UnescapeString(strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(document, " ")), " "))
}
