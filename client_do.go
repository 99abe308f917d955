package droplets

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// NewRequest returns a request for an operation that this package does not wrap, to be sent with [Client.Do]. The path begins
// with the version of the API, such as "v2/volumes", and may have a query. It can also be a link of the API, such as the one to
// the next page of a list: its path and its query are used, and the request goes to the base URL. Other URLs are rejected, and
// paths with an empty segment, which is often a missing ID. A DELETE of v2/droplets must have a tag_name that is not blank,
// which the API requires.
//
// A body other than nil is encoded as JSON. A body that encodes as null, such as a nil pointer, is rejected. A struct at any
// depth of the body that embeds a request of this package is rejected if its own fields would be lost: the embedded request
// encodes itself and leaves them out. Use [WithBodyField] for a field that a request does not have. The request does not contain
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
	if err := c.pipeline.checkDeleteByTag(fieldPath, method, u); err != nil {
		return nil, err
	}
	if err := checkEmbedding(fieldBody, body); err != nil {
		return nil, err
	}
	payload, err := encode(body)
	if err != nil {
		return nil, err
	}
	if string(payload) == "null" {
		return nil, invalid(fieldBody, "must not be null, got %T: nil sends no body", body)
	}
	r := request{call: call{method: method}, url: u, userAgent: c.pipeline.config.userAgent, payload: payload}
	req := r.build(ctx)
	if payload != nil { // so that Do can send the request more than once; Do removes it for the transport
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(payload)), nil }
	}
	return req, nil
}

// Do sends a request with the token, rate limits, retries, errors and logging of every other method. The Response is nil if
// there was no HTTP response.
//
// A request that was not made by [Client.NewRequest] must be for the client's base URL: with its scheme, host and port, and with
// a path that begins with its path, as it was given to [WithBaseURL], and has no segment "." or "..". Other requests are
// rejected, because another path of a proxy can be another service, which must not get the token. A DELETE of v2/droplets must
// have a tag_name, as in NewRequest.
//
// Do decodes the JSON response into v. A v of type *[]byte or [io.Writer] receives the body as it is, of up to 16 MiB,
// whatever its format. If v is nil, the body must be empty or JSON and is ignored. With [RequireRoot], a response without the
// documented key is an error. [WithOperation] names the operation for errors, logs and metrics. [AllFrom] reads lists.
//
// If the io.Writer fails, the API has processed the request. The error is an [*Error] with the status and the request ID of the
// response, and matches the error of the Writer; for a change it matches [ErrMaybeApplied] too. The Response has the whole body.
//
// A DELETE without a query is retried. If a retry of a DELETE without a body gets a 404, the call is a success. With a body, one of
// the resources that it names may not exist while the others remain: the error then matches [ErrNotFound] and [ErrMaybeApplied].
func (c *Client) Do(req *http.Request, v any, co ...CallOption) (*Response, error) {
	if err := c.checkRequest(req); err != nil {
		return nil, err
	}
	if _, isWriter := v.(io.Writer); v != nil && (!isWriter && reflect.ValueOf(v).Kind() != reflect.Pointer || isNil(v)) {
		return nil, invalid("v", "must be a pointer that is not nil, or an io.Writer, got %T", v)
	}
	opts, err := newCallOptions(co)
	if err != nil {
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
	r := c.newCustomRequest(method, req.URL, opts)
	r.header, r.payload = req.Header.Clone(), payload
	r.notFoundIsFinal = payload != nil // one of the resources that a body names may not exist, and the others remain
	for _, name := range replayHeaders() {
		r.header.Del(name)
	}
	for name, values := range opts.header {
		if r.header == nil {
			r.header = make(http.Header, len(opts.header))
		}
		r.header[name] = values
	}
	if err := r.addBodyFields(nil); err != nil {
		return nil, err
	}
	var resp Response
	r.opts.capture = &resp
	err = c.runCustom(req.Context(), r, v)
	if opts.capture != nil {
		*opts.capture = resp
	}
	if resp.StatusCode == 0 {
		return nil, err
	}
	return &resp, err
}

// checkRequest rejects a request that the token must not be sent with, and headers that net/http does not send.
func (c *Client) checkRequest(req *http.Request) error {
	if req == nil || req.URL == nil {
		return invalid(fieldReq, "must not be nil")
	}
	base := c.pipeline.config.base
	if !isBelow(req.URL, base) || (req.Host != "" && req.Host != req.URL.Host) {
		return invalid(fieldReq, "must be for %s: the token is sent to no other host and no other path", base)
	}
	if err := checkSegments(fieldReq, req.URL.Path); err != nil {
		return err
	}
	if err := c.pipeline.checkDeleteByTag(fieldReq, req.Method, req.URL); err != nil {
		return err
	}
	return checkHeader(req.Header)
}

const (
	fieldReq  = "req"
	fieldBody = "body"
)

// newCustomRequest returns a request whose result is a type of the caller's.
func (c *Client) newCustomRequest(method string, u *url.URL, opts callOptions) *request {
	return &request{call: call{operation: opts.operation, method: method, path: strings.TrimPrefix(u.EscapedPath(), "/")}, url: u,
		userAgent: c.pipeline.config.userAgent, opts: opts, custom: true}
}

// runCustom sends a request of Do or AllFrom.
func (c *Client) runCustom(ctx context.Context, r *request, v any) error {
	if r.operation != "" {
		ctx = context.WithValue(ctx, operationKey{}, r.operation)
	}
	return c.pipeline.run(ctx, r, v)
}
