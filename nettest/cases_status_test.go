package nettest

import (
	"fmt"
	"net/http"
	"testing"

	h2 "golang.org/x/net/http2"

	"github.com/droplets-go/droplets"
)

// TestStatus sends error statuses with pages of Cloudflare and of proxies, and with errors of the API.
func TestStatus(t *testing.T) { runCases(t, statusCases()) }

func statusCases() []testCase {
	var all []testCase
	for status := 520; status <= 526; status++ {
		all = append(all, variants(testCase{name: fmt.Sprintf("%d, HTML", status), want: cloudflare(status),
			steps: []*fault{{at: atRequest, do: page(htmlResponse(status))}}})...)
	}
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		all = append(all, testCase{name: fmt.Sprintf("%d, HTML", status), want: foreignPage, times: always,
			steps: []*fault{{at: atRequest, refuses: true, do: page(htmlResponse(status))}}})
	}
	all = append(all,
		testCase{name: "403, JSON", want: apiError(droplets.ErrForbidden), times: always,
			steps: []*fault{{at: atRequest, refuses: true, do: page(jsonResponse(http.StatusForbidden, forbiddenJSON))}}},
		testCase{name: "404, JSON", want: apiError(droplets.ErrNotFound), times: always,
			steps: []*fault{{at: atRequest, refuses: true, do: page(jsonResponse(http.StatusNotFound, notFoundJSON))}}},
	)
	all = append(all, afterUncertain("502", &fault{at: atRequest, do: page(htmlResponse(http.StatusBadGateway))})...)
	all = append(all, afterUncertain("FIN", &fault{at: atRequest, then: closeFIN})...)
	var both []testCase
	for _, tc := range all {
		tc.group = "status"
		both = append(both, onBoth(tc)...)
	}
	reset := afterUncertain("RST_STREAM INTERNAL_ERROR", &fault{at: atRequest, do: reset(h2.ErrCodeInternal)})
	for _, tc := range reset {
		tc.group, tc.protocol = "status", http2
		both = append(both, tc)
	}
	return both
}

// afterUncertain are responses to the second attempt, after the outcome of the first one is unknown.
func afterUncertain(name string, first *fault) []testCase {
	unapplied := *first
	unapplied.refuses = true
	second := func(r response) *fault { return &fault{at: atRequest, refuses: true, do: page(r)} }
	return []testCase{
		{name: name + ", then 404, HTML", want: uncertainThenPage, times: always,
			steps: []*fault{&unapplied, second(htmlResponse(http.StatusNotFound))}},
		{name: name + ", then 403, HTML", want: uncertainThenPage, times: always,
			steps: []*fault{&unapplied, second(htmlResponse(http.StatusForbidden))}},
		{name: name + ", then 404, empty JSON", want: uncertainThenPage, times: always,
			steps: []*fault{&unapplied, second(jsonResponse(http.StatusNotFound, "{}"))}},
		{name: name + ", then 404, JSON of something else", want: uncertainThenPage, times: always,
			steps: []*fault{&unapplied, second(jsonResponse(http.StatusNotFound, `{"error":"no such route"}`))}},
		{name: name + ", then 404, JSON", want: uncertainThenGone, times: always,
			steps: []*fault{first, second(jsonResponse(http.StatusNotFound, notFoundJSON))}},
	}
}

// page writes a response that is not the usual one.
func page(r response) func(peer) { return func(p peer) { send(p, r) } }

// cloudflare: with 520 to 524, the origin failed or did not respond, and may have processed the request. With 525 and 526
// there was no TLS connection to the origin; the client may retry or not.
func cloudflare(status int) func(testCase, call) want {
	return func(tc testCase, c call) want {
		w := unknown(tc, c)
		if status >= 525 {
			w.attempts[0] = 1
			if c.kind != read {
				w.maybeApplied = either
			}
			if w.success == yes {
				w.success = either
			}
		}
		if w.success == no {
			w.is = append(w.is, droplets.ErrServer)
		}
		return w
	}
}

// foreignPage: a page that is not from the API only shows that the request failed.
func foreignPage(_ testCase, c call) want {
	w := want{success: no, maybeApplied: either, attempts: [2]int{1, 1 + maxRetries},
		isNot: []error{droplets.ErrNotFound, droplets.ErrForbidden}}
	if c.kind == read {
		w.maybeApplied = no
	}
	return w
}

// apiError: the API's own error body gives the status its meaning.
func apiError(kind error) func(testCase, call) want {
	return func(testCase, call) want {
		return want{success: no, maybeApplied: no, attempts: [2]int{1, 1}, is: []error{kind}}
	}
}

// uncertainThenPage: the page does not show the outcome of the first attempt.
func uncertainThenPage(tc testCase, c call) want {
	if c.kind == change {
		return unknown(tc, c)
	}
	w := foreignPage(tc, c)
	w.attempts[0] = 2
	if c.kind == idempotent {
		w.maybeApplied = yes
	}
	return w
}

// uncertainThenGone: the API's own 404 shows that the first delete succeeded.
func uncertainThenGone(tc testCase, c call) want {
	switch c.kind {
	case change:
		w := unknown(tc, c)
		w.exactlyOnce = true
		return w
	case idempotent:
		return want{success: yes, attempts: [2]int{2, 2}, exactlyOnce: true}
	default:
		return want{success: no, attempts: [2]int{2, 2}, is: []error{droplets.ErrNotFound}}
	}
}
