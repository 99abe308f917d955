package droplets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// sendUntilDone sends a request until it succeeds or must not be sent again. It returns the response to the last attempt,
// the zero value if there was none, and the error of the call.
func (p *pipeline) sendUntilDone(ctx context.Context, r *request) (httpResponse, error) {
	retries := p.newRetryState(r.opts)
	var previous error
	var last httpResponse
	lost := false // the outcome of an earlier attempt to send a change is unknown
	for {
		resp, out, admitted, err := p.admitAndSend(ctx, r)
		if !admitted {
			return last, r.fail(redactError(err, r.secrets), previous, true)
		}
		if err == nil {
			return resp, nil
		}
		if e, ok := err.(*Error); ok { //nolint:errorlint // attempt returns its own errors unwrapped
			if r.checkVisibility(e, lost); lost && r.deleted(e) {
				return resp, nil
			}
		}
		if out == outcomeUnknown && r.isChange() {
			lost, r.uncertain = true, true
		}
		delay, again, err := p.next(ctx, r, &retries, out, err)
		if !again {
			return resp, err
		}
		previous, last = err, resp
		p.backoff(ctx, r, delay)
	}
}

// deleted reports whether e means that an earlier attempt with an unknown outcome has deleted the resource: e is a 404 of the API,
// and the resource is not one that the API may not show yet.
func (r *request) deleted(e *Error) bool {
	return r.method == http.MethodDelete && !r.notFoundIsFinal && e.Is(ErrNotFound)
}

// checkVisibility marks a 404 for a resource that this client created within the grace period and that the API has not
// returned since: the resource may exist. A 404 after the grace period is marked too if an earlier attempt was marked. lost is
// true if the outcome of an earlier attempt is unknown.
func (r *request) checkVisibility(e *Error, lost bool) {
	if r.created == nil || !e.Is(ErrNotFound) {
		return
	}
	recent, seen := r.created()
	r.inGrace = recent && !seen
	r.hidden = !seen && (r.hidden || recent)
	e.invisible, r.uncertain = r.hidden, lost || r.hidden
}

// next returns the delay before the next attempt, whether there is one, and err with the fields that describe the call. The
// delay is 0 if it is that of a 429, which pauses all calls of the client: the admission waits for it. A delay that would end
// after the deadline of ctx ends the call at once.
func (p *pipeline) next(ctx context.Context, r *request, retries *retryState, out outcome, err error) (time.Duration, bool, error) {
	e, responded := err.(*Error) //nolint:errorlint // attempt returns its own errors unwrapped; a wrapped *Error is from another call
	var failed *TransportError
	if responded {
		r.addCall(e)
	} else {
		failed = r.fail(err, nil, out == outcomeFinal)
		err, e = failed, &Error{}
	}
	delay, again := retries.next(r, out, e)
	if !again || ctx.Err() != nil {
		return 0, false, err
	}
	shared := namesDelay(e) && e.RetryAfter > 0
	left, fits := timeLeft(ctx, delay)
	switch {
	case !fits && shared:
		return 0, false, r.fail(pausedError("not retried", delay, left), err, true)
	case !fits:
		e.note = fmt.Sprintf("not retried: the delay is %s and the context ends in %s", delay, max(0, left))
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
	onlyLimited bool // only a 429 is retried
	retries     int
	zeroDelays  int           // number of 429 responses that named a delay of zero
	polls       int           // number of retries after a pending event or for a resource that is not visible yet
	maxPending  time.Duration // how long the call may wait for a pending event
	start       time.Time
}

// newRetryState returns the state before the first attempt.
func (p *pipeline) newRetryState(opts callOptions) retryState {
	s := retryState{policy: p.config.retry, poll: opts.pollPolicy(p.config), onlyLimited: opts.onlyLimited,
		maxPending: opts.pendingWait, start: time.Now()}
	if opts.noRetries {
		s.policy.MaxRetries = 0
	}
	return s
}

// next returns the delay before the next attempt and whether the request may be sent again. e is the zero Error if there was
// no response. If a delay is longer than the options or the policy allow, next sets the note of e.
func (s *retryState) next(r *request, out outcome, e *Error) (time.Duration, bool) {
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
	allowed := out == outcomeNotProcessed || out == outcomeUnknown && r.isIdempotent()
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
		e.note = fmt.Sprintf("not retried: the server requires a delay of %s and RetryPolicy.MaxRetryAfter is %s", e.RetryAfter, s.policy.MaxRetryAfter)
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

// pollDelay returns the delay before the next retry after a pending event or for a resource that is not visible yet: these are
// polls, with the polling interval of the call.
func (s *retryState) pollDelay() time.Duration {
	s.polls++
	return pollDelay(s.poll, s.polls-1, rand.Float64())
}
