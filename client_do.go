package droplets

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
)

// NewRequest returns a request for an operation that this package does not wrap, to be sent with [Client.Do]. The path is
// relative to the base URL and may have a query. A body other than nil is encoded as JSON. The request does not contain
// the token: Do adds it.
func (c *Client) NewRequest(ctx context.Context, method, path string, body any) (*http.Request, error) {
	if ctx == nil {
		return nil, invalid("ctx", "must not be nil")
	}
	if !isToken(method) {
		return nil, invalid("method", "must be an HTTP method, got %q", method)
	}
	u, err := c.pipeline.resolve(path)
	if err != nil {
		return nil, err
	}
	payload, err := encode(body)
	if err != nil {
		return nil, err
	}
	r := request{call: call{method: method}, url: u, userAgent: c.pipeline.config.userAgent, payload: payload}
	req := r.build(ctx)
	if payload != nil { // so that Do can send the request more than once; Do removes it for the transport
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(payload)), nil }
	}
	return req, nil
}

// Do sends a request with the token, rate limits, retries, errors and logging of every other method. The request must be
// for the client's base URL. The Response is nil if there was no HTTP response.
//
// Do decodes the JSON response into v. A v of type *[]byte or [io.Writer] receives the body as it is, of up to 16 MiB,
// whatever its format. If v is nil, the body must be empty or JSON and is ignored.
func (c *Client) Do(req *http.Request, v any) (*Response, error) {
	if req == nil || req.URL == nil {
		return nil, invalid("req", "must not be nil")
	}
	base := c.pipeline.config.base
	if req.URL.Scheme != base.Scheme || req.URL.Host != base.Host || (req.Host != "" && req.Host != req.URL.Host) {
		return nil, invalid("req", "must be for %s://%s: the token is sent to no other host", base.Scheme, base.Host)
	}
	if _, isWriter := v.(io.Writer); v != nil && (!isWriter && reflect.ValueOf(v).Kind() != reflect.Pointer || isNil(v)) {
		return nil, invalid("v", "must be a pointer that is not nil, or an io.Writer, got %T", v)
	}
	if err := checkHeader(req.Header); err != nil {
		return nil, err
	}
	payload, err := readRequestBody(req)
	if err != nil {
		return nil, err
	}
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	r := &request{call: call{method: method, path: strings.TrimPrefix(req.URL.Path, "/")}, url: req.URL,
		userAgent: c.pipeline.config.userAgent, header: req.Header.Clone(), payload: payload}
	for _, name := range replayHeaders() {
		r.header.Del(name)
	}
	var resp Response
	r.opts.capture = &resp
	err = c.pipeline.run(req.Context(), r, v)
	if resp.StatusCode == 0 {
		return nil, err
	}
	return &resp, err
}
