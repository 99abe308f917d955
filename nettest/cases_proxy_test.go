package nettest

import "testing"

// TestProxy sends the calls through an HTTP proxy that fails. The requests never reach the server, except for the cases
// in which the proxy works.
func TestProxy(t *testing.T) { runCases(t, proxyCases()) }

func proxyCases() []testCase {
	all := []testCase{
		{name: "works", proxy: proxyWorks, want: succeeds, times: once},
		{name: "works, the server closes after the request", proxy: proxyWorks, want: unknown, times: once,
			steps: []*fault{{at: atRequest, then: closeFIN}}},
		{name: "works, the server resets after the request", proxy: proxyWorks, want: unknown, times: always,
			steps: []*fault{{at: atRequest, then: closeRST}}},
		{name: "refuses connections", proxy: proxyIsDown, want: noConnection, times: always},
		{name: "responds 502", proxy: proxyBadGateway, want: noConnection, times: always},
		{name: "responds 407", proxy: proxyRequiresAuth, want: notAuthorized, times: always},
		{name: "closes in CONNECT", proxy: proxyClosesEarly, want: noConnection, times: always},
		{name: "closes in its status line", proxy: proxyClosesLate, want: noConnection, times: always},
		{name: "resets after CONNECT", proxy: proxyResets, want: noConnection, times: always},
	}
	var both []testCase
	for _, tc := range all {
		tc.group = "proxy"
		both = append(both, onBoth(tc)...)
	}
	return both
}

// notAuthorized: the request was not sent. The client may retry or not.
func notAuthorized(tc testCase, c call) want {
	w := noConnection(tc, c)
	w.attempts[0] = 1
	return w
}
