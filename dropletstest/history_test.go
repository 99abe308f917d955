package dropletstest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestHistories runs random histories of requests, faults and pauses with all operations. After each step, the state is saved, read by
// another API and saved again, and its invariants are checked. Two APIs run each history. One of them reads its own state after each
// step, and both must remain equal. go test -run TestHistories -rapid.checks=100000 ./dropletstest runs 100,000 histories instead of
// 100.
func TestHistories(t *testing.T) {
	runHistories(t, slices.Sorted(maps.Keys(steps)), documentedOperations(t))
}

// runHistories runs histories with steps of these kinds. If there are more than 20,000 steps, each required operation must have been
// requested.
func runHistories(t *testing.T, kinds, required []string) {
	t.Helper()
	operations := make(map[string]int)
	total, succeeded, requests := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		plan := drawHistory(rt, kinds)
		var h *history
		virtualtime.Test(t, func(t *testing.T) { h = runHistory(t, plan) })
		total += len(plan.steps)
		succeeded += h.succeeded
		for operation, n := range h.operations {
			operations[operation] += n
			requests += n
		}
		if h.problem != "" {
			rt.Fatalf("%s\n%+v", h.problem, plan)
		}
	})
	t.Logf("%d steps, %d of %d requests succeeded, by operation: %v", total, succeeded, requests, operations)
	if total > 500 { // about half of the requests succeed
		require.Greater(t, 5*succeeded, requests, "histories of errors test little")
	}
	if total > 20_000 { // some operations are rare
		for _, operation := range required {
			require.Positive(t, operations[operation], operation)
		}
	}
}

// documentedOperations returns the ids of the operations that package droplets wraps.
func documentedOperations(t *testing.T) (ids []string) {
	t.Helper()
	var list []struct{ ID string }
	b, err := os.ReadFile("../testdata/operations.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &list))
	for _, operation := range list {
		ids = append(ids, operation.ID)
	}
	return ids
}

// plannedHistory is a history that was drawn and has not run yet.
type plannedHistory struct {
	lag      dropletstest.Lag
	duration time.Duration
	destroy  time.Duration
	limit    int
	steps    []step
}

// step is one step. Its kind determines what the numbers select.
type step struct {
	kind    string
	a, b, c int
	pause   time.Duration // after the step
}

func (s step) String() string { return fmt.Sprintf("%s(%d,%d,%d)+%s", s.kind, s.a, s.b, s.c, s.pause) }

func drawHistory(t *rapid.T, kinds []string) plannedHistory {
	seconds := func(t *rapid.T, label string, of ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(of).Draw(t, label)) * time.Second
	}
	number := rapid.IntRange(0, 39)
	aStep := rapid.Custom(func(t *rapid.T) step {
		return step{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), a: number.Draw(t, "a"), b: number.Draw(t, "b"), c: number.Draw(t, "c"),
			pause: seconds(t, "pause", 0, 0, 0, 1, 5, 20, 70, 700, 90_000)}
	})
	part := rapid.SliceOfN(aStep, 0, 20) // rapid prefers short slices; three of them give longer histories
	return plannedHistory{duration: seconds(t, "duration", 10, 0, 1), destroy: seconds(t, "destroy", 4, 0), limit: rapid.SampledFrom([]int{100, 6}).Draw(t, "limit"),
		lag:   dropletstest.Lag{Visibility: seconds(t, "visibility", 0, 5), Addresses: seconds(t, "addresses", 0, 3), Status: seconds(t, "status", 0, 7)},
		steps: slices.Concat(part.Draw(t, "steps"), part.Draw(t, "more steps"), part.Draw(t, "even more steps"))}
}

// history is a running history.
type history struct {
	t          *testing.T
	api        *dropletstest.API // reads its own state after each step
	twin       *dropletstest.API // runs the same steps and does not read its state
	options    []dropletstest.Option
	state      accountState
	network    networkStorageState
	known      map[string][]string // the ids of each kind that exist or existed
	faults     int                 // the number of planned faults that have not been used
	operations map[string]int
	succeeded  int    // the number of requests with a status below 300
	problem    string // the first one
}

func runHistory(t *testing.T, p plannedHistory) (h *history) {
	h = &history{t: t, known: make(map[string][]string), operations: make(map[string]int)}
	h.options = []dropletstest.Option{dropletstest.WithDroplets(2), dropletstest.WithActionDuration(p.duration), dropletstest.WithLag(p.lag),
		dropletstest.WithActionDuration(p.destroy, dropletstest.ActionTypeDestroy), dropletstest.WithDropletLimit(p.limit)}
	h.api, h.twin = dropletstest.New(h.options...), dropletstest.New(h.options...)
	defer func() {
		if r := recover(); r != nil {
			h.fail("panic: %v\n%s", r, debug.Stack())
		}
	}()
	h.both(func(api *dropletstest.API) {
		api.AddSSHKey("key", publicKey)
		api.AddVolumeSnapshot(api.AddVolume("data", "nyc3", 5), "snap")
	})
	h.check("at the beginning")
	for _, s := range p.steps {
		allSteps[s.kind](h, s)
		if h.check(s.String()); h.problem != "" {
			return h
		}
		if s.pause > 0 {
			sleep(s.pause)
			h.check("after the pause of " + s.String())
		}
	}
	h.compareLists()
	return h
}

// fail sets the problem of the history unless it already has one.
func (h *history) fail(format string, args ...any) {
	if h.problem == "" {
		h.problem = fmt.Sprintf(format, args...)
	}
}

// both calls f with both APIs.
func (h *history) both(f func(*dropletstest.API)) {
	f(h.api)
	f(h.twin)
}

