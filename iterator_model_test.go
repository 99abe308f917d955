package droplets_test

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// change is a create or a delete at a moment of a history.
type change struct {
	at     time.Duration
	create bool
	id     int64 // set by newModelList
	choice int   // selects the item to delete
}

// history is everything that decides the outcome of one iteration.
type history struct {
	newestFirst bool
	items       int // at the beginning
	page        int
	perPage     int
	window      int
	verify      bool
	changes     []change
	before      []int // milliseconds from the request to the moment at which the server reads the list
	after       []int // milliseconds from there until the response arrives
	pauses      []int // milliseconds that the consumer takes for an item
}

func drawHistory(t *rapid.T, newestFirst, verify bool, window int) history {
	h := history{newestFirst: newestFirst, verify: verify, window: window,
		items:   rapid.IntRange(0, 24).Draw(t, "items"),
		page:    rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "page"),
		perPage: rapid.IntRange(1, 5).Draw(t, "perPage"),
	}
	shape := rapid.SampledFrom([]string{"creates", "deletes", "both", "pairs"}).Draw(t, "shape")
	perChange := rapid.SampledFrom([]int{1, 1, 2, 7}).Draw(t, "perChange") // 7 items move more than a page
	duration := rapid.SampledFrom([]int{20, 150, 400}).Draw(t, "duration")
	add := func(at int, create bool) {
		for range perChange {
			h.changes = append(h.changes, change{at: time.Duration(at) * time.Millisecond, create: create, choice: rapid.IntRange(0, 23).Draw(t, "choice")})
		}
	}
	for range rapid.IntRange(0, 8).Draw(t, "changes") {
		at := rapid.IntRange(0, duration).Draw(t, "at")
		create := shape == "creates" || shape != "deletes" && rapid.Bool().Draw(t, "create")
		add(at, create)
		if shape == "pairs" { // they cancel out in the total
			add(at+rapid.IntRange(0, 10).Draw(t, "later"), !create)
		}
	}
	slices.SortStableFunc(h.changes, func(a, b change) int { return int(a.at - b.at) })
	delays := rapid.SliceOfN(rapid.IntRange(0, 20), 1, 12)
	h.before, h.after = delays.Draw(t, "before"), delays.Draw(t, "after")
	h.pauses = rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 0, 0, 9}), 1, 5).Draw(t, "pauses")
	return h
}

// modelList is the list of a history at every moment.
type modelList struct {
	history
	versions [][]int64 // versions[n] is the list after n changes
	start    time.Time

	mu        sync.Mutex
	responses []modelResponse
	requests  int
}

// modelResponse records from which version of the list a page was taken.
type modelResponse struct{ page, version, total int }

func newModelList(h history) *modelList {
	m := &modelList{history: h, start: time.Now()}
	m.changes = slices.Clone(h.changes)
	list := upTo(h.items)
	if h.newestFirst {
		slices.Reverse(list)
	}
	m.versions = append(m.versions, list)
	for i := range m.changes {
		c := &m.changes[i]
		list = slices.Clone(list)
		switch c.id = int64(1000 + i); {
		case c.create && h.newestFirst:
			list = slices.Insert(list, 0, c.id)
		case c.create:
			list = append(list, c.id)
		case len(list) > 0:
			at := c.choice % len(list)
			c.id = list[at]
			list = slices.Delete(list, at, at+1)
		}
		m.versions = append(m.versions, list)
	}
	return m
}

