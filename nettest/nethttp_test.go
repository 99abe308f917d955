package nettest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	h2 "golang.org/x/net/http2"
)

// The texts of net/http's errors for a request that the server has not processed, or has reset with PROTOCOL_ERROR. They
// have no exported type.
const (
	cannotRetry     = "http2: Transport: cannot retry err ["
	afterBody       = "] after Request.Body was written; define Request.GetBody to avoid this error"
	refusedStream   = "stream error: stream ID 1; REFUSED_STREAM; received from peer"
	protocolError   = "stream error: stream ID 1; PROTOCOL_ERROR; received from peer"
	gracefulGoAway  = "http2: Transport received Server's graceful shutdown GOAWAY"
	goAwayWithError = "http2: Transport received GOAWAY from server ErrCode:INTERNAL_ERROR"
)

// maxFaults bounds the number of faults, so that a request that net/http would resend without end still ends.
const maxFaults = 3

// plainRequest describes a request of a plain http.Client.
type plainRequest struct {
	method string
	body   string
	// getBody sets Request.GetBody, with which net/http can send the body again. singleUse sets a body that is not nil even
	// if it is empty.
	getBody, singleUse bool
}

func (r plainRequest) build(ctx context.Context, t *testing.T, target string) *http.Request {
	t.Helper()
	var body io.Reader
	if r.body != "" || r.singleUse {
		body = bytes.NewReader([]byte(r.body))
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	require.NoError(t, err)
	if !r.getBody {
		req.GetBody = nil
		if r.singleUse && r.body == "" {
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader("")), -1
		}
	}
	return req
}

// TestNetHTTPResends documents which requests net/http resends by itself, and its errors for those that it does not resend. The
// retry rules of the library depend on both.
func TestNetHTTPResends(t *testing.T) {
	post := plainRequest{method: http.MethodPost, body: "{}", getBody: true}
	postOnce := plainRequest{method: http.MethodPost, body: "{}"}
	deletes := plainRequest{method: http.MethodDelete}
	deleteOnce := plainRequest{method: http.MethodDelete, singleUse: true}
	protocolFault := &fault{at: atRequest, do: reset(h2.ErrCodeProtocol)}
	refusedFault := &fault{at: atRequest, do: reset(h2.ErrCodeRefusedStream), refuses: true}
	lowerGoAway := &fault{at: atRequest, do: goAwayBefore(h2.ErrCodeNo), refuses: true}
	errorGoAway := &fault{at: atRequest, do: goAwayBefore(h2.ErrCodeInternal), refuses: true}
	for _, tc := range []struct {
		name    string
		request plainRequest
		fault   *fault
		times   int
		sends   int
		text    string
	}{
		{"PROTOCOL_ERROR, POST with GetBody", post, protocolFault, maxFaults, maxFaults + 1, ""},
		{"PROTOCOL_ERROR, DELETE without a body", deletes, protocolFault, maxFaults, maxFaults + 1, ""},
		{"PROTOCOL_ERROR, POST without GetBody", postOnce, protocolFault, maxFaults, 1, cannotRetry + protocolError + afterBody},
		{"PROTOCOL_ERROR, DELETE with an empty body", deleteOnce, protocolFault, maxFaults, 1, cannotRetry + protocolError + afterBody},
		{"REFUSED_STREAM, POST with GetBody", post, refusedFault, 1, 2, ""},
		{"REFUSED_STREAM, DELETE without a body", deletes, refusedFault, 1, 2, ""},
		{"REFUSED_STREAM, POST without GetBody", postOnce, refusedFault, 1, 1, cannotRetry + refusedStream + afterBody},
		{"REFUSED_STREAM, DELETE with an empty body", deleteOnce, refusedFault, 1, 1, cannotRetry + refusedStream + afterBody},
		{"GOAWAY, POST with GetBody", post, lowerGoAway, maxFaults, maxFaults + 1, ""},
		{"GOAWAY, DELETE without a body", deletes, lowerGoAway, maxFaults, maxFaults + 1, ""},
		{"GOAWAY, POST without GetBody", postOnce, lowerGoAway, maxFaults, 1, cannotRetry + gracefulGoAway + afterBody},
		{"GOAWAY, DELETE with an empty body", deleteOnce, lowerGoAway, maxFaults, 1, cannotRetry + gracefulGoAway + afterBody},
		{"GOAWAY with an error, POST with GetBody", post, errorGoAway, maxFaults, 1, goAwayWithError},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := startPlain(t, http2, tc.fault, tc.times)
			err := p.send(t, tc.request, nil)
			assert.Equalf(t, tc.sends, p.server.totals().received,
				"%s does not resend this request as Go 1.26 does: review the library's retry rules", runtime.Version())
			assert.Equalf(t, tc.text, transportText(err),
				"the text of this error is different in %s: review how the library recognizes it", runtime.Version())
		})
	}
}

