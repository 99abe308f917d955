package nettest

import (
	"crypto/tls"
	"time"
)

// verdict is the expected value of a property that is true or false.
type verdict int

const (
	no verdict = iota
	yes
	either
)

func (v verdict) allows(got bool) bool { return v == either || got == (v == yes) }

func (v verdict) String() string { return [...]string{"false", "true", "either"}[v] }

// want is the expected result of one call.
type want struct {
	success      verdict
	maybeApplied verdict // errors.Is(err, ErrMaybeApplied)
	attempts     [2]int  // minimum and maximum
	is, isNot    []error // kinds that the error must and must not match
	// exactlyOnce is true if the server must have acted on the request exactly once.
	exactlyOnce bool
}

// times is the number of requests that the server fails.
type times int

const (
	once times = 1
	// always is more than the number of attempts of any call. It is bounded, so that a client that retries without end is
	// detected and its call ends.
	always times = 8
)

func (n times) String() string {
	if n == once {
		return "once"
	}
	return "always"
}

// maxRetries is the MaxRetries of the retry policy in all cases.
const maxRetries = 2

// testCase is one behavior of the server or of the proxy in front of it.
type testCase struct {
	group    string
	name     string
	protocol protocol
	// steps are the faults in order. The last one is repeated until there were as many faults as times says.
	steps []*fault
	times times
	// forever repeats the last step without an end.
	forever bool
	// warm opens a connection with a request before the call.
	warm bool
	// window is the HTTP/2 flow-control window of a stream; 0 is the default.
	window uint32
	// attemptTimeout ends an attempt; 0 is none.
	attemptTimeout time.Duration
	proxy          proxyMode
	// certificate returns the certificate of the server; nil is the valid one.
	certificate func(*certificates) tls.Certificate
	// clientAuth makes the server require a client certificate.
	clientAuth bool
	// adjust changes the responses of the call.
	adjust func(*call)
	// want returns the expected result of a call.
	want func(testCase, call) want
}

// script returns the faults in the form of serverConfig.
func (tc testCase) script() script {
	return func(n int) *fault {
		if len(tc.steps) == 0 || !tc.forever && n >= max(int(tc.times), len(tc.steps)) {
			return nil
		}
		return tc.steps[min(n, len(tc.steps)-1)]
	}
}

// persistent reports whether the server fails every attempt of a call.
func (tc testCase) persistent() bool { return tc.times == always || tc.forever }

// acts reports whether the server has acted on a request in every step, for all kinds of calls.
func (tc testCase) acts() bool {
	for _, f := range tc.steps {
		if f.at != atRequest || f.refuses {
			return false
		}
	}
	return len(tc.steps) > 0
}

// The functions below are the expectations of the cases. Each is for one outcome of an attempt, as far as the client can observe it.

// succeeds: a response arrives in spite of the fault.
func succeeds(testCase, call) want {
	return want{success: yes, maybeApplied: no, attempts: [2]int{1, 1}, exactlyOnce: true}
}

// noConnection: the client never had a connection, so the request was certainly not sent.
func noConnection(tc testCase, _ call) want {
	if tc.persistent() {
		return want{success: no, maybeApplied: no, attempts: [2]int{1 + maxRetries, 1 + maxRetries}}
	}
	return want{success: yes, attempts: [2]int{2, 2}, exactlyOnce: true}
}

// notProcessed: the server reports that it has not processed the request. The client need not resend a change without a
// body, because net/http reports this in several ways for such a request.
func notProcessed(tc testCase, c call) want {
	if c.kind != read && !c.hasBody {
		return undecided(tc, c)
	}
	return noConnection(tc, c)
}

// undecided: the server has not processed the request, but the client may not recognize this.
func undecided(tc testCase, c call) want {
	w := want{success: either, maybeApplied: either, attempts: [2]int{1, 1 + maxRetries}}
	if c.kind == read {
		w.maybeApplied = no
	}
	if tc.persistent() {
		w.success = no
	} else if c.kind != change {
		w.success, w.maybeApplied = yes, no
	}
	return w
}

// unknown: the request was sent, and its outcome is unknown.
func unknown(tc testCase, c call) want {
	switch {
	case c.kind == change:
		return want{success: no, maybeApplied: yes, attempts: [2]int{1, 1}, exactlyOnce: tc.acts()}
	case !tc.persistent():
		// 1 attempt if net/http resends a read on a connection that was idle before; the number of requests is
		// compared with the number of attempts separately.
		return want{success: yes, attempts: [2]int{1, 2}}
	case c.kind == idempotent:
		return want{success: no, maybeApplied: yes, attempts: [2]int{1 + maxRetries, 1 + maxRetries}}
	default:
		return want{success: no, attempts: [2]int{1 + maxRetries, 1 + maxRetries}}
	}
}

// untrusted: there is no retry, because a later attempt would fail in the same way.
func untrusted(testCase, call) want {
	return want{success: no, maybeApplied: no, attempts: [2]int{1, 1}}
}

// variants returns the case twice: the server fails the first request, and it fails every request.
func variants(tc testCase) []testCase {
	first, second := tc, tc
	first.times, second.times = once, always
	return []testCase{first, second}
}

// onWarm returns the cases on a new connection and on one that has been used before.
func onWarm(cases []testCase) []testCase {
	all := make([]testCase, 0, 2*len(cases))
	for _, tc := range cases {
		all = append(all, tc)
		tc.warm, tc.name = true, tc.name+", reused connection"
		all = append(all, tc)
	}
	return all
}

// onBoth returns the case for both protocols.
func onBoth(tc testCase) []testCase {
	first, second := tc, tc
	first.protocol, second.protocol = http1, http2
	return []testCase{first, second}
}

// half returns the first half of a text.
func half(text string) string { return text[:len(text)/2] }
