package droplets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// matrixFault is one way for a request to fail.
type matrixFault struct {
	applied bool // the API acts on the request before
	respond func() (*http.Response, error)
}

func matrixFaults() map[string]matrixFault {
	refused := func(status int) matrixFault {
		return matrixFault{respond: respond(status, fmt.Sprintf(`{"id":"x","message":"status %d"}`, status))}
	}
	out := map[string]matrixFault{
		"429 short":                 {respond: respond(429, "{}", "Retry-After: 2")},
		"429 without a delay":       {respond: respond(429, "{}")},
		"429 long":                  {respond: respond(429, "{}", "Retry-After: 3600")},
		"502 applied":               {applied: true, respond: respond(502, "")},
		"HTML 502":                  {respond: respond(502, "<html>Bad Gateway</html>", "Content-Type: text/html")},
		"dial failure":              {respond: failWith(errDial)},
		"broken before it is sent":  {respond: failWith(errReset)},
		"broken after it is sent":   {applied: true, respond: failWith(errReset)},
		"body cut":                  {applied: true, respond: cutBody},
		"2xx that is not JSON":      {applied: true, respond: respond(201, "<html></html>")},
		"2xx that is another thing": {applied: true, respond: respond(200, "{}")},
	}
	for _, status := range []int{400, 401, 403, 404, 409, 422, 500, 502, 503, 504, 520} {
		out[itoa(int64(status))] = refused(status)
	}
	return out
}

func cutBody() (*http.Response, error) {
	resp, err := respond(201, `{"action":{"id":`)()
	resp.ContentLength = 1000
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader([]byte(`{"action":{"id":`)), cutReader{}))
	return resp, err
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// matrixCell is one run of a method with one disturbance.
type matrixCell struct {
	method  string
	lag     time.Duration
	n       int // the request that is disturbed, from 1 on; 0 for none
	fault   matrixFault
	name    string // of the disturbance
	forever bool
	// The context ends instead: after the response, or before the request is sent.
	cancel, cancelBefore bool
	random               *rand.Rand // disturbs one request in five by a random fault instead
}

func (c matrixCell) String() string {
	mode := "once"
	if c.forever {
		mode = "forever"
	}
	return fmt.Sprintf("%s, lag %s, request %d: %s %s", c.method, c.lag, c.n, c.name, mode)
}

// matrixRun is what a method did in a cell.
type matrixRun struct {
	cell   matrixCell
	api    *dropletstest.API
	sent   *recorder
	ctx    context.Context
	cancel context.CancelFunc
	id     int64
	took   time.Duration
	err    error
}

// disturb is the respond function of the recorder.
func (m *matrixRun) disturb(n int, r *http.Request, _ string) (*http.Response, error) {
	c := m.cell
	if c.random != nil {
		if c.random.IntN(5) > 0 {
			return nil, nil
		}
		names := slices.Sorted(maps.Keys(matrixFaults()))
		return m.fault(matrixFaults()[names[c.random.IntN(len(names))]], r)
	}
	if c.n == 0 || n < c.n || n > c.n && !c.forever {
		return nil, nil
	}
	if c.cancelBefore {
		m.cancel()
		return nil, context.Canceled
	}
	if c.cancel {
		resp, err := m.sent.next.RoundTrip(r)
		m.cancel()
		return resp, err
	}
	return m.fault(c.fault, r)
}

func (m *matrixRun) fault(f matrixFault, r *http.Request) (*http.Response, error) {
	if f.applied && r.Method != http.MethodGet {
		if resp, err := m.sent.next.RoundTrip(r); err == nil {
			resp.Body.Close()
		}
	}
	return f.respond()
}

