package droplets_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// script has the list from which each request for a page is served: the first request for the page from the first
// list, and so on. The last list serves all further requests. Pages that are
// missing are served from the last list of page 1.
type script map[int][]string

// ids reads a list such as "8 7 6".
func ids(list string) (ids []int64) {
	for word := range strings.FieldsSeq(list) {
		id, _ := strconv.ParseInt(word, 10, 64)
		ids = append(ids, id)
	}
	return ids
}

// serve returns a handler for the script.
func (s script) serve() func(int, *http.Request) (*http.Response, error) {
	var mu sync.Mutex
	served := make(map[int]int)
	return func(n int, r *http.Request) (*http.Response, error) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		mu.Lock()
		defer mu.Unlock()
		lists := s[page]
		if lists == nil {
			lists = s[1][len(s[1])-1:]
		}
		list := lists[min(served[page], len(lists)-1)]
		served[page]++
		return pages(ids(list)...)(n, r)
	}
}

func allIDs(t *testing.T, c *droplets.Client, perPage int, co ...droplets.CallOption) (ids []int64, err error) {
	t.Helper()
	opts := &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: perPage}}
	for d, err := range c.Droplets.All(t.Context(), opts, co...) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, d.ID)
	}
	return ids, nil
}

// TestAllLinksNeighboringPages reads lists in which an item moves between two pages. Each list has pages of two items.
func TestAllLinksNeighboringPages(t *testing.T) {
	t.Parallel()
	verify := []droplets.CallOption{droplets.VerifyList()}
	inOrder := []droplets.CallOption{droplets.ReadAhead(1)}
	for name, tt := range map[string]struct {
		script   script
		co       []droplets.CallOption
		want     string
		requests int
	}{
		"nothing changes": {
			script{1: {"1 2 3 4 5"}, 2: {"1 2 3 4 5"}, 3: {"1 2 3 4 5"}}, nil, "1 2 3 4 5", 3},
		"nothing changes, verified": {
			script{1: {"1 2 3 4 5"}, 2: {"1 2 3 4 5"}, 3: {"1 2 3 4 5"}}, verify, "1 2 3 4 5", 6},
		"a delete before the border": {
			script{1: {"1 2 3 4 5", "2 3 4 5"}, 2: {"2 3 4 5"}}, inOrder, "1 2 3 4 5", 4},
		"an insert, and page 3 is produced before page 2": {
			script{1: {"8 7 6 5 4 3"}, 2: {"9 8 7 6 5 4 3"}, 3: {"8 7 6 5 4 3", "9 8 7 6 5 4 3"}, 4: {"9 8 7 6 5 4 3"}},
			nil, "8 7 6 5 4 3", 6},
		"deletes that move items by more than a page": {
			script{1: {"1 2 3 4 5 6 7 8 9", "6 7 8 9"}, 2: {"1 2 3 4 5 6 7 8 9", "6 7 8 9"}, 3: {"6 7 8 9"}, 4: {"6 7 8 9"}},
			inOrder, "1 2 3 4 6 7 8 9", 6},
		"a create and a delete that cancel out hide an item": {
			script{1: {"1 2 3 4 5 6", "2 3 4 5 6 7"}, 2: {"2 3 4 5 6 7"}, 3: {"2 3 4 5 6 7"}}, nil, "1 2 4 5 6 7", 3},
		"and VerifyList finds it": {
			script{1: {"1 2 3 4 5 6", "2 3 4 5 6 7"}, 2: {"2 3 4 5 6 7"}, 3: {"2 3 4 5 6 7"}}, verify, "1 2 4 5 6 7 3", 9},
		"VerifyList does not link the pages of a pass by the items of an earlier pass": { // 5 is hidden in pass 1, and deletes move it in pass 2
			script{1: {"1 2 3 4 5 6 7 8", "3 4 5 6 7 8 9", "4 5 6 7 8 9"}, 2: {"1 2 3 4 5 6 7 8", "4 5 6 7 8 9"},
				3: {"2 3 4 5 6 7 8 9", "4 5 6 7 8 9"}, 4: {"2 3 4 5 6 7 8 9"}}, verify, "1 2 3 4 6 7 8 9 5", 12},
		"VerifyList does not link a page to an older one by the total": { // 5 is hidden in pass 1; an insert moves it in pass 2
			script{1: {"8 7 6 5 4 3 2 1", "9 8 7 6 5 4 3 2", "10 8 7 6 5 4 3"},
				2: {"9 8 7 6 5 4 3 2", "9 8 7 6 5 4 3 2", "10 8 7 6 5 4 3"},
				3: {"8 7 6 5 4 3 2 1", "8 7 6 5 4 3 2", "10 8 7 6 5 4 3"},
				4: {"9 8 7 6 5 4 3 2", "10 8 7 6 5 4 3"}}, verify, "8 7 6 4 3 2 9 5 10", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, tt.script.serve())
				got, err := allIDs(t, c, 2, tt.co...)
				require.NoError(t, err)
				assert.Equal(t, ids(tt.want), got)
				if tt.requests > 0 {
					assert.Equal(t, tt.requests, a.count())
				}
			})
		})
	}
}

