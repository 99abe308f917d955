package droplets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// requestFault replaces the response to one request, or ends the caller's context. apply hands the request to the API.
type requestFault func(r *http.Request, cancel func(), apply func() (*http.Response, error)) (*http.Response, error)

// faultyTransport applies a fault to the n-th request, or to all from the n-th on.
type faultyTransport struct {
	api     http.RoundTripper
	fault   requestFault
	cancel  func()
	n       int32
	forever bool
	count   atomic.Int32
}

func (f *faultyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	n := f.count.Add(1)
	if f.fault == nil || n < f.n || n > f.n && !f.forever {
		return f.api.RoundTrip(r)
	}
	if r.Body != nil {
		defer r.Body.Close()
	}
	return f.fault(r, f.cancel, func() (*http.Response, error) { return f.api.RoundTrip(r) })
}

// requestFaults has one fault for each way in which a request can fail.
func requestFaults() map[string]requestFault {
	all := make(map[string]requestFault)
	instead := func(name string, response func() (*http.Response, error)) {
		all[name] = func(*http.Request, func(), func() (*http.Response, error)) (*http.Response, error) { return response() }
	}
	after := func(name string, response func() (*http.Response, error)) {
		all[name] = func(_ *http.Request, _ func(), apply func() (*http.Response, error)) (*http.Response, error) {
			if resp, err := apply(); err != nil || resp.StatusCode >= 300 {
				return resp, err
			}
			return response()
		}
	}
	for _, code := range []int{400, 401, 403, 404, 409, 422, 500, 502, 503, 504, 520} {
		instead(fmt.Sprint(code), respond(code, `{"id":"x","message":"no"}`))
		if code == 502 || code == 520 {
			after(fmt.Sprintf("%d after it was applied", code), respond(code, `{"id":"x","message":"no"}`))
		}
	}
	instead(shortDelay, respond(429, "{}", "Retry-After: 2"))
	instead("429 without a delay", respond(429, "{}"))
	instead("429 with a long delay", respond(429, "{}", "Retry-After: 3600"))
	instead("HTML 502", respond(502, "<html>Bad Gateway</html>", "Content-Type: text/html"))
	instead("dial failure", failWith(errDial))
	instead("connection broken before", failWith(errReset))
	after("connection broken after", failWith(errReset))
	after("undecodable", respond(202, "<html>"))
	all["body cut"] = func(_ *http.Request, _ func(), apply func() (*http.Response, error)) (*http.Response, error) {
		resp, err := apply()
		if err == nil {
			body, _ := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), brokenReader{}))
		}
		return resp, err
	}
	all["canceled before"] = func(r *http.Request, cancel func(), _ func() (*http.Response, error)) (*http.Response, error) {
		cancel()
		return nil, r.Context().Err()
	}
	all["canceled after"] = func(r *http.Request, cancel func(), apply func() (*http.Response, error)) (*http.Response, error) {
		_, _ = apply()
		cancel()
		return nil, r.Context().Err()
	}
	return all
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// createMethod is a method that creates or finds Droplets by name.
type createMethod struct {
	before bool // the client creates the Droplet before the fault
	names  []string
	ensure bool
	ready  bool // it waits until the Droplets can be used
	call   func(context.Context, *droplets.Client, []string) ([]droplets.Droplet, error)
}

func createMethods() map[string]createMethod {
	one := func(d *droplets.Droplet, err error) ([]droplets.Droplet, error) {
		if d == nil {
			return nil, err
		}
		return []droplets.Droplet{*d}, err
	}
	several := names("web", 11)
	return map[string]createMethod{
		"CreateAndWait": {names: []string{"web-1"}, ready: true, call: func(ctx context.Context, c *droplets.Client, _ []string) ([]droplets.Droplet, error) {
			return one(c.Droplets.CreateAndWait(ctx, createRequest()))
		}},
		"CreateMultipleAndWait": {names: several, ready: true, call: func(ctx context.Context, c *droplets.Client, names []string) ([]droplets.Droplet, error) {
			return c.Droplets.CreateMultipleAndWait(ctx, multiCreate(names...))
		}},
		"Ensure": {names: []string{"web-1"}, ensure: true, call: func(ctx context.Context, c *droplets.Client, _ []string) ([]droplets.Droplet, error) {
			d, _, err := c.Droplets.Ensure(ctx, createRequest())
			return one(d, err)
		}},
		"EnsureMultiple": {names: several, ensure: true, call: func(ctx context.Context, c *droplets.Client, names []string) ([]droplets.Droplet, error) {
			all, _, err := c.Droplets.EnsureMultiple(ctx, multiCreate(names...))
			return all, err
		}},
		"EnsureAndWait": {names: []string{"web-1"}, ensure: true, ready: true, call: func(ctx context.Context, c *droplets.Client, _ []string) ([]droplets.Droplet, error) {
			d, _, err := c.Droplets.EnsureAndWait(ctx, createRequest())
			return one(d, err)
		}},
		"Ensure after Create": {names: []string{"web-1"}, ensure: true, before: true, call: func(ctx context.Context, c *droplets.Client, _ []string) ([]droplets.Droplet, error) {
			d, _, err := c.Droplets.Ensure(ctx, createRequest())
			return one(d, err)
		}},
		"FindByName": {names: []string{"web-1"}, before: true, call: func(ctx context.Context, c *droplets.Client, names []string) ([]droplets.Droplet, error) {
			return one(c.Droplets.FindByName(ctx, names[0]))
		}},
	}
}

