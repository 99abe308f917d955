package droplets_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// meteredAPI is the fake API behind a network with a latency. It records each request.
type meteredAPI struct {
	next    http.RoundTripper
	latency func() time.Duration // half of a round trip; nil is none

	mu       sync.Mutex
	requests []meteredRequest
	paused   time.Time // end of the latest pause that a response has named
	known    time.Time // when the client received that response
}

type meteredRequest struct {
	call     int // the value of the header X-Call
	sent     time.Time
	status   int
	inPause  bool // it was sent during a pause, after the client had received the response that named it
	finished time.Time
}

func (m *meteredAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	req := meteredRequest{sent: time.Now()}
	req.call, _ = strconv.Atoi(r.Header.Get("X-Call"))
	m.mu.Lock()
	req.inPause = req.sent.After(m.known) && req.sent.Before(m.paused)
	m.mu.Unlock()
	m.delay()
	resp, err := m.next.RoundTrip(r)
	m.delay()
	req.finished = time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		req.status = resp.StatusCode
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
			if end := req.finished.Add(time.Duration(seconds) * time.Second); end.After(m.paused) {
				m.paused, m.known = end, req.finished
			}
		}
	}
	m.requests = append(m.requests, req)
	return resp, err
}

func (m *meteredAPI) delay() {
	if m.latency != nil {
		<-time.After(m.latency())
	}
}

// accepted returns the calls in the order in which they were accepted.
func (m *meteredAPI) accepted() (calls []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		if r.status != http.StatusTooManyRequests {
			calls = append(calls, r.call)
		}
	}
	return calls
}

func (m *meteredAPI) count(match func(meteredRequest) bool) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		if match(r) {
			n++
		}
	}
	return n
}

func refusedRequest(r meteredRequest) bool { return r.status == http.StatusTooManyRequests }

// meteredClient returns a client for an account with DigitalOcean's limits.
func meteredClient(latency func() time.Duration) (*meteredAPI, *droplets.Client) {
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithRateLimit(250, 5000))
	m := &meteredAPI{next: api.Transport(), latency: latency}
	return m, api.Client(droplets.WithHTTPClient(&http.Client{Transport: m, Timeout: time.Minute}))
}

func callNumber(n int) droplets.CallOption { return droplets.WithHeader("X-Call", strconv.Itoa(n)) }

// latencyTo returns latencies of 50 ms up to most.
func latencyTo(most time.Duration) func() time.Duration {
	const least = 50 * time.Millisecond
	return func() time.Duration { return least + rand.N(most-least) }
}

// backlog starts calls together and returns how many failed, and how long all of them took.
func backlog(t testing.TB, c *droplets.Client, calls int) (failed int, took time.Duration) {
	start := time.Now()
	errs := make(chan error, calls)
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			_, err := c.Droplets.Get(t.Context(), sampleID, callNumber(i))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			failed++
		}
	}
	return failed, time.Since(start)
}

func TestABacklogFinishesAsFastAsTheLimitAllows(t *testing.T) {
	t.Parallel()
	latencies := map[string]func() time.Duration{"at once": nil, "100 ms": latencyTo(50*time.Millisecond + 1),
		"100 to 900 ms": latencyTo(450 * time.Millisecond)}
	for _, calls := range []int{300, 1000, 2000, 5000} {
		for name, latency := range latencies {
			t.Run(fmt.Sprintf("%d calls/%s", calls, name), func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					m, c := meteredClient(latency)
					failed, took := backlog(t, c, calls)
					assert.Zero(t, failed)
					assert.LessOrEqual(t, len(m.requests), calls*105/100+80)
					least := time.Duration((calls-1)/250) * time.Minute
					assert.LessOrEqual(t, took, least*11/10)
					assert.Zero(t, m.count(func(r meteredRequest) bool { return r.inPause }))
					t.Logf("%d requests, %d refused, %s, least %s", len(m.requests), m.count(refusedRequest), took, least)
				})
			})
		}
	}
}

func TestNoCallIsOvertakenByMoreThanAWindow(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		m, c := meteredClient(latencyTo(150 * time.Millisecond))
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				_, err := c.Droplets.Get(t.Context(), sampleID, callNumber(i))
				assert.NoError(t, err)
			})
			synctest.Wait() // the calls start in a known order
		}
		wg.Wait()
		overtaken := 0
		accepted := m.accepted()
		require.Len(t, accepted, 1000)
		for position, call := range accepted {
			overtaken = max(overtaken, position-call)
		}
		assert.LessOrEqual(t, overtaken, 250)
		t.Logf("overtaken by at most %d calls", overtaken)
	})
}

