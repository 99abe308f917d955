package nettest

import (
	"testing"

	h2 "golang.org/x/net/http2"
)

// TestReset resets the stream with every error code of RFC 9113, before and after the request is complete and at every
// point of the response.
func TestReset(t *testing.T) { runCases(t, resetCases()) }

func resetCases() []testCase {
	var all []testCase
	for code := h2.ErrCodeNo; code <= h2.ErrCodeHTTP11Required; code++ {
		refused := unknown
		if code == h2.ErrCodeRefusedStream {
			refused = notProcessed
		}
		for _, tc := range []testCase{
			{name: "before the body", want: refused, steps: []*fault{{at: atHeader, do: reset(code), refuses: true}}},
			{name: "before the response", want: refused, steps: []*fault{{at: atRequest, do: reset(code),
				refuses: code == h2.ErrCodeRefusedStream}}},
			{name: "after the header", want: unknown, steps: []*fault{{at: atRequest, do: inOrder(headOnly, reset(code))}}},
			{name: "in the body", want: unknown, steps: []*fault{{at: atRequest, do: inOrder(halfBody, reset(code))}}},
		} {
			tc.group, tc.protocol, tc.name = "RST_STREAM", http2, code.String()+" "+tc.name
			all = append(all, variants(tc)...)
		}
	}
	return all
}

func reset(code h2.ErrCode) func(peer) {
	return func(p peer) { p.(*http2Stream).reset(code) }
}

// headOnly writes the header of a successful response.
func headOnly(p peer) { p.head(p.long()) }

// halfBody writes a successful response up to the middle of its body.
func halfBody(p peer) {
	p.head(p.long())
	p.body(p.long(), half(p.long().text))
}

func respond(p peer) { send(p, p.usual()) }

// inOrder combines steps of a fault.
func inOrder(steps ...func(peer)) func(peer) {
	return func(p peer) {
		for _, step := range steps {
			step(p)
		}
	}
}
