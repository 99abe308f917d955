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

// Quota is what the API grants to a token: at most Requests in any span of time as long as Window.
type Quota struct {
	Requests int
	Window   time.Duration
	// Burst is how many requests may go at once after a silence. What it takes is missing from the even pace; see rate.
	Burst int
}

// rate is the even pace that keeps the quota whenever the server looks, however late a request arrives there.
//
// A limiter of the kind "generic cell rate" (GCRA) that refills at rate r a window and lets b go at once never lets
// more than b + r through in a span as long as a window. The server counts arrivals, not what was let through. Those
// that it counts in one window were let through in the same span, at most b + r of them, or before it and were still
// on their way when it began. Only requests that wait for an answer can be on their way, and of these there are at
// most as many as there are callers, f, in all processes together. So the server counts at most b + r + f, and
//
//	r = Requests - b - f
//
// keeps the quota exactly: there is no guess in it about how long the way is. It wants a small burst, and not
// many more callers than keep the pace busy.
func (q Quota) rate(inFlight int) (redis_rate.Limit, error) {
	r := q.Requests - q.Burst - inFlight
	if q.Burst < 1 || q.Window <= 0 || inFlight < 1 || r < 1 {
		return redis_rate.Limit{}, fmt.Errorf("%d requests in %s leave nothing for an even pace "+
			"beside a burst of %d and %d in flight", q.Requests, q.Window, q.Burst, inFlight)
	}
	return redis_rate.Limit{Rate: r, Period: q.Window, Burst: q.Burst}, nil
}

// bucket is one quota's state in Redis.
type bucket struct {
	key   string
	limit redis_rate.Limit
}

// Limiter keeps all processes that use one token, through one Redis, within its quotas. It is what
// droplets.WithRateLimiter takes. All of them have to be given the same quotas and the same number in flight.
//
// Redis reads its own clock, so that those of the processes do not matter.
type Limiter struct {
	redis   *redis_rate.Limiter
	buckets []bucket
	// turn is held by the one of this process that asks Redis. The others could not go any sooner, and that all of
	// them ask would only make work for the server. Those that wait for it are served in order.
	turn chan struct{}
}

// NewLimiter makes a limiter. inFlight is how many requests all processes together can have on their way at once: the
// number of goroutines that make calls.
func NewLimiter(client *redis.Client, token string, inFlight int, quotas ...Quota) (*Limiter, error) {
	if token == "" || len(quotas) == 0 {
		return nil, errors.New("a limiter needs a token and a quota")
	}
	l := &Limiter{redis: redis_rate.NewLimiter(client), turn: make(chan struct{}, 1)}
	for _, q := range quotas {
		limit, err := q.rate(inFlight)
		if err != nil {
			return nil, err
		}
		l.buckets = append(l.buckets, bucket{key: key(token, q.Window), limit: limit})
	}
	return l, nil
}

// key names the quota of a token without telling the token: Redis shows its keys to everyone who may connect, and
// writes them into its dumps and its slow log.
func key(token string, window time.Duration) string {
	sum := sha256.Sum256([]byte("droplets shared quota\x00" + token))
	return fmt.Sprintf("droplets:%s:%s", hex.EncodeToString(sum[:16]), window)
}

// Wait returns when one more request may be sent. Its error is the context's, or that of Redis: a quota that can not
// be seen is not free.
func (l *Limiter) Wait(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
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

// take waits for one request of one quota.
func (l *Limiter) take(ctx context.Context, b bucket) error {
	for {
		answer, err := l.redis.Allow(ctx, b.key, b.limit)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("shared quota: %w", err)
		}
		if answer.Allowed > 0 {
			return nil
		}
		if err := sleep(ctx, answer.RetryAfter); err != nil {
			return err
		}
	}
}

// sleep sleeps, unless the context ends before: then it says so at once.
func sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("the quota is free again in %s, and the context ends before: %w", d, context.DeadlineExceeded)
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
