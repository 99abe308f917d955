package nettest

import (
	"strconv"
	"time"
)

// point is a position in the life of a connection and of a request on it.
type point int

const (
	atAccept      point = iota // the TCP connection is accepted
	atHandshake                // the TLS handshake is complete
	atPreface                  // HTTP/2: the server has sent its SETTINGS frame
	atRequestLine              // HTTP/1.1: the request line is received
	atHalfHeader               // HTTP/1.1: the request line and one header field are received
	atHeader                   // the whole header is received
	atHalfBody                 // half of the body is received
	atRequest                  // the whole request is received
)

// closeMode says how a server ends a connection.
type closeMode int

const (
	keepOpen    closeMode = iota
	closeFIN              // TCP FIN without a TLS close_notify alert
	closeRST              // TCP RST (SO_LINGER 0)
	closeNotify           // TLS close_notify alert, then TCP FIN
)

func (m closeMode) String() string {
	return [...]string{"open", "FIN", "RST", "close_notify"}[m]
}

// fault is what the server does with one request, or with one connection if the point is before the request. If the request
// is complete before the point is reached, the fault happens when it is complete.
type fault struct {
	at point
	// do writes what the client receives; nil writes nothing.
	do func(peer)
	// async runs do in another goroutine than that of the reader, for faults that wait. HTTP/2 only: HTTP/1.1 has one request at
	// a time.
	async bool
	// then says how the connection ends after do.
	then closeMode
	// refuses is true if the server does not act on the request although it is complete.
	refuses bool
}

// script returns the fault for the n-th request or connection, counted from 0; nil if there is none.
type script func(n int) *fault

// peer writes to the client in the protocol of the connection.
type peer interface {
	// interim writes a 1xx response.
	interim(status int)
	// head writes the status and the header of a response.
	head(r response)
	// body writes a part of the body of r.
	body(r response, part string)
	// finish ends a body.
	finish(r response)
	// literal writes bytes that are not a whole element of the protocol. HTTP/1.1 only.
	literal(text string)
	// pause waits for d and returns true. If the client abandons the request first, it returns false.
	pause(d time.Duration) bool
	// usual returns the response of a server that acted on the request.
	usual() response
	// long returns a successful response with a body that can be cut.
	long() response
}

// response is a status and a body of one content type.
type response struct {
	status      int
	contentType string
	text        string
	// chunked leaves out the Content-Length header.
	chunked bool
}

func (r response) hasBody() bool { return r.status != 204 }

// fields are the header fields of the response.
func (r response) fields() [][2]string {
	fields := [][2]string{{"content-type", r.contentType}, {"ratelimit-limit", "5000"}, {"ratelimit-remaining", "4999"}}
	if r.hasBody() && !r.chunked {
		fields = append(fields, [2]string{"content-length", strconv.Itoa(len(r.text))})
	}
	return fields
}

// send writes a whole response.
func send(p peer, r response) {
	p.head(r)
	if r.hasBody() && r.text != "" {
		p.body(r, r.text)
	}
	p.finish(r)
}
