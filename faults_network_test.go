package droplets_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// network is a net/http server and transport over pipes. It uses no sockets, so that the time of a test is virtual. Every
// goroutine must end before the test does.
type network struct {
	server    *httptest.Server
	transport *http.Transport
	requests  atomic.Int32 // that reached the handler

	mu    sync.Mutex
	hosts map[string]int // dialed
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}

	refuse bool // refuse connections
	hangUp bool // accept connections and close them without reading
}

func newNetwork(t *testing.T, handler http.Handler) *network {
	n := &network{hosts: make(map[string]int), conns: make(chan net.Conn), done: make(chan struct{})}
	n.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // a server detects that its client has disconnected only after it has read the request
		handler.ServeHTTP(w, r)
	}))
	_ = n.server.Listener.Close()
	n.server.Listener = n
	n.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	n.transport = &http.Transport{DialContext: n.dial, TLSHandshakeTimeout: 10 * time.Second}
	t.Cleanup(func() {
		n.transport.CloseIdleConnections()
		n.server.Close()
	})
	return n
}

// client returns a client for the network with the base URL base.
func (n *network) client(t *testing.T, base string) *droplets.Client {
	t.Helper()
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL(base),
		droplets.WithHTTPClient(&http.Client{Transport: n.transport, Timeout: time.Minute}))
	require.NoError(t, err)
	return c
}

func (n *network) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	n.mu.Lock()
	n.hosts[addr]++
	n.mu.Unlock()
	if n.refuse {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	near, far := net.Pipe()
	if n.hangUp {
		_ = far.Close()
		return near, nil
	}
	select {
	case n.conns <- far:
		return near, nil
	case <-n.done:
		return nil, errors.New("the network is closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *network) dials() (total int, hosts []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for host, count := range n.hosts {
		total += count
		hosts = append(hosts, host)
	}
	return total, hosts
}

// Accept makes the network the server's listener.
func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error   { n.once.Do(func() { close(n.done) }); return nil }
func (n *network) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
