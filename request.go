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
	url      *url.URL
	header   http.Header
	payload  []byte
	opts     callOptions
	secrets  []string
	attempts int
	turn     turn // place in the client's queue
	// uncertain is true after an attempt of a change whose outcome is unknown.
	uncertain bool
}

// header returns the headers of a request except the token. The headers in more replace the defaults.
func (p *pipeline) header(more http.Header, hasBody bool) http.Header {
	h := make(http.Header, 4+len(more))
	h["Accept"] = []string{"application/json"}
	h["User-Agent"] = []string{p.config.userAgent}
	if hasBody {
		h["Content-Type"] = []string{"application/json"}
	}
	for k, v := range more {
		h[k] = slices.Clone(v)
	}
	return h
}

func (r *request) build(ctx context.Context) *http.Request {
	req := &http.Request{Method: r.method, URL: r.url, Host: r.url.Host, Header: r.header.Clone(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if r.payload != nil {
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.payload)), nil }
		req.Body, _ = req.GetBody()
		req.ContentLength = int64(len(r.payload))
	}
	return req.WithContext(ctx)
}

// resolve appends a caller's path to the base URL. It rejects paths that lead to another host or above the base URL.
func (p *pipeline) resolve(rawPath string) (*url.URL, error) {
	const field = "path"
	ref, err := url.Parse(rawPath)
	if err != nil || ref.Scheme != "" || ref.Host != "" || ref.User != nil || ref.Opaque != "" || ref.Fragment != "" {
		return nil, invalid(field, "must be a path relative to the base URL, with a query at most")
	}
	if slices.Contains(strings.Split(ref.Path, "/"), "..") {
		return nil, invalid(field, "must not contain ..")
	}
	if strings.Trim(ref.Path, "/") == "" {
		return nil, invalid(field, "must not be empty")
	}
	u := *p.config.base
	u.RawPath = u.EscapedPath() + "/" + strings.TrimLeft(ref.EscapedPath(), "/")
	u.Path += "/" + strings.TrimLeft(ref.Path, "/")
	u.RawQuery = ref.RawQuery
	return &u, nil
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

// fail returns the error of a call that got no response. final means that a retry would fail in the same way.
func (r *request) fail(err error, final bool) *callError {
	return &callError{operation: r.operation, method: r.method, path: "/" + r.path, attempts: r.attempts, err: err,
		maybeApplied: r.uncertain, final: final}
}
