package nettest

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"time"
)

// protocol is the ALPN name of the protocol of a server.
type protocol string

const (
	http1 protocol = "http/1.1"
	http2 protocol = "h2"
)

// warmPath is requested to open a connection before the call under test. It is not counted and has no faults.
const warmPath = "/warm"

// callHeader is the header field by which a test attributes requests to calls.
const callHeader = "x-call"

// drainTime bounds how long a server waits for the client to close after a FIN.
const drainTime = 2 * time.Second

// serverConfig describes a scripted server.
type serverConfig struct {
	protocol protocol
	tls      *tls.Config
	script   script
	// usual is the response to a request that the server acts on.
	usual response
	// again is the response if the server has acted on an earlier request. It is not used if its status is 0.
	again response
	// long is a successful response with a body.
	long response
	// window is the HTTP/2 flow-control window of a stream; 0 is the default.
	window uint32
	// onWarm is called before the response to a warm-up request; may be nil.
	onWarm func()
	// onAct is called for each request that the server acts on, with the value of callHeader; may be nil.
	onAct func(callID string)
}

// counts are the numbers of connections and requests of a server.
type counts struct {
	connections int // accepted
	received    int // requests received completely
	acted       int // requests acted on
}

// server is a scripted server on a loopback socket.
type server struct {
	config   serverConfig
	listener net.Listener
	stopped  chan struct{}
	wg       sync.WaitGroup

	mu     sync.Mutex
	faults int
	counts counts
	conns  map[*conn]struct{}
}

func startServer(config serverConfig) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	config.tls = config.tls.Clone()
	config.tls.NextProtos = []string{string(config.protocol)}
	s := &server{config: config, listener: listener, stopped: make(chan struct{}), conns: make(map[*conn]struct{})}
	s.wg.Go(s.accept)
	return s, nil
}

func (s *server) url() string { return "https://" + s.listener.Addr().String() }

func (s *server) accept() {
	for {
		raw, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.wg.Go(func() { s.serve(raw.(*net.TCPConn)) })
	}
}

// stop closes the listener and all connections, and waits for the server's goroutines.
func (s *server) stop() {
	close(s.stopped)
	s.listener.Close()
	s.each(func(c *conn) { c.raw.Close() })
	s.wg.Wait()
}

// totals returns the counts so far.
func (s *server) totals() counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// open returns the number of open connections.
func (s *server) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *server) serve(raw *net.TCPConn) {
	c := &conn{server: s, raw: raw, tls: tls.Server(raw, s.config.tls)}
	s.mu.Lock()
	s.counts.connections++
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	defer func() {
		raw.Close()
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
	f := s.connectionFault()
	if f != nil && f.at == atAccept {
		c.end(f.then)
		return
	}
	if c.tls.Handshake() != nil {
		return
	}
	switch {
	case f != nil && f.at == atHandshake:
		c.end(f.then)
	case s.config.protocol == http2:
		newHTTP2Conn(c).serve(f)
	default:
		newHTTP1Conn(c).serve()
	}
}

// connectionFault returns the next fault if it is a fault of a connection, and nil otherwise.
func (s *server) connectionFault() *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.config.script(s.faults)
	if f == nil || f.at > atPreface {
		return nil
	}
	s.faults++
	return f
}

// requestFault returns the next fault if it is a fault of a request, and nil otherwise.
func (s *server) requestFault() *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.config.script(s.faults)
	if f == nil || f.at <= atPreface {
		return nil
	}
	s.faults++
	return f
}

func (s *server) warm() {
	if s.config.onWarm != nil {
		s.config.onWarm()
	}
}

// each calls f for every open connection.
func (s *server) each(f func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		f(c)
	}
}

// receive counts a request that was received completely, and returns the response to it. acts says whether the server acts on it.
func (s *server) receive(callID string, acts bool) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.received++
	if !acts {
		return s.config.usual
	}
	if s.config.again.status != 0 && s.counts.acted > 0 {
		return s.config.again
	}
	s.counts.acted++
	if s.config.onAct != nil {
		s.config.onAct(callID)
	}
	return s.config.usual
}

// conn is one accepted connection.
type conn struct {
	server *server
	raw    *net.TCPConn
	tls    *tls.Conn
}

// end closes the connection. Unless it resets the connection, it then waits until the client has closed its side, for at most
// drainTime.
func (c *conn) end(mode closeMode) {
	switch mode {
	case keepOpen:
		return
	case closeRST:
		_ = c.raw.SetLinger(0)
		c.raw.Close()
		return
	case closeNotify:
		_ = c.tls.CloseWrite()
	}
	_ = c.raw.CloseWrite()
	_ = c.raw.SetReadDeadline(time.Now().Add(drainTime))
	_, _ = io.Copy(io.Discard, c.raw)
}
