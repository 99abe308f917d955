package nettest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// http1Conn serves HTTP/1.1. It writes responses without net/http, so that it can stop at any byte.
type http1Conn struct {
	*conn
	reader   *bufio.Reader
	response response // to the request in progress
	callID   string   // of the request in progress
}

func newHTTP1Conn(c *conn) *http1Conn {
	return &http1Conn{conn: c, reader: bufio.NewReader(c.tls)}
}

func (c *http1Conn) serve() {
	for c.serveOne() {
	}
}

// serveOne handles one request and reports whether the connection is still usable.
func (c *http1Conn) serveOne() bool {
	line, err := c.reader.ReadString('\n')
	if err != nil {
		return false
	}
	var f *fault
	if !strings.Contains(line, " "+warmPath+" ") {
		f = c.server.requestFault()
	}
	if f != nil && f.at == atRequestLine {
		return c.apply(f, false)
	}
	field, err := c.reader.ReadString('\n')
	if err != nil {
		return false
	}
	if f != nil && f.at == atHalfHeader {
		return c.apply(f, false)
	}
	c.reader = bufio.NewReader(io.MultiReader(strings.NewReader(line+field), c.reader))
	req, err := http.ReadRequest(c.reader)
	if err != nil {
		return false
	}
	return c.serveRequest(req, f)
}

// serveRequest continues after the header.
func (c *http1Conn) serveRequest(req *http.Request, f *fault) bool {
	defer req.Body.Close()
	c.callID = req.Header.Get(callHeader)
	whole := req.ContentLength == 0
	if f != nil && f.at == atHeader {
		return c.apply(f, whole)
	}
	if f != nil && f.at == atHalfBody && !whole {
		_, err := io.CopyN(io.Discard, req.Body, max(1, req.ContentLength/2))
		return c.apply(f, err == io.EOF) // an empty body of unknown length is whole
	}
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return false
	}
	switch {
	case f != nil:
		return c.apply(f, true)
	case req.URL.Path == warmPath:
		c.server.warm()
		send(c, warmResponse())
	default:
		send(c, c.server.receive(c.callID, true))
	}
	return true
}

// apply applies the fault and reports whether the connection is still usable. whole says whether the request is complete.
func (c *http1Conn) apply(f *fault, whole bool) bool {
	c.response = c.server.config.usual
	if whole {
		c.response = c.server.receive(c.callID, !f.refuses)
	}
	if f.do != nil {
		f.do(c)
	}
	c.end(f.then)
	return f.then == keepOpen
}

func (c *http1Conn) usual() response { return c.response }
func (c *http1Conn) long() response  { return c.server.config.long }

// literal ignores a failed write: the client has closed the connection, and the next read fails.
func (c *http1Conn) literal(text string) { _, _ = io.WriteString(c.tls, text) }

func (c *http1Conn) interim(status int) {
	c.literal(fmt.Sprintf("HTTP/1.1 %d %s\r\nLink: </a>; rel=preload\r\n\r\n", status, http.StatusText(status)))
}

func (c *http1Conn) head(r response) {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", r.status, http.StatusText(r.status))
	for _, field := range r.fields() {
		fmt.Fprintf(&b, "%s: %s\r\n", field[0], field[1])
	}
	if r.chunked {
		b.WriteString("transfer-encoding: chunked\r\n")
	}
	b.WriteString("\r\n")
	c.literal(b.String())
}

func (c *http1Conn) body(r response, part string) {
	if r.chunked {
		part = fmt.Sprintf("%x\r\n%s\r\n", len(part), part)
	}
	c.literal(part)
}

func (c *http1Conn) finish(r response) {
	if r.chunked {
		c.literal("0\r\n\r\n")
	}
}

// pause waits in a read. The client sends nothing more, so the read returns before the deadline only if the client closes the
// connection.
func (c *http1Conn) pause(d time.Duration) bool {
	_ = c.tls.SetReadDeadline(time.Now().Add(d))
	defer func() { _ = c.tls.SetReadDeadline(time.Time{}) }()
	_, err := c.reader.ReadByte()
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func warmResponse() response {
	return response{status: http.StatusOK, contentType: "application/json", text: "{}"}
}
