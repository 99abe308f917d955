package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// The model makes random calls from several goroutines of one client against the fake, with lag and faults, and then
// compares what each call returned with the fake's ledger. A sequence is drawn first and run in a bubble of virtual time
// after that. go test -run TestFleetModel -rapid.checks=3334 . runs 10,000 sequences.

// sequencesPerCheck multiplies rapid's number of checks, 100 by default.
const sequencesPerCheck = 3

// fleetPlan is one sequence.
type fleetPlan struct {
	lag, duration time.Duration
	latency       time.Duration // of each request
	failCreates   int
	faults        map[int32]string // by the number of the request
	calls         [][]fleetCall    // one list for each goroutine
}

type fleetCall struct {
	kind    string
	names   []string
	pause   time.Duration
	timeout time.Duration
}

// The names a and b are only created by Ensure methods, so that they must never exist twice; c and d by all methods.
var (
	fleetEnsured  = []string{"a", "b"}
	fleetAny      = []string{"c", "d"}
	fleetKinds    = []string{"Ensure", "EnsureAndWait", "EnsureMultiple", "FindByName", "Delete", "ShutdownGracefully", "Create", "CreateAndWait", "CreateMultipleAndWait"}
	fleetCreators = []string{"Create", "CreateAndWait", "CreateMultipleAndWait"}
)

func drawFleetPlan(t *rapid.T, faults []string) fleetPlan {
	seconds := func(label string, of ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(of).Draw(t, label)) * time.Second
	}
	p := fleetPlan{lag: seconds("lag", 0, 8, 20, 45), duration: seconds("duration", 1, 30), latency: seconds("latency", 0, 1) / 4,
		failCreates: rapid.IntRange(0, 1).Draw(t, "failed creates"), faults: make(map[int32]string)}
	for range rapid.IntRange(0, 5).Draw(t, "faults") {
		p.faults[rapid.Int32Range(1, 40).Draw(t, "request")] = rapid.SampledFrom(faults).Draw(t, "fault")
	}
	for range rapid.IntRange(1, 4).Draw(t, "goroutines") {
		var calls []fleetCall
		for range rapid.IntRange(1, 5).Draw(t, "calls") {
			c := fleetCall{kind: rapid.SampledFrom(fleetKinds).Draw(t, "kind"), pause: seconds("pause", 0, 1, 10, 70), timeout: seconds("timeout", 3, 40, 1800)}
			from := append(slices.Clone(fleetEnsured), fleetAny...)
			if slices.Contains(fleetCreators, c.kind) {
				from = fleetAny
			}
			c.names = []string{rapid.SampledFrom(from).Draw(t, "name")}
			if c.kind == "EnsureMultiple" || c.kind == "CreateMultipleAndWait" {
				c.names = slices.Compact(slices.Sorted(slices.Values(append(c.names, rapid.SampledFrom(from).Draw(t, "second name")))))
			}
			calls = append(calls, c)
		}
		p.calls = append(p.calls, calls)
	}
	return p
}

// fleetResult is what one call returned.
type fleetResult struct {
	fleetCall
	id         int64 // that the call was given
	start, end time.Time
	got        []droplets.Droplet
	err        error
}

// fleet is one run of a plan.
type fleet struct {
	plan    fleetPlan
	api     *dropletstest.API
	client  *droplets.Client
	mu      sync.Mutex
	known   map[string]int64 // the last Droplet of a name that a call returned
	results []fleetResult
	errs    []string
}

func runFleet(ctx context.Context, plan fleetPlan, faults map[string]requestFault) *fleet {
	f := &fleet{plan: plan, known: make(map[string]int64)}
	f.api = dropletstest.New(visibility(plan.lag), dropletstest.WithActionDuration(plan.duration))
	for range plan.failCreates {
		f.api.FailNextAction(droplets.ActionTypeCreate)
	}
	var count atomic.Int32
	real := f.api.Transport()
	f.client = f.api.Client(droplets.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(plan.latency):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		fault, ok := faults[plan.faults[count.Add(1)]]
		if !ok {
			return real.RoundTrip(r)
		}
		return fault(r, nil, func() (*http.Response, error) { return real.RoundTrip(r) })
	})}))
	var wg sync.WaitGroup
	for _, calls := range plan.calls {
		wg.Go(func() {
			for _, c := range calls {
				<-time.After(c.pause)
				f.call(ctx, c)
			}
		})
	}
	wg.Wait()
	f.check()
	return f
}

