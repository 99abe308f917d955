package droplets_test

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

const refusedBody = `{"id":"too_many_requests","message":"API rate limit exceeded."}`

// slowly responds after a delay, or with the error of the context.
func slowly(d time.Duration, respond func() (*http.Response, error)) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return respond()
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// inBackground makes a call and returns its error later.
func inBackground(ctx context.Context, c *droplets.Client, id int64, co ...droplets.CallOption) <-chan error {
	result := make(chan error, 1)
	go func() {
		_, err := c.Droplets.Get(ctx, id, co...)
		result <- err
	}()
	synctest.Wait()
	return result
}

func TestMaxInFlight(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 1, 10} {
		virtualtime.Test(t, func(t *testing.T) {
			var inFlight, most atomic.Int64
			opts := []droplets.Option{droplets.WithMaxInFlight(limit)}
			want := int64(limit)
			if limit == 0 {
				opts, want = nil, 64
			}
			_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
				now := inFlight.Add(1)
				defer inFlight.Add(-1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				return slowly(time.Second, respond(200, dropletBody(42)))(n, r)
			}, opts...)
			start := time.Now()
			var wg sync.WaitGroup
			for range 2 * want {
				wg.Go(func() {
					_, err := c.Droplets.Get(t.Context(), 42)
					assert.NoError(t, err)
				})
			}
			synctest.Wait()
			s := c.Stats()
			assert.Equal(t, int(want), s.InFlight)
			assert.Equal(t, int(want), s.Queued)
			wg.Wait()
			assert.Equal(t, want, most.Load())
			assert.Equal(t, 2*time.Second, time.Since(start))
			s = c.Stats()
			assert.Equal(t, droplets.Stats{Waited: droplets.Waits{InFlight: time.Duration(want) * time.Second}}, s)
		})
	}
	_, err := droplets.NewClient(testToken, droplets.WithMaxInFlight(0))
	requireInvalid(t, err, "MaxInFlight")
}

// bodyGate is a body that cannot be read before open is closed.
type bodyGate struct {
	io.Reader
	open chan struct{}
}

func (b *bodyGate) Read(p []byte) (int, error) { <-b.open; return b.Reader.Read(p) }
func (b *bodyGate) Close() error               { return nil }

func TestARequestIsInFlightUntilItsBodyWasRead(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		a, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			body := &bodyGate{Reader: bytes.NewReader([]byte(dropletBody(42))), open: open}
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, ContentLength: -1}, nil
		}, droplets.WithMaxInFlight(1))
		first, second := inBackground(t.Context(), c, 42), inBackground(t.Context(), c, 42)
		assert.Equal(t, 1, a.count())
		close(open)
		require.NoError(t, <-first)
		require.NoError(t, <-second)
	})
}

func TestADeadlineInTheQueueIsNotARateLimit(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, slowly(10*time.Second, respond(200, dropletBody(42))), droplets.WithMaxInFlight(1))
		first := inBackground(t.Context(), c, 42)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Droplets.Get(ctx, 42)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, droplets.ErrRateLimited, "the API has refused nothing")
		assert.Equal(t, time.Second, time.Since(start))
		require.NoError(t, <-first)
		assert.Equal(t, 1, a.count())
	})
}

func TestACanceledCallInTheQueue(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, refusedBody, "Retry-After: 20"), respond(200, dropletBody(42))))
		first := inBackground(t.Context(), c, 42)
		ctx, cancel := context.WithCancel(t.Context())
		canceled := inBackground(ctx, c, 43)
		third := inBackground(t.Context(), c, 44)
		assert.Equal(t, 3, c.Stats().Queued)
		cancel()
		err := <-canceled
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, droplets.ErrRateLimited)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, <-first)
		require.NoError(t, <-third)
		assert.Equal(t, 3, a.count())
		assert.Zero(t, c.Stats().Queued)
	})
}

