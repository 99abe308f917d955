package nettest

import "testing"

// TestTCP closes the connection with FIN, RST and a TLS close_notify alert at every point of the request and the response.
func TestTCP(t *testing.T) { runCases(t, tcpCases()) }

func tcpCases() []testCase {
	var all []testCase
	for _, mode := range []closeMode{closeFIN, closeRST, closeNotify} {
		for _, tc := range connectionPoints(mode) {
			all = append(all, variants(tc)...)
		}
		points := requestPoints(mode)
		points = append(points, responsePoints(mode)...)
		for _, tc := range points {
			all = append(all, onWarm(variants(tc))...)
		}
	}
	for i := range all {
		all[i].group = "TCP"
	}
	return all
}

// connectionPoints close before there is a request.
func connectionPoints(mode closeMode) []testCase {
	var all []testCase
	if mode != closeNotify {
		all = onBoth(testCase{name: mode.String() + " after accept", want: noConnection,
			steps: []*fault{{at: atAccept, then: mode}}})
	}
	all = append(all, onBoth(testCase{name: mode.String() + " after the TLS handshake", want: undecided,
		steps: []*fault{{at: atHandshake, then: mode}}})...)
	return append(all, testCase{name: mode.String() + " after SETTINGS", protocol: http2, want: undecided,
		steps: []*fault{{at: atPreface, then: mode}}})
}

// requestPoints close while the request is on its way. A request without a body is complete after its header.
func requestPoints(mode closeMode) []testCase {
	all := []testCase{
		{name: mode.String() + " after the request line", protocol: http1, steps: []*fault{{at: atRequestLine, then: mode}}},
		{name: mode.String() + " after half of the header", protocol: http1, steps: []*fault{{at: atHalfHeader, then: mode}}},
		{name: mode.String() + " after the header", protocol: http1, steps: []*fault{{at: atHeader, then: mode}}},
		{name: mode.String() + " after the header", protocol: http2, steps: []*fault{{at: atHeader, then: mode}}},
		{name: mode.String() + " in the body", protocol: http1, steps: []*fault{{at: atHalfBody, then: mode}}},
		{name: mode.String() + " in the body", protocol: http2, steps: []*fault{{at: atHalfBody, then: mode}}, window: 16, warm: true},
		{name: mode.String() + " after the request", protocol: http1, steps: []*fault{{at: atRequest, then: mode}}},
		{name: mode.String() + " after the request", protocol: http2, steps: []*fault{{at: atRequest, then: mode}}},
	}
	for i := range all {
		all[i].want = unknown
	}
	return all
}

// responsePoints close while the response is on its way.
func responsePoints(mode closeMode) []testCase {
	all := []testCase{{name: mode.String() + " after half of the status line", protocol: http1,
		steps: []*fault{{at: atRequest, do: func(p peer) { p.literal("HTTP/1.1 20") }, then: mode}}}}
	all = append(all, onBoth(testCase{name: mode.String() + " after the response header",
		steps: []*fault{{at: atRequest, do: headOnly, then: mode}}})...)
	all = append(all, onBoth(testCase{name: mode.String() + " in the response body",
		steps: []*fault{{at: atRequest, do: halfBody, then: mode}}})...)
	all = append(all, onBoth(testCase{name: mode.String() + " in a body of unknown length", adjust: chunkedLong,
		steps: []*fault{{at: atRequest, do: halfBody, then: mode}}})...)
	all = append(all, testCase{name: mode.String() + " before the last chunk", protocol: http1, adjust: chunkedLong,
		steps: []*fault{{at: atRequest, do: inOrder(headOnly, func(p peer) { p.body(p.long(), p.long().text) }), then: mode}}})
	for i := range all {
		all[i].want = unknown
	}
	return all
}

// chunkedLong leaves out the length of the response that is cut.
func chunkedLong(c *call) { c.long.chunked = true }
