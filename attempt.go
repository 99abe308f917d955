package droplets

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

// attempt sends a request once. The error is nil for a 2xx whose body was read completely.
func (p *pipeline) attempt(ctx context.Context, r *request) (httpResponse, outcome, error) {
	token, err := p.config.token()
	if err != nil {
		return httpResponse{}, outcomeFinal, fmt.Errorf("token source: %w", err)
	}
	if token == nil || checkToken(token.AccessToken) != nil {
		return httpResponse{}, outcomeFinal, errors.New("token source: returned a token that is empty or invalid in a header")
	}
	if ctx.Err() != nil {
		return httpResponse{}, outcomeFinal, contextError(ctx)
	}
	r.addSecret(token.AccessToken)
	var trace connTrace
	attemptCtx := ctx
	if !isRead(r.method) {
		attemptCtx = trace.attach(ctx)
	}
	req := r.build(attemptCtx)
	token.SetAuthHeader(req)
	r.attempts++
	seq := p.rate.next()
	resp, err := p.config.httpClient.Do(req)
	if err != nil {
		return httpResponse{}, trace.outcome(err), transportError(ctx, err)
	}
	defer resp.Body.Close()
	p.rate.record(seq, resp.Header)
	return p.read(ctx, r, resp)
}

// transportError removes the URL, whose query must not be in an error. If the context is done, that is the error,
// whatever the transport reported.
func transportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// connTrace records whether the transport got a connection: without one, nothing was sent.
type connTrace struct{ requested, connected atomic.Bool }

func (t *connTrace) attach(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.requested.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.connected.Store(true) },
	})
}

// outcome returns the outcome of an attempt that got no response. An untrusted certificate is final.
func (t *connTrace) outcome(err error) outcome {
	if strings.Contains(err.Error(), "failed to parse Location header") {
		return outcomeFinal // a redirect with an invalid target, for which net/http has no error type
	}
	if t.connected.Load() {
		return outcomeUnknown // even if err is about another connection, which the transport tried later
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return outcomeFinal
	}
	op, ok := errors.AsType[*net.OpError](err)
	dialFailed := ok && (op.Op == "dial" || op.Op == "proxyconnect")
	if dialFailed || t.requested.Load() && !t.connected.Load() {
		return outcomeNotProcessed
	}
	return outcomeUnknown
}