func TestARefusedCallComesBeforeLaterCalls(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		type sent struct {
			at   time.Duration
			call int
		}
		var mu sync.Mutex
		var order []sent
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			call, err := strconv.Atoi(r.Header.Get("X-Call"))
			assert.NoError(t, err)
			at := time.Since(start)
			if at < 20*time.Second {
				return slowly(time.Second, respond(429, refusedBody, "Retry-After: 30"))(n, r)
			}
			mu.Lock()
			order = append(order, sent{at, call})
			mu.Unlock()
			return slowly(time.Second, respond(200, dropletBody(42)))(n, r)
		})
		var all []<-chan error
		for i := range 20 {
			if i == 10 {
				<-time.After(2 * time.Second) // the others start during the pause
			}
			all = append(all, inBackground(t.Context(), c, 42, callNumber(i)))
		}
		for _, done := range all {
			require.NoError(t, <-done)
		}
		require.Len(t, order, 20)
		assert.Less(t, order[0].at, order[1].at, "one call tests the limit")
		slices.SortFunc(order, func(a, b sent) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.call, b.call)) })
		for i, s := range order {
			assert.Equal(t, i, s.call)
		}
	})
}

func TestA429ThatNamesADelayDoesNotConsumeRetries(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header string
		least  time.Duration
		most   time.Duration
	}{
		"seconds": {"Retry-After: 2", 20 * time.Second, 20 * time.Second},
		"zero":    {"Retry-After: 0", 30 * time.Second, 140 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				responses := slices.Repeat([]func() (*http.Response, error){respond(429, refusedBody, tt.header)}, 10)
				responses = append(responses, respond(503, ""), respond(503, ""), respond(503, ""), respond(200, dropletBody(42)))
				a, c := newAPI(t, sequence(responses...))
				start := time.Now()
				_, err := c.Droplets.Get(t.Context(), 42)
				require.NoError(t, err, "the three retries are left for other failures")
				assert.Equal(t, 14, a.count())
				assert.GreaterOrEqual(t, time.Since(start), tt.least)
				assert.LessOrEqual(t, time.Since(start), tt.most+4*time.Second)
			})
		})
	}
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, refusedBody)))
		_, err := c.Droplets.Get(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		assert.Equal(t, 4, a.count(), "one without a delay does")
	})
}

func TestA429WithoutRetriesIsReturnedAtOnce(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]struct {
		client []droplets.Option
		call   []droplets.CallOption
	}{
		"of the call":   {call: []droplets.CallOption{droplets.WithoutRetries()}},
		"of the client": {client: []droplets.Option{droplets.WithRetryPolicy(droplets.RetryPolicy{})}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, header := range []string{"Retry-After: 5", "Retry-After: 0", "X-None: 1"} {
				virtualtime.Test(t, func(t *testing.T) {
					a, c := newAPI(t, sequence(respond(429, refusedBody, header)), opts.client...)
					start := time.Now()
					_, err := c.Droplets.Get(t.Context(), 42, opts.call...)
					require.ErrorIs(t, err, droplets.ErrRateLimited)
					assert.Zero(t, time.Since(start))
					assert.Equal(t, 1, a.count())
				})
			}
		})
	}
}

func TestADelayAboveMaxRetryAfterIsNotShared(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, refusedBody, "Retry-After: 91"), respond(200, dropletBody(42))))
		start := time.Now()
		_, err := c.Droplets.Get(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 91*time.Second, e.RetryAfter)
		assert.True(t, c.Stats().PausedUntil.IsZero())
		_, err = c.Droplets.Get(t.Context(), 42)
		require.NoError(t, err)
		assert.Zero(t, time.Since(start))
		assert.Equal(t, 2, a.count())
	})
}

