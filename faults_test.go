package droplets_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// class is the kind of a method's first request, which decides whether it may be retried.
type class int

const (
	reads class = iota
	deletes
	posts
	waits // polls
)

func classOf(name string, apiLines []string) class {
	if len(apiLines) == 0 {
		return reads // TestOperations reports what is missing
	}
	verb, _, _ := strings.Cut(apiLines[0], " ")
	switch {
	case strings.Contains(name, ".Wait") || strings.Contains(name, ".Watch"):
		return waits
	case verb == http.MethodDelete && name != "Droplets.DeleteByTag":
		return deletes
	case verb != http.MethodGet:
		return posts // a delete by tag is not idempotent, and a PUT is not retried either
	}
	return reads
}

// outcome is the expected effect of a fault.
type outcome struct {
	requests  int // that reach the server; -1 if they are not counted
	dials     int // 0 if they are not counted
	uncertain bool
	minTime   time.Duration
	maxTime   time.Duration
}

// fault is a fault that affects every attempt of a call.
type fault struct {
	handler http.HandlerFunc
	network func(*network)
	tls     bool
	ctx     func(context.Context) (context.Context, context.CancelFunc)
	want    func(error) bool
	// polls is true for a fault that affects only waiters.
	polls bool
	// forbidden is true for a 403 response, notFound for a 404.
	forbidden, notFound bool
	// usable is true if the response can be decoded for some methods.
	usable bool
	by     map[class]outcome
}

func is(kinds ...error) func(error) bool {
	return func(err error) bool {
		for _, kind := range kinds {
			if !errors.Is(err, kind) {
				return false
			}
		}
		return true
	}
}

// transport matches a TransportError with one of several causes.
func transport(causes ...error) func(error) bool {
	return func(err error) bool {
		_, ok := errors.AsType[*droplets.TransportError](err)
		return ok && slices.ContainsFunc(causes, func(cause error) bool { return errors.Is(err, cause) })
	}
}

// closedByServer reports whether err is from a connection that the server has closed. Which error it is depends on whether the client
// was writing, reading or idle; net/http does not export the last one.
func closedByServer(err error) bool {
	e, ok := errors.AsType[*droplets.TransportError](err)
	return ok && (errors.Is(e, io.EOF) || errors.Is(e, io.ErrClosedPipe) || strings.Contains(e.Error(), "server closed idle connection"))
}

// The backoff of three retries is 1.75 to 3.5 s. The delays of three failed polls are 8.55 to 9.5 s.
const (
	minBackoff, maxBackoff       = 1750 * time.Millisecond, 3500 * time.Millisecond
	minPollDelays, maxPollDelays = 8550 * time.Millisecond, 9500 * time.Millisecond
)

// finalResponse is the outcome of a response that is not retried.
func finalResponse(uncertainChange bool) map[class]outcome {
	return map[class]outcome{reads: {requests: 1}, waits: {requests: 1}, deletes: {requests: 1, uncertain: uncertainChange},
		posts: {requests: 1, uncertain: uncertainChange}}
}

// transientFailure is the outcome of a failure after which reads and deletes are retried. attempt is the time of an attempt.
func transientFailure(attempt time.Duration) map[class]outcome {
	resent := outcome{requests: 4, minTime: 4*attempt + minBackoff, maxTime: 4*attempt + maxBackoff}
	deleted := resent
	deleted.uncertain = true
	return map[class]outcome{reads: resent, deletes: deleted,
		posts: {requests: 1, uncertain: true, minTime: attempt, maxTime: attempt},
		waits: {requests: 16, minTime: 4*(4*attempt+minBackoff) + minPollDelays, maxTime: 4*(4*attempt+maxBackoff) + maxPollDelays}}
}

// rateLimited is the outcome of a 429 response after which every request is retried, with a delay within these bounds.
func rateLimited(minDelay, maxDelay time.Duration) map[class]outcome {
	resent := outcome{requests: 4, minTime: 3 * minDelay, maxTime: 3 * maxDelay}
	return map[class]outcome{reads: resent, deletes: resent, posts: resent,
		waits: {requests: 16, minTime: 12 * minDelay, maxTime: 12*maxDelay + maxPollDelays + 4*maxDelay}}
}