const shortDelay = "429 with a short delay"

// TestCreatesUnderEveryFault applies every fault to the n-th request of each method, once and to all later requests too, for
// every n and with several lags. It compares the result with the account. No name exists twice. Each Droplet that exists is
// billed, so that the call reports it: it is returned, it is in a StepError, or the error matches ErrMaybeApplied.
func TestCreatesUnderEveryFault(t *testing.T) {
	t.Parallel()
	var cells atomic.Int64
	lags := []time.Duration{0, 20 * time.Second, 8 * time.Second, 45 * time.Second}
	if droplets.RaceDetector {
		lags = lags[:2]
	}
	t.Run("matrix", func(t *testing.T) {
		for method, m := range createMethods() {
			for _, lag := range lags {
				t.Run(fmt.Sprintf("%s/%s", method, lag), func(t *testing.T) {
					t.Parallel()
					virtualtime.Test(t, func(t *testing.T) {
						clean := createCell{method: m, lag: lag}
						clean.run(t)
						require.Positive(t, clean.requests)
						for fault, f := range requestFaults() {
							for n := int32(1); n <= clean.requests; n++ {
								for _, forever := range []bool{false, true} {
									if forever && fault == shortDelay {
										continue // the call waits as long as its context allows
									}
									cells.Add(1)
									cell := createCell{method: m, lag: lag, name: fault, fault: f, n: n, forever: forever}
									cell.run(t)
								}
							}
						}
					})
				})
			}
		}
	})
	t.Logf("%d methods, %d faults: %d cells", len(createMethods()), len(requestFaults()), cells.Load())
}

// createCell is one combination of a method, a lag and a fault.
type createCell struct {
	method   createMethod
	lag      time.Duration
	name     string
	fault    requestFault
	n        int32
	forever  bool
	requests int32 // sent without a fault
}

func (c *createCell) run(t *testing.T) {
	t.Helper()
	api := dropletstest.New(visibility(c.lag), dropletstest.WithActionDuration(10*time.Second))
	transport := &faultyTransport{api: api.Transport()}
	client := api.Client(droplets.WithHTTPClient(&http.Client{Transport: transport}))
	if c.method.before {
		if _, err := client.Droplets.Create(t.Context(), createRequest()); !assert.NoError(t, err) {
			return
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	transport.count.Store(0)
	transport.fault, transport.cancel, transport.n, transport.forever = c.fault, cancel, c.n, c.forever
	got, err := c.method.call(ctx, client, c.method.names)
	c.requests = transport.count.Load()
	transport.fault = nil
	c.check(t, api, got, err)
	if !c.method.ensure || ctx.Err() == nil && err == nil {
		return
	}
	again, err := c.method.call(t.Context(), client, c.method.names)
	if err != nil {
		t.Errorf("the next call fails after %s at request %d, later requests %t: %v", c.name, c.n, c.forever, err)
	}
	c.check(t, api, again, err)
}

func (c *createCell) check(t *testing.T, api *dropletstest.API, got []droplets.Droplet, err error) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s at request %d, later requests %t: %s: %v", c.name, c.n, c.forever, fmt.Sprintf(format, args...), err)
	}
	known := make(map[int64]bool)
	for _, d := range got {
		known[d.ID] = true
	}
	for id, step := range stepErrors(err) {
		known[id] = true
		if step.Action == nil {
			fail("the StepError has no action")
		}
	}
	byName := make(map[string]int)
	exist := make(map[int64]droplets.Droplet)
	for _, d := range api.Droplets() {
		byName[d.Name]++
		exist[d.ID] = d
		if !c.method.before && !known[d.ID] && !errors.Is(err, droplets.ErrMaybeApplied) {
			fail("%s exists and is billed, and the call does not report it", d.Name)
		}
	}
	for _, name := range c.method.names {
		if byName[name] > 1 {
			fail("%s exists %d times", name, byName[name])
		}
	}
	for id := range known {
		if _, ok := exist[id]; !ok {
			fail("Droplet %d was returned and does not exist", id)
		}
	}
	if err != nil {
		if c.name != "404" && errors.Is(err, droplets.ErrNotFound) {
			fail("the Droplet exists")
		}
		return
	}
	if len(got) != len(c.method.names) {
		fail("%d Droplets were returned", len(got))
		return
	}
	for i, d := range got {
		if d.Name != c.method.names[i] {
			fail("%s was returned for %s", d.Name, c.method.names[i])
		}
		if c.method.ready && (!droplets.IsActive(&d) || !droplets.HasPublicIPv4(&d) || exist[d.ID].Status != droplets.DropletStatusActive) {
			fail("%s cannot be used yet", d.Name)
		}
	}
}
