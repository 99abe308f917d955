package nettest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// staleConns is the number of idle connections that the server closes at once.
const staleConns = 64

// TestStaleHTTP1 sends 64 changes while the server closes the 64 idle connections that they use.
func TestStaleHTTP1(t *testing.T) { runStale(t, http1, 48) }

// TestStaleHTTP2 sends 64 changes on one connection while the server closes it.
func TestStaleHTTP2(t *testing.T) { runStale(t, http2, 16) }

// closings are the ways in which the server closes an idle connection. After the last one it still acts on requests, but
// cannot respond.
var closings = []struct {
	name string
	do   func(*conn)
}{
	{"FIN", func(c *conn) { c.raw.Close() }},
	{"RST", func(c *conn) { _ = c.raw.SetLinger(0); c.raw.Close() }},
	{"half", func(c *conn) { _ = c.raw.CloseWrite() }},
}

func runStale(t *testing.T, p protocol, rounds int) {
	id := "stale-" + string(p)
	pprof.Do(t.Context(), pprof.Labels(runLabel, id), func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		s := newStale(t, p)
		for round := range rounds {
			s.run(ctx, t, round)
		}
		require.True(t, s.settle(), "connections are left open")
		s.server.stop()
		s.check(t, rounds*staleConns)
	})
	assert.True(t, eventually(func() bool { return goroutinesOf(id) == 0 }), "goroutines are left over")
}

// stale is a client and a server that closes its idle connections.
type stale struct {
	protocol  protocol
	server    *server
	transport *http.Transport
	client    *droplets.Client

	mu      sync.Mutex
	acted   map[string]int   // by call
	outcome map[string]error // by call
	waiting chan struct{}    // closed when all warm-up requests have arrived
	warm    int
}

func newStale(t *testing.T, p protocol) *stale {
	t.Helper()
	certs, err := testCertificates()
	require.NoError(t, err)
	s := &stale{protocol: p, acted: make(map[string]int), outcome: make(map[string]error), waiting: make(chan struct{})}
	s.server, err = startServer(serverConfig{protocol: p, tls: &tls.Config{Certificates: []tls.Certificate{certs.valid}},
		script: func(int) *fault { return nil }, usual: staleResponse(), onWarm: s.arrive,
		onAct: func(callID string) { s.mu.Lock(); defer s.mu.Unlock(); s.acted[callID]++ }})
	require.NoError(t, err)
	s.transport = &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: staleConns,
		TLSClientConfig: &tls.Config{RootCAs: certs.trusted.pool, ClientSessionCache: tls.NewLRUClientSessionCache(staleConns)}}
	s.client, err = droplets.NewClient(token, droplets.WithBaseURL(s.server.url()),
		droplets.WithHTTPClient(&http.Client{Transport: s.transport}),
		droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: maxRetries, MinDelay: time.Millisecond, MaxDelay: 2 * time.Millisecond}))
	require.NoError(t, err)
	return s
}

// staleResponse is accepted as the response to each of the changes.
func staleResponse() response {
	create, action := createCall().usual, actionCall().usual
	create.text = create.text[:len(create.text)-1] + "," + action.text[1:]
	return create
}

// arrive blocks the responses of the warm-up until there is a request on every connection. HTTP/2 has one connection.
func (s *stale) arrive() {
	if s.protocol == http2 {
		return
	}
	s.mu.Lock()
	s.warm++
	waiting := s.waiting
	if s.warm == staleConns {
		s.warm, s.waiting = 0, make(chan struct{})
		close(waiting)
	}
	s.mu.Unlock()
	<-waiting
}

// run opens the connections and sends the changes while the server closes the connections.
func (s *stale) run(ctx context.Context, t *testing.T, round int) {
	t.Helper()
	require.True(t, s.settle(), "connections of the round before are left open")
	var wg sync.WaitGroup
	conns := staleConns
	if s.protocol == http2 {
		conns = 1
	}
	for range conns {
		wg.Go(func() { warmUp(ctx, t, s.server, s.transport) })
	}
	wg.Wait()
	start := make(chan struct{})
	for i := range staleConns {
		wg.Go(func() {
			<-start
			s.call(ctx, round, i)
		})
	}
	closing := closings[round%len(closings)].do
	wg.Go(func() {
		<-start
		for range round * 4 { // closes later in each round
			runtime.Gosched()
		}
		s.server.each(closing)
	})
	close(start)
	wg.Wait()
}

// settle closes the idle connections and waits until none is open.
func (s *stale) settle() bool {
	return eventually(func() bool { s.transport.CloseIdleConnections(); return s.server.open() == 0 })
}

// call makes a change, with or without a body.
func (s *stale) call(ctx context.Context, round, i int) {
	all := []call{createCall(), actionCall(), destroyRetryCall(), deleteByTagCall()}
	c := all[i%len(all)]
	callID := fmt.Sprintf("%s %d-%d", c.name, round, i)
	err := c.library(ctx, s.client, droplets.WithHeader(callHeader, callID))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcome[callID] = err
}

func (s *stale) check(t *testing.T, sent int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Len(t, s.outcome, sent)
	var doubles, succeeded, unknown, failed int
	var wrong []string
	for callID, err := range s.outcome {
		acted := s.acted[callID]
		if acted > 1 {
			doubles++
		}
		switch {
		case err == nil:
			succeeded++
		case isMaybeApplied(err):
			unknown++
		default:
			failed++
		}
		if err == nil && acted != 1 || err != nil && !isMaybeApplied(err) && acted > 0 {
			wrong = append(wrong, fmt.Sprintf("call %s: acted on %d times, returned %v", callID, acted, err))
		}
	}
	t.Logf("changes: %d, succeeded: %d, ErrMaybeApplied: %d, not sent: %d, connections: %d, acted on more than once: %d",
		sent, succeeded, unknown, failed, s.server.totals().connections, doubles)
	assert.Positive(t, succeeded, "no change was sent before its connection was closed")
	assert.Positive(t, unknown, "no connection was closed while a change was sent")
	assert.Zero(t, doubles, "changes that the server acted on more than once")
	assert.Empty(t, wrong, "calls whose result does not match what the server did")
}
