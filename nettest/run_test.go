package nettest

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

const (
	// deadline bounds the duration of a call. It is many times the duration that the cases need.
	deadline = 5 * time.Second
	// settleTime bounds how long connections and goroutines may take to end after a call.
	settleTime = 5 * time.Second
	token      = "nettest-token"
)

var testCertificates = sync.OnceValues(newCertificates)

// result is the outcome of one call.
type result struct {
	err      error
	attempts int // that the client reported
	sent     int // requests that the client gave to the transport
	server   counts
	ended    bool // by the deadline and not by itself
	// leftConns and leftGoroutines are true if connections or goroutines are left after the call.
	leftConns, leftGoroutines bool
}

// target is where a client sends its requests.
type target struct {
	url       string
	transport *http.Transport
	timeout   time.Duration // of one attempt
}

// invoker makes one call with the client under test.
type invoker func(context.Context, call, target) (result, error)

// countingTransport counts the requests that the client gives to the transport.
type countingTransport struct {
	*http.Transport
	sent atomic.Int64
}

func (t *countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.sent.Add(1)
	return t.Transport.RoundTrip(req)
}

func invokeLibrary(ctx context.Context, c call, to target) (result, error) {
	transport := &countingTransport{Transport: to.transport}
	client, err := droplets.NewClient(token, droplets.WithBaseURL(to.url),
		droplets.WithHTTPClient(&http.Client{Transport: transport, Timeout: to.timeout}),
		droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: maxRetries, MinDelay: time.Millisecond, MaxDelay: 2 * time.Millisecond}))
	if err != nil {
		return result{}, err
	}
	var captured droplets.Response
	err = c.library(ctx, client, droplets.CaptureResponse(&captured))
	return result{err: err, attempts: captured.Attempts, sent: int(transport.sent.Load())}, nil
}

// runCases runs every case for every call with this library: the cases in parallel, the calls of a case one by one.
func runCases(t *testing.T, cases []testCase) {
	require.NotEmpty(t, cases)
	for _, tc := range cases {
		t.Run(strings.Join([]string{tc.name, string(tc.protocol), tc.times.String()}, "/"), func(t *testing.T) {
			t.Parallel()
			for _, c := range calls() {
				t.Run(c.name, func(t *testing.T) {
					r := runCase(t, tc, c, invokeLibrary)
					total.add(tc, c, r)
					tc.check(t, c, r)
				})
			}
		})
	}
}

// TestCasesAreDistinct compares the number of cases with the tables in README.md. Without it, a lost group of cases would not be
// noticed.
func TestCasesAreDistinct(t *testing.T) {
	names := make(map[string]bool)
	for _, tc := range allCases() {
		names[strings.Join([]string{tc.group, tc.name, string(tc.protocol), tc.times.String()}, "/")] = true
	}
	if all := len(allCases()); all != 684 || len(names) != all {
		t.Errorf("%d cases with %d names, want 684", all, len(names))
	}
}

var runs atomic.Int64

// runCase starts the servers of the case, makes the call, and waits until no connection and no goroutine is left. All goroutines
// of the run, including those of the client, have a profiling label by which they are counted.
func runCase(t *testing.T, tc testCase, c call, invoke invoker) (r result) {
	t.Helper()
	id := "run-" + strconv.FormatInt(runs.Add(1), 10)
	pprof.Do(t.Context(), pprof.Labels(runLabel, id), func(ctx context.Context) {
		r = runLabeled(ctx, t, tc, c, invoke)
		r.leftGoroutines = !eventually(func() bool { return goroutinesOf(id) == 1 })
	})
	return r
}

