package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOneAddressServesEverything: the program serves the API, the page and the control API at one address.
func TestOneAddressServesEverything(t *testing.T) {
	p := start(t, "-seed", "1")
	assert.Contains(t, p.send(t, "GET", "/v2/droplets", "", "Authorization: Bearer any").body, "droplet-00001")
	page := p.send(t, "GET", "/", "")
	assert.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	assert.Contains(t, page.body, "droplet-00001")
	assert.JSONEq(t, `{"entries": []}`, p.control(t, "GET", "/_fake/ledger", "").body)
	require.NoError(t, p.stop())
}
