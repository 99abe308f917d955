package droplets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// Version is the version of this module, as it stands in the User-Agent.
const Version = "0.1.0"

const ownUserAgent = "droplets-go/" + Version

// Client talks to the Droplets API. It is safe for concurrent use; make one for each account and keep it.
type Client struct {
	// Droplets creates, lists, reads and deletes Droplets.
	Droplets *DropletsService
	// DropletActions starts actions on Droplets and waits for them.
	DropletActions *DropletActionsService
	// Actions reads the actions of the whole account.
	Actions *ActionsService
	// BackupPolicies reads when Droplets are backed up.
	BackupPolicies *BackupPoliciesService
	// AssociatedResources destroys Droplets together with what belongs to them.
	AssociatedResources *AssociatedResourcesService

	config  *config
	pause   gate
	rate    rateRecord
	buffers sync.Pool // of *bytes.Buffer
	// created knows the Droplets for which a 404 does not mean anything yet.
	created creates
	// actionsForbidden remembers that the token lacks the scope for the account's actions.
	actionsForbidden atomic.Bool
}

type service struct{ client *Client }

// NewClient returns a client that authenticates with a personal access token.
func NewClient(token string, opts ...Option) (*Client, error) {
	if err := checkToken(token); err != nil {
		return nil, err
	}
	return NewClientFromTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}), opts...)
}

// NewClientFromTokenSource returns a client that asks ts for a token before each attempt. Wrap ts with
// [oauth2.ReuseTokenSource] where getting a token is costly. ts has to be safe for concurrent use.
func NewClientFromTokenSource(ts oauth2.TokenSource, opts ...Option) (*Client, error) {
	config, err := newConfig(ts, opts)
	if err != nil {
		return nil, err
	}
	c := &Client{config: config}
	common := &service{client: c}
	c.Droplets = (*DropletsService)(common)
	c.DropletActions = (*DropletActionsService)(common)
	c.Actions = (*ActionsService)(common)
	c.BackupPolicies = (*BackupPoliciesService)(common)
	c.AssociatedResources = (*AssociatedResourcesService)(common)
	return c, nil
}

func checkToken(token string) error {
	switch {
	case token == "":
		return invalid("token", "must not be empty")
	case !printable(token) || strings.Contains(token, " "):
		return invalid("token", "must not contain spaces, line breaks or control characters")
	}
	return nil
}

// RateLimit returns the quota as the newest answer that told it gives it; ok is false before the first.
func (c *Client) RateLimit() (rl RateLimit, ok bool) { return c.rate.get() }

// Response is what the API answered beside the result; see [CaptureResponse].
type Response struct {
	// StatusCode is the HTTP status; 0 when there was no answer.
	StatusCode int
	// Header is the answer's header.
	Header http.Header
	// RequestID is what DigitalOcean's support asks for; empty when the answer has none.
	RequestID string
	// RateLimit is the quota as this answer gives it; the zero value when it does not.
	RateLimit RateLimit
	// Attempts is how often the request was sent.
	Attempts int
}

// NewRequest makes a request for a part of the API that this package does not wrap, to be sent with [Client.Do]. The
// path is relative to the base URL and may have a query; body, unless nil, is encoded as JSON. The token is not in it:
// Do sets it on what it sends.
func (c *Client) NewRequest(ctx context.Context, method, path string, body any) (*http.Request, error) {
	if ctx == nil {
		return nil, invalid("ctx", "must not be nil")
	}
	if !isToken(method) {
		return nil, invalid("method", "must be an HTTP method, got %q", method)
	}
	u, err := c.resolve(path)
	if err != nil {
		return nil, err
	}
	payload, err := encode(body)
	if err != nil {
		return nil, err
	}
	r := request{call: call{method: method}, url: u, payload: payload, header: c.header(nil, payload != nil)}
	return r.build(ctx), nil
}

// Do sends a request by the rules of every other call (token, limits, retries, errors, log) and decodes the answer's
// JSON into v, or into nothing when v is nil. The request has to be for the client's base URL. The Response is nil when there was no answer.
func (c *Client) Do(req *http.Request, v any) (*Response, error) {
	if req == nil || req.URL == nil {
		return nil, invalid("req", "must not be nil")
	}
	if req.URL.Scheme != c.config.base.Scheme || req.URL.Host != c.config.base.Host || (req.Host != "" && req.Host != req.URL.Host) {
		return nil, invalid("req", "must be for %s://%s: the token goes nowhere else", c.config.base.Scheme, c.config.base.Host)
	}
	if v != nil && (reflect.ValueOf(v).Kind() != reflect.Pointer || isNil(v)) {
		return nil, invalid("v", "must be a pointer that is not nil, got %T", v)
	}
	payload, err := readBody(req)
	if err != nil {
		return nil, err
	}
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	r := &request{call: call{method: method, path: strings.TrimPrefix(req.URL.Path, "/")}, url: req.URL, payload: payload,
		header: c.header(req.Header, payload != nil)}
	for _, name := range replayHeaders() {
		r.header.Del(name)
	}
	var resp Response
	r.opts.capture = &resp
	err = c.run(req.Context(), r, v)
	if resp.StatusCode == 0 {
		return nil, err
	}
	return &resp, err
}

