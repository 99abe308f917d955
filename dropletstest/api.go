// Package dropletstest is an in-memory model of DigitalOcean's Droplets API for tests. It behaves: Droplets become
// active, actions take their time, a second one is refused meanwhile, lists have pages, quotas run out.
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

// ServeHTTP answers a request as the API would.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body can not be read", http.StatusBadRequest)
		return
	}
	a.serve(r, body).write(w, r)
}

// serve acts on a request, whole, at one moment in time.
func (a *API) serve(r *http.Request, body []byte) reply {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	a.settle(now)
	c := &call{req: r, query: r.URL.Query(), body: body, now: now, id: a.nextRequestID()}
	found := a.route(c)
	rep := a.answer(c, found)
	a.remember(c, rep)
	return rep
}

// answer refuses what never reaches an operation, and lets the operation answer the rest.
func (a *API) answer(c *call, found *route) reply {
	if !a.authorized(c.req) {
		return a.reply(c, answer{}, unauthorized)
	}
	if no := a.limiter.admit(c.now, a.config.limits); no != nil {
		return a.reply(c, answer{}, no)
	}
	if found == nil {
		return a.reply(c, answer{}, c.unrouted)
	}
	ans, no := found.handle(a, c)
	return a.reply(c, ans, no)
}

func (a *API) authorized(r *http.Request) bool {
	return r.Header.Get("Authorization") == "Bearer "+a.config.token
}
