package dropletstest

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Request is a request that the API received.
type Request struct {
	// Time is when the request arrived.
	Time time.Time
	// ID is the request id in the response.
	ID string
	// Operation is the API's id of the operation, such as "droplets_create". It is empty if the fake has no such operation.
	Operation string
	// Method and Path are those of the request.
	Method, Path string
	// Query is the query of the request's URL.
	Query url.Values
	// Header is the header of the request. The value of Authorization is replaced with "REDACTED".
	Header http.Header
	// Body is the body of the request; nil if it was empty.
	Body []byte
	// Status is the status of the response; 0 if the connection broke before a response was sent.
	Status int
	// Duration is the time from the arrival of the request to its response, by the clock of the API; 0 while InProgress is true.
	Duration time.Duration
	// InProgress is true until the response is sent or the connection breaks.
	InProgress bool
}

// The limits of the requests that are kept. They are enough for a test, and limit the memory of a process that runs for days.
const (
	maxRequests     = 10_000   // if there are twice as many, the older half is dropped
	maxRequestBytes = 16 << 20 // the sum of size
)

// recordedRequests are the requests that are kept, the oldest first.
type recordedRequests struct {
	list  []*Request
	bytes int // the sum of their sizes
}

// add adds a request, and drops the oldest ones if there are too many or if they are too large.
func (r *recordedRequests) add(req *Request) {
	if len(r.list) >= 2*maxRequests {
		r.dropOldest(maxRequests)
	}
	r.list = append(r.list, req)
	r.bytes += req.size()
	for r.bytes > maxRequestBytes {
		r.dropOldest(1)
	}
}

func (r *recordedRequests) dropOldest(n int) {
	for i, req := range r.list[:n] {
		r.bytes -= req.size()
		r.list[i] = nil // lets the garbage collector free it
	}
	r.list = r.list[n:]
}

// size returns the number of bytes that the client sent: method, path, query, header and body.
func (r *Request) size() int {
	n := len(r.Method) + len(r.Path) + len(r.Body)
	for _, values := range []map[string][]string{r.Query, r.Header} {
		for key, list := range values {
			for _, v := range list {
				n += len(key) + len(v)
			}
		}
	}
	return n
}

// recordRequest records a request when it arrives. finishRequest sets its status and duration later.
func (a *API) recordRequest(c *call) {
	h := c.req.Header.Clone()
	if h.Get("Authorization") != "" {
		h.Set("Authorization", "REDACTED")
	}
	c.record = &Request{Time: roundTripTime(c.receivedAt), ID: c.id, Operation: c.operation(), Method: c.req.Method,
		Path: c.req.URL.Path, Query: c.query, Header: h, Body: c.body, InProgress: true}
	a.requests.add(c.record)
}

// finishRequest records the status of the response, or 0 if no response is sent, and the duration, and logs the request.
func (a *API) finishRequest(c *call, resp response, sent bool) {
	if !sent {
		resp.status = 0
	}
	duration := a.config.clock.Now().Sub(c.receivedAt)
	a.mu.Lock()
	c.record.Status, c.record.Duration, c.record.InProgress = resp.status, duration, false
	a.mu.Unlock()
	if l := a.config.logger; l != nil {
		l.LogAttrs(c.req.Context(), slog.LevelInfo, "request", slog.String("method", c.req.Method),
			slog.String("path", c.req.URL.RequestURI()), slog.Int("status", resp.status), slog.String("operation", c.operation()),
			slog.Duration("took", duration), slog.String("request_id", c.id))
	}
}

// Requests returns copies of the requests that the API received, the oldest first. Only the newest are kept: the last
// 10,000 or more, but no more than 16 MiB of bodies, URLs and headers.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]Request, len(a.requests.list))
	for i, r := range a.requests.list {
		all[i] = *r
		all[i].Query, all[i].Header = url.Values(http.Header(r.Query).Clone()), r.Header.Clone()
		all[i].Body = bytes.Clone(r.Body)
	}
	return all
}