// rateLimitedUntilTheEnd is the outcome of a 429 that names a delay of five seconds, for as long as the context lasts: 18 s.
// Such a 429 does not consume a retry.
func rateLimitedUntilTheEnd() map[class]outcome {
	resent := outcome{requests: 4, minTime: 14 * time.Second, maxTime: 15 * time.Second}
	return map[class]outcome{reads: resent, deletes: resent, posts: resent,
		waits: {requests: 4, minTime: 14 * time.Second, maxTime: 18 * time.Second}}
}

// delayTooLong is the outcome of a 429 response whose delay is too long: the call fails immediately.
func delayTooLong() map[class]outcome {
	return map[class]outcome{reads: {requests: 1}, deletes: {requests: 1}, posts: {requests: 1},
		waits: {requests: 4, minTime: minPollDelays, maxTime: maxPollDelays}}
}

// notSent is the outcome of a failure before the request was sent.
func notSent(dials int) map[class]outcome {
	if dials == 1 {
		one := outcome{dials: 1}
		return map[class]outcome{reads: one, deletes: one, posts: one, waits: one}
	}
	four := outcome{dials: dials, minTime: minBackoff, maxTime: maxBackoff}
	return map[class]outcome{reads: four, deletes: four, posts: four,
		waits: {dials: 4 * dials, minTime: 4*minBackoff + minPollDelays, maxTime: 4*maxBackoff + maxPollDelays}}
}

// contextDone is the outcome if the context is done during the first request or the delay after it.
func contextDone(after time.Duration, uncertainChange bool) map[class]outcome {
	out := finalResponse(uncertainChange)
	for c, o := range out {
		o.minTime, o.maxTime = after, after
		out[c] = o
	}
	return out
}

