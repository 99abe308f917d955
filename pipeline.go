package droplets

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// pipeline sends every request of a Client.
type pipeline struct {
	config    *config
	admission *admission
	rate      rateRecord
	buffers   sync.Pool // of *bytes.Buffer
}

// call describes one use of an operation of the API.
type call struct {
	operation string // operation ID of the OpenAPI document
	method    string
	path      string // relative to the base URL, escaped
	query     url.Values
	header    http.Header // headers that the operation requires
	body      any
	secrets   []string // parts of the body that no error may contain
	// hideBody is true if a 2xx response can contain secrets: an error for such a response does not keep the body.
	hideBody bool
	// notFoundIsFinal is true for a DELETE whose 404 does not mean that an earlier attempt was processed.
	notFoundIsFinal bool
	// created reports whether this client created the resource within the grace period, and whether the API has shown it
	// since. It is nil for calls whose 404 needs no such check.
	created func() (recent, seen bool)
}

// invoke sends a call and decodes the response into dst. dst is nil for an operation without a result, whose response must
// have the status 202 or 204.
func (p *pipeline) invoke(ctx context.Context, cl call, dst root, co []CallOption) error {
	if ctx == nil {
		return invalid("ctx", "must not be nil")
	}
	opts, err := newCallOptions(co)
	if err == nil {
		err = opts.checkMethod()
	}
	if err != nil {
		return err
	}
	payload, err := encode(cl.body)
	if err != nil {
		return err
	}
	path, err := url.PathUnescape(cl.path)
	if err != nil {
		return invalid("path", "must be escaped: %v", err)
	}
	u := *p.config.base
	if u.RawPath != "" || path != cl.path {
		u.RawPath = u.EscapedPath() + "/" + cl.path
	}
	u.Path += "/" + path
	u.RawQuery = cl.query.Encode()
	r := &request{call: cl, url: &u, userAgent: p.config.userAgent, header: opts.header, payload: payload, opts: opts}
	if cl.header != nil {
		r.header = cl.header.Clone()
		maps.Copy(r.header, opts.header)
		maps.Copy(r.header, cl.header)
	}
	for _, secret := range cl.secrets {
		r.addSecret(secret)
	}
	if err := r.addBodyFields(cl.body); err != nil {
		return err
	}
	ctx = context.WithValue(ctx, operationKey{}, cl.operation)
	return p.run(ctx, r, dst)
}

// operationKey is the key of the operation ID in the context of a request.
type operationKey struct{}

// OperationFromContext returns the operation ID of a request, such as "droplets_get", from the context of the request. It is
// meant for metrics and traces in an [http.RoundTripper]. ok is false for requests of [Client.Do] and [AllFrom] without
// [WithOperation].
func OperationFromContext(ctx context.Context) (operation string, ok bool) {
	operation, ok = ctx.Value(operationKey{}).(string)
	return operation, ok
}

// run sends a request, decodes the response into v, fills the caller's Response and writes the log record.
func (p *pipeline) run(ctx context.Context, r *request, v any) error {
	start := time.Now()
	resp, err := p.sendUntilDone(ctx, r)
	if err == nil && resp.ok() {
		err = r.decode(resp, v)
	}
	if r.opts.attempts != nil {
		r.opts.attempts(r.attempts)
	}
	if r.opts.capture != nil {
		*r.opts.capture = r.response(resp)
	}
	if !r.custom { // the value into which Do decodes may keep a part of the buffer
		p.recycle(resp.buffer)
	}
	p.log(ctx, r, resp, err, time.Since(start))
	return err
}
