package droplets

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// minRefusalDelay is the shortest delay after a 429 that names a delay of zero.
const minRefusalDelay = 200 * time.Millisecond

// admitAndSend waits until the request may be sent and sends it once. admitted is false if it was not sent because of
// err.
func (p *pipeline) admitAndSend(ctx context.Context, r *request) (resp httpResponse, out outcome, admitted bool, err error) {
	granted, err := p.admit(ctx, r)
	if err != nil {
		return httpResponse{}, outcomeFinal, false, err
	}
	var ended result
	defer func() { p.admission.release(granted, ended) }() // also after a panic in the caller's transport
	sent := r.attempts
	resp, out, err = p.attempt(ctx, r)
	if r.attempts > sent {
		ended = p.attemptResult(resp, out, err)
	}
	return resp, out, true, err
}

// admit waits for the caller's rate limiter and for a permit. It holds no permit while it waits for the limiter, and does
// not take from the limiter while the client is paused.
func (p *pipeline) admit(ctx context.Context, r *request) (permit, error) {
	if p.config.limiter != nil {
		granted, err := p.admission.acquire(ctx, &r.turn)
		if err != nil {
			return permit{}, err
		}
		p.admission.release(granted, result{})
		start := time.Now()
		err = p.config.limiter.Wait(ctx)
		p.admission.addWait(&r.turn, Waits{Limiter: time.Since(start)})
		if err != nil {
			return permit{}, fmt.Errorf("rate limiter: %w", err)
		}
	}
	return p.admission.acquire(ctx, &r.turn)
}

// attemptResult returns how an attempt ended for the admission. A delay above MaxRetryAfter is not shared: it fails only
// the call that receives it.
func (p *pipeline) attemptResult(resp httpResponse, out outcome, err error) result {
	if resp.status != http.StatusTooManyRequests {
		return result{accepted: resp.status != 0 || out != outcomeNotProcessed}
	}
	ended := result{refused: true}
	e, ok := err.(*Error) //nolint:errorlint // attempt returns its own errors unwrapped
	if ok && e.RetryAfter <= p.config.retry.MaxRetryAfter {
		ended.delay = e.RetryAfter
	}
	return ended
}

// namesDelay reports whether e is a 429 that names a delay, which may be zero.
func namesDelay(e *Error) bool {
	if e.StatusCode != http.StatusTooManyRequests {
		return false
	}
	_, ok := serverDelay(e.StatusCode, e.Header, time.Now())
	return ok
}

// backoff sleeps before a retry.
func (p *pipeline) backoff(ctx context.Context, r *request, delay time.Duration) error {
	start := time.Now()
	err := sleep(ctx, delay)
	p.admission.addWait(&r.turn, Waits{Backoff: time.Since(start)})
	return err
}
