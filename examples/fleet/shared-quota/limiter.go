package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// Quota is a rate limit of the API for a token: at most Requests in any period of length Window.
type Quota struct {
	Requests int
	Window   time.Duration
	// Burst is the number of requests that may be sent at once after an idle period. It reduces the even pace; see rate.
	Burst int
}

// rate returns the even pace that stays within the quota, however long requests take to arrive at the server.
//
// A limiter of the type "generic cell rate algorithm" (GCRA) with rate r per window and burst b admits at most b + r requests
// in any period of length Window. The server counts arrivals, not admissions. The requests that it counts in one window were
// either admitted during that window, at most b + r of them, or they were admitted before it and were still in transit when it
// started. Only requests that wait for a response can be in transit, so there are at most as many of these as there are
// callers, f, in all processes together. The server therefore counts at most b + r + f requests, and
//
//	r = Requests - b - f
//
// stays within the quota exactly, without an assumption about network delays. Use a small burst, and not many more callers
// than are needed to reach the pace.
func (q Quota) rate(inFlight int) (redis_rate.Limit, error) {
	r := q.Requests - q.Burst - inFlight
	if q.Burst < 1 || q.Window <= 0 || inFlight < 1 || r < 1 {
		return redis_rate.Limit{}, fmt.Errorf("a quota of %d requests in %s is too small "+
			"for a burst of %d and %d requests in flight", q.Requests, q.Window, q.Burst, inFlight)
	}
	return redis_rate.Limit{Rate: r, Period: q.Window, Burst: q.Burst}, nil
}

// bucket is the state of one quota in Redis.
type bucket struct {
	key   string
	limit redis_rate.Limit
}

// Limiter keeps all processes that use one token and one Redis server within the quotas of the token. It implements
// droplets.Limiter. All processes must use the same quotas and the same number of requests in flight.
//
// Redis uses its own clock, so the clocks of the processes do not matter.
type Limiter struct {
	redis   *redis_rate.Limiter
	buckets []bucket
	// sem is a semaphore of one. The goroutine that holds it sends commands to Redis. The others of this process could not be admitted
	// sooner, and their commands would only be load for the server. They get the semaphore in order.
	sem chan struct{}
}

// NewLimiter returns a limiter. inFlight is the maximum number of requests in flight in all processes together: the number of
// goroutines that call the API. It returns an error if the token or the quotas are empty, or a quota is too small.
func NewLimiter(client *redis.Client, token string, inFlight int, quotas ...Quota) (*Limiter, error) {
	if token == "" || len(quotas) == 0 {
		return nil, errors.New("a limiter needs a token and a quota")
	}
	l := &Limiter{redis: redis_rate.NewLimiter(client), sem: make(chan struct{}, 1)}
	for _, q := range quotas {
		limit, err := q.rate(inFlight)
		if err != nil {
			return nil, err
		}
		l.buckets = append(l.buckets, bucket{key: redisKey(token, q.Window), limit: limit})
	}
	return l, nil
}

// redisKey returns the key of a quota. It contains a hash of the token and not the token, because all clients of Redis can list its
// keys, and dumps and the slow log contain them.
func redisKey(token string, window time.Duration) string {
	sum := sha256.Sum256([]byte("droplets shared quota\x00" + token))
	return fmt.Sprintf("droplets:%s:%s", hex.EncodeToString(sum[:16]), window)
}

// Wait waits until one more request may be sent. It returns the error of the context, or that of Redis: if Redis is not
// reachable, no request is admitted.
func (l *Limiter) Wait(ctx context.Context) error {
	select {
	case l.sem <- struct{}{}:
		defer func() { <-l.sem }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, b := range l.buckets {
		if err := l.take(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// take waits until the bucket admits one request.
func (l *Limiter) take(ctx context.Context, b bucket) error {
	for {
		result, err := l.redis.Allow(ctx, b.key, b.limit)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("shared quota: %w", err)
		}
		if result.Allowed > 0 {
			return nil
		}
		if err := sleep(ctx, result.RetryAfter); err != nil {
			return err
		}
	}
}

// sleep waits for d. If the deadline of the context is earlier than that, it returns an error immediately.
func sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("the next request is allowed in %s, after the context deadline: %w", d, context.DeadlineExceeded)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
