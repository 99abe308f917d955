package dropletstest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Match selects requests. A request matches if it satisfies all fields that are set. The zero Match matches every request.
type Match struct {
	// Operation is the API's id of the operation, such as "droplets_create".
	Operation string
	// Method is the HTTP method.
	Method string
	// Path is a pattern for the path of the URL, such as "/v2/droplets/*/actions"; see [path.Match].
	Path string
	// BodyContains is a text that the body of the request contains.
	BodyContains string
	// Func reports whether the request matches. It may read the body of the request. It is called while the API is locked, and must
	// not call methods of the API.
	Func func(*http.Request) bool
}

// Fault changes how the API responds to a request. The zero Fault changes nothing.
type Fault struct {
	// Applied makes the API process the request before the fault, so that the request takes effect and only the response is
	// lost or replaced. If it is false, the API does not process the request if Status is set or Break is BreakAnswer. With
	// BreakDial, the API never processes the request.
	Applied bool
	// Delay is the time until the response, by the clock of the API. If Applied is true, the API processes the request before the
	// delay, otherwise after it. If the request's context ends during the delay, the request ends without a response.
	Delay time.Duration
	// Status replaces the response with one that has this status. 0 keeps the response of the API.
	Status int
	// Header is added to the response and replaces headers of the same names. An empty list of values removes a header.
	Header http.Header
	// Body replaces the body of the response. If Body is empty and Status is set, the body is the API's error body for
	// statuses of 400 and above, and empty for others.
	Body string
	// Break breaks the connection.
	Break Break
}

// Break is the point at which a connection breaks.
type Break int

const (
	// BreakNone sends the complete response.
	BreakNone Break = iota
	// BreakAnswer breaks the connection before the first byte of the response.
	BreakAnswer
	// BreakBody breaks the connection after the header and half of the body. The API processes the request, unless Status is set
	// and Applied is false.
	BreakBody
	// BreakDial refuses the connection. The request does not arrive and is not in [API.Requests]. On a socket, where the
	// connection exists already, it breaks the connection like [BreakAnswer].
	BreakDial
)

// PlannedFault is a fault that [API.Respond] planned.
type PlannedFault struct {
	Match Match
	Fault Fault
	// Remaining is the number of requests that the fault still applies to; negative for all.
	Remaining int
}

// Respond plans a fault for the next n requests that match; if n is negative, for all of them; if n is 0, for none. Faults are
// checked in the order in which they were planned. At most one fault applies to a request.
//
// Faults do not change [WithRateLimit], [WithLag], [API.FailNextAction] and [API.FailNextDestroy]: with the last two, the API
// accepts a request and the operation fails later.
func (a *API) Respond(n int, m Match, f Fault) {
	f.Header = f.Header.Clone()
	a.mu.Lock()
	defer a.mu.Unlock()
	if n != 0 {
		a.faults = append(a.faults, &PlannedFault{m, f, n})
	}
}

// Faults returns copies of the faults that are planned, in the order in which they are checked.
func (a *API) Faults() []PlannedFault {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.plannedFaults()
}

func (s *state) plannedFaults() []PlannedFault {
	all := make([]PlannedFault, len(s.faults))
	for i, f := range s.faults {
		all[i] = *f
		all[i].Fault.Header = f.Fault.Header.Clone()
	}
	return all
}

// ClearFaults removes all faults that [API.Respond] planned. It returns the number of requests for which faults were still planned;
// faults for all requests do not count. 0 means that each fault was used as often as planned.
func (a *API) ClearFaults() (unused int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.faults {
		unused += max(f.Remaining, 0)
	}
	a.faults = nil
	return unused
}

// takeFault returns the first fault that matches the request and counts its use. It returns the zero Fault if none matches.
func (a *API) takeFault(c *call) Fault {
	for i, f := range a.faults {
		if !f.Match.matches(c) {
			continue
		}
		if f.Remaining > 0 {
			f.Remaining--
		}
		if f.Remaining == 0 {
			a.faults = slices.Delete(a.faults, i, i+1)
		}
		return f.Fault
	}
	return Fault{}
}

func (m Match) matches(c *call) bool {
	if m.Operation != "" && m.Operation != c.operation() || m.Method != "" && !strings.EqualFold(m.Method, c.req.Method) {
		return false
	}
	if m.Path != "" {
		if ok, err := path.Match(m.Path, path.Clean(c.req.URL.Path)); err != nil || !ok {
			return false
		}
	}
	if !bytes.Contains(c.body, []byte(m.BodyContains)) {
		return false
	}
	if m.Func == nil {
		return true
	}
	r := c.req.Clone(c.req.Context())
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	return m.Func(r)
}

// replacesAPI reports whether the fault responds instead of the API.
func (f Fault) replacesAPI() bool { return f.Status != 0 || f.Break == BreakAnswer }

// faultResponse returns the response for the status of a fault.
func (a *API) faultResponse(c *call, f Fault) response {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.now = a.config.clock.Now()
	if f.Status < http.StatusBadRequest {
		return a.encodeResponse(c, result{status: f.Status}, nil)
	}
	message := http.StatusText(f.Status)
	if f.Status >= http.StatusInternalServerError {
		message = "Unexpected server-side error"
	}
	return a.encodeResponse(c, result{}, newAPIError(f.Status, "%s", message))
}

// override replaces the header and the body of a response with those of the fault.
func (f Fault) override(resp *response) {
	if f.Body != "" {
		resp.body = []byte(f.Body)
	}
	for name, values := range f.Header {
		name = http.CanonicalHeaderKey(name)
		if len(values) == 0 {
			delete(resp.header, name)
			continue
		}
		if resp.header == nil {
			resp.header = make(http.Header)
		}
		resp.header[name] = values
	}
}

// abort breaks the connection. In process, the transport returns err; on a socket, the server closes the connection.
func abort(w http.ResponseWriter, err error) {
	rec, inProcess := w.(*recorder)
	if !inProcess {
		panic(http.ErrAbortHandler)
	}
	rec.connErr = err
}

// err returns the error of a client whose connection breaks at this point.
func (b Break) err() error {
	switch b {
	case BreakDial:
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case BreakBody:
		return io.ErrUnexpectedEOF
	default:
		return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
}
