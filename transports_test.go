package droplets_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// sentAction is an action that a client has requested.
type sentAction struct {
	typ    string
	at     time.Duration // since the start of the recording
	status int           // of the response; 0 if there was none
	// disturbed is true if the API's own response did not arrive.
	disturbed bool
}

// recorder records the requests of a client. respond may respond to a request itself; it returns nil, nil if it does not.
type recorder struct {
	next    http.RoundTripper
	respond func(n int, r *http.Request, body string) (*http.Response, error)
	start   time.Time

	mu      sync.Mutex
	n       int
	actions []sentAction
}

func (t *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	t.mu.Lock()
	t.n++
	n := t.n
	t.mu.Unlock()
	at := time.Since(t.start)
	var resp *http.Response
	var err error
	if t.respond != nil {
		resp, err = t.respond(n, r, string(body))
	}
	disturbed := resp != nil || err != nil
	if !disturbed {
		resp, err = t.next.RoundTrip(r)
	}
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/actions") {
		sent := sentAction{typ: actionType(string(body)), at: at, disturbed: disturbed}
		if resp != nil {
			sent.status = resp.StatusCode
		}
		t.mu.Lock()
		t.actions = append(t.actions, sent)
		t.mu.Unlock()
	}
	return resp, err
}

// count returns the number of requests.
func (t *recorder) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n
}

// accepted lists the types of the actions that the API accepted.
func (t *recorder) accepted() string {
	var types []string
	for _, a := range t.sent() {
		if a.status == http.StatusCreated {
			types = append(types, a.typ)
		}
	}
	return strings.Join(types, " ")
}

// first returns the first request for an action of the type.
func (t *recorder) first(tb testing.TB, typ string) sentAction {
	tb.Helper()
	for _, a := range t.sent() {
		if a.typ == typ {
			return a
		}
	}
	require.Fail(tb, "no "+typ+" was sent")
	return sentAction{}
}

func (t *recorder) sent() []sentAction {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]sentAction(nil), t.actions...)
}

func actionType(body string) string {
	_, rest, _ := strings.Cut(body, `"type":"`)
	typ, _, _ := strings.Cut(rest, `"`)
	return typ
}

// record returns a client of the fake whose requests are recorded.
func record(api *dropletstest.API, respond func(n int, r *http.Request, body string) (*http.Response, error)) (*recorder, *droplets.Client) {
	t := &recorder{next: api.Transport(), respond: respond, start: time.Now()}
	return t, api.Client(droplets.WithHTTPClient(&http.Client{Transport: t}))
}

// slowGuest is an operating system that needs time to shut down: the action of the API completes after action, and the Droplet is
// off after off; 0 is never. It responds to the shutdown and to the reads of its action itself.
type slowGuest struct {
	api         *dropletstest.API
	action, off time.Duration
	askedAt     time.Time
	isOff       bool
}

const slowGuestAction = 77

func (g *slowGuest) respond(_ int, r *http.Request, body string) (*http.Response, error) {
	asked := !g.askedAt.IsZero()
	if asked && g.off > 0 && !g.isOff && time.Since(g.askedAt) >= g.off {
		g.isOff = true
		turnOff(g.api) //nolint:contextcheck // the guest does it, not the request
	}
	switch {
	case r.Method == http.MethodPost && actionType(body) == "shutdown":
		// The fake accepts a rename of the Droplet to its own name, which changes nothing, if it accepts an action now.
		probe, err := g.api.Client().DropletActions.Rename(r.Context(), sampleID, droplets.RenameRequest{Name: g.api.Droplets()[0].Name})
		if err != nil {
			return respond(422, `{"id":"unprocessable_entity","message":"Droplet already has a pending event."}`)()
		}
		if _, err := g.api.Client().DropletActions.WaitForAction(r.Context(), sampleID, probe.ID); err != nil {
			return nil, err
		}
		g.askedAt = time.Now()
		return respond(201, g.shutdownAction())()
	case asked && strings.HasSuffix(r.URL.Path, fmt.Sprintf("/actions/%d", slowGuestAction)):
		return respond(200, g.shutdownAction())()
	}
	return nil, nil
}

func (g *slowGuest) shutdownAction() string {
	status := "in-progress"
	if g.action > 0 && time.Since(g.askedAt) >= g.action {
		status = "completed"
	}
	return fmt.Sprintf(`{"action":{"id":%d,"type":"shutdown","status":%q,"resource_id":%d,"resource_type":"droplet"}}`, slowGuestAction, status, sampleID)
}

// outage responds with 503 to every request for the length, from the time after the start on.
func outage(start time.Time, after, length time.Duration) func(int, *http.Request, string) (*http.Response, error) {
	return func(int, *http.Request, string) (*http.Response, error) {
		if d := time.Since(start); d >= after && d < after+length {
			return respond(503, "")()
		}
		return nil, nil
	}
}

// failAction responds to the n-th request for an action of the type with a fault; all if n is 0.
func failAction(typ string, n int, respond func() (*http.Response, error)) func(int, *http.Request, string) (*http.Response, error) {
	seen := 0
	return func(_ int, r *http.Request, body string) (*http.Response, error) {
		if r.Method != http.MethodPost || actionType(body) != typ {
			return nil, nil
		}
		if seen++; n == 0 || seen == n {
			return respond()
		}
		return nil, nil
	}
}

var actualStatus = regexp.MustCompile(`"actual_status":"([a-z]*)"`)

// trueStatus returns the status of the account's only Droplet without the lag; empty if it is gone.
func trueStatus(t testing.TB, api *dropletstest.API) string {
	t.Helper()
	var state bytes.Buffer
	require.NoError(t, api.WriteState(&state))
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, state.Bytes()))
	match := actualStatus.FindStringSubmatch(compact.String())
	if match == nil {
		return ""
	}
	return match[1]
}

// contextThatEndsAfter returns a context with a deadline, for tests in a bubble.
func contextThatEndsAfter(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}