// TestNetHTTPResendsHTTP1 documents the same for an HTTP/1.1 connection that the server closes after the request.
func TestNetHTTPResendsHTTP1(t *testing.T) {
	for _, tc := range []struct {
		name    string
		request plainRequest
		warm    bool
		sends   int
	}{
		{"GET on an idle connection", plainRequest{method: http.MethodGet}, true, 2},
		{"GET on a new connection", plainRequest{method: http.MethodGet}, false, 1},
		{"DELETE on an idle connection", plainRequest{method: http.MethodDelete}, true, 1},
		{"POST with GetBody on an idle connection", plainRequest{method: http.MethodPost, body: "{}", getBody: true}, true, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := startPlain(t, http1, &fault{at: atRequest, then: closeNotify}, 1)
			if tc.warm {
				warmUp(t.Context(), t, p.server, p.transport)
			}
			err := p.send(t, tc.request, nil)
			assert.Equalf(t, tc.sends, p.server.totals().received,
				"%s does not resend this request as Go 1.26 does: review the library's retry rules", runtime.Version())
			if tc.sends == 1 {
				assert.Error(t, err)
			} else {
				assert.NoError(t, err)
			}
		})
	}
}

// TestNetHTTPTrace documents the order of the httptrace hooks when net/http resends an HTTP/2 request, and that a context
// that is canceled in the second GotConn hook prevents the second send.
func TestNetHTTPTrace(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault *fault
		hooks []string
	}{
		{"PROTOCOL_ERROR", &fault{at: atRequest, do: reset(h2.ErrCodeProtocol)}, []string{"GetConn", "GotConn", "WroteHeaders", "WroteRequest", "GetConn", "GotConn"}},
		{"REFUSED_STREAM", &fault{at: atRequest, do: reset(h2.ErrCodeRefusedStream)}, []string{"GetConn", "GotConn", "WroteHeaders", "WroteRequest", "GetConn", "GotConn"}},
		{"GOAWAY", &fault{at: atRequest, do: goAwayBefore(h2.ErrCodeNo)}, []string{"GetConn", "GotConn", "WroteHeaders", "WroteRequest", "GetConn", "GotConn"}},
	} {
		for _, r := range []plainRequest{{method: http.MethodPost, body: "{}", getBody: true}, {method: http.MethodDelete}} {
			t.Run(tc.name+"/"+r.method, func(t *testing.T) {
				p := startPlain(t, http2, tc.fault, maxFaults)
				hooks := &hookLog{}
				err := p.send(t, r, hooks)
				assert.ErrorIs(t, err, context.Canceled)
				assert.Equal(t, tc.hooks, hooks.names)
				assert.Equalf(t, 1, p.server.totals().received, "%s sent the request after its context was canceled", runtime.Version())
			})
		}
	}
}

// hookLog records hooks and cancels the request in the second GotConn.
type hookLog struct {
	mu     sync.Mutex
	names  []string
	wrote  bool
	cancel context.CancelFunc
}

func (h *hookLog) add(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names = append(h.names, name)
	h.wrote = h.wrote || name == "WroteHeaders"
	if name == "GotConn" && h.wrote {
		h.cancel()
	}
}

func (h *hookLog) trace(ctx context.Context) context.Context {
	ctx, h.cancel = context.WithCancel(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { h.add("GetConn") },
		GotConn:      func(httptrace.GotConnInfo) { h.add("GotConn") },
		WroteHeaders: func() { h.add("WroteHeaders") },
		WroteRequest: func(httptrace.WroteRequestInfo) { h.add("WroteRequest") },
	})
}

// plain is a scripted server and a transport without the library.
type plain struct {
	server    *server
	transport *http.Transport
}

func startPlain(t *testing.T, p protocol, f *fault, times int) *plain {
	t.Helper()
	certs, err := testCertificates()
	require.NoError(t, err)
	s, err := startServer(serverConfig{protocol: p, tls: &tls.Config{Certificates: []tls.Certificate{certs.valid}},
		script: func(n int) *fault {
			if n < times {
				return f
			}
			return nil
		}, usual: warmResponse()})
	require.NoError(t, err)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: certs.trusted.pool}, ForceAttemptHTTP2: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.stop()
	})
	return &plain{server: s, transport: transport}
}

func (p *plain) send(t *testing.T, r plainRequest, hooks *hookLog) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if hooks != nil {
		ctx = hooks.trace(ctx)
		defer hooks.cancel()
	}
	resp, err := (&http.Client{Transport: p.transport}).Do(r.build(ctx, t, p.server.url()))
	if err != nil {
		return err
	}
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	return drain(resp.Body)
}

// transportText returns the text of the error that the transport returned.
func transportText(err error) string {
	if err == nil {
		return ""
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return err.Error()
}