// call is one use of an operation of the API, as a method describes it.
type call struct {
	operation string // the API's own id of it
	method    string
	path      string // relative to the base URL, escaped
	query     url.Values
	header    http.Header // what the operation itself asks for
	body      any
	secret    string // the part of the body that no error may repeat
}

// root is the object that the API wraps an answer in.
type root interface {
	missing() string // the documented key that is not there; empty when all are
}

// invoke is the one way to the API: encode once, send until there is an answer, decode.
func (c *Client) invoke(ctx context.Context, cl call, into root, co []CallOption) error {
	if ctx == nil {
		return invalid("ctx", "must not be nil")
	}
	opts, err := newCallOptions(co)
	if err != nil {
		return err
	}
	payload, err := encode(cl.body)
	if err != nil {
		return err
	}
	u := *c.config.base
	if u.RawPath != "" {
		u.RawPath += "/" + cl.path
	}
	u.Path += "/" + cl.path
	u.RawQuery = cl.query.Encode()
	r := &request{call: cl, url: &u, payload: payload, header: c.header(opts.header, payload != nil), opts: opts}
	maps.Copy(r.header, cl.header)
	r.conceal(cl.secret)
	ctx = context.WithValue(ctx, operationKey{}, cl.operation)
	if into == nil {
		return c.run(ctx, r, nil)
	}
	return c.run(ctx, r, into)
}

type operationKey struct{}

// OperationFromContext returns the API's id of the operation that a request is for, such as "droplets_get". A
// [http.RoundTripper] asks it with the request's context, for metrics and traces with few and stable names; ok is
// false for requests of [Client.Do].
func OperationFromContext(ctx context.Context) (operation string, ok bool) {
	operation, ok = ctx.Value(operationKey{}).(string)
	return operation, ok
}

// run sends a request, decodes the answer, and tells the caller's options and log how it went.
func (c *Client) run(ctx context.Context, r *request, v any) error {
	start := time.Now()
	rep, err := c.exchange(ctx, r)
	if err == nil && rep.ok() {
		err = r.decode(rep, v)
	}
	if r.opts.capture != nil {
		*r.opts.capture = r.response(rep)
	}
	if r.operation != "" { // what Do decodes into may hold on to what it was given
		c.recycle(rep.buffer)
	}
	c.log(ctx, r, rep, err, time.Since(start))
	return err
}

// request is a call, encoded once and sent as often as its fate allows.
type request struct {
	call
	url      *url.URL
	header   http.Header
	payload  []byte
	opts     callOptions
	secrets  []string
	attempts int
	// uncertain is true once a change was sent and may have been applied.
	uncertain bool
}

