package droplets_test

import (
	"context"
	"net/http"
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

// TestRateLimitedCalls makes 1,000 calls from 16 goroutines against the burst limit of 250 a minute.
func TestRateLimitedCalls(t *testing.T) {
	t.Parallel()
	for name, onlyReset := range map[string]bool{"with Retry-After": false, "without Retry-After": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithRateLimit(250, 0))
				if onlyReset {
					api = dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithRateLimit(0, 250),
						dropletstest.WithRateLimitWindows(time.Minute, time.Minute))
				}
				c := api.Client()
				start := time.Now()
				var wg sync.WaitGroup
				for range 16 {
					wg.Go(func() {
						for range 1000 / 16 {
							_, err := c.Droplets.Get(t.Context(), sampleID)
							assert.NoError(t, err)
						}
					})
				}
				wg.Wait()
				minTime := 3 * time.Minute
				assert.GreaterOrEqual(t, time.Since(start), minTime, "the API accepts 250 a minute")
				assert.LessOrEqual(t, time.Since(start), minTime+minTime/10)
				rejected := 0
				for _, r := range api.Requests() {
					if r.Status == http.StatusTooManyRequests {
						rejected++
					}
				}
				assert.LessOrEqual(t, rejected, 3*16, "at most one for each goroutine and pause")
			})
		})
	}
}

// TestNoRequestsDuringPause starts ten calls per second and counts the requests that arrive during a pause.
func TestNoRequestsDuringPause(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var pausedUntil time.Time
		var mu sync.Mutex
		early, pauses := 0, 0
		_, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if time.Now().Before(pausedUntil) {
				early++
			}
			if n%100 == 50 {
				pauses++
				pausedUntil = time.Now().Add(7 * time.Second)
				return respond(429, "{}", "Retry-After: 7")()
			}
			return respond(200, dropletBody(42))()
		})
		var wg sync.WaitGroup
		for range 60 {
			for range 10 {
				wg.Go(func() {
					_, err := c.Droplets.Get(t.Context(), 42)
					assert.NoError(t, err)
				})
				synctest.Wait()
			}
			<-time.After(time.Second)
		}
		wg.Wait()
		assert.Zero(t, early)
		assert.Equal(t, 6, pauses)
	})
}

func TestPauseIsShared(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		a, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			if time.Since(start) < 20*time.Second {
				return respond(429, `{"id":"too_many_requests","message":"API rate limit exceeded."}`, "Retry-After: 20")()
			}
			return respond(200, dropletBody(42))()
		})
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				_, err := c.Droplets.Get(t.Context(), 42)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, 20*time.Second, time.Since(start), "the calls wait at the same time")
		assert.GreaterOrEqual(t, a.count(), 32+1, "every call, and the one that was refused")
		assert.LessOrEqual(t, a.count(), 64)
	})
}

func TestPauseAppliesToNewCalls(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(429, "{}", "Retry-After: 20"), respond(200, dropletBody(42))))
		start := time.Now()
		go func() { _, _ = c.Droplets.Get(t.Context(), 42) }()
		synctest.Wait()
		require.Equal(t, 1, a.count())

		_, err := c.Droplets.Get(t.Context(), 43, droplets.WithoutRetries())
		require.NoError(t, err)
		assert.Equal(t, 20*time.Second, time.Since(start))

		a, c = newAPI(t, sequence(respond(429, "{}", "Retry-After: 20")))
		go func() { _, _ = c.Droplets.Get(t.Context(), 42) }()
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start = time.Now()
		_, err = c.Droplets.Get(short, 43)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start), "the call does not wait for a pause that ends after its context")
		assert.Equal(t, 1, a.count())
	})
}

func TestServerDelays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		headers func(now time.Time) []string
		ctx     time.Duration
		maxTime time.Duration // of the call
		minTime time.Duration
		fails   bool
		text    []string
	}{
		"seconds": {
			headers: func(time.Time) []string { return []string{"Retry-After: 20"} },
			maxTime: 20 * time.Second, minTime: 20 * time.Second,
		},
		"a date": {
			headers: func(now time.Time) []string {
				return []string{"Retry-After: " + now.Add(30*time.Second).UTC().Format(http.TimeFormat)}
			},
			maxTime: 30 * time.Second, minTime: 29 * time.Second,
		},
		"a date relative to the Date header": {
			headers: func(now time.Time) []string {
				server := now.Add(-time.Hour).UTC()
				return []string{"Date: " + server.Format(http.TimeFormat), "Retry-After: " + server.Add(12*time.Second).Format(http.TimeFormat)}
			},
			maxTime: 12 * time.Second, minTime: 12 * time.Second,
		},
		"a reset in the future": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 0, now.Add(40*time.Second)) },
			maxTime: 40 * time.Second, minTime: 40 * time.Second,
		},
		"a reset without the other headers": {
			headers: func(now time.Time) []string { return rateHeaders(-1, -1, now.Add(15*time.Second)) },
			maxTime: 15 * time.Second, minTime: 15 * time.Second,
		},
		"a reset while requests remain": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 10, now.Add(40*time.Second)) },
			maxTime: 500 * time.Millisecond, minTime: 250 * time.Millisecond,
		},
		"a reset in the past": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 0, now.Add(-time.Hour)) },
			maxTime: 500 * time.Millisecond, minTime: 250 * time.Millisecond,
		},
		"no delay": {
			headers: func(time.Time) []string { return nil },
			maxTime: 500 * time.Millisecond, minTime: 250 * time.Millisecond,
		},
		"above MaxRetryAfter": {
			headers: func(time.Time) []string { return []string{"Retry-After: 91"} },
			fails:   true, text: []string{"1m31s", "1m30s"},
		},
		"too large": {
			headers: func(time.Time) []string { return []string{"Retry-After: 99999999999999999999"} },
			fails:   true, text: []string{"1m30s"},
		},
		"past the deadline": {
			headers: func(time.Time) []string { return []string{"Retry-After: 20"} },
			ctx:     5 * time.Second, fails: true, text: []string{"20s", "5s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				start := time.Now()
				body := `{"id":"too_many_requests","message":"API rate limit exceeded."}`
				a, c := newAPI(t, sequence(respond(429, body, tt.headers(start)...), respond(202, createdBody(42))))
				ctx := t.Context()
				if tt.ctx > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.ctx)
					defer cancel()
				}
				_, err := c.Droplets.Create(ctx, createRequest())
				if !tt.fails {
					require.NoError(t, err)
					assert.Equal(t, 2, a.count())
					assert.LessOrEqual(t, time.Since(start), tt.maxTime)
					assert.GreaterOrEqual(t, time.Since(start), tt.minTime)
					return
				}
				require.ErrorIs(t, err, droplets.ErrRateLimited)
				require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
				assert.Zero(t, time.Since(start), "the call does not wait")
				assert.Equal(t, 1, a.count())
				for _, text := range tt.text {
					assert.Contains(t, err.Error(), text)
				}
			})
		})
	}
}

func rateHeaders(limit, remaining int, reset time.Time) []string {
	headers := []string{"RateLimit-Reset: " + itoa(reset.Unix())}
	if limit >= 0 {
		headers = append(headers, "RateLimit-Limit: "+itoa(int64(limit)), "RateLimit-Remaining: "+itoa(int64(remaining)))
	}
	return headers
}