func status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// tooManyRequests returns a handler that responds with a 429 and a header that depends on the time of the response.
func tooManyRequests(header func(now time.Time) [2]string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Date"] = nil
		w.Header().Set("Ratelimit-Limit", "5000")
		w.Header().Set("Ratelimit-Remaining", "0")
		if header != nil {
			h := header(time.Now())
			w.Header().Set(h[0], h[1])
		}
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"id":"too_many_requests","message":"API rate limit exceeded."}`))
	}
}

func resetIn(d time.Duration) func(time.Time) [2]string {
	return func(now time.Time) [2]string {
		return [2]string{"Ratelimit-Reset", strconv.FormatInt(now.Add(d).Unix(), 10)}
	}
}

func cancelAfter(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(d, cancel)
		return ctx, cancel
	}
}

func within(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}

// inProgress responds to every poll with an operation that has not ended.
func inProgress(w http.ResponseWriter, r *http.Request) {
	body := `{"action":{"id":3169590176,"status":"in-progress"},"actions":[],"meta":{"total":0},"droplet":{"id":500000001,"status":"new"}}`
	if strings.HasSuffix(r.URL.Path, "/status") {
		body = `{"droplet":{"id":"500000001"}}`
	}
	_, _ = w.Write([]byte(body))
}

// contextDoneWhilePolling is the outcome if the context of a waiter is done between successful polls.
func contextDoneWhilePolling(after time.Duration) map[class]outcome {
	return map[class]outcome{waits: {requests: -1, minTime: after, maxTime: after}}
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func partialBody(after func(*http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write([]byte(`{"droplet":{"id":1,`))
		_ = http.NewResponseController(w).Flush()
		after(r)
		panic(http.ErrAbortHandler)
	}
}

func gzipBomb() []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	zeros := make([]byte, 1<<20)
	for range 20 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	return b.Bytes()
}

func faults() map[string]fault {
	const seconds = 5 * time.Second
	invalid, limit, server := is(droplets.ErrInvalidResponse), is(droplets.ErrRateLimited), is(droplets.ErrServer)
	canceled, late := is(context.Canceled), is(context.DeadlineExceeded)
	bomb := gzipBomb()
	redirect := func(target string) fault {
		return fault{handler: status(302, "", "Location: "+target), by: finalResponse(false), want: func(err error) bool {
			var e *droplets.Error
			return errors.As(err, &e) && e.StatusCode == 302
		}}
	}
	out := map[string]fault{
		"429 with seconds": {ctx: within(18 * time.Second), handler: tooManyRequests(func(time.Time) [2]string { return [2]string{"Retry-After", "5"} }), want: late, by: rateLimitedUntilTheEnd()},
		"429 with a date": {ctx: within(18 * time.Second), handler: tooManyRequests(func(now time.Time) [2]string {
			return [2]string{"Retry-After", now.Add(seconds).UTC().Format(http.TimeFormat)}
		}), want: late, by: rateLimitedUntilTheEnd()},
		"429 without a delay":            {handler: tooManyRequests(nil), want: limit, by: rateLimited(minBackoff/7, maxBackoff*4/7)},
		"429 with a reset in the future": {ctx: within(18 * time.Second), handler: tooManyRequests(resetIn(seconds)), want: late, by: rateLimitedUntilTheEnd()},
		"429 with a reset in the past":   {handler: tooManyRequests(resetIn(-time.Hour)), want: limit, by: rateLimited(minBackoff/7, maxBackoff*4/7)},
		"429 with a distant reset":       {handler: tooManyRequests(resetIn(1e5 * time.Hour)), want: limit, by: delayTooLong()},
		"429 with a huge delay":          {handler: tooManyRequests(func(time.Time) [2]string { return [2]string{"Retry-After", "99999999999999999999"} }), want: limit, by: delayTooLong()},

		"connection refused":         {network: func(n *network) { n.refuse = true }, want: transport(syscall.ECONNREFUSED), by: notSent(4)},
		"TLS to a plain HTTP server": {tls: true, handler: status(200, "{}"), want: transport(http.ErrSchemeMismatch), by: notSent(4)},
		"reset before the request":   {network: func(n *network) { n.hangUp = true }, want: closedByServer, by: closedConnection()},
		"reset after the request":    {handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, want: transport(io.EOF), by: transientFailure(0)},
		"reset in the body":          {handler: partialBody(func(*http.Request) {}), want: transport(io.ErrUnexpectedEOF), by: transientFailure(0)},
		"attempt timeout":            {handler: hang, want: transport(context.DeadlineExceeded), by: transientFailure(time.Minute)},
		"a body that never ends":     {handler: partialBody(func(r *http.Request) { <-r.Context().Done() }), want: transport(context.DeadlineExceeded), by: transientFailure(time.Minute)},
		"a body over the limit":      {handler: func(w http.ResponseWriter, _ *http.Request) { writeZeros(w, 20) }, want: is(droplets.ErrResponseTooLarge), by: finalResponse(true)},
		"a gzip bomb":                {handler: status(200, string(bomb), "Content-Encoding: gzip", "Content-Type: application/json"), want: is(droplets.ErrResponseTooLarge), by: finalResponse(true)},
		"HTML":                       {handler: status(200, "<html>hello</html>"), want: invalid, by: finalResponse(true)},
		"an empty body":              {handler: status(200, ""), want: invalid, by: finalResponse(true)},
		"an empty object":            {handler: status(200, "{}"), want: invalid, by: finalResponse(true)},
		"a truncated object":         {handler: status(200, `{"droplet":{"id":1,`), want: invalid, by: finalResponse(true)},
		"wrong types":                {handler: status(200, wrongTypes), want: invalid, by: finalResponse(true)},
		"deep nesting":               {handler: status(200, strings.Repeat(`{"droplet":`, 1e5)), want: invalid, by: finalResponse(true)},
		"duplicate keys":             {handler: status(200, duplicateKeys), want: invalid, by: finalResponse(true), usable: true},
		"redirect to the same host":  redirect("/v2/droplets/7"),
		"redirect to another host":   redirect("http://127.0.0.2:81/v2/droplets/7"),
		"redirect to another scheme": redirect("https://127.0.0.1:80/v2/droplets/7"),

		"context done before": {ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, c := context.WithCancel(ctx)
			c()
			return ctx, c
		}, handler: hang, want: canceled, by: noRequests()},
		"context done during the request":  {ctx: cancelAfter(time.Second), handler: hang, want: canceled, by: contextDone(time.Second, true)},
		"context done during the body":     {ctx: cancelAfter(time.Second), handler: partialBody(func(r *http.Request) { <-r.Context().Done() }), want: canceled, by: contextDone(time.Second, true)},
		"context done during a poll delay": {ctx: cancelAfter(7 * time.Second), handler: inProgress, want: canceled, by: contextDoneWhilePolling(7 * time.Second), polls: true},
		"context done during the delay":    {ctx: cancelAfter(time.Second), handler: status(429, "{}", "Retry-After: 30"), want: canceled, by: contextDone(time.Second, false)},
	}
	for _, code := range []int{500, 502, 503, 504} {
		out[strconv.Itoa(code)] = fault{handler: status(code, `{"id":"server_error","message":"Unexpected server-side error"}`), want: server, by: transientFailure(0)}
	}
	for code, kind := range map[int]error{401: droplets.ErrUnauthorized, 403: droplets.ErrForbidden, 404: droplets.ErrNotFound,
		409: droplets.ErrConflict, 422: droplets.ErrUnprocessable} {
		out[strconv.Itoa(code)] = fault{handler: status(code, `{"id":"x","message":"no"}`), want: is(kind), by: finalResponse(false), forbidden: code == 403,
			notFound: code == 404}
	}
	return out
}

const duplicateKeys = `{"droplet":{"id":1,"id":2},"droplet":{"id":3},"action":{"id":1,"status":"completed","id":2}}`

func noRequests() map[class]outcome {
	return map[class]outcome{reads: {}, deletes: {}, posts: {}, waits: {}}
}

// closedConnection is the outcome if the server closes every connection without reading the request.
func closedConnection() map[class]outcome {
	out := transientFailure(0)
	for c, o := range out {
		o.requests, o.dials = 0, o.requests
		out[c] = o
	}
	return out
}

func writeZeros(w http.ResponseWriter, megabytes int) {
	chunk := make([]byte, 1<<20)
	for range megabytes {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// TestFaults combines every method with every fault. It checks the number of requests that reach the server, the error, the
// time, and that no secret leaks. A leaked goroutine would keep its synctest bubble from ending.
func TestFaults(t *testing.T) {
	t.Parallel()
	apiLines := documentedCalls(t)
	var cells atomic.Int32
	t.Run("matrix", func(t *testing.T) {
		for name, f := range faults() {
			for i, m := range methods(t) {
				if droplets.RaceDetector && (len(name)+i)%2 == 1 {
					continue
				}
				if f.polls && classOf(m.name, apiLines[m.name]) != waits {
					continue
				}
				t.Run(name+"/"+m.name, func(t *testing.T) {
					t.Parallel()
					cells.Add(1)
					virtualtime.Test(t, func(t *testing.T) { testFault(t, f, m, classOf(m.name, apiLines[m.name])) })
				})
			}
		}
	})
	t.Logf("%d faults, %d methods: %d cells", len(faults()), len(methods(t)), cells.Load())
}

func testFault(t *testing.T, f fault, m method, c class) {
	n := newNetwork(t, f.handler)
	if f.network != nil {
		f.network(n)
	}
	n.server.Start()
	base := "http://127.0.0.1:80"
	if f.tls {
		base = "https://127.0.0.1:80"
	}
	client := n.client(t, base)
	ctx := t.Context()
	if f.ctx != nil {
		var cancel context.CancelFunc
		ctx, cancel = f.ctx(ctx)
		defer cancel()
	}
	if f.usable {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Hour) // for a waiter whose condition is never met
		defer cancel()
	}
	want := f.by[c]
	if m.name == waitForActions && f.forbidden {
		want.requests += len(sampleActions(t)) // without the scope for the account's actions it polls each action by itself
	}
	if m.name == ensureSSHKey && f.notFound {
		want.requests++ // a key that is not found is created
	}
	var resp droplets.Response
	start := time.Now()
	result, err := m.call(ctx, client, droplets.CaptureResponse(&resp))
	took := time.Since(start)

	dials, hosts := n.dials()
	for _, host := range hosts {
		assert.Equal(t, "127.0.0.1:80", host)
	}
	if want.dials > 0 {
		assert.Equal(t, want.dials, dials, "dials")
	}
	if f.usable && (errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*droplets.StepError))) {
		return
	}
	if err == nil && m.name == waitForDeleted {
		require.True(t, f.notFound)
		require.Equal(t, http.StatusNotFound, resp.StatusCode, "the 404 is the result that it waits for")
		return
	}
	if err == nil {
		require.True(t, f.usable && result != nil, "the call succeeded with %v", result)
		return
	}
	assert.True(t, f.want(err), "%v", err)
	if want.requests >= 0 {
		assert.EqualValues(t, want.requests, n.requests.Load(), "requests")
	}
	assert.Equal(t, want.uncertain, errors.Is(err, droplets.ErrMaybeApplied), "uncertain: %v", err)
	assert.GreaterOrEqual(t, took, want.minTime)
	assert.LessOrEqual(t, took, want.maxTime)
	if !f.polls { // a waiter returns the last observed state with the error
		assertNoResult(t, m, result)
	}
	for _, value := range []any{err, resp, client} {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", value, value, value), testToken)
	}
}
