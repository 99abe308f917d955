package droplets

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// errResent is the cause with which sendTrace cancels an attempt. Only the attempt loop may send a request again.
var errResent = errors.New("the transport tried to send the request a second time, which this client does not allow: " +
	"the outcome of the first time is unknown")

// sendTrace follows a change through the transport. It records how far the request got, and ends the attempt before the
// transport sends the request a second time. For HTTP/2, net/http does that after some errors, although the server may
// have processed the request (see docs/design.md, "A change is sent once").
type sendTrace struct {
	cancel    context.CancelCauseFunc
	userAgent string // of our request, without spaces around it; if it is empty, any request is taken for ours

	connRequested atomic.Bool // the transport supports traces and has tried to get a connection
	connected     atomic.Bool // the transport got a connection
	matches       atomic.Bool // the headers that are being written have our User-Agent
	wrote         atomic.Bool // the headers of our request were written
	resent        atomic.Bool // the transport got a connection after that, to send the request again
}

// attach adds the trace to the context of an attempt. The trace is also called for other requests with this context, such as
// a request for a token that the transport sends. The User-Agent distinguishes our request from these.
func (t *sendTrace) attach(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.connRequested.Store(true) },
		GotConn: func(httptrace.GotConnInfo) {
			t.connected.Store(true)
			t.matches.Store(t.userAgent == "")
			if t.wrote.Load() {
				t.resent.Store(true)
				t.cancel(errResent)
			}
		},
		WroteHeaderField: func(key string, value []string) {
			if len(value) == 1 && strings.TrimSpace(value[0]) == t.userAgent && strings.EqualFold(key, "User-Agent") {
				t.matches.Store(true)
			}
		},
		WroteHeaders: func() {
			if t.matches.Load() {
				t.wrote.Store(true)
			}
		},
	})
}

// outcomeOfError returns the outcome of an attempt that got no response but err. trace is nil for reads.
func (p *pipeline) outcomeOfError(trace *sendTrace, err error) outcome {
	switch {
	case trace != nil && trace.resent.Load():
		return outcomeUnknown
	case wasRefusedByHTTP2(err):
		return outcomeNotProcessed
	case trace != nil && trace.connected.Load():
		return outcomeUnknown // err can be about a later connection of the transport
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return outcomeFinal // a retry would get the same certificate
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return outcomeNotProcessed
	}
	if trace == nil {
		return outcomeUnknown
	}
	if trace.connRequested.Load() {
		return outcomeNotProcessed // the transport got no connection
	}
	if isStandardTransport(p.config.httpClient.Transport) {
		return outcomeFinal // net/http rejected the request
	}
	return outcomeUnknown // the transport may not support traces
}

// wasRefusedByHTTP2 reports whether an HTTP/2 server has refused a request without processing it: with the code
// REFUSED_STREAM, or with a GOAWAY that has a lower last stream ID. net/http has no error type for this, so that the text is
// compared. The text begins with a constant of net/http: no text from a server can be mistaken for it. TestNetHTTPResends
// (in nettest) fails if a new Go version changes the text.
func wasRefusedByHTTP2(err error) bool {
	reason, found := strings.CutPrefix(unwrapURLError(err).Error(), "http2: Transport: cannot retry err [")
	if !found {
		return false
	}
	reason, _, found = strings.Cut(reason, "] after Request.Body was written")
	if !found {
		return false
	}
	refused := strings.HasPrefix(reason, "stream error: stream ID ") &&
		(strings.HasSuffix(reason, "; REFUSED_STREAM") || strings.HasSuffix(reason, "; REFUSED_STREAM; received from peer"))
	return refused || reason == "http2: Transport received Server's graceful shutdown GOAWAY"
}

// isStandardTransport reports whether rt, without the redirectFilter around it, is that of net/http, which supports traces.
func isStandardTransport(rt http.RoundTripper) bool {
	if wrapped, ok := rt.(redirectFilter); ok {
		rt = wrapped.RoundTripper
	}
	if rt == nil {
		rt = http.DefaultTransport
	}
	_, ok := rt.(*http.Transport)
	return ok
}
