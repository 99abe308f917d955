package dropletstest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Match tells which requests a fault is for: those that fit all of its fields that are set. The zero Match fits every
// request.
type Match struct {
	// Operation is the API's own id of the operation, such as "droplets_create".
	Operation string
	// Method is the HTTP method.
	Method string
	// Path is the URL's path, such as "/v2/droplets/*/actions", by the rules of [path.Match].
	Path string
	// Func looks at the request itself, whose body it may read. It must not use the API.
	Func func(*http.Request) bool
}

// Fault is what happens to a request instead of, or beside, the API's own answer. The zero Fault changes nothing.
type Fault struct {
	// Applied lets the API act on the request first, so that its effect is there and the answer alone is lost or
	// replaced. Without it, a fault that has a Status or breaks before the answer keeps the request from the API
	// altogether.
	Applied bool
	// Delay is how long the answer takes. With Applied it comes after the API has acted, otherwise before; a context
	// that ends meanwhile ends the request there.
	Delay time.Duration
	// Status replaces the answer by one with this status.
	Status int
	// Header is added to the answer, and replaces what the answer has under the same name. An empty list of values
	// takes the name away.
	Header http.Header
	// Body replaces the answer's body. Where it is empty and there is a Status, the body is the API's error body
	// for a status of 400 and above, and nothing below.
	Body string
	// Break breaks the connection.
	Break Break
}

// Break is where a connection breaks.
type Break int

const (
	// BreakNone sends the answer whole.
	BreakNone Break = iota
	// BreakAnswer breaks the connection before the first byte of the answer.
	BreakAnswer
	// BreakBody breaks it after the header and half of the body. Where there is no Status the API has acted.
	BreakBody
	// BreakDial refuses the connection, so that the request never arrives and is not among [API.Requests]. Over a
	// socket, where the connection is there already, it is as [BreakAnswer].
	BreakDial
)

type fault struct {
	Fault
	match Match
	left  int // negative for any number
}

// Respond plans a fault for the next n requests that match; a negative n is for all of them. Faults are tried in the
// order in which they were planned, and one request takes one.
//
// It is independent of [API.FailNextAction] and [API.FailNextDestroy], after which the API answers well and what it
// was asked to do fails later, and of [WithRateLimit] and [WithLag].
func (a *API) Respond(n int, m Match, f Fault) {
	f.Header = f.Header.Clone()
	a.mu.Lock()
	defer a.mu.Unlock()
	if n != 0 {
		a.faults = append(a.faults, &fault{Fault: f, match: m, left: n})
	}
}

// ClearFaults takes back every fault that [API.Respond] planned, and tells how many were left that had a number: 0
// when each was used.
func (a *API) ClearFaults() (unused int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.faults {
		unused += max(f.left, 0)
	}
	a.faults = nil
	return unused
}

// takeFault uses up the first fault that the request fits; the zero Fault when there is none.
func (a *API) takeFault(c *call) Fault {
	for i, f := range a.faults {
		if !f.match.fits(c) {
			continue
		}
		if f.left > 0 {
			f.left--
		}
		if f.left == 0 {
			a.faults = slices.Delete(a.faults, i, i+1)
		}
		return f.Fault
	}
	return Fault{}
}

func (m Match) fits(c *call) bool {
	if m.Operation != "" && m.Operation != c.operation() || m.Method != "" && !strings.EqualFold(m.Method, c.req.Method) {
		return false
	}
	if m.Path != "" {
		if ok, err := path.Match(m.Path, path.Clean(c.req.URL.Path)); err != nil || !ok {
			return false
		}
	}
	if m.Func == nil {
		return true
	}
	r := c.req.Clone(c.req.Context())
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	return m.Func(r)
}

// replaces tells whether the fault stands in for the API.
func (f Fault) replaces() bool { return f.Status != 0 || f.Break == BreakAnswer }

// faulty is the answer that a fault gives itself.
func (a *API) faulty(c *call, f Fault) reply {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.now = time.Now()
	if f.Status < http.StatusBadRequest {
		return a.reply(c, answer{status: f.Status}, nil)
	}
	message := http.StatusText(f.Status)
	if f.Status >= http.StatusInternalServerError {
		message = "Unexpected server-side error"
	}
	return a.reply(c, answer{}, refuse(f.Status, "%s", message))
}

// dress puts the fault's header and body on an answer.
func (f Fault) dress(rep *reply) {
	if f.Body != "" {
		rep.body = []byte(f.Body)
	}
	for name, values := range f.Header {
		name = http.CanonicalHeaderKey(name)
		if len(values) == 0 {
			delete(rep.header, name)
			continue
		}
		if rep.header == nil {
			rep.header = make(http.Header)
		}
		rep.header[name] = values
	}
}

// pause waits, unless the context ends before.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// writeHalf sends the header of the whole answer and half of its body.
func (rep reply) writeHalf(w http.ResponseWriter) {
	rep.writeHeader(w)
	_, _ = w.Write(rep.body[:len(rep.body)/2]) // whoever asked has gone
	_ = http.NewResponseController(w).Flush()  // what can not be flushed is cut shorter still
}

// abort breaks the connection: in process with the error that a connection would have, over a socket by closing it.
func abort(w http.ResponseWriter, where Break) {
	rec, inProcess := w.(*recorder)
	if !inProcess {
		panic(http.ErrAbortHandler)
	}
	switch where {
	case BreakDial:
		rec.broken = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case BreakBody:
		rec.broken = io.ErrUnexpectedEOF
	default:
		rec.broken = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
}