func TestAllOfAListThatShrinksWithEveryRequest(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for _, ahead := range []int{1, 8} {
			a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) { return pages(upTo(500-n)...)(n, r) })
			got, err := allIDs(t, c, 10, droplets.ReadAhead(ahead))
			require.NoError(t, err)
			assert.GreaterOrEqual(t, len(got), 500-a.count(), "the items of the last list existed all the time")
			assert.GreaterOrEqual(t, len(got), 300)
			assert.Equal(t, upTo(len(got)), slices.Sorted(slices.Values(got)))
		}
	})
}

func TestAllEndsWithAnErrorIfTheTotalsNeverAgree(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, script{1: {"1 2 3 4 5"}, 2: {"1 2 3 4"}, 3: {"1 2 3 4 5"}}.serve())
		got, err := allIDs(t, c, 2)
		require.ErrorContains(t, err, "pages 1 and 2 were read again 10 times and their totals differed each time; the last totals were 5 and 4")
		assert.Equal(t, upTo(2), got)
		assert.LessOrEqual(t, a.count(), 25)
	})
}

func TestVerifyListEndsWithAnErrorAfterFivePasses(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var passes atomic.Int64
		a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("page") == "1" {
				passes.Add(1)
			}
			return pages(upTo(3+int(passes.Load()))...)(n, r)
		})
		got, err := allIDs(t, c, 3, droplets.VerifyList())
		require.ErrorContains(t, err, "the list was read 5 times and had new items each time")
		assert.Equal(t, upTo(8), got)
		assert.Equal(t, int64(5), passes.Load())
		assert.LessOrEqual(t, a.count(), 20)
	})
}

func TestVerifyListReadsTheLaterPassesInOrder(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		list := &slowList{ids: upTo(40)}
		_, c := newAPI(t, list.serve)
		n := 0
		for _, err := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 4}}, droplets.VerifyList()) {
			require.NoError(t, err)
			if n++; n == 40 {
				list.mu.Lock()
				list.maxInFlight = 0
				list.mu.Unlock()
			}
		}
		assert.Equal(t, 40, n)
		assert.Equal(t, 1, list.maxInFlight, "requests in flight in the second pass")
		assert.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, list.requested()[10:])
	})
}

