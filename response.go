package droplets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Response describes the HTTP response of a call; see [CaptureResponse].
type Response struct {
	// StatusCode is the HTTP status; 0 if there was no response.
	StatusCode int
	// Header is the response header.
	Header http.Header
	// RequestID identifies the request for DigitalOcean's support; empty if the response has none.
	RequestID string
	// RateLimit is the rate limit in this response; the zero value if it has none.
	RateLimit RateLimit
	// Attempts is the number of times that the request was sent.
	Attempts int
	// RateLimitWait is how long the rate limit of the API delayed the call: the pauses after a 429, and the time in the queue
	// after the pauses. [Client.Stats] has the waits of all calls, by reason.
	RateLimitWait time.Duration
	// Body is the unchanged body of a 2xx response, for fields that this package does not have. It is nil for other responses:
	// their body is in [Error]. It may contain secrets: fmt, slog and encoding/json do not print it.
	Body []byte `json:"-"`
}

// String describes the response in one line, without its header and its body.
func (r Response) String() string {
	return fmt.Sprintf("status %d, request %q, %d attempts, %d bytes", r.StatusCode, r.RequestID, r.Attempts, len(r.Body))
}

// Format prints what String returns, for every verb.
func (r Response) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue returns what String returns.
func (r Response) LogValue() slog.Value { return slog.StringValue(r.String()) }

// httpResponse is the response to one attempt.
type httpResponse struct {
	status int
	header http.Header
	body   []byte
	buffer *bytes.Buffer // holds body and can be reused; nil if it cannot
}

func (r httpResponse) ok() bool { return r.status >= 200 && r.status < 300 }

const (
	// maxResponseBody is the largest body of a 2xx response in bytes, more than forty times the size of the largest page.
	maxResponseBody = 16 << 20
	// maxErrorRead is how much of the body of an error response is read, in bytes.
	maxErrorRead = 1 << 20
)

// read reads a response up to the size limit. A response with a status outside 2xx becomes an *Error even if its body cannot
// be read.
func (p *pipeline) read(ctx, attemptCtx context.Context, r *request, resp *http.Response) (httpResponse, outcome, error) {
	read := httpResponse{status: resp.StatusCode, header: redactHeader(resp.Header, r.secrets)}
	limit := maxResponseBody
	if !read.ok() {
		limit = maxErrorRead
	}
	buffer := p.buffer()
	body, tooLarge, err := readUpTo(buffer, resp.Body, limit, resp.ContentLength)
	if read.ok() && err == nil && !tooLarge {
		read.body, read.buffer = body, buffer
		return read, outcomeFinal, nil
	}
	defer p.recycle(buffer)
	switch {
	case !read.ok():
		return read, outcomeOf(read.status), newError(read.status, read.header, body, r.secrets, time.Now())
	case err != nil:
		return read, outcomeUnknown, fmt.Errorf("reading the response: %w", r.transportError(ctx, attemptCtx, err))
	}
	read.body = body
	invalidErr := r.invalidResponse(read, ErrResponseTooLarge)
	read.body = nil
	return read, outcomeFinal, invalidErr
}

// readUpTo reads at most limit bytes into buf and reports whether there are more. size is the expected number of bytes;
// negative if it is unknown. b is a part of buf.
func readUpTo(buf *bytes.Buffer, r io.Reader, limit int, size int64) (b []byte, tooLarge bool, err error) {
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

// maxKeptBuffer is the largest buffer that is kept for the next response, in bytes. A page of 200 Droplets has about a third
// of it.
const maxKeptBuffer = 1 << 20

// buffer returns an empty buffer, from the pool if there is one.
func (p *pipeline) buffer() *bytes.Buffer {
	if b, ok := p.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

// recycle returns the buffer of a decoded response to the pool. No result may refer to its bytes: decoded strings are
// copies, and so is the body in an Error.
func (p *pipeline) recycle(b *bytes.Buffer) {
	if b != nil && b.Cap() <= maxKeptBuffer {
		b.Reset()
		p.buffers.Put(b)
	}
}

// decode decodes the body of a 2xx response into v. A *[]byte or an io.Writer gets the body as it is. If v is nil, the body
// must be empty or JSON, and the status of an operation of this package must be 202 or 204.
func (r *request) decode(resp httpResponse, v any) error {
	if err := requireRoot(resp.body, r.opts.root); err != nil {
		return r.invalidResponse(resp, err)
	}
	switch dst := v.(type) {
	case *[]byte:
		*dst = resp.body
		return nil
	case io.Writer:
		if _, err := dst.Write(resp.body); err != nil {
			e := r.invalidResponse(resp, fmt.Errorf("writing the response: %w", withoutCall(err)))
			e.unwritten = true
			return e
		}
		return nil
	}
	err := decodeBody(resp.body, v)
	if err == nil && v == nil && !r.custom && resp.status != http.StatusAccepted && resp.status != http.StatusNoContent {
		// Without this check, a proxy that responds with 200 to every request would look like success.
		err = errors.New("the API responds with 202 or 204 to this operation")
	}
	if err == nil {
		return nil
	}
	return r.invalidResponse(resp, err)
}

// invalidResponse returns the error for a 2xx response that cannot be used. The outcome of a change is then unknown.
func (r *request) invalidResponse(resp httpResponse, cause error) *Error {
	if r.hideBody {
		resp.body = []byte(redacted)
	}
	e := newError(resp.status, resp.header, resp.body, r.secrets, time.Now())
	e.ID, e.Message, e.cause = "", "", cause
	if r.isChange() {
		r.uncertain = true
	}
	r.addCall(e)
	return e
}

// response returns what CaptureResponse copies to the caller.
func (r *request) response(resp httpResponse) Response {
	captured := Response{StatusCode: resp.status, Header: resp.header, RequestID: resp.header.Get(headerRequestID), Attempts: r.attempts, RateLimitWait: r.turn.waits.RateLimit()}
	captured.RateLimit, _ = parseRateLimit(resp.header)
	captured.Body = bytes.Clone(resp.body) // the buffer is used again
	return captured
}
