package droplets

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// request is an encoded call. The attempt loop sends it once or more often.
type request struct {
	call
	url       *url.URL
	userAgent string
	header    http.Header // in addition to the default headers, or instead of them
	payload   []byte
	opts      callOptions
	custom    bool // a request of Do or AllFrom, which decode the response into a type of the caller
	secrets   []string
	attempts  int  // number of times that the request was sent
	turn      turn // place in the client's queue
	// uncertain is true after an attempt to send a change with an unknown outcome.
	uncertain bool
	// hidden is true after a 404 for a resource that this client has just created and that the API has not shown yet.
	// inGrace is true while the grace period of such a resource lasts.
	hidden, inGrace bool
}

// newHeader returns the headers of the request in a new map, without that of the token.
func (r *request) newHeader() http.Header {
	h := make(http.Header, 4+len(r.header))
	values := [...]string{"application/json", r.userAgent, "application/json"} // one allocation for all
	h["Accept"], h["User-Agent"] = values[0:1:1], values[1:2:2]
	if r.payload != nil {
		h["Content-Type"] = values[2:3:3]
	}
	for k, v := range r.header {
		h[k] = slices.Clone(v)
	}
	return h
}

// sentUserAgent returns the User-Agent as it is sent: the caller's headers may replace it, and net/http sends it without
// spaces around it over HTTP/1.1.
func (r *request) sentUserAgent() string {
	if _, replaced := r.header["User-Agent"]; replaced {
		return strings.TrimSpace(r.header.Get("User-Agent"))
	}
	return r.userAgent
}

// build returns the HTTP request for one attempt. A change has no GetBody, because a transport must not be able to send its
// body a second time.
func (r *request) build(ctx context.Context) *http.Request {
	req := &http.Request{Method: r.method, URL: r.url, Host: r.url.Host, Header: r.newHeader(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if r.payload != nil {
		req.Body = io.NopCloser(bytes.NewReader(r.payload))
		req.ContentLength = int64(len(r.payload))
		if !r.isChange() {
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.payload)), nil }
		}
	}
	return req.WithContext(ctx)
}

// isChange reports whether the request may change something.
func (r *request) isChange() bool {
	return r.method != http.MethodGet && r.method != http.MethodHead && r.method != http.MethodOptions
}

// isIdempotent reports whether the request may be sent again although an earlier attempt may have been processed. A DELETE
// with a query is not idempotent: it deletes the resources that match when it is processed, and these may be new ones.
func (r *request) isIdempotent() bool {
	return !r.isChange() || r.method == http.MethodDelete && r.url.RawQuery == "" || r.opts.resend
}

// maxRequestBody is the largest body in bytes, larger than any that the API accepts.
const maxRequestBody = 1 << 20

// encode returns a body as JSON, and nil for a nil body.
func encode(body any) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	payload, err := json.Marshal(body)
	if err != nil {
		return nil, invalid("body", "must encode as JSON: %v", err)
	}
	if len(payload) > maxRequestBody {
		return nil, invalid("body", "must be at most %d bytes of JSON, got %d", maxRequestBody, len(payload))
	}
	return payload, nil
}

// readRequestBody reads the body of a request for Client.Do. It uses GetBody if the request has it, so that the caller can
// send the request more than once.
func readRequestBody(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	body := req.Body
	if req.GetBody != nil {
		fresh, err := req.GetBody()
		if err != nil {
			return nil, invalid("req", "must have a readable body: %v", err)
		}
		body = fresh
	}
	defer body.Close()
	payload, tooLarge, err := readUpTo(new(bytes.Buffer), body, maxRequestBody, req.ContentLength)
	if err != nil {
		return nil, invalid("req", "must have a readable body: %v", err)
	}
	if tooLarge {
		return nil, invalid("req", "must have a body of at most %d bytes", maxRequestBody)
	}
	if size := int64(len(payload)); req.ContentLength > 0 && size != req.ContentLength {
		return nil, invalid("req", "must have a body of %d bytes, got %d: was it sent before?", req.ContentLength, size)
	}
	return payload, nil
}

// addSecret adds a text that no error may contain. Texts shorter than minLength bytes are ignored: they are not secrets and
// occur in any message.
func (r *request) addSecret(secret string) {
	const minLength = 8
	if len(secret) >= minLength && !slices.Contains(r.secrets, secret) {
		r.secrets = append(r.secrets, secret)
	}
}

// addCall sets the fields of an error that describe the call, and removes secrets from the error.
func (r *request) addCall(e *Error) {
	e.Operation, e.Method, e.Path, e.Attempts = r.operation, r.method, "/"+r.path, r.attempts
	e.maybeApplied = r.uncertain
	e.redact(r.secrets)
}

// fail returns the error of a call without a usable response. previous is the error of the last attempt if err happened
// after that attempt. final is true if a retry would fail in the same way.
func (r *request) fail(err, previous error, final bool) *TransportError {
	return &TransportError{Operation: r.operation, Method: r.method, Path: "/" + r.path, Attempts: r.attempts, Err: err,
		Previous: previous, maybeApplied: r.uncertain, final: final}
}