// TestAllCountsItems reads lists whose total proves that items are missing, and complete lists that are similar.
func TestAllCountsItems(t *testing.T) {
	t.Parallel()
	page := func(list string, total, page, last int) string { return listBody(ids(list), total, page, last) }
	for name, tt := range map[string]struct {
		bodies []string
		opts   droplets.ListOptions
		want   string
		fails  string
	}{
		"a short page without links": {[]string{page("1 2 3", 500, 1, 1)}, droplets.ListOptions{}, "1 2 3",
			"the list ended on page 1 after 3 items, but its total is 500"},
		"an empty page": {[]string{page("", 2, 1, 1)}, droplets.ListOptions{}, "", "page 1 after 0 items, but its total is 2"},
		"an item twice": {[]string{page("1 2 2", 3, 1, 1)}, droplets.ListOptions{}, "1 2", "page 1 after 2 items, but its total is 3"},
		"an end too early": {[]string{page("1 2", 6, 1, 3), page("3 4", 6, 2, 2)}, droplets.ListOptions{PerPage: 2}, "1 2 3 4",
			"page 3 after 4 items, but its total is 6"},
		"pages that are smaller than requested": {[]string{page("1 2", 3, 1, 2), page("3", 3, 2, 2)}, droplets.ListOptions{PerPage: 200}, "1 2 3", ""},
		"no total":                              {[]string{`{"droplets":[{"id":1}]}`}, droplets.ListOptions{}, "1", ""},
		"a total that is small":                 {[]string{page("1 2 3", 1, 1, 1)}, droplets.ListOptions{}, "1 2 3", ""},
		"a start in the middle":                 {[]string{page("7", 7, 4, 4)}, droplets.ListOptions{Page: 4, PerPage: 2}, "7", ""},
		"a start after the end":                 {[]string{page("", 7, 9, 4)}, droplets.ListOptions{Page: 9, PerPage: 2}, "", ""},
		"a start in the middle that lacks an item": {[]string{page("7", 8, 4, 4)}, droplets.ListOptions{Page: 4, PerPage: 2}, "7",
			"page 4 after 1 items, but its total is 8"},
		"a page number without end": {[]string{page("", 7, 9, 4)}, droplets.ListOptions{Page: 1<<31 - 1, PerPage: 200}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					page, _ := strconv.Atoi(r.URL.Query().Get("page"))
					return respond(200, tt.bodies[min(page-max(tt.opts.Page, 1), len(tt.bodies)-1)])()
				})
				var got []int64
				var err error
				for d, e := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: tt.opts}) {
					require.NoError(t, err, "an error comes last")
					if err = e; e == nil {
						got = append(got, d.ID)
					}
				}
				assert.Equal(t, ids(tt.want), got)
				if tt.fails == "" {
					require.NoError(t, err)
					assert.Equal(t, len(tt.bodies), a.count())
					return
				}
				require.ErrorContains(t, err, tt.fails)
				require.ErrorIs(t, err, droplets.ErrInvalidResponse)
				first := 0
				for _, r := range a.received() {
					if r.Query.Get("page") == strconv.Itoa(max(tt.opts.Page, 1)) {
						first++
					}
				}
				assert.Equal(t, 3, first, "the list is read three times")
			})
		})
	}
}

func TestAllReadsAListAgainThatLacksAnItem(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(200, listBody(upTo(2), 3, 1, 1)), respond(200, listBody(upTo(3), 3, 1, 1))))
		got, err := allIDs(t, c, 200)
		require.NoError(t, err)
		assert.Equal(t, upTo(3), got)
		assert.Equal(t, 2, a.count())
	})
}