func (c *Client) header(more http.Header, hasBody bool) http.Header {
	h := make(http.Header, 4+len(more))
	h["Accept"] = []string{"application/json"}
	h["User-Agent"] = []string{c.config.userAgent}
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

// resolve puts a path of the caller's under the base URL and nowhere else.
func (c *Client) resolve(rawPath string) (*url.URL, error) {
	const field = "path"
	p, err := url.Parse(rawPath)
	if err != nil || p.Scheme != "" || p.Host != "" || p.User != nil || p.Opaque != "" || p.Fragment != "" {
		return nil, invalid(field, "must be a path relative to the base URL, with a query at most")
	}
	if slices.Contains(strings.Split(p.Path, "/"), "..") {
		return nil, invalid(field, "must not contain ..")
	}
	if strings.Trim(p.Path, "/") == "" {
		return nil, invalid(field, "must not be empty")
	}
	u := *c.config.base
	u.RawPath = u.EscapedPath() + "/" + strings.TrimLeft(p.EscapedPath(), "/")
	u.Path += "/" + strings.TrimLeft(p.Path, "/")
	u.RawQuery = p.RawQuery
	return &u, nil
}

const (
	// maxRequestBody is far above what any operation takes.
	maxRequestBody = 1 << 20
	// maxResponseBody is some forty times the largest page.
	maxResponseBody = 16 << 20
	// maxErrorRead is how much of a failure's body is read.
	maxErrorRead = 1 << 20
)

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

func readBody(req *http.Request) ([]byte, error) {
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
	payload, tooLarge, err := readCapped(new(bytes.Buffer), body, maxRequestBody, req.ContentLength)
	if err != nil {
		return nil, invalid("req", "must have a readable body: %v", err)
	}
	if tooLarge {
		return nil, invalid("req", "must have a body of at most %d bytes", maxRequestBody)
	}
	return payload, nil
}

// readCapped reads up to limit bytes and tells whether there are more. size is a guess, negative for none.
func readCapped(buf *bytes.Buffer, r io.Reader, limit int, size int64) (b []byte, tooLarge bool, err error) {
	if size > 0 {
		buf.Grow(int(min(size, int64(limit))) + bytes.MinRead)
	}
	_, err = buf.ReadFrom(io.LimitReader(r, int64(limit)+1))
	b = buf.Bytes()
	if len(b) > limit {
		return b[:limit], true, err
	}
	return b, false, err
}

// maxKeptBuffer is the largest buffer that is kept for the next answer: a page of 200 fits twice.
const maxKeptBuffer = 1 << 20

func (c *Client) buffer() *bytes.Buffer {
	if b, ok := c.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

// recycle takes back the buffer of an answer that has been decoded. Nothing may hold on to its bytes: texts are copied
// out of it, and an Error keeps a copy.
func (c *Client) recycle(b *bytes.Buffer) {
	if b != nil && b.Cap() <= maxKeptBuffer {
		b.Reset()
		c.buffers.Put(b)
	}
}

// decode puts the body of a 2xx where the caller wants it. It never leaves the caller with nothing and no error.
func (r *request) decode(rep reply, v any) error {
	err := decodeBody(rep.body, v)
	if err == nil && v == nil && r.operation != "" && rep.status != http.StatusAccepted && rep.status != http.StatusNoContent {
		// There is no body to tell the API from something that stands before it and answers 200 to everything.
		err = errors.New("the API answers 202 or 204 to this")
	}
	if err == nil {
		return nil
	}
	return r.refuse(rep, err)
}

func decodeBody(body []byte, v any) error {
	empty := len(bytes.TrimSpace(body)) == 0
	switch {
	case v == nil && (empty || json.Valid(body)):
		return nil
	case v == nil:
		return errors.New("the body is not JSON")
	case empty:
		return errors.New("the body is empty")
	}
	if err := unmarshal(body, v); err != nil {
		return err
	}
	if dst, ok := v.(root); ok {
		if key := dst.missing(); key != "" {
			return fmt.Errorf("the answer has no %q", key)
		}
	}
	return nil
}

// refuse makes the error for a 2xx that can not be used.
func (r *request) refuse(rep reply, cause error) *Error {
	e := newError(rep.status, rep.header, rep.body, time.Now())
	e.ID, e.Message, e.cause = "", "", cause
	if !isRead(r.method) {
		r.uncertain = true
	}
	r.complete(e)
	return e
}

// complete adds what is known of the call to an error, and takes out what must not be in it.
func (r *request) complete(e *Error) {
	e.Operation, e.Method, e.Path, e.Attempts = r.operation, r.method, "/"+r.path, r.attempts
	e.maybeApplied = r.uncertain
	e.redact(r.secrets)
}

// conceal remembers what no error may repeat. A shorter text than this is no secret, and would be found in any message.
func (r *request) conceal(secret string) {
	const shortest = 8
	if len(secret) >= shortest && !slices.Contains(r.secrets, secret) {
		r.secrets = append(r.secrets, secret)
	}
}

func (r *request) response(rep reply) Response {
	resp := Response{StatusCode: rep.status, Header: rep.header, RequestID: rep.header.Get(headerRequestID), Attempts: r.attempts}
	resp.RateLimit, _ = parseRateLimit(rep.header)
	return resp
}

func (c *Client) log(ctx context.Context, r *request, rep reply, err error, took time.Duration) {
	if c.config.logger == nil {
		return
	}
	level, message := slog.LevelDebug, "droplets: call done"
	if err != nil {
		level, message = slog.LevelWarn, "droplets: call failed"
	}
	if !c.config.logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", r.operation),
		slog.String("method", r.method),
		slog.String("path", path.Clean("/"+r.path)),
		slog.Int("status", rep.status),
		slog.Int("attempts", r.attempts),
		slog.Duration("duration", took),
		slog.String("request_id", rep.header.Get(headerRequestID)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", kindOf(err)))
	}
	c.config.logger.LogAttrs(ctx, level, message, attrs...)
}

// kindOf names an error without repeating any text of the server's.
func kindOf(err error) string {
	for _, kind := range append(kinds(), context.Canceled, context.DeadlineExceeded) {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return fmt.Sprintf("status %d", e.StatusCode)
	}
	return "no answer"
}

// rateRecord keeps the quota that the newest request was told: an answer that was long under way does not overwrite
// what a later request has learned, and one without the headers overwrites nothing.
type rateRecord struct {
	mu       sync.Mutex
	sent     uint64
	recorded uint64
	value    RateLimit
}

func (r *rateRecord) next() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent++
	return r.sent
}

func (r *rateRecord) record(seq uint64, h http.Header) {
	rl, ok := parseRateLimit(h)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq > r.recorded {
		r.recorded, r.value = seq, rl
	}
}

func (r *rateRecord) get() (RateLimit, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.value, r.recorded > 0
}

// isNil finds the nil behind an interface, which a comparison does not.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Chan, reflect.Slice:
		return rv.IsNil()
	default:
		return false
	}
}