// TestOneWrongHeader responds to one request with a 429, although the API has no limit. The other calls are not delayed for longer
// than its Retry-After.
func TestOneWrongHeader(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if n == 11 {
				return respond(429, refusedBody, "Retry-After: 60")()
			}
			return slowly(100*time.Millisecond, respond(200, dropletBody(42)))(n, r)
		})
		for range 10 {
			_, err := c.Droplets.Get(t.Context(), 42)
			require.NoError(t, err)
		}
		start := time.Now()
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				_, err := c.Droplets.Get(t.Context(), 42)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.LessOrEqual(t, time.Since(start), 60*time.Second+500*100*time.Millisecond, "as if the calls were made one by one")
		t.Logf("500 calls took %s", time.Since(start))

		start = time.Now()
		for range 500 {
			wg.Go(func() {
				_, err := c.Droplets.Get(t.Context(), 42)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		t.Logf("500 more took %s", time.Since(start))
		assert.LessOrEqual(t, time.Since(start), 5*time.Second)
	})
}

func TestARequestThatHangsAfterAPauseDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			switch n {
			case 1:
				return respond(429, refusedBody, "Retry-After: 5")()
			case 2:
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return respond(200, dropletBody(42))()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		hangs := inBackground(ctx, c, 42)
		start := time.Now()
		others := []<-chan error{inBackground(t.Context(), c, 42), inBackground(t.Context(), c, 42)}
		for _, done := range others {
			require.NoError(t, <-done)
		}
		assert.LessOrEqual(t, time.Since(start), 8*time.Second)
		require.ErrorIs(t, <-hangs, context.DeadlineExceeded)
	})
}

func TestAPanicReleasesThePermit(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				panic("the caller's transport")
			}
			return respond(200, dropletBody(42))()
		}, droplets.WithMaxInFlight(1))
		assert.Panics(t, func() { _, _ = c.Droplets.Get(t.Context(), 42) })
		_, err := c.Droplets.Get(t.Context(), 42)
		require.NoError(t, err)
		assert.Equal(t, 2, a.count())
	})
}

// slowLimiter lets one request through per second.
type slowLimiter struct{ next atomic.Int64 }

func (l *slowLimiter) Wait(ctx context.Context) error {
	turn := time.Duration(l.next.Add(1)) * time.Second
	select {
	case <-time.After(turn):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestACallThatWaitsForTheLimiterHoldsNoPermit(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(200, dropletBody(42))), droplets.WithMaxInFlight(1), droplets.WithRateLimiter(new(slowLimiter)))
		first, second := inBackground(t.Context(), c, 42), inBackground(t.Context(), c, 42)
		s := c.Stats()
		assert.Zero(t, s.InFlight)
		assert.Zero(t, s.Queued)
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		assert.Equal(t, droplets.Waits{Limiter: 3 * time.Second}, c.Stats().Waited)
	})
}

func TestTheWaitsAreReported(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		_, c := newAPI(t, sequence(respond(429, refusedBody, "Retry-After: 20"), respond(503, ""), respond(200, dropletBody(42))), droplets.WithLogger(logger))
		done := inBackground(t.Context(), c, 42)
		s := c.Stats()
		assert.Equal(t, time.Now().Add(20*time.Second), s.PausedUntil)
		assert.Equal(t, int64(1), s.Refused)
		require.NoError(t, <-done)
		s = c.Stats()
		assert.True(t, s.PausedUntil.IsZero())
		assert.Equal(t, 20*time.Second, s.Waited.Pause)
		assert.Equal(t, 20*time.Second, s.Waited.RateLimit())
		assert.Positive(t, s.Waited.Backoff)
		assert.Equal(t, s.Waited.Backoff+20*time.Second, s.Waited.Total())
		assert.Contains(t, out.String(), `"waits":{"pause":20000000000,"backoff":`)

		_, c = newAPI(t, sequence(respond(429, refusedBody, "Retry-After: 20"), respond(200, dropletBody(42))))
		var resp droplets.Response
		_, err := c.Droplets.Get(t.Context(), 42, droplets.CaptureResponse(&resp))
		require.NoError(t, err)
		assert.Equal(t, 20*time.Second, resp.RateLimitWait)
	})
}