// matrixMethods are the methods of the matrix. arrange prepares the account, without disturbances; call returns the check of
// a success.
func matrixMethods() map[string]matrixMethod {
	return map[string]matrixMethod{
		"ShutdownGracefully":                    matrixShutdown(halfAMinute),
		"ShutdownGracefully, a short grace":     matrixShutdown(2 * time.Second),
		"ShutdownGracefully, a shutdown errors": matrixShutdown(halfAMinute, droplets.ActionTypeShutdown),
		"ResizeAndRestart":                      matrixResize(halfAMinute),
		"ResizeAndRestart, a short grace":       matrixResize(2 * time.Second),
		"ResizeAndRestart, a shutdown errors":   matrixResize(halfAMinute, droplets.ActionTypeShutdown),
		"ResizeAndRestart, a resize errors":     matrixResize(halfAMinute, droplets.ActionTypeResize),
		"SnapshotAndWait": func(t *testing.T, m *matrixRun, c *droplets.Client) (func() error, func()) {
			other, err := m.api.Client().DropletActions.Snapshot(t.Context(), sampleID, droplets.SnapshotRequest{Name: "nightly"})
			require.NoError(t, err)
			<-time.After(5 * time.Second) // the other job's snapshot ends after the first requests
			var image *droplets.DropletSnapshot
			return func() (err error) {
					image, err = c.Droplets.SnapshotAndWait(m.ctx, sampleID, droplets.SnapshotRequest{Name: "nightly"})
					return err
				}, func() {
					m.require(t, image.CreatedAt.After(other.StartedAt), "the image is not the other job's")
				}
		},
		"WaitFor": func(t *testing.T, m *matrixRun, c *droplets.Client) (func() error, func()) {
			_, err := m.api.Client().DropletActions.PowerOff(t.Context(), sampleID)
			require.NoError(t, err)
			return func() (err error) {
				_, err = c.Droplets.WaitFor(m.ctx, sampleID, droplets.IsOff)
				return err
			}, func() { m.require(t, trueStatus(t, m.api) == "off", "it is off") }
		},
		"WaitFor after a create": func(t *testing.T, m *matrixRun, c *droplets.Client) (func() error, func()) {
			require.NoError(t, m.api.Client().Droplets.Delete(t.Context(), sampleID))
			created, err := c.Droplets.Create(t.Context(), createRequest())
			require.NoError(t, err)
			m.id = created.Droplet.ID
			return func() (err error) {
				_, err = c.Droplets.WaitFor(m.ctx, m.id, droplets.HasPublicIPv4)
				if m.cell.n == 0 && m.cell.lag > halfAMinute && errors.Is(err, droplets.ErrNotFound) {
					return nil // the API hides the Droplet for longer than the grace after a create
				}
				return err
			}, func() { m.require(t, trueStatus(t, m.api) == "active", "it is on") }
		},
		"WaitForDeleted": func(t *testing.T, m *matrixRun, c *droplets.Client) (func() error, func()) {
			time.AfterFunc(9*time.Second, func() { _ = m.api.Client().Droplets.Delete(context.Background(), sampleID) })
			return func() error { return c.Droplets.WaitForDeleted(m.ctx, sampleID) },
				func() {
					entries := m.api.Ledger()
					only404s := m.cell.name == "404" || m.cell.random != nil // a 404 of the API is what it waits for
					m.require(t, only404s || len(entries) == 1 && entries[0].Kind == dropletstest.EntryDelete, "it is deleted")
				}
		},
		"WaitForDestroy": func(t *testing.T, m *matrixRun, c *droplets.Client) (func() error, func()) {
			require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), sampleID))
			return func() (err error) {
					_, err = c.AssociatedResources.WaitForDestroy(m.ctx, sampleID)
					return err
				}, func() {
					m.require(t, len(m.api.Ledger()) == 1 && len(m.api.Droplets()) == 0, "it is destroyed")
				}
		},
		"WaitForAction": func(t *testing.T, m *matrixRun, c *droplets.Client) (func() error, func()) {
			a, err := m.api.Client().DropletActions.PowerOff(t.Context(), sampleID)
			require.NoError(t, err)
			return func() (err error) {
				_, err = c.DropletActions.WaitForAction(m.ctx, sampleID, a.ID)
				return err
			}, func() { m.require(t, trueStatus(t, m.api) == "off", "the action has ended") }
		},
	}
}

type matrixMethod = func(t *testing.T, m *matrixRun, c *droplets.Client) (call func() error, succeeded func())