func TestAllRejectsItemsWithoutID(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		body := `{"droplets":[{"id":1},{"name":"web"}],"actions":[{"id":1},{}],"kernels":[{"id":1},{}],"firewalls":[{"id":"a"},{}],` +
			`"snapshots":[{"id":1},{}],"backups":[{"id":1},{}],"meta":{"total":2}}`
		_, c := newAPI(t, sequence(respond(200, body)))
		for name, list := range map[string]func() (int, error){
			"droplets":  func() (int, error) { return count(c.Droplets.All(t.Context(), nil)) },
			"actions":   func() (int, error) { return count(c.Actions.All(t.Context(), nil)) },
			"kernels":   func() (int, error) { return count(c.Droplets.AllKernels(t.Context(), 42, nil)) },
			"firewalls": func() (int, error) { return count(c.Droplets.AllFirewalls(t.Context(), 42, nil)) },
			"snapshots": func() (int, error) { return count(c.Droplets.AllSnapshots(t.Context(), 42, nil)) },
			"backups":   func() (int, error) { return count(c.Droplets.AllBackups(t.Context(), 42, nil)) },
		} {
			n, err := list()
			assert.Zero(t, n, "%s: no item of such a page is yielded", name)
			require.ErrorIs(t, err, droplets.ErrInvalidResponse, name)
			require.ErrorContains(t, err, "item 2 of page 1 has no ID", name)
		}
	})
}

func TestAllKernelsCountsNulls(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(200, `{"kernels":[{"id":1},null,{"id":2}],"meta":{"total":3}}`)))
		n := 0
		for _, err := range c.Droplets.AllKernels(t.Context(), 42, nil) {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, 2, n)
	})
}

// TestAllOfAListThatGrewEndsTooEarly reads as many items as the list had at first, and then a last page that is too short for
// its total.
func TestAllOfAListThatGrewEndsTooEarly(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for total, complete := range map[int]bool{4: true, 9: false} {
			_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) { // the pages are smaller than requested
				if r.URL.Query().Get("page") == "1" {
					return respond(200, listBody(upTo(2), 3, 1, 2))()
				}
				return respond(200, listBody([]int64{2, 3}, total, 2, 2))()
			})
			got, err := allIDs(t, c, 200)
			assert.Equal(t, upTo(3), got)
			if complete {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "the list ended on page 2 after 3 items, but its total is 9")
			}
		}
	})
}

// TestAllOfAListThatSkipsItems repeats a full page, so that the pages look complete.
func TestAllOfAListThatSkipsItems(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("page") == "1" {
				return respond(200, listBody(upTo(2), 9, 1, 5))()
			}
			return respond(200, listBody([]int64{2, 3}, 8, 2, 2))()
		})
		got, err := allIDs(t, c, 2, droplets.ReadAhead(1))
		require.ErrorContains(t, err, "after 3 items, but its total is 8")
		assert.Equal(t, upTo(3), got)
	})
}

// TestAllOfAListThatGrowsByManyPages inserts a page at the front before each of 40 requests: pages in a row bring nothing
// new, and the list is not endless. In the second list, many items were deleted before.
func TestAllOfAListThatGrowsByManyPages(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for _, first := range []int{102, 300} {
			_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
				list := upTo(100 + 2*min(n, 40))
				if n == 1 {
					list = upTo(first)
				}
				slices.Reverse(list)
				return pages(list...)(n, r)
			})
			got, err := allIDs(t, c, 2, droplets.ReadAhead(1))
			require.NoError(t, err)
			assert.Equal(t, upTo(100), slices.Sorted(slices.Values(got))[:100])
		}
	})
}

// TestAllEndsARepeatingList: every page has the items of the first page and a link to the next one. The iterator stops after
// ten such pages, and after as many more as the list has grown by.
func TestAllEndsARepeatingList(t *testing.T) {
	t.Parallel()
	for growth, pages := range map[int]int{0: 12, 40: 32} {
		a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			page, _ := strconv.Atoi(r.URL.Query().Get("page"))
			total := 1000
			if n > 1 {
				total += growth
			}
			return respond(200, listBody(upTo(2), total, page, page+1))()
		})
		got, err := allIDs(t, c, 2, droplets.ReadAhead(1))
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
		require.ErrorContains(t, err, "the list does not end")
		assert.Equal(t, upTo(2), got)
		assert.Equal(t, pages, a.count(), "the list grew by %d items in pages of 2", growth)
	}
}

