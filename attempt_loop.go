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
	for {
		if err := p.waitForPermission(ctx); err != nil {
			return httpResponse{}, r.fail(err, false)
		}
		resp, result, err := p.attempt(ctx, r)
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
			p.extendPause(e)
		} else {
			failed = r.fail(err, result == outcomeFinal)
			err, e = failed, &Error{}
		}
		delay, again := retries.next(r.method, result, e)
		if !again || ctx.Err() != nil {
			return resp, err
		}
		if left, fits := timeLeft(ctx, delay); !fits {
			e.note = fmt.Sprintf("not retried: the delay is %s and the context ends in %s", delay, left)
			if failed != nil {
				failed.note = e.note
			}
			return resp, err
		}
		if stop := sleep(ctx, delay); stop != nil {
			interrupted := r.fail(stop, true)
			interrupted.last = err
			return resp, interrupted
		}
	}
}

// extendPause makes every call of the client wait for the delay that a 429 names. A delay above MaxRetryAfter is not
// shared: it fails only the calls that receive it.
func (p *pipeline) extendPause(e *Error) {
	if e.StatusCode == http.StatusTooManyRequests && e.RetryAfter > 0 && e.RetryAfter <= p.config.retry.MaxRetryAfter {
		p.pause.extend(time.Now().Add(e.RetryAfter))
	}
}

// retryState counts the retries of one call.
type retryState struct {
	policy       RetryPolicy
	poll         PollPolicy
	resend       bool // the caller allows a retry after an unknown outcome
	retries      int
	pendingWaits int           // number of responses that reported a pending event
	maxPending   time.Duration // how long to wait for a pending event
	start        time.Time
}

func (p *pipeline) newRetryState(opts callOptions) retryState {
	s := retryState{policy: p.config.retry, poll: opts.pollPolicy(p.config), resend: opts.resend, maxPending: opts.pendingWait, start: time.Now()}
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
	if !allowed || responded && !isTransient(e.StatusCode) || s.retries >= s.policy.MaxRetries {
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
	s.retries++
	return delay, true
}
