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

const someToken = "dop_v1_not_a_real_token"

func storeFor(t *testing.T) *redis.Client {
	t.Helper()
	store := redis.NewClient(&redis.Options{Addr: redisFor(t).addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// TestPaceKeepsTheQuota plays callers whose requests are held up on the way for as long as is worst for the server:
// until others can arrive together with them. The server's window slides.
func TestPaceKeepsTheQuota(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 4, 16, 64} {
		q := Quota{Requests: 250, Window: time.Minute, Burst: 5}
		limit, err := q.rate(inFlight)
		require.NoError(t, err)
		assert.Equal(t, 245-inFlight, limit.Rate)
		most := 0
		for seed := range uint64(20) {
			most = max(most, busiest(arrivals(limit.Rate, q, inFlight, rand.New(rand.NewPCG(seed, 0)))))
		}
		assert.LessOrEqual(t, most, q.Requests)
		assert.Greater(t, most, q.Requests-inFlight, "the worst case was not played")
	}
}

// arrivals are the times at which 5,000 requests arrive, sorted.
func arrivals(rate int, q Quota, callers int, random *rand.Rand) []time.Duration {
	interval := q.Window / time.Duration(rate)
	free := make([]time.Duration, callers) // when each caller can make its next call
	var next time.Duration                 // when the limiter's bucket is full again
	var times []time.Duration
	hold := time.Duration(0) // until when requests are held up
	for range 5000 {
		caller := slices.Index(free, slices.Min(free))
		passed := max(free[caller], next-time.Duration(q.Burst-1)*interval)
		next = max(next, passed) + interval
		if passed > hold+q.Window {
			hold = passed + time.Duration(random.Int64N(int64(q.Window)))
		}
		arrived := passed
		if random.IntN(callers+1) == 0 || hold-passed < time.Duration(callers)*interval {
			arrived = max(passed, hold)
		}
		free[caller] = arrived
		times = append(times, arrived)
	}
	slices.Sort(times)
	return times
}

// busiest is the greatest number of arrivals in any minute.
func busiest(times []time.Duration) (most int) {
	first := 0
	for last, t := range times {
		for times[first] <= t-time.Minute {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

func TestAQuotaThatLeavesNothingIsRefused(t *testing.T) {
	t.Parallel()
	store := redis.NewClient(&redis.Options{})
	defer func() { require.NoError(t, store.Close()) }()
	for _, q := range []Quota{{}, {Requests: 21, Window: time.Minute, Burst: 5}, {Requests: 250, Burst: 5}, {Requests: 250, Window: time.Minute}} {
		_, err := NewLimiter(store, someToken, 16, q)
		require.Error(t, err)
	}
	_, err := NewLimiter(store, "", 16, perMinute)
	require.Error(t, err)
	_, err = NewLimiter(store, someToken, 16)
	require.Error(t, err)
	_, err = NewLimiter(store, someToken, 16, perMinute, perHour)
	require.NoError(t, err)
}

func TestTheTokenIsNotInRedis(t *testing.T) {
	t.Parallel()
	store := storeFor(t)
	limiter, err := NewLimiter(store, someToken, 1, perMinute, perHour)
	require.NoError(t, err)
	require.NoError(t, limiter.Wait(t.Context()))
	keys, err := store.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Len(t, keys, 2)
	for _, k := range keys {
		assert.Regexp(t, `^rate:droplets:[0-9a-f]{32}:1[mh0-9s]+$`, k)
	}
	assert.NotEqual(t, key(someToken, time.Minute), key(someToken+"2", time.Minute))
}

// TestWaitIsBoundToItsContext: a quota of one request in an hour at an even pace is used up by the first.
func TestWaitIsBoundToItsContext(t *testing.T) {
	t.Parallel()
	limiter, err := NewLimiter(storeFor(t), someToken, 1, Quota{Requests: 3, Window: time.Hour, Burst: 1})
	require.NoError(t, err)
	require.NoError(t, limiter.Wait(t.Context()))

	near, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	require.ErrorIs(t, limiter.Wait(near), context.DeadlineExceeded)
	assert.Less(t, time.Since(began), 30*time.Second, "it does not sleep for nothing")

	canceled, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	for range 2 { // one that has the turn and sleeps, and one that waits for the turn
		go func() { ended <- limiter.Wait(canceled) }()
	}
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.ErrorIs(t, <-ended, context.Canceled)
	assert.Empty(t, limiter.turn, "the turn is given back")
}

func TestRedisThatIsGoneIsAnError(t *testing.T) {
	t.Parallel()
	addr, _, err := freePort()
	require.NoError(t, err)
	store := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
	defer func() { require.NoError(t, store.Close()) }()
	limiter, err := NewLimiter(store, someToken, 1, perMinute)
	require.NoError(t, err)
	require.ErrorContains(t, limiter.Wait(t.Context()), "shared quota")
}