func matrixShutdown(grace time.Duration, fail ...droplets.ActionType) matrixMethod {
	return func(t *testing.T, m *matrixRun, c *droplets.Client) (func() error, func()) {
		m.fail(fail)
		var d *droplets.Droplet
		return func() (err error) {
				d, err = c.Droplets.ShutdownGracefully(m.ctx, sampleID, grace)
				return err
			}, func() {
				m.require(t, droplets.IsOff(d) && trueStatus(t, m.api) == "off", "it is off")
			}
	}
}

func matrixResize(grace time.Duration, fail ...droplets.ActionType) matrixMethod {
	return func(t *testing.T, m *matrixRun, c *droplets.Client) (func() error, func()) {
		m.fail(fail)
		var d *droplets.Droplet
		return func() (err error) {
				d, err = c.Droplets.ResizeAndRestart(m.ctx, sampleID, larger, grace)
				if m.cell.n == 0 && errors.Is(err, droplets.ErrActionFailed) && trueStatus(t, m.api) == "active" {
					d, err = c.Droplets.ResizeAndRestart(m.ctx, sampleID, larger, grace)
				}
				return err
			}, func() {
				m.require(t, droplets.IsActive(d) && trueStatus(t, m.api) == "active", "it is on")
				m.require(t, m.api.Droplets()[0].SizeSlug == largerSize, "it has the size")
			}
	}
}

// fail makes the next action of each type fail.
func (m *matrixRun) fail(types []droplets.ActionType) {
	for _, typ := range types {
		m.api.FailNextAction(typ)
	}
}

func (m *matrixRun) require(t *testing.T, ok bool, what string) {
	t.Helper()
	if !ok {
		t.Errorf("%s: not true that %s; sent %v; error: %v", m.cell, what, m.sent.sent(), m.err)
	}
}

// run runs a cell in a bubble of its own and returns the number of requests.
func (c matrixCell) run(t *testing.T) (requests int) {
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet(dropletstest.WithLag(dropletstest.Lag{Visibility: c.lag, Addresses: c.lag, Status: c.lag}))
		m := &matrixRun{cell: c, api: api, id: sampleID}
		m.ctx, m.cancel = context.WithCancel(t.Context())
		defer m.cancel()
		next := api.Transport()
		if c.method == "SnapshotAndWait" {
			next = &lateSnapshots{next: next, lag: c.lag}
		}
		m.sent = &recorder{next: next}
		client := api.Client(droplets.WithHTTPClient(&http.Client{Transport: m.sent}))
		call, succeeded := matrixMethods()[c.method](t, m, client)
		m.sent.n, m.sent.start, m.sent.respond = 0, time.Now(), m.disturb
		m.err = call()
		m.took, requests = time.Since(m.sent.start), m.sent.count()
		if m.err == nil {
			succeeded()
		} else {
			m.checkError(t)
		}
		m.checkActions(t)
	})
	return requests
}

var (
	// reportedStatus is the Droplet's status in the text of a StepError.
	reportedStatus = regexp.MustCompile(`\(droplet-00001, last seen ([a-z]+)( after the failure| before the failure and not readable since)?(, but [a-z_]+ was requested)?`)
	named          = regexp.MustCompile(`^droplets: [a-z_]+ of Droplet \d+ \(`)
)

// checkError compares the error with the account.
func (m *matrixRun) checkError(t *testing.T) {
	text := m.err.Error()
	m.require(t, m.cell.n > 0, "it succeeds without a disturbance")
	m.require(t, m.took < 20*time.Minute, "it ends in time")
	done := strings.HasSuffix(m.cell.method, "a resize errors") && m.sent.count() == m.cell.n // the last read after the failure
	if m.ctx.Err() != nil && !done {
		m.require(t, errors.Is(m.err, context.Canceled), "the error is that of the context")
	}
	hidden := m.cell.method == "WaitFor after a create" && m.cell.lag > halfAMinute
	if m.cell.name != "404" && m.cell.random == nil && !hidden {
		m.require(t, !errors.Is(m.err, droplets.ErrNotFound), "a Droplet that exists is not reported as missing")
	}
	var step *droplets.StepError
	if !errors.As(m.err, &step) {
		return
	}
	status := trueStatus(t, m.api)
	found := reportedStatus.FindAllStringSubmatch(text, -1)
	m.require(t, len(found) > 0 && named.MatchString(text), "the error names the step and the state")
	for _, reported := range found {
		certain := reported[3] == "" && !strings.Contains(reported[2], "not readable")
		m.require(t, !certain || reported[1] == status, "the Droplet is "+reported[1]+" (it is "+status+")")
	}
	if strings.HasPrefix(m.cell.method, "ResizeAndRestart") {
		m.checkFailedResize(t, step, status)
	}
	for _, a := range m.sent.sent() {
		if a.typ == step.Step && a.status == http.StatusCreated && !a.disturbed && !errors.Is(m.err, droplets.ErrMaybeApplied) {
			m.require(t, step.Action != nil && string(step.Action.Type) == step.Step, "the error has the action")
		}
	}
}

