package nettest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

const (
	// soakCalls is the number of calls of the soak, unless NETTEST_CALLS sets another one.
	soakCalls   = 20_000
	soakWorkers = 64
	// soakTime is the time after which the workers make no further calls, for machines under load.
	soakTime = 45 * time.Second
	// soakDeadline bounds one call: three attempts of at most two seconds.
	soakDeadline = 15 * time.Second
)

// TestSoak makes different calls to the in-memory API, half of them through toxics, and compares the ledger of the API with
// the results of the calls.
func TestSoak(t *testing.T) {
	calls := soakCalls
	if text := os.Getenv("NETTEST_CALLS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err, "NETTEST_CALLS")
		calls = n
	}
	s := newSoak(t)
	const id = "soak"
	pprof.Do(t.Context(), pprof.Labels(runLabel, id), func(ctx context.Context) { s.run(ctx, calls) })
	s.stop(t)
	assert.True(t, eventually(func() bool { return goroutinesOf(id) == 0 }), "goroutines of the clients are left over")
	s.check(t)
}

// soak is the in-memory API behind two servers, the proxies in front of them, and the clients.
type soak struct {
	api     *dropletstest.API
	servers []*apiServer
	clients []*soakClient // the first half without toxics
	toxics  *toxicProxies

	mu    sync.Mutex
	acted map[string]int // by call: responses of the API with a status of 2xx
	calls []soakCall
}

// soakCall is one call and its result.
type soakCall struct {
	id      string // the value of callHeader
	kind    string
	name    string // of the Droplet, for a create
	droplet int64
	err     error
	ended   bool // by soakDeadline
}

type soakClient struct {
	*droplets.Client
	transport *http.Transport
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{api: dropletstest.New(dropletstest.WithActionDuration(0)), acted: make(map[string]int)}
	for _, p := range []protocol{http1, http2} {
		server, err := startAPIServer(s, p)
		require.NoError(t, err)
		s.servers = append(s.servers, server)
	}
	var err error
	s.toxics, err = startToxicProxies(s.servers[0].address(), s.servers[1].address())
	require.NoError(t, err)
	half := len(s.toxics.addresses())
	for i := range half {
		s.clients = append(s.clients, newSoakClient(t, s.servers[i%2].address()))
	}
	for _, address := range s.toxics.addresses() {
		s.clients = append(s.clients, newSoakClient(t, address))
	}
	return s
}

func newSoakClient(t *testing.T, address string) *soakClient {
	t.Helper()
	certs, err := testCertificates()
	require.NoError(t, err)
	transport := &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: soakWorkers,
		TLSClientConfig: &tls.Config{RootCAs: certs.trusted.pool}}
	client, err := droplets.NewClient(dropletstest.Token, droplets.WithBaseURL("https://"+address),
		droplets.WithHTTPClient(&http.Client{Transport: transport, Timeout: 2 * time.Second}),
		droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: maxRetries, MinDelay: time.Millisecond, MaxDelay: 10 * time.Millisecond}))
	require.NoError(t, err)
	return &soakClient{Client: client, transport: transport}
}

// run makes the calls. Half of the workers use the clients that go through toxics.
func (s *soak) run(ctx context.Context, calls int) {
	end := time.Now().Add(soakTime)
	var wg sync.WaitGroup
	for i := range soakWorkers {
		w := &soakWorker{soak: s, client: s.clients[i*len(s.clients)/soakWorkers]}
		wg.Go(func() {
			for n := i; n < calls && time.Now().Before(end); n += soakWorkers {
				w.call(ctx, n, n/soakWorkers%10)
			}
		})
	}
	wg.Wait()
}

// soakWorker calls the API for its own Droplets only, so that no other worker changes them.
type soakWorker struct {
	soak   *soak
	client *soakClient
	owned  []int64
}

// call makes the n-th call. Of ten turns, three are creates, two gets, two deletes, two actions and one is a list.
func (w *soakWorker) call(ctx context.Context, n, turn int) {
	ctx, cancel := context.WithTimeout(ctx, soakDeadline)
	defer cancel()
	c := soakCall{id: strconv.Itoa(n)}
	header := droplets.WithHeader(callHeader, c.id)
	if turn >= 3 && turn < 9 {
		if len(w.owned) == 0 {
			turn = 0
		} else {
			c.droplet = w.owned[n%len(w.owned)]
		}
	}
	switch {
	case turn < 3:
		c.kind, c.name = "create", "soak-"+c.id
		var r *droplets.DropletCreateResult
		r, c.err = w.client.Droplets.Create(ctx, droplets.DropletCreateRequest{Name: c.name, Region: "nyc3",
			Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")}, header)
		if c.err == nil {
			c.droplet = r.Droplet.ID
			w.owned = append(w.owned, c.droplet)
		}
	case turn < 5:
		c.kind = "get"
		_, c.err = w.client.Droplets.Get(ctx, c.droplet, header)
	case turn < 7:
		c.kind = "delete"
		c.err = w.client.Droplets.Delete(ctx, c.droplet, header)
		w.disown(c.droplet)
	case turn < 9:
		c.kind = "action"
		_, c.err = w.client.DropletActions.Reboot(ctx, c.droplet, header)
	default:
		c.kind = "list"
		_, c.err = w.client.Droplets.List(ctx, &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 5}}, header)
	}
	c.ended = ctx.Err() != nil
	w.soak.record(c)
}

// disown removes a Droplet from owned that was deleted, or may have been.
func (w *soakWorker) disown(id int64) {
	for i, other := range w.owned {
		if other == id {
			w.owned = append(w.owned[:i], w.owned[i+1:]...)
			return
		}
	}
}

func (s *soak) record(c soakCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
}

// stop ends the proxies, verifies that the clients leave no connection, and ends the servers.
func (s *soak) stop(t *testing.T) {
	t.Helper()
	s.toxics.stop()
	for _, server := range s.servers {
		assert.True(t, eventually(func() bool {
			for _, c := range s.clients {
				c.transport.CloseIdleConnections()
			}
			return server.open.Load() == 0
		}), "connections are left open")
		server.stop()
	}
}

// apiServer serves the in-memory API with net/http over TLS.
type apiServer struct {
	listener net.Listener
	http     *http.Server
	open     atomic.Int64
	stopped  chan struct{}
}

func startAPIServer(s *soak, p protocol) (*apiServer, error) {
	certs, err := testCertificates()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &apiServer{listener: listener, stopped: make(chan struct{})}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(p == http1)
	protocols.SetHTTP2(p == http2)
	server.http = &http.Server{Handler: s, Protocols: protocols, ErrorLog: discardLog(),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certs.valid}},
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				server.open.Add(1)
			case http.StateClosed:
				server.open.Add(-1)
			}
		}}
	go func() {
		defer close(server.stopped)
		if err := server.http.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			panic(fmt.Sprint("the API's server ended: ", err))
		}
	}()
	return server, nil
}

func (a *apiServer) address() string { return a.listener.Addr().String() }

func (a *apiServer) stop() {
	a.http.Close()
	<-a.stopped
}

// ServeHTTP passes the request to the in-memory API and counts the responses that report success.
func (s *soak) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := &statusRecorder{ResponseWriter: w}
	s.api.ServeHTTP(recorder, r)
	if recorder.status >= 200 && recorder.status < 300 {
		s.mu.Lock()
		s.acted[r.Header.Get(callHeader)]++
		s.mu.Unlock()
	}
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController access to the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
