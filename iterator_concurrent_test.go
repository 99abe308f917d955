package droplets_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestAllReadsNoMoreThanNeeded counts the requests of callers that stop early.
func TestAllReadsNoMoreThanNeeded(t *testing.T) {
	t.Parallel()
	for items, most := range map[int]int{1: 1, 200: 1, 201: 3, 250: 3, 400: 3, 401: 6, 2000: 10} {
		virtualtime.Test(t, func(t *testing.T) {
			list := &slowList{ids: upTo(2000)}
			_, c := newAPI(t, list.serve)
			n := 0
			for _, err := range c.Droplets.All(t.Context(), nil) {
				require.NoError(t, err)
				if n++; n == items {
					<-time.After(time.Minute)
					break
				}
			}
			assert.Equal(t, items, n)
			assert.LessOrEqual(t, len(list.requested()), most, "requests for %d items", items)
		})
	}
}

// crashAt returns a transport for 30 pages that calls crash for one of them. While it does, other requests are in flight.
func crashAt(page string, crash func()) *crashTransport {
	ids := make([]int64, 60)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	return &crashTransport{page: page, crash: crash, list: &slowList{ids: ids}}
}

type crashTransport struct {
	page  string
	crash func()
	list  *slowList
}

func (c *crashTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Query().Get("page") == c.page {
		<-time.After(20 * time.Millisecond)
		c.crash()
	}
	return c.list.serve(0, r)
}

// consumeAll reads a list in pages of two in a goroutine of its own and returns how the goroutine ended.
func consumeAll(t *testing.T, rt http.RoundTripper, stopAfter int, opts ...droplets.Option) (items int, panicked any, returned bool, err error) {
	t.Helper()
	c, err := droplets.NewClient(testToken, append([]droplets.Option{droplets.WithHTTPClient(&http.Client{Transport: rt})}, opts...)...)
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { panicked = recover() }()
		for _, e := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 2}}) {
			if err = e; e == nil {
				items++
			}
			if items == stopAfter {
				<-time.After(time.Minute) // the requests in flight end
				break
			}
		}
		returned = true
	})
	wg.Wait()
	return items, panicked, returned, err
}

// TestAPanicIsRepeatedInTheCallersGoroutine uses transports that panic or end the goroutine, for the first page, for a page
// that is read ahead, and for a page that the caller does not reach.
func TestAPanicIsRepeatedInTheCallersGoroutine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		page      string
		stopAfter int
		items     int
	}{
		"first page":             {"1", 0, 0},
		"page that is read next": {"2", 0, 2},
		"page ahead":             {"5", 0, 8},
		"page far ahead":         {"20", 0, 38},
		"page ahead of a break":  {"5", 5, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				boom := errors.New("boom")
				rt := crashAt(tt.page, func() { panic(boom) })
				items, panicked, returned, err := consumeAll(t, rt, tt.stopAfter)
				require.NoError(t, err)
				assert.Equal(t, boom, panicked)
				assert.False(t, returned)
				assert.Equal(t, tt.items, items, "items before the panic")
				assert.Zero(t, rt.list.inFlight)

				rt = crashAt(tt.page, runtime.Goexit) // as t.FailNow does
				items, panicked, returned, err = consumeAll(t, rt, tt.stopAfter)
				require.NoError(t, err)
				assert.Nil(t, panicked)
				assert.False(t, returned, "the caller's goroutine has ended")
				assert.Equal(t, tt.items, items)
				assert.Zero(t, rt.list.inFlight)
			})
		})
	}
}

// panickyParts panic when they are used for the nth time.
type panickyParts struct {
	mu   sync.Mutex
	left int
}

func (p *panickyParts) use() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left--; p.left == 0 {
		panic("used too often")
	}
}

func (p *panickyParts) Token() (*oauth2.Token, error) {
	p.use()
	return &oauth2.Token{AccessToken: testToken}, nil
}

func (p *panickyParts) Wait(context.Context) error {
	p.use()
	return nil
}

func TestAPanicInATokenSourceOrLimiterIsRepeated(t *testing.T) {
	t.Parallel()
	list := crashAt("", nil)
	for name, build := range map[string]func(*panickyParts) (*droplets.Client, error){
		"token source": func(p *panickyParts) (*droplets.Client, error) {
			return droplets.NewClientFromTokenSource(p, droplets.WithHTTPClient(&http.Client{Transport: list}))
		},
		"limiter": func(p *panickyParts) (*droplets.Client, error) {
			return droplets.NewClient(testToken, droplets.WithHTTPClient(&http.Client{Transport: list}), droplets.WithRateLimiter(p))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				c, err := build(&panickyParts{left: 7})
				require.NoError(t, err)
				assert.PanicsWithValue(t, "used too often", func() {
					for _, err := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 2}}) {
						require.NoError(t, err)
					}
				})
			})
		})
	}
}

// TestAPanicOfTheConsumerCancelsRequestsInFlight: the panic keeps its value.
func TestAPanicOfTheConsumerCancelsRequestsInFlight(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		list := &slowList{ids: upTo(60)}
		_, c := newAPI(t, list.serve)
		n := 0
		assert.PanicsWithValue(t, "enough", func() {
			for _, err := range c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 2}}) {
				require.NoError(t, err)
				if n++; n == 9 {
					panic("enough")
				}
			}
		})
		assert.Zero(t, list.inFlight)
	})
}

// TestAllCapturesTheLastPage reads the captured response between the items, also of pages that are read again.
func TestAllCapturesTheLastPage(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		serve := script{1: {"1 2 3 4 5", "2 3 4 5"}, 2: {"2 3 4 5"}}.serve()
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			resp, err := serve(n, r)
			resp.Header.Set("X-Request-Id", "page "+r.URL.Query().Get("page")+", request "+strconv.Itoa(n))
			return resp, err
		})
		var resp droplets.Response
		var captured []string
		opts := &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 2}}
		for _, err := range c.Droplets.All(t.Context(), opts, droplets.CaptureResponse(&resp), droplets.ReadAhead(1)) {
			require.NoError(t, err)
			captured = append(captured, resp.RequestID)
		}
		assert.Equal(t, []string{"page 1, request 1", "page 1, request 1", "page 1, request 3", "page 2, request 4", "page 2, request 4"}, captured)
	})
}

// TestAllWithPullAndTwice uses an iterator in the other ways that package iter allows.
func TestAllWithPullAndTwice(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		list := &slowList{ids: upTo(40)}
		_, c := newAPI(t, list.serve)
		all := c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 2}}, droplets.VerifyList())
		next, stop := iter.Pull2(all)
		for want := range int64(20) {
			d, err, ok := next()
			require.NoError(t, err)
			require.True(t, ok)
			assert.Equal(t, want+1, d.ID)
		}
		stop()
		assert.Zero(t, list.inFlight)
		for range 2 {
			n := 0
			for _, err := range all {
				require.NoError(t, err)
				n++
			}
			assert.Equal(t, 40, n)
		}
	})
}
