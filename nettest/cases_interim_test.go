package nettest

import (
	"fmt"
	"testing"

	h2 "golang.org/x/net/http2"
)

// TestInterim sends 1xx responses before the final response, and instead of it.
func TestInterim(t *testing.T) { runCases(t, interimCases()) }

func interimCases() []testCase {
	var all []testCase
	for _, statuses := range [][]int{{100}, {102}, {103}, {100, 102, 103, 103, 102}} {
		sends := interim(statuses)
		for _, tc := range []testCase{
			{name: "then the response", want: succeeds, steps: []*fault{{at: atRequest, do: inOrder(sends, respond)}}},
			{name: "then FIN", want: unknown, steps: []*fault{{at: atRequest, do: sends, then: closeFIN}}},
			{name: "then RST", want: unknown, steps: []*fault{{at: atRequest, do: sends, then: closeRST}}},
			{name: "then half of the response", want: unknown,
				steps: []*fault{{at: atRequest, do: inOrder(sends, halfBody), then: closeFIN}}},
		} {
			tc.name = fmt.Sprint(statuses) + " " + tc.name
			for _, both := range onBoth(tc) {
				all = append(all, variants(both)...)
			}
		}
		for _, code := range []h2.ErrCode{h2.ErrCodeProtocol, h2.ErrCodeInternal, h2.ErrCodeCancel} {
			all = append(all, variants(testCase{name: fmt.Sprint(statuses) + " then RST_STREAM " + code.String(), protocol: http2,
				want: unknown, steps: []*fault{{at: atRequest, do: inOrder(sends, reset(code))}}})...)
		}
	}
	for i := range all {
		all[i].group = "1xx"
	}
	return all
}

func interim(statuses []int) func(peer) {
	return func(p peer) {
		for _, status := range statuses {
			p.interim(status)
		}
	}
}
