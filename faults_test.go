package droplets_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// class is what a method does first, which decides what may be sent again.
type class int

const (
	reads class = iota
	deletes
	posts
	waits // reads until something has happened
)

func classOf(name string, said []string) class {
	if len(said) == 0 {
		return reads // TestOperations says what is missing
	}
	verb, _, _ := strings.Cut(said[0], " ")
	switch {
	case strings.Contains(name, ".Wait") || strings.Contains(name, ".Watch"):
		return waits
	case verb == http.MethodDelete:
		return deletes
	case verb == http.MethodPost:
		return posts
	}
	return reads
}

// outcome is what a fault has to lead to.
type outcome struct {
	requests  int // that reach the server; -1 where that is not counted
	dials     int // 0 where they are not counted
	uncertain bool
	least     time.Duration
	most      time.Duration
}

// fault is one way for a call to go wrong, for good.
type fault struct {
	handler http.HandlerFunc
	network func(*network)
	tls     bool
	ctx     func(context.Context) (context.Context, context.CancelFunc)
	want    func(error) bool
	// polls is true for what only a wait can meet.
	polls bool
	// forbidden is true for a 403.
	forbidden bool
	// usable is true where the answer has a meaning after all.
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

func anyError(err error) bool { return err != nil }

// The outcomes that faults share. The backoff of three retries is 1.75 to 3.5 s, three failed looks are 8.5 to 9.5 s.
const (
	backoffLeast, backoffMost = 1750 * time.Millisecond, 3500 * time.Millisecond
	looksLeast, looksMost     = 8550 * time.Millisecond, 9500 * time.Millisecond
)

// settled is an answer that nobody sends again for.
func settled(uncertainChange bool) map[class]outcome {
	return map[class]outcome{reads: {requests: 1}, waits: {requests: 1}, deletes: {requests: 1, uncertain: uncertainChange},
		posts: {requests: 1, uncertain: uncertainChange}}
}

// passing is a failure that reads and deletes are sent again for, each attempt taking that long.
func passing(attempt time.Duration) map[class]outcome {
	resent := outcome{requests: 4, least: 4*attempt + backoffLeast, most: 4*attempt + backoffMost}
	deleted := resent
	deleted.uncertain = true
	return map[class]outcome{reads: resent, deletes: deleted,
		posts: {requests: 1, uncertain: true, least: attempt, most: attempt},
		waits: {requests: 16, least: 4*(4*attempt+backoffLeast) + looksLeast, most: 4*(4*attempt+backoffMost) + looksMost}}
}

// refused is a 429 that everything is sent again for, after a delay within these bounds.
func refused(least, most time.Duration) map[class]outcome {
	resent := outcome{requests: 4, least: 3 * least, most: 3 * most}
	return map[class]outcome{reads: resent, deletes: resent, posts: resent,
		waits: {requests: 16, least: 12*least + 0, most: 12*most + looksMost + 4*most}}
}

// refusedUntil is a 429 that names a delay of five seconds, for as long as the context lasts: 18 s. Such a 429 does not
// consume a retry.
func refusedUntil() map[class]outcome {
	resent := outcome{requests: 4, least: 14 * time.Second, most: 15 * time.Second}
	return map[class]outcome{reads: resent, deletes: resent, posts: resent,
		waits: {requests: 4, least: 14 * time.Second, most: 18 * time.Second}}
}

// notWaitedFor is a 429 whose delay is too long: it comes back at once.
func notWaitedFor() map[class]outcome {
	return map[class]outcome{reads: {requests: 1}, deletes: {requests: 1}, posts: {requests: 1},
		waits: {requests: 4, least: looksLeast, most: looksMost}}
}

// unreached is a failure before anything was sent.
func unreached(dials int) map[class]outcome {
	if dials == 1 {
		one := outcome{dials: 1}
		return map[class]outcome{reads: one, deletes: one, posts: one, waits: one}
	}
	four := outcome{dials: dials, least: backoffLeast, most: backoffMost}
	return map[class]outcome{reads: four, deletes: four, posts: four,
		waits: {dials: 4 * dials, least: 4*backoffLeast + looksLeast, most: 4*backoffMost + looksMost}}
}

// ends is a context that ends while the first request is under way, or the pause after it.
func ends(after time.Duration, uncertainChange bool) map[class]outcome {
	out := settled(uncertainChange)
	for c, o := range out {
		o.least, o.most = after, after
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

// limited is a 429 with a Retry-After or a reset that depends on the time of the answer.
func limited(header func(now time.Time) [2]string) http.HandlerFunc {
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

// underWay answers every look of a wait with something that has not ended.
func underWay(w http.ResponseWriter, r *http.Request) {
	body := `{"action":{"id":3169590176,"status":"in-progress"},"actions":[],"meta":{"total":0},"droplet":{"id":500000001,"status":"new"}}`
	if strings.HasSuffix(r.URL.Path, "/status") {
		body = `{"droplet":{"id":"500000001"}}`
	}
	_, _ = w.Write([]byte(body))
}

// cutShort is a wait whose context ends while it goes well.
func cutShort(after time.Duration) map[class]outcome {
	return map[class]outcome{waits: {requests: -1, least: after, most: after}}
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func partly(after func(*http.Request)) http.HandlerFunc {
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
		return fault{handler: status(302, "", "Location: "+target), by: settled(false), want: func(err error) bool {
			var e *droplets.Error
			return errors.As(err, &e) && e.StatusCode == 302
		}}
	}
	out := map[string]fault{
		"429 with seconds": {ctx: within(18 * time.Second), handler: limited(func(time.Time) [2]string { return [2]string{"Retry-After", "5"} }), want: late, by: refusedUntil()},
		"429 with a date": {ctx: within(18 * time.Second), handler: limited(func(now time.Time) [2]string {
			return [2]string{"Retry-After", now.Add(seconds).UTC().Format(http.TimeFormat)}
		}), want: late, by: refusedUntil()},
		"429 with nothing":             {handler: limited(nil), want: limit, by: refused(backoffLeast/7, backoffMost*4/7)},
		"429 with a reset to come":     {ctx: within(18 * time.Second), handler: limited(resetIn(seconds)), want: late, by: refusedUntil()},
		"429 with a reset in the past": {handler: limited(resetIn(-time.Hour)), want: limit, by: refused(backoffLeast/7, backoffMost*4/7)},
		"429 with a reset far away":    {handler: limited(resetIn(1e5 * time.Hour)), want: limit, by: notWaitedFor()},
		"429 with an absurd delay":     {handler: limited(func(time.Time) [2]string { return [2]string{"Retry-After", "99999999999999999999"} }), want: limit, by: notWaitedFor()},

		"connection refused":         {network: func(n *network) { n.refuse = true }, want: anyError, by: unreached(4)},
		"TLS spoken to plain HTTP":   {tls: true, handler: status(200, "{}"), want: anyError, by: unreached(4)},
		"reset before it was read":   {network: func(n *network) { n.hangUp = true }, want: anyError, by: unread()},
		"reset after it was read":    {handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, want: anyError, by: passing(0)},
		"reset in the body":          {handler: partly(func(*http.Request) {}), want: anyError, by: passing(0)},
		"attempt timeout":            {handler: hang, want: anyError, by: passing(time.Minute)},
		"a body that never ends":     {handler: partly(func(r *http.Request) { <-r.Context().Done() }), want: anyError, by: passing(time.Minute)},
		"a body over the cap":        {handler: func(w http.ResponseWriter, _ *http.Request) { writeZeros(w, 20) }, want: is(droplets.ErrResponseTooLarge), by: settled(true)},
		"a gzip bomb":                {handler: status(200, string(bomb), "Content-Encoding: gzip", "Content-Type: application/json"), want: is(droplets.ErrResponseTooLarge), by: settled(true)},
		"HTML":                       {handler: status(200, "<html>hello</html>"), want: invalid, by: settled(true)},
		"an empty body":              {handler: status(200, ""), want: invalid, by: settled(true)},
		"an empty object":            {handler: status(200, "{}"), want: invalid, by: settled(true)},
		"a truncated object":         {handler: status(200, `{"droplet":{"id":1,`), want: invalid, by: settled(true)},
		"wrong types":                {handler: status(200, wrongTypes), want: invalid, by: settled(true)},
		"deep nesting":               {handler: status(200, strings.Repeat(`{"droplet":`, 1e5)), want: invalid, by: settled(true)},
		"duplicate keys":             {handler: status(200, duplicateKeys), want: invalid, by: settled(true), usable: true},
		"redirect to the same host":  redirect("/v2/droplets/7"),
		"redirect to another host":   redirect("http://127.0.0.2:81/v2/droplets/7"),
		"redirect to another scheme": redirect("https://127.0.0.1:80/v2/droplets/7"),

		"context ended before": {ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, c := context.WithCancel(ctx)
			c()
			return ctx, c
		}, handler: hang, want: canceled, by: unsent()},
		"context ends in the request":   {ctx: cancelAfter(time.Second), handler: hang, want: canceled, by: ends(time.Second, true)},
		"context ends in the body":      {ctx: cancelAfter(time.Second), handler: partly(func(r *http.Request) { <-r.Context().Done() }), want: canceled, by: ends(time.Second, true)},
		"context ends during a poll":    {ctx: cancelAfter(7 * time.Second), handler: underWay, want: canceled, by: cutShort(7 * time.Second), polls: true},
		"context ends during the pause": {ctx: cancelAfter(time.Second), handler: status(429, "{}", "Retry-After: 30"), want: canceled, by: ends(time.Second, false)},
	}
	for _, code := range []int{500, 502, 503, 504} {
		out[strconv.Itoa(code)] = fault{handler: status(code, `{"id":"server_error","message":"Unexpected server-side error"}`), want: server, by: passing(0)}
	}
	for code, kind := range map[int]error{401: droplets.ErrUnauthorized, 403: droplets.ErrForbidden, 404: droplets.ErrNotFound,
		409: droplets.ErrConflict, 422: droplets.ErrUnprocessable} {
		out[strconv.Itoa(code)] = fault{handler: status(code, `{"id":"x","message":"no"}`), want: is(kind), by: settled(false), forbidden: code == 403}
	}
	return out
}

const duplicateKeys = `{"droplet":{"id":1,"id":2},"droplet":{"id":3},"action":{"id":1,"status":"completed","id":2}}`

func unsent() map[class]outcome {
	return map[class]outcome{reads: {}, deletes: {}, posts: {}, waits: {}}
}

// unread is a connection that closes at once: what was written to it is nobody's knowledge.
func unread() map[class]outcome {
	out := passing(0)
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

// TestFaults gives every method every fault: how many requests reached the server, what came back, how long it took,
// and that nothing leaked. A goroutine that stays would keep its bubble from ending.
func TestFaults(t *testing.T) {
	t.Parallel()
	said := documentedCalls(t)
	var cells atomic.Int32
	t.Run("matrix", func(t *testing.T) {
		for name, f := range faults() {
			for _, m := range methods(t) {
				if f.polls && classOf(m.name, said[m.name]) != waits {
					continue
				}
				t.Run(name+"/"+m.name, func(t *testing.T) {
					t.Parallel()
					cells.Add(1)
					synctest.Test(t, func(t *testing.T) { testFault(t, f, m, classOf(m.name, said[m.name])) })
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
		ctx, cancel = context.WithTimeout(ctx, time.Hour) // for a wait that sees what is not what it waits for
		defer cancel()
	}
	want := f.by[c]
	if m.name == waitForActions && f.forbidden {
		want.requests++ // without the scope for the account's actions it asks for each by itself
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
		require.ErrorIs(t, &droplets.Error{StatusCode: resp.StatusCode}, droplets.ErrNotFound, "that is what it waits for")
		return
	}
	if err == nil {
		require.True(t, f.usable && result != nil, "it succeeded with %v", result)
		return
	}
	assert.True(t, f.want(err), "%v", err)
	if want.requests >= 0 {
		assert.EqualValues(t, want.requests, n.requests.Load(), "requests")
	}
	assert.Equal(t, want.uncertain, errors.Is(err, droplets.ErrMaybeApplied), "uncertain: %v", err)
	assert.GreaterOrEqual(t, took, want.least)
	assert.LessOrEqual(t, took, want.most)
	if !f.polls { // the last state seen comes beside the error
		assertNoResult(t, m, result)
	}
	for _, value := range []any{err, resp, client} {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", value, value, value), testToken)
	}
}
