package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// controlResponse is a response with its body.
type controlResponse struct {
	status int
	header http.Header
	body   string
}

func (r controlResponse) decode(t *testing.T, v any) {
	t.Helper()
	require.Equal(t, http.StatusOK, r.status, r.body)
	require.NoError(t, json.Unmarshal([]byte(r.body), v), r.body)
}

// send sends a request with headers in the form "Name: value". Host sets the Host header.
func (p process) send(t *testing.T, method, path, body string, headers ...string) controlResponse {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	require.NoError(t, err)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
		if name == "Host" {
			req.Host = value
		}
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return controlResponse{resp.StatusCode, resp.Header, string(b)}
}

// control sends a request to the control API and requires that it succeeds.
func (p process) control(t *testing.T, method, path, body string) controlResponse {
	t.Helper()
	resp := p.send(t, method, path, body)
	require.Equal(t, http.StatusOK, resp.status, resp.body)
	assert.Equal(t, "application/json; charset=utf-8", resp.header.Get("Content-Type"))
	return resp
}

// names returns the names of the account's Droplets.
func names(t *testing.T, c *droplets.Client) []string {
	t.Helper()
	found := []string{}
	for d, err := range c.Droplets.All(t.Context(), nil) {
		require.NoError(t, err)
		found = append(found, d.Name)
	}
	return found
}

const manualClock = "manual@2030-01-02T03:04:05Z"
