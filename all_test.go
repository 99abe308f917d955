package droplets_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// slowList serves a list in pages, each after 50 ms, and records the requested pages and the requests in flight.
type slowList struct {
	mu          sync.Mutex
	inFlight    int
	maxInFlight int
	pages       []int
	ids         []int64
	change      func(n int, ids []int64) []int64 // called before the n-th response
}

func (s *slowList) serve(n int, r *http.Request) (*http.Response, error) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	s.mu.Lock()
	s.inFlight++
	s.maxInFlight = max(s.maxInFlight, s.inFlight)
	s.pages = append(s.pages, page)
	if s.change != nil {
		s.ids = s.change(len(s.pages), slices.Clone(s.ids))
	}
	ids := s.ids
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.mu.Unlock()
	}()
	select {
	case <-time.After(50 * time.Millisecond):
		return pages(ids...)(n, r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (s *slowList) requested() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pages)
}

func TestAllReadsAhead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		co          []droplets.CallOption
		maxInFlight int // 0 if it is not checked
		duration    time.Duration
	}{
		"default":             {nil, 8, 8 * 50 * time.Millisecond},
		"six":                 {[]droplets.CallOption{droplets.ReadAhead(6)}, 6, 10 * 50 * time.Millisecond},
		"one by one":          {[]droplets.CallOption{droplets.ReadAhead(1)}, 1, 50 * 50 * time.Millisecond},
		"more than there are": {[]droplets.CallOption{droplets.ReadAhead(1000)}, 0, 4 * 50 * time.Millisecond}, // 1 page, then 2, 8 and 39
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				list := &slowList{ids: upTo(10_000)}
				_, c := newAPI(t, list.serve)
				start := time.Now()
				var ids []int64
				for d, err := range c.Droplets.All(t.Context(), nil, tt.co...) {
					require.NoError(t, err)
					ids = append(ids, d.ID)
				}
				assert.Equal(t, upTo(10_000), ids, "all IDs, in order")
				if tt.maxInFlight > 0 {
					assert.Equal(t, tt.maxInFlight, list.maxInFlight, "requests in flight")
				}
				assert.Equal(t, tt.duration, time.Since(start))
				requested := list.requested()
				slices.Sort(requested)
				assert.Len(t, slices.Compact(requested), 50)
				assert.Len(t, list.requested(), 50, "no page is requested twice")
			})
		})
	}
}

func TestAllReadAheadWindow(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		list := &slowList{ids: upTo(10_000)}
		_, c := newAPI(t, list.serve)
		last := int64(0)
		for d, err := range c.Droplets.All(t.Context(), nil) {
			require.NoError(t, err)
			require.Equal(t, last+1, d.ID, "each case below is reached")
			last = d.ID
			switch d.ID {
			case 1, 200:
				<-time.After(time.Minute)
				assert.Len(t, list.requested(), 1, "pages are fetched ahead only after the first page has been consumed")
			case 201, 400:
				<-time.After(time.Minute)
				assert.Len(t, list.requested(), 3, "the current page and one more")
			case 401, 600:
				<-time.After(time.Minute)
				assert.Len(t, list.requested(), 6, "the current page and three more")
			case 601:
				<-time.After(time.Minute)
				assert.Len(t, list.requested(), 11, "the current page and seven more")
			case 2000:
				<-time.After(time.Minute)
				assert.Len(t, list.requested(), 10+7)
			}
			if d.ID == 2001 {
				break
			}
		}
		require.EqualValues(t, 2001, last)
		requested := len(list.requested())
		<-time.After(time.Minute)
		assert.Len(t, list.requested(), requested, "no requests after a break")
		assert.Zero(t, list.inFlight)
	})
}

func TestAllCancelsRequestsInFlight(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		list := &slowList{ids: upTo(10_000)}
		_, c := newAPI(t, list.serve)
		ctx, cancel := context.WithTimeout(t.Context(), 120*time.Millisecond)
		defer cancel()
		var last error
		n := 0
		for _, err := range c.Droplets.All(ctx, nil) {
			if err != nil {
				last = err
				continue
			}
			n++
		}
		require.ErrorIs(t, last, context.DeadlineExceeded)
		assert.Equal(t, 600, n, "page 1 after 50 ms, pages 2 and 3 after 100 ms")
		assert.Zero(t, list.inFlight)

		inner := list.serve
		_, c = newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("page") == "3" {
				return respond(403, forbiddenBody)()
			}
			return inner(n, r)
		})
		ids, err := collect(t, c, nil)
		require.ErrorIs(t, err, droplets.ErrForbidden)
		assert.Equal(t, upTo(400), ids, "the items before the error are yielded")
		assert.Zero(t, list.inFlight)
	})
}

