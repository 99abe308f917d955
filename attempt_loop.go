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
	var previous error
	var last httpResponse
	for {
		resp, result, admitted, err := p.admitAndSend(ctx, r)
		if !admitted {
			return last, r.fail(redactError(err, r.secrets), previous, true)
		}
		if err == nil {
			return resp, nil
		}
		if e, ok := err.(*Error); ok { //nolint:errorlint // attempt returns its own errors unwrapped
			if r.checkVisibility(e); r.deleted(e) {
				return resp, nil
			}
		}
		if result == outcomeUnknown && r.isChange() {
			r.uncertain = true
		}
		delay, again, err := p.next(ctx, r, &retries, result, err)
		if !again {
			return resp, err
		}
		previous, last = err, resp
		if delay == 0 {
			continue // the admission waits for the delay that the response names
		}
		if stop := p.backoff(ctx, r, delay); stop != nil {
			return resp, r.fail(stop, err, true)
		}
	}
}

// deleted reports whether a 404 means that an earlier attempt has deleted the resource: only if the API says so, and if it
// had shown the resource before.
func (r *request) deleted(e *Error) bool {
	return r.method == http.MethodDelete && r.uncertain && r.isIdempotent() && !r.notFoundIsFinal && e.Is(ErrNotFound)
}

// checkVisibility marks a 404 for a resource that this client created within the grace period and that the API has not
// shown yet. The resource may exist, during the grace period and after it.
func (r *request) checkVisibility(e *Error) {
	if r.created == nil || !e.Is(ErrNotFound) {
		return
	}
	recent, seen := r.created()
	r.inGrace = recent && !seen
	r.hidden = !seen && (r.hidden || recent)
	if e.invisible = r.hidden; e.invisible {
		r.uncertain = true
	}
}

// next completes the error of an attempt and reports whether the request is sent again, and the delay before. The delay is 0
// if a 429 names it: the admission then waits for all calls.
func (p *pipeline) next(ctx context.Context, r *request, retries *retryState, result outcome, err error) (time.Duration, bool, error) {
	e, responded := err.(*Error) //nolint:errorlint // attempt returns its own errors unwrapped; one deeper in is another call's
	var failed *TransportError
	if responded {
		r.addCall(e)
	} else {
		failed = r.fail(err, nil, result == outcomeFinal)
		err, e = failed, &Error{}
	}
	delay, again := retries.next(r, result, e)
	if !again || ctx.Err() != nil {
		return 0, false, err
	}
	shared := namesDelay(e) && e.RetryAfter > 0
	left, fits := timeLeft(ctx, delay)
	switch {
	case !fits && namesDelay(e):
		return 0, false, r.fail(pausedError("not retried", delay, left), err, true)
	case !fits:
		e.note = fmt.Sprintf("not retried: the delay is %s and the context ends in %s", delay, left)
		if failed != nil {
			failed.note = e.note
		}
		return 0, false, err
	case shared:
		return 0, true, err
	}
	return delay, true, err
}

// retryState counts the retries of one call.
type retryState struct {
	policy      RetryPolicy
	poll        PollPolicy
	onlyLimited bool // nothing but a 429 is retried
	retries     int
	zeroDelays  int           // number of 429 responses that named a delay of zero
	polls       int           // number of retries after a pending event or for a resource that is not visible yet
	maxPending  time.Duration // how long to wait for a pending event
	start       time.Time
}

func (p *pipeline) newRetryState(opts callOptions) retryState {
	s := retryState{policy: p.config.retry, poll: opts.pollPolicy(p.config), onlyLimited: opts.onlyLimited,
		maxPending: opts.pendingWait, start: time.Now()}
	if opts.noRetries {
		s.policy.MaxRetries = 0
	}
	return s
}

// next reports whether the request may be sent again, and the delay before. e is the zero Error if there was no response.
func (s *retryState) next(r *request, result outcome, e *Error) (time.Duration, bool) {
	switch {
	case s.maxPending > 0 && e.Is(ErrPendingEvent):
		delay := s.pollDelay()
		if time.Since(s.start)+delay > s.maxPending {
			e.note = fmt.Sprintf("the pending event did not end within %s", s.maxPending)
			return 0, false
		}
		return delay, true
	case e.invisible && r.inGrace && s.policy.MaxRetries > 0:
		return s.pollDelay(), true
	}
	allowed := result == outcomeNotProcessed || result == outcomeUnknown && r.isIdempotent()
	responded := e.StatusCode != 0
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
		delay = max(backoff(s.policy, s.zeroDelays, rand.Float64()), minZeroDelay)
		s.zeroDelays++
	case !limited:
		s.retries++
	}
	return delay, true
}

func (s *retryState) pollDelay() time.Duration {
	s.polls++
	return pollDelay(s.poll, s.polls-1, rand.Float64())
}