// TestLaterPassesReadInOrder: with VerifyList, only the first pass has several requests in flight. The list doubles after it, so that
// the second pass reads pages that the first one did not have.
func TestLaterPassesReadInOrder(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var inFlight, most [2]atomic.Int32 // in the first pass, and in later ones
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			list, pass := pages(upTo(30)...), 0
			if n > 30 {
				list, pass = pages(upTo(60)...), 1
			}
			most[pass].Store(max(most[pass].Load(), inFlight[pass].Add(1)))
			<-time.After(100 * time.Millisecond)
			inFlight[pass].Add(-1)
			return list(n, r)
		})
		ids := 0
		opts := &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 1}}
		for _, err := range c.Droplets.All(t.Context(), opts, droplets.VerifyList()) {
			require.NoError(t, err)
			ids++
		}
		assert.Equal(t, 60, ids)
		assert.EqualValues(t, 8, most[0].Load())
		assert.EqualValues(t, 1, most[1].Load())
	})
}

// TestAListThatShrinksALot: after most items were deleted, the reader goes back to the end of the list at once.
func TestAListThatShrinksALot(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		list := pages(upTo(100)...)
		a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) { return list(n, r) })
		opts := &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 1}}
		ids, before := 0, 0
		for _, err := range c.Droplets.All(t.Context(), opts, droplets.ReadAhead(1)) {
			require.NoError(t, err)
			if ids++; ids == 60 {
				list, before = pages(upTo(2)...), a.count()
			}
		}
		assert.Equal(t, 60, ids)
		assert.Equal(t, 3, a.count()-before, "page 61, page 60 again, and page 2")
	})
}

// TestAConsumerThatStopsDuringARepair stops at an item of a page that was read again because the list has changed.
func TestAConsumerThatStopsDuringARepair(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(200, listBody([]int64{1, 2}, 4, 1, 2)), respond(200, listBody([]int64{3, 4}, 5, 2, 3)),
			respond(200, listBody([]int64{1, 2}, 5, 1, 3)), respond(200, listBody([]int64{3, 4}, 5, 2, 3))))
		var got []int64
		for d, err := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 2}}) {
			require.NoError(t, err)
			if got = append(got, d.ID); d.ID == 3 {
				break
			}
		}
		assert.Equal(t, []int64{1, 2, 3}, got)
	})
}

// TestAConsumerThatStopsDoesNotWait: the requests for further pages are canceled.
func TestAConsumerThatStopsDoesNotWait(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		list := pages(upTo(10)...)
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if page := r.URL.Query().Get("page"); page != "1" && page != "2" && page != "3" {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return list(n, r)
		})
		start := time.Now()
		for d, err := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 1}}) {
			require.NoError(t, err)
			if d.ID == 3 {
				break
			}
		}
		assert.Zero(t, time.Since(start))
	})
}

// TestVerifyListOfAnEmptyList reads it twice.
func TestVerifyListOfAnEmptyList(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, pages())
	ids, err := allIDs(t, c, 200, droplets.VerifyList())
	require.NoError(t, err)
	assert.Empty(t, ids)
	assert.Equal(t, 2, a.count())
}

// TestAnErrorDuringARepair ends the iteration.
func TestAnErrorDuringARepair(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for failing := range 2 { // the page before is read again, or the page itself
			responses := []func() (*http.Response, error){respond(200, listBody([]int64{1, 2}, 4, 1, 2)), respond(200, listBody([]int64{3, 4}, 5, 2, 3)),
				respond(200, listBody([]int64{1, 2}, 5, 1, 3))}
			a, c := newAPI(t, sequence(append(responses[:2+failing], respond(403, forbiddenBody))...))
			var got []int64
			var failed error
			for d, err := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 2}}) {
				if failed = err; err == nil {
					got = append(got, d.ID)
				}
			}
			require.ErrorIs(t, failed, droplets.ErrForbidden)
			assert.Equal(t, []int64{1, 2}, got)
			assert.Equal(t, 3+failing, a.count())
		}
	})
}
