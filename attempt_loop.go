package droplets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// sendUntilDone sends a request until a response is final or the request may not be sent again.
func (p *pipeline) sendUntilDone(ctx context.Context, r *request) (httpResponse, error) {
	retries := p.newRetryState(r.opts)
	var last error // the error of the previous attempt
	for {
		resp, result, admitted, err := p.admitAndSend(ctx, r)
		if !admitted {
			failed := r.fail(err, false)
			failed.last = last
			return httpResponse{}, failed
		}
		if err == nil {
			return resp, nil
		}
		if resp.status == http.StatusNotFound && r.method == http.MethodDelete && r.uncertain {
			return resp, nil // an earlier attempt has deleted it
		}
		if result == outcomeUnknown && !isRead(r.method) {
			r.uncertain = true
		}
		e, responded := err.(*Error) //nolint:errorlint // attempt returns its own errors unwrapped; one deeper in is another call's
		var failed *callError
		if responded {
			r.addCall(e)
		} else {
			failed = r.fail(err, result == outcomeFinal)
			err, e = failed, &Error{}
		}
		delay, again := retries.next(r.method, result, e)
		if !again || ctx.Err() != nil {
			return resp, err
		}
		if left, fits := timeLeft(ctx, delay); !fits {
			if namesDelay(e) {
				late := r.fail(pausedError("not retried", delay, left), true)
				late.last = err
				return resp, late
			}
			e.note = fmt.Sprintf("not retried: the delay is %s and the context ends in %s", delay, left)
			if failed != nil {
				failed.note = e.note
			}
			return resp, err
		}
		last = err
		if namesDelay(e) && e.RetryAfter > 0 {
			continue // the pause of the admission is at least as long
		}
		if stop := p.backoff(ctx, r, delay); stop != nil {
			interrupted := r.fail(stop, true)
			interrupted.last = err
			return resp, interrupted
		}
	}
}

// retryState counts the retries of one call.
type retryState struct {
	policy       RetryPolicy
	poll         PollPolicy
	onlyLimited  bool // nothing but a 429 is retried
	resend       bool // the caller allows a retry after an unknown outcome
	retries      int
	zeroDelays   int           // number of 429 responses that named a delay of zero
	pendingWaits int           // number of responses that reported a pending event
	maxPending   time.Duration // how long to wait for a pending event
	start        time.Time
}

func (p *pipeline) newRetryState(opts callOptions) retryState {
	s := retryState{policy: p.config.retry, poll: opts.pollPolicy(p.config), resend: opts.resend, onlyLimited: opts.onlyLimited,
		maxPending: opts.pendingWait, start: time.Now()}
	if opts.noRetries {
		s.policy.MaxRetries = 0
	}
	return s
}

// next reports whether the request may be sent again, and the delay before. e is the zero Error if there was no response.
func (s *retryState) next(method string, result outcome, e *Error) (time.Duration, bool) {
	if s.maxPending > 0 && e.Is(ErrPendingEvent) {
		delay := pollDelay(s.poll, s.pendingWaits, rand.Float64())
		s.pendingWaits++
		if time.Since(s.start)+delay > s.maxPending {
			e.note = fmt.Sprintf("the pending event did not end within %s", s.maxPending)
			return 0, false
		}
		return delay, true
	}
	responded := e.StatusCode != 0
	allowed := mayResend(method, result) || s.resend && result == outcomeUnknown
	limited := namesDelay(e) && s.policy.MaxRetries > 0 // does not consume a retry
	if s.onlyLimited && e.StatusCode != http.StatusTooManyRequests {
		return 0, false
	}
	if !allowed || responded && !isTransient(e.StatusCode) || !limited && s.retries >= s.policy.MaxRetries {
		return 0, false
	}
	delay := backoff(s.policy, s.retries, rand.Float64())
	if e.RetryAfter > s.policy.MaxRetryAfter {
		e.note = fmt.Sprintf("the server asks for a delay of %s and the client waits at most %s", e.RetryAfter, s.policy.MaxRetryAfter)
		return 0, false
	}
	if e.RetryAfter > 0 {
		delay = e.RetryAfter
	}
	switch {
	case limited && e.RetryAfter == 0:
		delay = max(backoff(s.policy, s.zeroDelays, rand.Float64()), minRefusalDelay)
		s.zeroDelays++
	case !limited:
		s.retries++
	}
	return delay, true
}
