package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testToken = "dop_v1_not_a_real_token"

func newTestStore(t *testing.T) *redis.Client {
	t.Helper()
	store := redis.NewClient(&redis.Options{Addr: startTestRedis(t).addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// TestPaceStaysWithinQuota simulates a server with a sliding window, and requests that are delayed until they arrive together with
// later ones, which is the worst case.
func TestPaceStaysWithinQuota(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 4, 16, 64} {
		q := Quota{Requests: 250, Window: time.Minute, Burst: 5}
		limit, err := q.rate(inFlight)
		require.NoError(t, err)
		assert.Equal(t, 245-inFlight, limit.Rate)
		most := 0
		for seed := range uint64(20) {
			most = max(most, maxPerMinute(arrivals(limit.Rate, q, inFlight, rand.New(rand.NewPCG(seed, 0)))))
		}
		assert.LessOrEqual(t, most, q.Requests)
		assert.Greater(t, most, q.Requests-inFlight, "the simulation did not reach the worst case")
	}
}

// arrivals returns the sorted arrival times of 5,000 simulated requests.
func arrivals(rate int, q Quota, callers int, random *rand.Rand) []time.Duration {
	interval := q.Window / time.Duration(rate)
	freeAt := make([]time.Duration, callers) // when each caller can send its next request
	var next time.Duration                   // when the bucket of the limiter is full again
	var times []time.Duration
	heldUntil := time.Duration(0) // requests do not arrive before this time
	for range 5000 {
		caller := slices.Index(freeAt, slices.Min(freeAt))
		admitted := max(freeAt[caller], next-time.Duration(q.Burst-1)*interval)
		next = max(next, admitted) + interval
		if admitted > heldUntil+q.Window {
			heldUntil = admitted + time.Duration(random.Int64N(int64(q.Window)))
		}
		arrived := admitted
		if random.IntN(callers+1) == 0 || heldUntil-admitted < time.Duration(callers)*interval {
			arrived = max(admitted, heldUntil)
		}
		freeAt[caller] = arrived
		times = append(times, arrived)
	}
	slices.Sort(times)
	return times
}

// maxPerMinute returns the maximum number of arrivals in any minute.
func maxPerMinute(times []time.Duration) (most int) {
	first := 0
	for last, t := range times {
		for times[first] <= t-time.Minute {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

func TestInvalidQuotasAreRejected(t *testing.T) {
	t.Parallel()
	store := redis.NewClient(&redis.Options{})
	defer func() { require.NoError(t, store.Close()) }()
	for _, q := range []Quota{{}, {Requests: 21, Window: time.Minute, Burst: 5}, {Requests: 250, Burst: 5}, {Requests: 250, Window: time.Minute}} {
		_, err := NewLimiter(store, testToken, 16, q)
		require.ErrorContains(t, err, "is too small")
	}
	_, err := NewLimiter(store, "", 16, perMinute)
	require.ErrorContains(t, err, "needs a token and a quota")
	_, err = NewLimiter(store, testToken, 16)
	require.ErrorContains(t, err, "needs a token and a quota")
	_, err = NewLimiter(store, testToken, 16, perMinute, perHour)
	require.NoError(t, err)
}

func TestRedisKeysDoNotContainToken(t *testing.T) {
	t.Parallel()
	store := newTestStore(t)
	limiter, err := NewLimiter(store, testToken, 1, perMinute, perHour)
	require.NoError(t, err)
	require.NoError(t, limiter.Wait(t.Context()))
	keys, err := store.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Len(t, keys, 2)
	for _, k := range keys {
		assert.Regexp(t, `^rate:droplets:[0-9a-f]{32}:1[mh0-9s]+$`, k)
	}
	assert.NotEqual(t, redisKey(testToken, time.Minute), redisKey(testToken+"2", time.Minute))
}

// TestWaitEndsWithContext uses a quota of one request per hour, which the first request uses up.
func TestWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	limiter, err := NewLimiter(newTestStore(t), testToken, 1, Quota{Requests: 3, Window: time.Hour, Burst: 1})
	require.NoError(t, err)
	require.NoError(t, limiter.Wait(t.Context()))

	withDeadline, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	start := time.Now()
	require.ErrorIs(t, limiter.Wait(withDeadline), context.DeadlineExceeded)
	assert.Less(t, time.Since(start), 30*time.Second, "it returns without waiting for the deadline")

	canceled, cancel := context.WithCancel(t.Context())
	errs := make(chan error)
	for range 2 { // one holds the semaphore and sleeps, the other waits for the semaphore
		go func() { errs <- limiter.Wait(canceled) }()
	}
	cancel()
	require.ErrorIs(t, <-errs, context.Canceled)
	require.ErrorIs(t, <-errs, context.Canceled)
	assert.Empty(t, limiter.sem, "the semaphore is released")
}

func TestWaitFailsWithoutRedis(t *testing.T) {
	t.Parallel()
	addr, _, err := freePort()
	require.NoError(t, err)
	store := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
	defer func() { require.NoError(t, store.Close()) }()
	limiter, err := NewLimiter(store, testToken, 1, perMinute)
	require.NoError(t, err)
	require.ErrorContains(t, limiter.Wait(t.Context()), "shared quota")
}
