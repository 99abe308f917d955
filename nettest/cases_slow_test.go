package nettest

import (
	"testing"
	"time"
)

// TestSlow sends responses so slowly, or not at all, that the attempt times out.
func TestSlow(t *testing.T) { runCases(t, slowCases()) }

// step is the interval between two parts of a slow response. The whole response takes several times attemptTimeout.
const step = attemptTimeout / 5

func slowCases() []testCase {
	cases := append([]testCase{
		{name: "slow status line", protocol: http1, steps: []*fault{{at: atRequest, do: slowStatusLine, then: closeFIN}}},
		{name: "slow header fields", protocol: http1, steps: []*fault{{at: atRequest, do: slowHeader, then: closeFIN}}},
	}, onBoth(testCase{name: "no response", steps: []*fault{{at: atRequest, async: true, do: waitsForClient}}})...)
	cases = append(cases, onBoth(testCase{name: "1xx without end", steps: []*fault{{at: atRequest, async: true, do: slowInterim}}})...)
	cases = append(cases, onBoth(testCase{name: "no body", steps: []*fault{{at: atRequest, async: true, do: inOrder(headOnly, waitsForClient)}}})...)
	cases = append(cases, onBoth(testCase{name: "body stops", steps: []*fault{{at: atRequest, async: true, do: inOrder(halfBody, waitsForClient)}}})...)
	cases = append(cases, onBoth(testCase{name: "slow body", steps: []*fault{{at: atRequest, async: true, do: slowBody}}})...)
	var all []testCase
	for _, tc := range cases {
		tc.group, tc.want, tc.attemptTimeout = "slow", timedOut, attemptTimeout
		if tc.protocol == http1 {
			tc.steps[0].then = closeFIN
		}
		all = append(all, variants(tc)...)
	}
	return all
}

// timedOut: the outcome is unknown. On a machine under load, an attempt without an intended delay may time out too.
func timedOut(tc testCase, c call) want {
	w := unknown(tc, c)
	if w.success == yes {
		w.attempts[1] = 1 + maxRetries
	}
	return w
}

// waitsForClient waits until the client has abandoned the request.
func waitsForClient(p peer) {
	for p.pause(time.Second) {
	}
}

// drip writes parts one by one and then waits, until the client has abandoned the request.
func drip(p peer, parts int, write func(i int)) {
	for i := range parts {
		write(i)
		if !p.pause(step) {
			return
		}
	}
	waitsForClient(p)
}

func slowStatusLine(p peer) {
	const line = "HTTP/1.1 200 OK\r\n"
	drip(p, len(line), func(i int) { p.literal(line[i : i+1]) })
}

func slowHeader(p peer) {
	p.literal("HTTP/1.1 200 OK\r\n")
	drip(p, 20, func(int) { p.literal("x-field: value\r\n") })
}

func slowInterim(p peer) {
	drip(p, 20, func(int) { p.interim(102) })
}

func slowBody(p peer) {
	p.head(p.long())
	drip(p, 20, func(i int) { p.body(p.long(), p.long().text[i:i+1]) })
}