// RoundTrip serves a page of the list.
func (m *modelList) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	n := m.requests
	m.requests++
	m.mu.Unlock()
	wait := func(delays []int) error {
		select {
		case <-time.After(time.Duration(delays[n%len(delays)]) * time.Millisecond):
			return nil
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
	if err := wait(m.before); err != nil {
		return nil, err
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	body := m.produce(page)
	if err := wait(m.after); err != nil {
		return nil, err
	}
	return respond(200, body)()
}

// produce takes a page from the list as it is now.
func (m *modelList) produce(page int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	version := 0
	for version < len(m.changes) && m.changes[version].at <= time.Since(m.start) {
		version++
	}
	list := m.versions[version]
	m.responses = append(m.responses, modelResponse{page, version, len(list)})
	last := (len(list) + m.perPage - 1) / m.perPage
	from, to := min((page-1)*m.perPage, len(list)), min(page*m.perPage, len(list))
	return strings.Replace(listBody(list[from:to], len(list), page, last), "droplets", "actions", 1)
}

// stayed returns the items that were in the list during the whole iteration and never before its first page.
func (m *modelList) stayed() []int64 {
	first, last := m.span()
	var ids []int64
	for _, id := range m.versions[first] {
		behind := func(list []int64) bool { return slices.Index(list, id) >= (m.page-1)*m.perPage }
		if !slices.ContainsFunc(m.versions[first:last+1], func(list []int64) bool { return !behind(list) }) {
			ids = append(ids, id)
		}
	}
	return ids
}

// span returns the first and the last version that a response was taken from.
func (m *modelList) span() (first, last int) {
	first = m.responses[0].version
	for _, r := range m.responses {
		first, last = min(first, r.version), max(last, r.version)
	}
	return first, last
}

// revealed reports whether the totals reveal every change: no creates and deletes between the responses of two
// neighboring pages cancel out, wholly or in part.
func (m *modelList) revealed() bool {
	for _, a := range m.responses {
		for _, b := range m.responses {
			if b.page != a.page+1 {
				continue
			}
			between := m.changes[min(a.version, b.version):max(a.version, b.version)]
			creates := slices.ContainsFunc(between, func(c change) bool { return c.create })
			deletes := slices.ContainsFunc(between, func(c change) bool { return !c.create })
			if creates && deletes {
				return false
			}
		}
	}
	return true
}

// createdAndDeleted reports whether an item was created and deleted during the iteration.
func (m *modelList) createdAndDeleted() bool {
	first, last := m.span()
	return slices.ContainsFunc(m.changes[first:last], func(c change) bool {
		return !c.create && slices.ContainsFunc(m.changes[first:last], func(o change) bool { return o.create && o.id == c.id })
	})
}

// modelOutcome is the result of one iteration.
type modelOutcome struct {
	list *modelList
	ids  []int64
	err  error
}

// play runs an iteration in virtual time.
func (h history) play(t *testing.T) (out modelOutcome) {
	virtualtime.Test(t, func(t *testing.T) {
		out.list = newModelList(h)
		c, err := droplets.NewClient(testToken, droplets.WithBaseURL("https://"+testHost), droplets.WithHTTPClient(&http.Client{Transport: out.list}))
		if err != nil {
			out.err = err
			return
		}
		co := []droplets.CallOption{droplets.ReadAhead(h.window)}
		if h.verify {
			co = append(co, droplets.VerifyList())
		}
		out.ids, out.err = h.consume(c.Actions.All(t.Context(), &droplets.ListOptions{Page: h.page, PerPage: h.perPage}, co...))
	})
	return out
}

func (h history) consume(all iter.Seq2[droplets.Action, error]) (ids []int64, err error) {
	for a, e := range all {
		if err != nil {
			return ids, fmt.Errorf("the iterator went on after %w", err)
		}
		if err = e; e != nil {
			continue
		}
		ids = append(ids, a.ID)
		if pause := h.pauses[len(ids)%len(h.pauses)]; pause > 0 {
			<-time.After(time.Duration(pause) * time.Millisecond)
		}
	}
	return ids, err
}

// listChanged reports whether an iteration ended with an error because the list changed too often.
func listChanged(err error) bool {
	return strings.Contains(err.Error(), "their totals differed each time") || strings.Contains(err.Error(), "new items each time")
}

// check returns what is wrong with an outcome, and which items are missing. promised is true if none may be missing.
func (o modelOutcome) check() (problem string, missing []int64, promised bool) {
	m := o.list
	sorted := slices.Sorted(slices.Values(o.ids))
	if len(slices.Compact(sorted)) != len(o.ids) {
		return fmt.Sprint("an item came twice: ", o.ids), nil, false
	}
	if o.err != nil {
		short := strings.Contains(o.err.Error(), "but its total is")
		if listChanged(o.err) && len(m.changes) > 0 || short && !m.revealed() {
			return "", nil, false
		}
		return "an error: " + o.err.Error(), nil, false
	}
	for _, id := range m.stayed() {
		if !slices.Contains(o.ids, id) {
			missing = append(missing, id)
		}
	}
	promised = m.revealed() || m.verify && !m.createdAndDeleted()
	if promised && len(missing) > 0 {
		problem = fmt.Sprintf("%d existed all the time and were not yielded; %v; responses %v", missing, o.ids, m.responses)
	}
	return problem, missing, promised
}

// TestAllAgainstAModel plays random histories of creates, deletes, delays and pauses. An iteration without an error has
// every item that existed all the time, if the totals reveal every change or if the list is verified. Each of the 32
// cases plays as many histories as -rapid.checks says, 100 by default.
func TestAllAgainstAModel(t *testing.T) {
	t.Parallel()
	for _, newestFirst := range []bool{false, true} {
		for _, verify := range []bool{false, true} {
			for window := 1; window <= 8; window++ {
				t.Run(fmt.Sprintf("newest first %t, verify %t, read ahead %d", newestFirst, verify, window), func(t *testing.T) {
					t.Parallel()
					var played, promised, incomplete, failed, requests int
					rapid.Check(t, func(rt *rapid.T) {
						out := drawHistory(rt, newestFirst, verify, window).play(t)
						problem, missing, complete := out.check()
						if problem != "" {
							rt.Fatalf("%s", problem)
						}
						played++
						requests += out.list.requests
						switch {
						case complete:
							promised++
						case out.err != nil:
							failed++
						case len(missing) > 0:
							incomplete++ // the documented gap
						}
					})
					if played >= 50 { // with fewer histories, the share varies too much
						assert.Greater(t, promised, played/2, "histories that had to be complete")
					}
					t.Logf("%d histories: %d had to be complete and were, %d ended with an error, %d of the others lacked an item; %d requests",
						played, promised, failed, incomplete, requests)
				})
			}
		}
	}
}
