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
	custom    bool // a request of Do or AllFrom, whose result is a type of the caller's
	secrets   []string
	attempts  int
	turn      turn // place in the client's queue
	// uncertain is true after an attempt of a change whose outcome is unknown.
	uncertain bool
	// hidden is true after a 404 for a resource that this client has just created; inGrace while its grace period lasts.
	hidden, inGrace bool
}

// defaultHeaders returns the headers of every request in a new map.
func (r *request) defaultHeaders() http.Header {
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

// sentUserAgent returns the User-Agent of the request, which the caller's headers may replace, without spaces around it:
// HTTP/1.1 sends it so.
func (r *request) sentUserAgent() string {
	if _, replaced := r.header["User-Agent"]; replaced {
		return strings.TrimSpace(r.header.Get("User-Agent"))
	}
	return r.userAgent
}

// build returns the HTTP request of one attempt. A change has no GetBody: a transport must not be able to send its body
// a second time.
func (r *request) build(ctx context.Context) *http.Request {
	req := &http.Request{Method: r.method, URL: r.url, Host: r.url.Host, Header: r.defaultHeaders(),
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
// with a query is not idempotent: it deletes the resources that match at the time, which may be new ones.
func (r *request) isIdempotent() bool {
	return !r.isChange() || r.method == http.MethodDelete && r.url.RawQuery == "" || r.opts.resend
}

// maxRequestBody is larger than any request that the API accepts.
const maxRequestBody = 1 << 20

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

// readRequestBody reads the body of a request that was given to Client.Do.
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

// addSecret adds a text that no error may contain. Short texts are ignored: they are not secrets and occur in any message.
func (r *request) addSecret(secret string) {
	const minLength = 8
	if len(secret) >= minLength && !slices.Contains(r.secrets, secret) {
		r.secrets = append(r.secrets, secret)
	}
}

// addCall sets the fields of an error that describe the call, and removes secrets from it.
func (r *request) addCall(e *Error) {
	e.Operation, e.Method, e.Path, e.Attempts = r.operation, r.method, "/"+r.path, r.attempts
	e.maybeApplied = r.uncertain
	e.redact(r.secrets)
}

// fail returns the error of a call that got no response. previous is the error of the attempt before, if err happened
// after it. final means that a retry would fail in the same way.
func (r *request) fail(err, previous error, final bool) *TransportError {
	return &TransportError{Operation: r.operation, Method: r.method, Path: "/" + r.path, Attempts: r.attempts, Err: err,
		Previous: previous, maybeApplied: r.uncertain, final: final}
}
