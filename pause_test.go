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
)

// TestRateLimitedCalls makes 1,000 calls from 16 goroutines against the burst limit of 250 a minute.
func TestRateLimitedCalls(t *testing.T) {
	t.Parallel()
	for name, onlyReset := range map[string]bool{"with Retry-After": false, "with a reset alone": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
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
				least := 3 * time.Minute
				assert.LessOrEqual(t, time.Since(start), least+least/10)
				wasted := 0
				for _, r := range api.Requests() {
					if r.Status == http.StatusTooManyRequests {
						wasted++
					}
				}
				assert.LessOrEqual(t, wasted, 3*16, "one for each goroutine and pause")
			})
		})
	}
}

// TestNoRequestsDuringPause starts ten calls a second and looks at when they arrive.
func TestNoRequestsDuringPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var pausedUntil time.Time
		var mu sync.Mutex
		early := 0
		_, c := newAPI(t, func(n int, _ *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if time.Now().Before(pausedUntil) {
				early++
			}
			if n%100 == 50 {
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
	})
}

func TestPauseIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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
		assert.Equal(t, 20*time.Second, time.Since(start), "slept once, not once for each call")
		assert.LessOrEqual(t, a.count(), 64)
	})
}

func TestPauseAppliesToNewCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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
		assert.Zero(t, time.Since(start), "a pause that outlasts the context is not slept")
		assert.Equal(t, 1, a.count())
	})
}

func TestServerDelays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		headers func(now time.Time) []string
		ctx     time.Duration
		want    time.Duration // how long the call takes, at most
		least   time.Duration
		fails   bool
		text    []string
	}{
		"seconds": {
			headers: func(time.Time) []string { return []string{"Retry-After: 20"} },
			want:    20 * time.Second, least: 20 * time.Second,
		},
		"a date": {
			headers: func(now time.Time) []string {
				return []string{"Retry-After: " + now.Add(30*time.Second).UTC().Format(http.TimeFormat)}
			},
			want: 30 * time.Second, least: 29 * time.Second,
		},
		"a date by the server's clock": {
			headers: func(now time.Time) []string {
				server := now.Add(-time.Hour).UTC()
				return []string{"Date: " + server.Format(http.TimeFormat), "Retry-After: " + server.Add(12*time.Second).Format(http.TimeFormat)}
			},
			want: 12 * time.Second, least: 12 * time.Second,
		},
		"a reset in the future": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 0, now.Add(40*time.Second)) },
			want:    40 * time.Second, least: 40 * time.Second,
		},
		"a reset alone": {
			headers: func(now time.Time) []string { return rateHeaders(-1, -1, now.Add(15*time.Second)) },
			want:    15 * time.Second, least: 15 * time.Second,
		},
		"a reset of a quota that is not used up": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 10, now.Add(40*time.Second)) },
			want:    500 * time.Millisecond, least: 250 * time.Millisecond,
		},
		"a reset in the past": {
			headers: func(now time.Time) []string { return rateHeaders(5000, 0, now.Add(-time.Hour)) },
			want:    500 * time.Millisecond, least: 250 * time.Millisecond,
		},
		"nothing": {
			headers: func(time.Time) []string { return nil },
			want:    500 * time.Millisecond, least: 250 * time.Millisecond,
		},
		"above the longest": {
			headers: func(time.Time) []string { return []string{"Retry-After: 91"} },
			fails:   true, text: []string{"1m31s", "1m30s"},
		},
		"absurd": {
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
			synctest.Test(t, func(t *testing.T) {
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
					assert.LessOrEqual(t, time.Since(start), tt.want)
					assert.GreaterOrEqual(t, time.Since(start), tt.least)
					return
				}
				require.ErrorIs(t, err, droplets.ErrRateLimited)
				require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
				assert.Zero(t, time.Since(start), "it was not slept")
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