// send sends a request to both APIs and compares the responses.
func (h *history) send(method, path, body string) {
	responses := make([]rawResponse, 0, 2)
	h.both(func(api *dropletstest.API) {
		req, err := http.NewRequestWithContext(h.t.Context(), method, "https://api.example/v2/"+path, strings.NewReader(body))
		require.NoError(h.t, err)
		req.Header.Set("Authorization", "Bearer "+dropletstest.Token)
		if strings.HasSuffix(path, "/dangerous") {
			req.Header.Set("X-Dangerous", "true")
		}
		responses = append(responses, roundTrip(h.t, api, req))
	})
	requests := h.api.Requests()
	last := requests[len(requests)-1]
	h.operations[last.Operation]++
	got, want := responses[0], responses[1]
	if got.StatusCode < http.StatusMultipleChoices {
		h.succeeded++
	}
	switch {
	case got.StatusCode != want.StatusCode || got.body != want.body:
		h.fail("%s %s %s: the responses differ:\n%d %s\n%d %s", method, path, body, got.StatusCode, got.body, want.StatusCode, want.body)
	case last.Operation == "":
		h.fail("%s %s is not an operation", method, path)
	case h.faults == 0 && !slices.Contains([]int{200, 201, 202, 204, 400, 403, 404, 409, 422}, got.StatusCode):
		h.fail("%s %s %s: status %d", method, path, body, got.StatusCode)
	case got.body != "" && !json.Valid([]byte(got.body)):
		h.fail("%s %s: the response is not JSON: %s", method, path, got.body)
	}
	h.faults = max(h.faults-1, 0)
}

// check saves the state, reads it and saves it again, and checks its invariants.
func (h *history) check(when string) {
	if h.problem != "" {
		return
	}
	text, twin := h.save(h.api), h.save(h.twin)
	if text != twin {
		h.fail("%s: the API that reads its state differs from the other one:\n%s", when, firstDifference(text, twin))
	}
	if restored := h.restore(text); restored != nil && text != h.save(restored) {
		h.fail("%s: the state that was read differs:\n%s", when, firstDifference(text, h.save(restored)))
	}
	if err := h.api.ReadState(strings.NewReader(text)); err != nil {
		h.fail("%s: %v", when, err)
	}
	h.state = accountState{}
	require.NoError(h.t, json.Unmarshal([]byte(text), &h.state))
	h.network = networkStorageState{}
	require.NoError(h.t, json.Unmarshal([]byte(text), &h.network))
	for _, problem := range append(h.state.violated(time.Now()), h.network.violated()...) {
		h.fail("%s: %s", when, problem)
	}
	h.addIDs()
}

func (h *history) save(api *dropletstest.API) string {
	var b bytes.Buffer
	require.NoError(h.t, api.WriteState(&b))
	return b.String()
}

func (h *history) restore(text string) *dropletstest.API {
	api := dropletstest.New(h.options...)
	if err := api.ReadState(strings.NewReader(text)); err != nil {
		h.fail("the state cannot be read: %v\n%s", err, text)
		return nil
	}
	return api
}

// addIDs adds the ids of the state to those from which steps select.
func (h *history) addIDs() {
	for _, all := range []map[string][]string{h.state.ids(), h.network.ids()} {
		for kind, ids := range all {
			for _, id := range ids {
				if !slices.Contains(h.known[kind], id) {
					h.known[kind] = append(h.known[kind], id)
				}
			}
		}
	}
}

// pick returns an id of a kind that exists or existed, the newest one for 0, or sometimes one that never existed.
func (h *history) pick(kind string, n int) string {
	ids := h.known[kind]
	if len(ids) == 0 || n == 39 {
		return "999"
	}
	return ids[len(ids)-1-n%len(ids)]
}

// pickDroplet is like pick, for methods that take the id of a Droplet.
func (h *history) pickDroplet(n int) int64 {
	var id int64
	_, err := fmt.Sscan(h.pick("droplet", n), &id)
	require.NoError(h.t, err)
	return id
}

// compareLists compares the lists of the twin with those of an API that has just read its state, and has therefore built new indexes.
func (h *history) compareLists() {
	h.twin.ClearFaults()
	restored := h.restore(h.save(h.twin))
	if h.problem != "" {
		return
	}
	paths := []string{"droplets", "droplets?type=gpus", "images", "images?private=true", "images?type=application", "images?tag_name=a", "snapshots",
		"tags", "account/keys", "actions", "droplets/autoscale", "reports/droplet_neighbors_ids", "droplets/backups/policies", "droplets?tag_name=a",
		"droplets?tag_name=b"}
	for _, id := range h.known["droplet"] {
		for _, list := range []string{"", "/actions", "/snapshots", "/backups", "/firewalls", "/neighbors", "/destroy_with_associated_resources"} {
			paths = append(paths, "droplets/"+id+list)
		}
	}
	for _, id := range h.known["image"] {
		paths = append(paths, "images/"+id+"/actions")
	}
	for _, id := range h.known["pool"] {
		paths = append(paths, "droplets/autoscale/"+id, "droplets/autoscale/"+id+"/members", "droplets/autoscale/"+id+"/history")
	}
	for _, path := range append(paths, h.networkStoragePaths()...) {
		got, want := h.read(restored, path), h.read(h.twin, path)
		if got != want {
			h.fail("%s differs after the state was read:\n%s", path, firstDifference(want, got))
		}
	}
}

func (h *history) read(api *dropletstest.API, path string) string {
	resp := sendRequest(h.t, api, http.MethodGet, "/v2/"+path, "")
	if resp.StatusCode != http.StatusOK {
		return fmt.Sprint(resp.StatusCode)
	}
	return resp.body
}