// checkFailedResize checks that a resize that has not happened leaves the Droplet on, if the API works again.
func (m *matrixRun) checkFailedResize(t *testing.T, step *droplets.StepError, status string) {
	d := m.api.Droplets()[0]
	resized := d.SizeSlug == largerSize
	if m.cell.forever || m.ctx.Err() != nil || errors.Is(m.err, droplets.ErrMaybeApplied) {
		return
	}
	known := step.Step != "resize" || step.Action == nil || errors.Is(m.err, droplets.ErrActionFailed)
	if !resized && known && !strings.Contains(m.err.Error(), "power_on of Droplet") {
		m.require(t, status == "active", "it is on again")
	}
}

// checkActions compares the actions that the API accepted with what a method may send.
func (m *matrixRun) checkActions(t *testing.T) {
	accepted := make(map[string]int)
	for _, r := range m.api.Requests() {
		if r.Operation == "dropletActions_post" && r.Status == http.StatusCreated {
			accepted[actionType(string(r.Body))]++
		}
	}
	m.require(t, accepted["resize"] <= 1 || m.cell.n == 0, "a resize is accepted once")
	m.require(t, accepted["snapshot"] <= 2, "a snapshot is accepted once, beside the other job's")
	if !strings.Contains(m.cell.method, "shutdown errors") {
		m.require(t, accepted["shutdown"] == 0 || accepted["power_off"] == 0, "no power_off for a guest that powers off within the grace")
	}
}

// TestProceduresMatrix disturbs each request of each method in every way, with every lag, and compares the outcome with the
// account. MATRIX=all disturbs every request in every case. Otherwise the variants of the methods and the longer lags have
// a part of the requests only.
func TestProceduresMatrix(t *testing.T) {
	t.Parallel()
	randomCells := 5
	if os.Getenv("MATRIX") == "all" {
		randomCells = 2000
	}
	var cells atomic.Int64
	faults := matrixFaults()
	t.Run("cells", func(t *testing.T) {
		for method := range matrixMethods() {
			for i, lag := range []time.Duration{0, 8 * time.Second, 20 * time.Second, 45 * time.Second} {
				t.Run(method+"/"+lag.String(), func(t *testing.T) {
					t.Parallel()
					requests := matrixCell{method: method, lag: lag, name: "nothing"}.run(t)
					require.Positive(t, requests)
					cells.Add(1)
					first, step := 1, 1
					if os.Getenv("MATRIX") != "all" && (i > 0 || strings.Contains(method, ",")) {
						first, step = 4*i+1, 16
					}
					for seed := range uint64(randomCells) {
						cells.Add(1)
						matrixCell{method: method, lag: lag, n: 1, name: fmt.Sprintf("random, seed %d,", seed), forever: true,
							random: rand.New(rand.NewPCG(seed, seed))}.run(t)
					}
					for n := first; n <= requests; n += step {
						cells.Add(int64(2 + 2*len(faults)))
						matrixCell{method: method, lag: lag, n: n, name: "canceled after", cancel: true}.run(t)
						matrixCell{method: method, lag: lag, n: n, name: "canceled before", cancelBefore: true}.run(t)
						for name, f := range faults {
							for _, forever := range []bool{false, true} {
								if forever && name == "429 short" {
									continue // the call waits as long as its context allows
								}
								matrixCell{method: method, lag: lag, n: n, name: name, fault: f, forever: forever}.run(t)
							}
						}
					}
				})
			}
		}
	})
	t.Logf("%d methods and variants, %d faults: %d cells", len(matrixMethods()), len(faults), cells.Load())
}