func runLabeled(ctx context.Context, t *testing.T, tc testCase, c call, invoke invoker) result {
	t.Helper()
	if tc.adjust != nil {
		tc.adjust(&c)
	}
	s, transport := tc.start(t, c)
	defer s.stop()
	open := s.open
	if tc.proxy != noProxy {
		p, err := startProxy(tc.proxy)
		require.NoError(t, err)
		defer p.stop()
		proxyURL, err := url.Parse(p.url())
		require.NoError(t, err)
		transport.Proxy = http.ProxyURL(proxyURL)
		open = func() int { return s.open() + p.open() }
	}
	if tc.warm {
		warmUp(ctx, t, s, transport)
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	r, err := invoke(ctx, c, target{url: s.url(), transport: transport, timeout: tc.attemptTimeout})
	require.NoError(t, err)
	r.ended = ctx.Err() != nil
	r.server = s.totals()
	r.leftConns = !eventually(func() bool {
		transport.CloseIdleConnections() // in every round, because an abandoned dial can still add one
		return open() == 0
	})
	return r
}

// start starts the server of the case.
func (tc testCase) start(t *testing.T, c call) (*server, *http.Transport) {
	t.Helper()
	certs, err := testCertificates()
	require.NoError(t, err)
	leaf := certs.valid
	if tc.certificate != nil {
		leaf = tc.certificate(certs)
	}
	config := &tls.Config{Certificates: []tls.Certificate{leaf}}
	if tc.clientAuth {
		config.ClientAuth = tls.RequireAnyClientCert
	}
	s, err := startServer(serverConfig{protocol: tc.protocol, tls: config, script: tc.script(), usual: c.usual, again: c.again,
		long: c.long, window: tc.window})
	require.NoError(t, err)
	return s, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: certs.trusted.pool}, ForceAttemptHTTP2: true}
}

// warmUp opens a connection with a request that is not counted.
func warmUp(ctx context.Context, t *testing.T, s *server, transport *http.Transport) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url()+warmPath, nil)
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: transport}).Do(req)
	require.NoError(t, err)
	require.NoError(t, drain(resp.Body))
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

// check compares the result with the case's expectation and with the rules that hold in every case.
func (tc testCase) check(t *testing.T, c call, r result) {
	t.Helper()
	w := tc.want(tc, c)
	if c.kind == read { // net/http may resend a read by itself within one attempt, which is harmless
		w.attempts[0] = 1
		if w.success == no {
			w.success = either
		}
	}
	assert.False(t, r.leftConns, "connections are left open")
	assert.False(t, r.leftGoroutines, "goroutines are left over")
	// net/http resends a refused read after 1 s, 2 s, 4 s and so on.
	refusedRead := c.kind == read && (strings.HasPrefix(tc.name, "REFUSED_STREAM") || strings.HasPrefix(tc.name, "every request"))
	if !refusedRead {
		assert.Falsef(t, r.ended, "the call did not end by itself within %s", deadline)
	}
	assert.Truef(t, w.success.allows(r.err == nil), "success: want %s, got error %v", w.success, r.err)
	maybeApplied := isMaybeApplied(r.err)
	assert.Truef(t, w.maybeApplied.allows(maybeApplied), "ErrMaybeApplied: want %s, got %v", w.maybeApplied, r.err)
	if r.err != nil && c.kind == change && r.server.acted > 0 {
		assert.Truef(t, maybeApplied, "the server has acted on the request, but the error does not match ErrMaybeApplied: %v", r.err)
	}
	for _, kind := range w.is {
		assert.ErrorIs(t, r.err, kind)
	}
	for _, kind := range w.isNot {
		assert.NotErrorIs(t, r.err, kind)
	}
	assert.Equal(t, r.sent, r.attempts, "attempts reported and requests given to the transport")
	assert.GreaterOrEqual(t, r.attempts, w.attempts[0], "attempts, at least")
	assert.LessOrEqual(t, r.attempts, w.attempts[1], "attempts, at most")
	if c.kind != read { // see above
		assert.LessOrEqualf(t, r.server.received, r.attempts, "the server received the request more often than it was attempted (%d attempts)", r.attempts)
		tc.checkActed(t, c, r, w)
	}
}

// checkActed checks how often the server acted on the request.
func (tc testCase) checkActed(t *testing.T, c call, r result, w want) {
	t.Helper()
	most := r.attempts
	if c.kind == change {
		most = 1
	}
	assert.LessOrEqual(t, r.server.acted, most, "requests acted on, at most")
	if r.err == nil {
		assert.GreaterOrEqual(t, r.server.acted, 1, "success, but the server has not acted on the request")
	}
	if w.exactlyOnce && c.kind == change {
		assert.Equal(t, 1, r.server.acted, "requests acted on")
	}
}
