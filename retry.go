package droplets

import (
	"math"
	"net/http"
	"time"
)

// RetryPolicy sets how often a request is retried and the backoff between retries. The policy does not change which requests
// may be retried: see the table in the package documentation. The zero value disables retries. If any field is set, fields
// with the zero value have their defaults.
type RetryPolicy struct {
	// MaxRetries is the maximum number of retries of a call; 3 by default. A 429 that names a delay does not count: the call
	// waits for the delay and its place in the queue of the client.
	MaxRetries int
	// MinDelay is the delay before the first retry, 0.5 s by default. It doubles with each further retry. Each delay of the
	// backoff is shortened at random by up to half.
	MinDelay time.Duration
	// MaxDelay is the longest delay of the backoff; by default 30 s, or MinDelay if that is longer.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest delay that the client accepts from the server. If a response requires a longer one, the
	// call returns its error at once. 90 s by default, because the limit per minute requires delays of up to 60 s.
	MaxRetryAfter time.Duration
}

// DefaultRetryPolicy returns the policy of a client without [WithRetryPolicy].
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxRetries: 3, MinDelay: 500 * time.Millisecond, MaxDelay: 30 * time.Second, MaxRetryAfter: 90 * time.Second}
}

func (p RetryPolicy) check() error {
	switch {
	case p.MaxRetries < 0:
		return invalid("RetryPolicy.MaxRetries", "must not be negative, got %d", p.MaxRetries)
	case p.MinDelay < 0 || p.MaxDelay < 0 || p.MaxRetryAfter < 0:
		return invalid("RetryPolicy", "must not have a negative delay")
	}
	return nil
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p == (RetryPolicy{}) {
		return p
	}
	def := DefaultRetryPolicy()
	if p.MaxRetries == 0 {
		p.MaxRetries = def.MaxRetries
	}
	if p.MinDelay == 0 {
		p.MinDelay = def.MinDelay
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = max(def.MaxDelay, p.MinDelay)
	}
	if p.MaxRetryAfter == 0 {
		p.MaxRetryAfter = def.MaxRetryAfter
	}
	return p
}

// backoff returns the delay before a retry; retry counts from 0. The delay doubles from MinDelay up to MaxDelay. jitter, a
// number in [0, 1), shortens it by up to half, so that clients that failed together do not retry together.
func backoff(p RetryPolicy, retry int, jitter float64) time.Duration {
	d := float64(p.MinDelay) * math.Pow(2, float64(retry))
	d = min(d, float64(p.MaxDelay))
	return time.Duration(d * (1 - jitter/2))
}

// outcome is what is known about a request after a failed attempt.
type outcome int

const (
	outcomeFinal        outcome = iota // a retry would not change the response
	outcomeNotProcessed                // the server has certainly not processed the request
	outcomeUnknown                     // the server may have processed the request
)

// outcomeOf returns the outcome of an attempt whose response has a status outside 2xx.
func outcomeOf(status int) outcome {
	switch {
	case status == http.StatusTooManyRequests:
		return outcomeNotProcessed
	case status >= http.StatusInternalServerError:
		return outcomeUnknown
	}
	return outcomeFinal
}

// isTransient reports whether the next attempt may have another status: after 429, 500, the statuses of gateways (502 to
// 504), and those of Cloudflare if it cannot reach the API (520 to 524). Cloudflare is in front of this API.
func isTransient(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout, 520, 521, 522, 523, 524:
		return true
	}
	return false
}
