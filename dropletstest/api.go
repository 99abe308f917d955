package dropletstest

import (
	"cmp"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/droplets-go/droplets"
)

// Token is the bearer token of [API.Client] unless [WithToken] sets another one.
const Token = "dropletstest-token"

// baseURL has a host name that never resolves (RFC 2606). A request that bypasses the in-process transport fails.
const baseURL = "https://dropletstest.invalid"

// API is an in-memory fake of the Droplets API. It implements [http.Handler], so that a test that needs a socket can serve it
// with [net/http/httptest.NewServer]; [API.Client] needs no socket. It is safe for concurrent use.
//
// It starts no goroutines. State changes such as the end of an action take effect when the next request arrives or the
// next method reads the state, in the order and with the times at which they were due. The result does not depend on
// how often a client polls. The clock is [time.Now] unless [WithClock] sets another; inside a testing/synctest bubble, that is the
// clock of the bubble.
type API struct {
	config config

	mu sync.Mutex
	state
}

// New returns an API with a catalog of regions, sizes and images. It has no Droplets unless an option adds some.
func New(opts ...Option) *API {
	a := &API{config: newConfig(opts)}
	a.state.init()
	a.seed(a.config.seedCount)
	return a
}

// Client returns a client that calls this API in process, without sockets or goroutines. It sets the token, the base URL
// and the HTTP client before it applies opts. It panics if an option is invalid.
func (a *API) Client(opts ...droplets.Option) *droplets.Client {
	defaults := []droplets.Option{
		droplets.WithBaseURL(baseURL),
		droplets.WithHTTPClient(&http.Client{Transport: a.Transport()}),
	}
	c, err := droplets.NewClient(cmp.Or(a.config.token, Token), append(defaults, opts...)...)
	if err != nil {
		panic("dropletstest: " + err.Error())
	}
	return c
}

// maxBody is the largest request body in bytes. It is far above what any operation needs.
const maxBody = 2 << 20

// ServeHTTP responds to a request as the API would, or with the fault that [API.Respond] planned for it. It panics
// with [http.ErrAbortHandler] if a fault breaks the connection, if the request's context ends during the delay of a fault, or if the
// body of the request cannot be read: a server then closes the connection. A request without a complete body is not processed or
// recorded.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		abort(w, err) // usually the client disconnected
		return
	}
	c, f := a.receive(r, body)
	if f.Break == BreakDial {
		abort(w, f.Break.err())
		return
	}
	resp, ok := a.handle(c, f)
	a.finishRequest(c, resp, ok && f.Break != BreakAnswer)
	switch {
	case !ok || f.Break == BreakAnswer:
		abort(w, f.Break.err())
	case f.Break == BreakBody:
		resp.writePartial(w)
		abort(w, f.Break.err())
	default:
		resp.write(w, r)
	}
}

// receive finds the route of a request and the fault that applies to it, and records the request.
func (a *API) receive(r *http.Request, body []byte) (*call, Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &call{req: r, query: r.URL.Query(), body: body, id: a.nextRequestID(), receivedAt: a.config.clock.Now()}
	c.route = findRoute(c)
	f := a.takeFault(c)
	if f.Break != BreakDial {
		a.recordRequest(c)
	}
	return c, f
}

// handle processes a request and applies the fault to the response. It returns false if the request's context ended
// during the delay of the fault.
func (a *API) handle(c *call, f Fault) (response, bool) {
	var resp response
	if f.Applied {
		resp = a.process(c)
	}
	if !a.config.clock.sleep(c.req.Context(), f.Delay) {
		return response{}, false
	}
	if !f.Applied && !f.replacesAPI() {
		resp = a.process(c)
	}
	if f.Status != 0 {
		resp = a.faultResponse(c, f)
	}
	f.override(&resp)
	return resp, true
}

// process applies a request to the state and encodes the response. It holds the lock throughout.
func (a *API) process(c *call) response {
	c.now = a.lockAndApplyDue()
	defer a.mu.Unlock()
	res, apiErr := a.dispatch(c)
	return a.encodeResponse(c, res, apiErr)
}

// dispatch calls the handler of the route. It rejects requests without a valid token, above the rate limit, with a body
// that is too large, and without a route, and changes of an account that has no more ids.
func (a *API) dispatch(c *call) (result, *apiError) {
	if !a.config.accepts(c.req.Header.Get("Authorization")) {
		return result{}, unauthorized
	}
	if apiErr := a.limiter.admit(c.now, a.config.limits); apiErr != nil {
		return result{}, apiErr
	}
	if len(c.body) > maxBody {
		return result{}, tooLarge
	}
	if c.route == nil {
		return result{}, c.routeError
	}
	if c.req.Method != http.MethodGet && c.req.Method != http.MethodHead {
		if apiErr := a.checkIDs(); apiErr != nil {
			return result{}, apiErr
		}
	}
	return c.route.handle(a, c)
}

// lockAndApplyDue acquires the lock, applies the events that are due, and returns the current time. The caller unlocks.
func (a *API) lockAndApplyDue() time.Time {
	a.mu.Lock()
	now := a.config.clock.Now()
	a.applyDue(now)
	return now
}