func (f *fleet) call(ctx context.Context, c fleetCall) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	f.mu.Lock()
	r := fleetResult{fleetCall: c, id: f.known[c.names[0]], start: time.Now()}
	f.mu.Unlock()
	if (c.kind == "Delete" || c.kind == "ShutdownGracefully") && r.id == 0 {
		return
	}
	req := createRequest()
	req.Name = c.names[0]
	var d *droplets.Droplet
	switch c.kind {
	case "Create":
		var result *droplets.DropletCreateResult
		if result, r.err = f.client.Droplets.Create(ctx, req); result != nil {
			d = result.Droplet
		}
	case "CreateAndWait":
		d, r.err = f.client.Droplets.CreateAndWait(ctx, req)
	case "CreateMultipleAndWait":
		r.got, r.err = f.client.Droplets.CreateMultipleAndWait(ctx, multiCreate(c.names...))
	case "Ensure":
		d, _, r.err = f.client.Droplets.Ensure(ctx, req)
	case "EnsureAndWait":
		d, _, r.err = f.client.Droplets.EnsureAndWait(ctx, req)
	case "EnsureMultiple":
		r.got, _, r.err = f.client.Droplets.EnsureMultiple(ctx, multiCreate(c.names...))
	case "FindByName":
		d, r.err = f.client.Droplets.FindByName(ctx, c.names[0])
	case "Delete":
		r.err = f.client.Droplets.Delete(ctx, r.id)
	case "ShutdownGracefully":
		d, r.err = f.client.Droplets.ShutdownGracefully(ctx, r.id, 10*time.Second)
	}
	if d != nil {
		r.got = []droplets.Droplet{*d}
	}
	r.end = time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range r.got {
		f.known[d.Name] = d.ID
	}
	f.results = append(f.results, r)
}

// lifetime is when a Droplet existed, by the ledger.
type lifetime struct {
	name     string
	from, to time.Time // to is the zero time if it still exists
	failed   bool      // its create failed, so that it was never billed
}

func (l lifetime) overAt(t time.Time) bool { return !l.to.IsZero() && !l.to.After(t) }

// lifetimes reads the ledger. It has no entry for the end of a Droplet whose create failed, which is when its action ended.
func (f *fleet) lifetimes() map[int64]lifetime {
	lives := make(map[int64]lifetime)
	for _, e := range f.api.Ledger() {
		l := lives[e.DropletID]
		if e.Kind == dropletstest.EntryCreate {
			l = lifetime{name: e.Name, from: e.Time}
		} else {
			l.to = e.Time
		}
		lives[e.DropletID] = l
	}
	exist := make(map[int64]bool)
	for _, d := range f.api.Droplets() {
		exist[d.ID] = true
	}
	for id, l := range lives {
		if l.to.IsZero() && !exist[id] {
			l.to, l.failed = l.from.Add(f.plan.duration), true
			lives[id] = l
		}
	}
	return lives
}

func (f *fleet) fail(format string, args ...any) {
	f.errs = append(f.errs, fmt.Sprintf(format, args...))
}

func (f *fleet) check() {
	lives := f.lifetimes()
	f.checkTwins(lives)
	f.checkKnown(lives)
	for _, r := range f.results {
		late := time.Second
		if r.kind == "ShutdownGracefully" {
			late = 5 * time.Second // for the read of the Droplet after the context is done
		}
		if r.end.Sub(r.start) > r.timeout+late {
			f.fail("%s of %v returned %s after its start, its timeout was %s", r.kind, r.names, r.end.Sub(r.start), r.timeout)
		}
		f.checkResult(r, lives)
	}
}

// checkTwins: names that only Ensure creates exist once at any time.
func (f *fleet) checkTwins(lives map[int64]lifetime) {
	for _, id := range slices.Sorted(maps.Keys(lives)) {
		for other, o := range lives {
			if l := lives[id]; other < id && o.name == l.name && slices.Contains(fleetEnsured, l.name) && !o.overAt(l.from) {
				f.fail("Droplet %d (%s) was created while Droplet %d existed", id, l.name, other)
			}
		}
	}
}

