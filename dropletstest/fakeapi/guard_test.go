package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAllowedHosts(t *testing.T) {
	for _, tc := range []struct {
		addr    string
		allowed []string
		host    string
		want    bool
	}{
		{"127.0.0.1:8080", nil, "127.0.0.1:8080", true},
		{"127.0.0.1:8080", nil, "localhost:8080", true},
		{"127.0.0.1:8080", nil, "LOCALHOST", true},
		{"127.0.0.1:8080", nil, "localhost.:8080", true},
		{"127.0.0.1:8080", nil, "fake.localhost:8080", true},
		{"127.0.0.1:8080", nil, "[::1]:8080", true},
		{"127.0.0.1:8080", nil, "127.9.9.9:1", true},
		{"127.0.0.1:8080", nil, "attacker.example:8080", false},
		{"127.0.0.1:8080", nil, "127.0.0.1.attacker.example:8080", false},
		{"127.0.0.1:8080", nil, "localhost.attacker.example", false},
		{"127.0.0.1:8080", nil, "notlocalhost", false},
		{"127.0.0.1:8080", nil, "192.0.2.1:8080", false},
		{"127.0.0.1:8080", nil, "fakeapi:8080", false},
		{"127.0.0.1:8080", nil, "", false},
		{"127.0.0.1:8080", []string{"fakeapi"}, "fakeapi:8080", true},
		{"127.0.0.1:8080", []string{"fakeapi"}, "FAKEAPI:8080", true},
		{"127.0.0.1:8080", []string{"fakeapi"}, "fakeapi.attacker.example:8080", false},
		{"192.0.2.7:8080", nil, "192.0.2.7:8080", true},
		{"192.0.2.7:8080", nil, "192.0.2.8:8080", false},
		{"myhost:8080", nil, "MyHost:8080", true},
		{"0.0.0.0:8080", nil, "172.17.0.2:8080", true},
		{"[::]:8080", nil, "[fd00::2]:8080", true},
		{":8080", nil, "192.0.2.1", true},
		{":8080", nil, "", false},
		{"0.0.0.0:8080", nil, "attacker.example:8080", false},
		{"0.0.0.0:8080", nil, "fakeapi:8080", false},
	} {
		assert.Equal(t, tc.want, newGuard(tc.addr, tc.allowed).allowsHost(tc.host), "listening on %s, allowing %s: %q", tc.addr, tc.allowed, tc.host)
	}
}

// TestControlAPIRejectsOtherOrigins checks requests that browsers send for pages of other origins.
func TestControlAPIRejectsOtherOrigins(t *testing.T) {
	p := start(t, "-seed", "1")
	host := p.url[len("http://"):]
	reset := func(headers ...string) controlResponse { return p.send(t, "POST", "/_fake/reset", "{}", headers...) }
	p.control(t, "POST", "/_fake/seed", `{"count": 1}`)
	const otherHost, otherOrigin = `the Host "attacker.example:8080" is not allowed`, "a browser sent this request for a page of another origin"
	for _, tc := range []struct {
		message string
		headers []string
	}{
		{otherHost, []string{"Host: attacker.example:8080"}},
		{otherHost, []string{"Host: attacker.example:8080", "Origin: http://attacker.example:8080", "Sec-Fetch-Site: same-origin"}},
		{otherOrigin, []string{"Origin: http://attacker.example", "Sec-Fetch-Site: cross-site"}},
		{otherOrigin, []string{"Origin: http://localhost:3000", "Sec-Fetch-Site: same-site"}},
		{otherOrigin, []string{"Origin: http://attacker.example"}},
		{otherOrigin, []string{"Origin: null"}},
	} {
		requireError(t, reset(tc.headers...), http.StatusForbidden, tc.message)
	}
	assert.Len(t, names(t, p.client(t, "any")), 2, "no request has reset the account")
	requireError(t, p.send(t, "GET", "/_fake/state", "", "Host: attacker.example"), http.StatusForbidden, `the Host "attacker.example" is not allowed`)
	requireError(t, p.send(t, "GET", "/_fake/none", "", "Host: attacker.example"), http.StatusForbidden, "start fakeapi with -allow-host")
	for _, headers := range [][]string{
		{}, {"Origin: http://" + host}, {"Origin: http://" + host, "Sec-Fetch-Site: same-origin"}, {"Host: localhost"},
		{"Host: localhost:1", "Origin: http://localhost:1"},
	} {
		assert.Equal(t, http.StatusOK, reset(headers...).status, "%q", headers)
	}
	require.NoError(t, p.stop())
}

// TestAPIAcceptsAnyHost checks that the Host header of requests to the API is not checked, because they need a token.
func TestAPIAcceptsAnyHost(t *testing.T) {
	p := start(t, "-allow-host", "Fakeapi")
	assert.Equal(t, http.StatusOK, p.send(t, "GET", "/v2/account", "", "Authorization: Bearer any", "Host: other:80").status)
	assert.Equal(t, http.StatusOK, p.send(t, "GET", "/_fake/ledger", "", "Host: fakeapi:8080").status)
	require.NoError(t, p.stop())
}

func TestControlBodyTooLarge(t *testing.T) {
	srv, err := newServer(settings{addr: "127.0.0.1:0", account: accountSettings{ActionDuration: "0s", Clock: clockReal}}, nil, discardLog())
	require.NoError(t, err)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/_fake/seed", endless{})
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	assert.Contains(t, w.Body.String(), `"error": "the body must be at most 16777216 bytes"`)
}
