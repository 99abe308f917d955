package nettest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// proxyMode says how a proxy handles CONNECT.
type proxyMode int

const (
	noProxy           proxyMode = iota
	proxyWorks                  // it connects
	proxyIsDown                 // nothing listens on its port
	proxyBadGateway             // it responds 502 with an HTML page
	proxyRequiresAuth           // it responds 407
	proxyClosesEarly            // it closes after half of the CONNECT request
	proxyClosesLate             // it closes after half of its status line
	proxyResets                 // it resets the connection after the CONNECT request
)

// proxy is an HTTP proxy for CONNECT on a loopback socket.
type proxy struct {
	mode     proxyMode
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func startProxy(mode proxyMode) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{mode: mode, listener: listener, conns: make(map[net.Conn]struct{})}
	if mode == proxyIsDown {
		return p, listener.Close()
	}
	p.wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			p.track(c, true)
			p.wg.Go(func() {
				defer p.track(c, false)
				defer c.Close()
				p.serve(c)
			})
		}
	})
	return p, nil
}

func (p *proxy) url() string { return "http://" + p.listener.Addr().String() }

func (p *proxy) stop() {
	p.listener.Close()
	p.mu.Lock()
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// open returns the number of open connections.
func (p *proxy) open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns)
}

func (p *proxy) track(c net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.conns[c] = struct{}{}
	} else {
		delete(p.conns, c)
	}
}

func (p *proxy) serve(c net.Conn) {
	reader := bufio.NewReader(c)
	if p.mode == proxyClosesEarly {
		_, _ = io.CopyN(io.Discard, reader, int64(len("CONNECT 127")))
		return
	}
	req, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	const page = "<html><body>cannot connect</body></html>"
	switch p.mode {
	case proxyBadGateway:
		fmt.Fprintf(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(page), page)
	case proxyRequiresAuth:
		fmt.Fprint(c, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
	case proxyClosesLate:
		fmt.Fprint(c, "HTTP/1.1 20")
	case proxyResets:
		_ = c.(*net.TCPConn).SetLinger(0)
	case proxyWorks:
		p.tunnel(c, reader, req.Host)
	}
}

// tunnel copies in both directions until either side closes.
func (p *proxy) tunnel(client net.Conn, reader io.Reader, address string) {
	upstream, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	p.track(upstream, true)
	defer p.track(upstream, false)
	fmt.Fprint(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	p.wg.Go(func() {
		_, _ = io.Copy(upstream, reader)
		upstream.Close()
	})
	_, _ = io.Copy(client, upstream)
	upstream.Close()
}