// TestASteadyLoadAboveTheLimit sends ten calls a second for ten minutes. About one request in each window tests the limit and is
// refused, also if latencies vary.
func TestASteadyLoadAboveTheLimit(t *testing.T) {
	t.Parallel()
	for name, latency := range map[string]func() time.Duration{"at once": nil, "200 ms": latencyTo(150 * time.Millisecond)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accepted, refused := steadyLoad(t, latency)
			assert.LessOrEqual(t, refused, accepted/100)
		})
	}
}

func steadyLoad(t *testing.T, latency func() time.Duration) (accepted, refused int) {
	virtualtime.Test(t, func(t *testing.T) {
		m, c := meteredClient(latency)
		var wg sync.WaitGroup
		for range 10 * 60 * 10 {
			wg.Go(func() {
				_, err := c.Droplets.Get(t.Context(), sampleID)
				if err != nil {
					assert.ErrorIs(t, err, droplets.ErrRateLimited, "the limit per hour")
				}
			})
			<-time.After(100 * time.Millisecond)
		}
		refused = m.count(refusedRequest)
		accepted = m.count(func(r meteredRequest) bool { return !refusedRequest(r) })
		assert.GreaterOrEqual(t, accepted, 250*9, "the limit is used")
		t.Logf("in ten minutes %d requests, %d refused", accepted+refused, refused)
		wg.Wait()
		assert.Zero(t, m.count(func(r meteredRequest) bool { return r.inPause }))
	})
	return accepted, refused
}

// TestAVeryLowLimitIsRaised refuses all requests of the first round trip but one, as if another program had used up the limit.
// Afterwards it accepts everything. The known window has room for the requests that one connection sends one after the other, so
// that no request is ever one too many for it.
func TestAVeryLowLimitIsRaised(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		steps := []step{{takes: 100 * time.Millisecond}}
		for range 63 {
			steps = append(steps, step{refused: 1, takes: 800 * time.Millisecond})
		}
		p := newPacedAPI(t, append(steps, step{takes: 400 * time.Millisecond}))
		failed, took := backlog(t, p.client, 1000)
		assert.Zero(t, failed)
		assert.LessOrEqual(t, took, 30*time.Second)
	})
}

func TestACallThatCannotBeServedInTimeIsNotSent(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		m, c := meteredClient(nil)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		errs := make([]error, 2000)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = c.Droplets.Get(ctx, sampleID, callNumber(i)) })
		}
		wg.Wait()
		sent := make(map[int]int)
		for _, r := range m.requests {
			sent[r.call]++
		}
		failed, failedUnsent := 0, 0
		for i, err := range errs {
			if err == nil {
				continue
			}
			failed++
			require.ErrorIs(t, err, droplets.ErrRateLimited)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			if sent[i] == 0 {
				failedUnsent++
			}
		}
		assert.Equal(t, 1500, failed, "two windows are served within 90 s")
		assert.GreaterOrEqual(t, failedUnsent, failed-1, "one request tests the limit")
		assert.LessOrEqual(t, len(m.requests), 500+65)
	})
}

func TestAnAPIThatRefusesEverything(t *testing.T) {
	t.Parallel()
	for after, limits := range map[string]map[int]int{"1": {1: 80, 50: 200}, "0": {1: 20, 50: 1000}} {
		for calls, most := range limits {
			t.Run(fmt.Sprintf("Retry-After %s, %d calls", after, calls), func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					a, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: "+after)))
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					start := time.Now()
					var wg sync.WaitGroup
					for range calls {
						wg.Go(func() {
							_, err := c.Droplets.Get(ctx, sampleID)
							assert.ErrorIs(t, err, droplets.ErrRateLimited)
						})
					}
					wg.Wait()
					assert.LessOrEqual(t, a.count(), most)
					assert.Greater(t, time.Since(start), 25*time.Second, "the calls wait as long as it makes sense")
					t.Logf("%d requests in %s", a.count(), time.Since(start))
				})
			})
		}
	}
}

// BenchmarkBacklog runs in real time, with a window of one second instead of a minute.
func BenchmarkBacklog(b *testing.B) {
	for _, calls := range []int{300, 1000, 2000, 5000} {
		b.Run(strconv.Itoa(calls), func(b *testing.B) {
			var requests, share float64
			for b.Loop() {
				api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithRateLimit(250, 0),
					dropletstest.WithRateLimitWindows(time.Second, time.Hour))
				failed, took := backlog(b, api.Client(), calls)
				if failed > 0 {
					b.Fatalf("%d calls failed", failed)
				}
				requests += float64(len(api.Requests()))
				share += took.Seconds() / float64((calls-1)/250)
			}
			b.ReportMetric(requests/float64(b.N)/float64(calls), "requests/call")
			b.ReportMetric(share/float64(b.N), "time/least")
		})
	}
}