func TestAllCaptureResponse(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		serve := pages(upTo(1000)...)
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			resp, err := serve(n, r)
			resp.Header.Set("X-Request-Id", "page-"+r.URL.Query().Get("page"))
			return resp, err
		})
		var resp droplets.Response
		n := 0
		for d, err := range c.Droplets.All(t.Context(), nil, droplets.CaptureResponse(&resp)) {
			require.NoError(t, err)
			assert.Equal(t, "page-"+itoa((d.ID-1)/200+1), resp.RequestID)
			n++
		}
		assert.Equal(t, 1000, n)
	})
}

// TestAllOfAChangingList removes Droplets from a list and adds others while it is read, at one page or at every page, at
// its start or its end. Droplets that are in the list all the time must be yielded exactly once.
func TestAllOfAChangingList(t *testing.T) {
	t.Parallel()
	// n is the number of the current request.
	for name, change := range map[string]func(n int, ids []int64) []int64{
		"one removed at the start, once": func(n int, ids []int64) []int64 {
			if n == 4 {
				return ids[1:]
			}
			return ids
		},
		"three removed at the start each time": func(_ int, ids []int64) []int64 { return ids[min(3, len(ids)):] },
		"two and a half pages removed sometimes": func(n int, ids []int64) []int64 {
			if n%12 == 5 {
				return ids[min(100, len(ids)):]
			}
			return ids
		},
		"one removed in the middle sometimes": func(n int, ids []int64) []int64 {
			if n%7 == 3 {
				return slices.Delete(ids, len(ids)/2, len(ids)/2+1)
			}
			return ids
		},
		"one added at the end each time":      func(n int, ids []int64) []int64 { return append(ids, 10000+int64(n)) },
		"one added at the start each time":    func(n int, ids []int64) []int64 { return append([]int64{10000 + int64(n)}, ids...) },
		"two removed and one added each time": func(n int, ids []int64) []int64 { return append(ids[min(2, len(ids)):], 10000+int64(n)) },
		"removed at the end":                  func(n int, ids []int64) []int64 { return ids[:len(ids)-n%3] },
		"all but the end removed": func(n int, ids []int64) []int64 {
			if n == 20 {
				return ids[len(ids)-60:]
			}
			return ids
		},
	} {
		for _, ahead := range []int{1, 2, 6} {
			t.Run(name+"/"+strconv.Itoa(ahead), func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					before := upTo(1600)
					list := &slowList{ids: before, change: change}
					_, c := newAPI(t, list.serve)
					var got []int64
					opts := &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 40}}
					for d, err := range c.Droplets.All(t.Context(), opts, droplets.ReadAhead(ahead)) {
						require.NoError(t, err)
						got = append(got, d.ID)
					}
					slices.Sort(got)
					assert.Len(t, slices.Compact(slices.Clone(got)), len(got), "each ID is yielded once")
					stayed := 0
					for _, id := range before {
						if !slices.Contains(list.ids, id) {
							continue
						}
						stayed++
						if !slices.Contains(got, id) {
							t.Errorf("%d was in the list all the time and was not yielded", id)
						}
					}
					assert.Positive(t, stayed)
					assert.LessOrEqual(t, len(list.requested()), 300, "the iteration ends although every request changes the list")
				})
			})
		}
	}
}

// TestAllWithRateLimit reads a list that grows, with three requests a minute.
func TestAllWithRateLimit(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1000), dropletstest.WithRateLimit(3, 0))
		before := idsOf(api.Droplets())
		require.Len(t, before, 1000)
		c := api.Client()
		start := time.Now()
		yielded := make(map[int64]int)
		n := 0
		for d, err := range c.Droplets.All(t.Context(), nil) {
			require.NoError(t, err)
			yielded[d.ID]++
			if n++; n%150 == 0 {
				api.Seed(2)
			}
		}
		for _, id := range before {
			assert.Equal(t, 1, yielded[id], "%d was in the list all the time", id)
		}
		assert.Len(t, yielded, n, "each ID is yielded once")
		assert.GreaterOrEqual(t, time.Since(start), time.Minute, "five pages at three requests a minute")
	})
}
