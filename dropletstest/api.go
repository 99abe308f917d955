package dropletstest

import (
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/droplets-go/droplets"
)

// Token is the bearer token that an API accepts unless [WithToken] names another.
const Token = "dropletstest-token"

// baseURL names a host that can not exist (RFC 2606), so that a request that escapes the in-process transport goes
// nowhere.
const baseURL = "https://dropletstest.invalid"

// API is the model. It is an [http.Handler], to be served by [net/http/httptest.NewServer] where a test needs a
// socket; [API.Client] needs none. It is safe for concurrent use.
//
// Nothing runs in the background. What time brings about (an action's end, a Droplet's address) is settled when the
// API is next looked at, in the order and with the times at which it fell due, so that it never matters how often
// somebody looks. Time is [time.Now]: inside a testing/synctest bubble it is the bubble's.
type API struct {
	config config

	mu sync.Mutex
	state
}

// New returns an API that holds a catalogue of regions, sizes and images, and no Droplets unless an option puts some in.
func New(opts ...Option) *API {
	a := &API{config: newConfig(opts)}
	a.state.init()
	a.seed(a.config.droplets)
	return a
}

// Client returns a client of this API that works in process, without a socket and without goroutines. The options
// come after its own, which set the token's transport and the base URL. It panics when they are not valid.
func (a *API) Client(opts ...droplets.Option) *droplets.Client {
	own := []droplets.Option{
		droplets.WithBaseURL(baseURL),
		droplets.WithHTTPClient(&http.Client{Transport: a.Transport()}),
	}
	c, err := droplets.NewClient(a.config.token, append(own, opts...)...)
	if err != nil {
		panic("dropletstest: " + err.Error())
	}
	return c
}

// maxBody is far above what any operation takes.
const maxBody = 2 << 20

// ServeHTTP answers a request as the API would, or as a fault has it.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return // whoever asked has gone in the middle of it
	}
	c, f := a.receive(r, body)
	if f.Break == BreakDial {
		abort(w, f.Break)
		return
	}
	rep, answered := a.respond(c, f)
	a.settleRequest(c, rep, answered && f.Break != BreakAnswer)
	switch {
	case !answered || f.Break == BreakAnswer:
		abort(w, f.Break)
	case f.Break == BreakBody:
		rep.writeHalf(w)
		abort(w, f.Break)
	default:
		rep.write(w, r)
	}
}

// receive finds out what a request is for and whether a fault was planned for it.
func (a *API) receive(r *http.Request, body []byte) (*call, Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &call{req: r, query: r.URL.Query(), body: body, id: a.nextRequestID(), began: time.Now()}
	c.route = findRoute(c)
	f := a.takeFault(c)
	if f.Break != BreakDial {
		a.remember(c)
	}
	return c, f
}

// respond lets the API act, or the fault instead of it. It is false when whoever asked has gone meanwhile.
func (a *API) respond(c *call, f Fault) (reply, bool) {
	var rep reply
	if f.Applied {
		rep = a.perform(c)
	}
	if !pause(c.req.Context(), f.Delay) {
		return reply{}, false
	}
	if !f.Applied && !f.replaces() {
		rep = a.perform(c)
	}
	if f.Status != 0 {
		rep = a.faulty(c, f)
	}
	f.dress(&rep)
	return rep, true
}

// perform acts on a request, whole, at one moment in time.
func (a *API) perform(c *call) reply {
	c.now = a.lockNow()
	defer a.mu.Unlock()
	ans, no := a.operate(c)
	return a.reply(c, ans, no)
}

// operate refuses what never reaches an operation, and lets the operation answer the rest.
func (a *API) operate(c *call) (answer, *refusal) {
	if c.req.Header.Get("Authorization") != "Bearer "+a.config.token {
		return answer{}, unauthorized
	}
	if no := a.limiter.admit(c.now, a.config.limits); no != nil {
		return answer{}, no
	}
	if len(c.body) > maxBody {
		return answer{}, tooLarge
	}
	if c.route == nil {
		return answer{}, c.unrouted
	}
	return c.route.handle(a, c)
}

// lockNow takes the lock and settles what has fallen due. The caller unlocks.
func (a *API) lockNow() time.Time {
	a.mu.Lock()
	now := time.Now()
	a.settle(now)
	return now
}
