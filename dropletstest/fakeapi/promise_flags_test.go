package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRateLimitWindow: a limit with a slash has a window of that length.
func TestRateLimitWindow(t *testing.T) {
	p := start(t, "-rate-limit", "1/6s,2/9s", "-clock", manualClock)
	status := func() int { return p.send(t, "GET", "/v2/account", "", "Authorization: Bearer any").status }
	assert.Equal(t, []int{200, 429}, []int{status(), status()})
	p.control(t, "POST", "/_fake/clock", `{"advance": "6s"}`)
	assert.Equal(t, []int{200, 429}, []int{status(), status()})
	p.control(t, "POST", "/_fake/clock", `{"advance": "2s"}`)
	assert.Equal(t, 429, status(), "the second window")
	p.control(t, "POST", "/_fake/clock", `{"advance": "4s"}`)
	assert.Equal(t, 200, status())
	require.NoError(t, p.stop())
}
