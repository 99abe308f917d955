package nettest

import (
	"testing"
	"time"

	h2 "golang.org/x/net/http2"
)

// TestGoAway sends GOAWAY at each point of the response, with a last stream ID that includes the stream of the request
// and with one that does not.
func TestGoAway(t *testing.T) { runCases(t, goAwayCases()) }

// allStreams is the last stream ID of the first GOAWAY of a graceful shutdown.
const allStreams = 1<<31 - 1

func goAwayCases() []testCase {
	var all []testCase
	for _, code := range []h2.ErrCode{h2.ErrCodeNo, h2.ErrCodeEnhanceYourCalm, h2.ErrCodeInternal} {
		for _, tc := range goAwayOrders(code) {
			tc.name = code.String() + " " + tc.name
			all = append(all, variants(tc)...)
		}
	}
	for _, tc := range gracefulShutdowns() {
		all = append(all, variants(tc)...)
	}
	all = onWarm(all)
	all = append(all, endlessGoAways()...)
	for i := range all {
		all[i].group, all[i].protocol = "GOAWAY", http2
	}
	return all
}

func goAwayOrders(code h2.ErrCode) []testCase {
	return []testCase{
		{name: "lower, before the body", want: excluded(code),
			steps: []*fault{{at: atHeader, refuses: true, do: goAwayBefore(code)}}},
		{name: "lower, before the response", want: excluded(code),
			steps: []*fault{{at: atRequest, refuses: true, do: goAwayBefore(code)}}},
		{name: "lower, before the response, then FIN", want: excluded(code),
			steps: []*fault{{at: atRequest, refuses: true, do: goAwayBefore(code), then: closeFIN}}},
		{name: "lower, after the header", want: unknown,
			steps: []*fault{{at: atRequest, do: inOrder(headOnly, goAwayBefore(code))}}},
		{name: "lower, in the body", want: unknown,
			steps: []*fault{{at: atRequest, do: inOrder(halfBody, goAwayBefore(code))}}},
		{name: "equal, then the response", want: succeeds,
			steps: []*fault{{at: atRequest, do: inOrder(goAwayWith(code), respond)}}},
		{name: "equal, after the header, then the body", want: succeeds,
			steps: []*fault{{at: atRequest, do: inOrder(headOnly, goAwayWith(code), wholeBody)}}},
		{name: "equal, in the body, then the rest", want: succeeds,
			steps: []*fault{{at: atRequest, do: inOrder(halfBody, goAwayWith(code), secondHalf)}}},
		{name: "equal, then FIN", want: unknown,
			steps: []*fault{{at: atRequest, do: goAwayWith(code), then: closeFIN}}},
		{name: "equal, after the header, then FIN", want: unknown,
			steps: []*fault{{at: atRequest, do: inOrder(headOnly, goAwayWith(code)), then: closeFIN}}},
		{name: "equal, in the body, then RST", want: unknown,
			steps: []*fault{{at: atRequest, do: inOrder(halfBody, goAwayWith(code)), then: closeRST}}},
	}
}

// gracefulShutdowns send two GOAWAYs: a warning that includes all streams, and the final one.
func gracefulShutdowns() []testCase {
	warning := goAway(allStreams, h2.ErrCodeNo)
	return []testCase{
		{name: "graceful, response between", want: succeeds,
			steps: []*fault{{at: atRequest, do: inOrder(warning, respond, goAwayWith(h2.ErrCodeNo))}}},
		{name: "graceful, response last", want: succeeds,
			steps: []*fault{{at: atRequest, do: inOrder(warning, goAwayWith(h2.ErrCodeNo), respond)}}},
		{name: "graceful, lower", want: notProcessed,
			steps: []*fault{{at: atRequest, refuses: true, do: inOrder(warning, goAwayBefore(h2.ErrCodeNo))}}},
		{name: "graceful, equal, then FIN", want: unknown,
			steps: []*fault{{at: atRequest, do: inOrder(warning, goAwayWith(h2.ErrCodeNo)), then: closeFIN}}},
		{name: "graceful, then FIN", want: unknown,
			steps: []*fault{{at: atRequest, do: warning, then: closeFIN}}},
	}
}

// endlessGoAways refuse every request, or every connection before its first request.
func endlessGoAways() []testCase {
	return []testCase{
		{name: "every request", want: notProcessed, times: always, forever: true, attemptTimeout: attemptTimeout,
			steps: []*fault{{at: atRequest, refuses: true, do: inOrder(goAwayBefore(h2.ErrCodeNo), delaysClose), async: true, then: closeFIN}}},
		{name: "every connection, then FIN later", want: undecided, times: always, forever: true, attemptTimeout: attemptTimeout,
			steps: []*fault{{at: atPreface, refuses: true, do: inOrder(goAwayBefore(h2.ErrCodeNo), delaysClose), async: true, then: closeFIN}}},
		{name: "every connection, then FIN", want: undecided, times: always, forever: true, attemptTimeout: attemptTimeout,
			steps: []*fault{{at: atPreface, refuses: true, do: goAwayBefore(h2.ErrCodeNo), then: closeFIN}}},
	}
}

// delaysClose waits before the server closes the connection, unless the client closes it or resets the request first. The server
// must close it, because net/http does not close a connection that receives a GOAWAY while it has no request: before its first
// one, or after the only one was canceled. Not even CloseIdleConnections closes it then.
func delaysClose(p peer) { p.pause(attemptTimeout / 2) }

// attemptTimeout is far longer than an attempt without an intended delay.
const attemptTimeout = 400 * time.Millisecond

// excluded: the last stream ID of a GOAWAY does not include the request. For the first stream of a connection and a code
// other than NO_ERROR, net/http returns an error without the last stream ID, so that the client cannot recognize this.
func excluded(code h2.ErrCode) func(testCase, call) want {
	return func(tc testCase, c call) want {
		if code == h2.ErrCodeNo || tc.warm && tc.times == once {
			return notProcessed(tc, c)
		}
		return undecided(tc, c)
	}
}

func goAway(lastStreamID uint32, code h2.ErrCode) func(peer) {
	return func(p peer) { p.(*http2Stream).goAway(lastStreamID, code) }
}

// goAwayBefore sends a GOAWAY whose last stream ID does not include the request.
func goAwayBefore(code h2.ErrCode) func(peer) {
	return func(p peer) { s := p.(*http2Stream); s.goAway(s.previous(), code) }
}

// goAwayWith sends a GOAWAY whose last stream ID includes the request.
func goAwayWith(code h2.ErrCode) func(peer) {
	return func(p peer) { s := p.(*http2Stream); s.goAway(s.id, code) }
}

// wholeBody writes the body after headOnly.
func wholeBody(p peer) {
	p.body(p.long(), p.long().text)
	p.finish(p.long())
}

// secondHalf writes the rest of the body after halfBody.
func secondHalf(p peer) {
	text := p.long().text
	p.body(p.long(), text[len(half(text)):])
	p.finish(p.long())
}