// checkKnown: each Droplet was returned by a call, or a call for its name ended with ErrMaybeApplied.
func (f *fleet) checkKnown(lives map[int64]lifetime) {
	known, uncertain := make(map[int64]bool), make(map[string]int)
	for _, r := range f.results {
		for _, d := range r.got {
			known[d.ID] = true
		}
		for id := range stepErrors(r.err) {
			known[id] = true
		}
		if errors.Is(r.err, droplets.ErrMaybeApplied) {
			for _, name := range r.names {
				uncertain[name]++
			}
		}
	}
	for id, l := range lives {
		if known[id] || l.failed {
			continue
		}
		if uncertain[l.name]--; uncertain[l.name] < 0 {
			f.fail("Droplet %d (%s) exists or existed, and no call reported it", id, l.name)
		}
	}
}

// checkResult compares what a call returned with the ledger.
func (f *fleet) checkResult(r fleetResult, lives map[int64]lifetime) {
	for _, d := range r.got {
		l, made := lives[d.ID]
		switch {
		case !made || l.name != d.Name:
			f.fail("%s returned Droplet %d (%s), which was never created", r.kind, d.ID, d.Name)
		case r.err == nil && l.overAt(r.start) && f.deletedBefore(d.ID, r.start):
			f.fail("%s returned Droplet %d (%s), which was deleted before", r.kind, d.ID, d.Name)
		case r.err == nil && (r.kind == "CreateAndWait" || r.kind == "EnsureAndWait" || r.kind == "CreateMultipleAndWait") &&
			(!droplets.IsActive(&d) || !droplets.HasPublicIPv4(&d)):
			f.fail("%s returned Droplet %d (%s), which is %s", r.kind, d.ID, d.Name, d.Status)
		case r.err == nil && r.kind == "ShutdownGracefully" && !droplets.IsOff(&d):
			f.fail("ShutdownGracefully returned Droplet %d, which is %s", d.ID, d.Status)
		}
	}
	if r.err == nil && r.kind != "Delete" && r.kind != "ShutdownGracefully" {
		for i, name := range r.names {
			if len(r.got) != len(r.names) || r.got[i].Name != name {
				f.fail("%s of %v returned %d Droplets in another order", r.kind, r.names, len(r.got))
				break
			}
		}
	}
	if r.kind == "FindByName" && errors.Is(r.err, droplets.ErrNotFound) {
		f.checkNotFound(r, lives)
	}
}

// checkNotFound: no Droplet of the name, known to this client before the call, existed throughout it.
func (f *fleet) checkNotFound(r fleetResult, lives map[int64]lifetime) {
	for _, before := range f.results {
		for _, d := range before.got {
			l := lives[d.ID]
			if d.Name == r.names[0] && before.end.Before(r.start) && !l.overAt(r.end) {
				f.fail("FindByName did not find Droplet %d (%s)", d.ID, d.Name)
			}
		}
	}
}

func (f *fleet) deletedBefore(id int64, t time.Time) bool {
	return slices.ContainsFunc(f.results, func(r fleetResult) bool {
		return r.kind == "Delete" && r.id == id && r.err == nil && r.end.Before(t)
	})
}

func TestFleetModel(t *testing.T) {
	faults := requestFaults()
	for _, name := range []string{"404", "canceled before", "canceled after"} { // the API sends no 404 for what exists, and the plan has timeouts
		delete(faults, name)
	}
	kinds := slices.Sorted(maps.Keys(faults))
	sequences, calls, creates := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		for range sequencesPerCheck {
			plan := drawFleetPlan(rt, kinds)
			var f *fleet
			virtualtime.Test(t, func(t *testing.T) { f = runFleet(t.Context(), plan, faults) })
			sequences++
			calls += len(f.results)
			creates += len(f.lifetimes())
			if len(f.errs) > 0 {
				for _, r := range f.results {
					rt.Logf("%s %v (Droplet %d) %s to %s: %v %v", r.kind, r.names, r.id, r.start.Format("04:05.0"), r.end.Format("04:05.0"), idsOf(r.got), r.err)
				}
				rt.Fatalf("lag %s, duration %s, faults %v: %q", plan.lag, plan.duration, plan.faults, f.errs)
			}
		}
	})
	t.Logf("%d sequences, %d calls, %d Droplets", sequences, calls, creates)
	assert.Greater(t, calls, 2*sequences)
	assert.Greater(t, creates, sequences)
}
