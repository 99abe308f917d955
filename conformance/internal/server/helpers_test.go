package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/check"
	"github.com/droplets-go/droplets/conformance/internal/server"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

func load(t *testing.T) *spec.Document {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "droplets.openapi.json"))
	require.NoError(t, err)
	d, err := spec.Load(t.Context(), b)
	require.NoError(t, err)
	return d
}

// checked is a server under test, with its log. Use it from one goroutine.
type checked struct {
	http.Handler
	log bytes.Buffer
}

func newMock(t *testing.T) *checked {
	t.Helper()
	c := &checked{}
	c.Handler = server.Mock(load(t), server.NewLog(&c.log))
	return c
}

func newProxy(t *testing.T, upstream string) *checked {
	t.Helper()
	c := &checked{}
	u, err := url.Parse(upstream)
	require.NoError(t, err)
	c.Handler, err = server.Proxy(load(t), server.NewLog(&c.log), u)
	require.NoError(t, err)
	return c
}

// request is a request in a table of tests. header contains pairs of names and values; an empty value removes a header.
type request struct {
	method, path, body string
	header             []string
}

// send sends a request and returns the response and the line of the log.
func (c *checked) send(t *testing.T, req request) (*httptest.ResponseRecorder, server.Entry) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), req.method, req.path, strings.NewReader(req.body))
	r.Header.Set("Authorization", "Bearer secret-token")
	r.Header.Set("User-Agent", "conformance-test/1")
	if req.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(req.header); i += 2 {
		r.Header.Set(req.header[i], req.header[i+1])
		if req.header[i+1] == "" {
			r.Header.Del(req.header[i])
		}
	}
	c.log.Reset()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	require.NotContains(t, c.log.String(), "secret-token")
	var e server.Entry
	d := json.NewDecoder(&c.log)
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&e))
	_, err := d.Token()
	require.ErrorIs(t, err, io.EOF, "there is more than one line for a request")
	return w, e
}

// rules returns the fields In and Rule of each finding, such as "query maximum".
func rules(found []check.Finding) []string {
	out := []string{}
	for _, f := range found {
		out = append(out, f.In+" "+f.Rule)
	}
	return out
}
