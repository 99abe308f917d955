package droplets

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// minZeroDelay is the shortest backoff after a 429 that names a delay of zero.
const minZeroDelay = 200 * time.Millisecond

// admitAndSend waits until the request may be sent and makes one attempt. admitted is false if the wait failed with err;
// there was no attempt then.
func (p *pipeline) admitAndSend(ctx context.Context, r *request) (resp httpResponse, out outcome, admitted bool, err error) {
	granted, err := p.admit(ctx, r)
	if err != nil {
		return httpResponse{}, outcomeFinal, false, err
	}
	var ended rateEffect
	defer func() { p.admission.release(granted, ended) }() // deferred for a panic in the caller's transport
	resp, out, err = p.attempt(ctx, r)
	ended = p.rateEffectOf(resp, out, err)
	return resp, out, true, err
}

// admit waits for the caller's rate limiter and for a permit. It first waits for a permit and releases it at once: a call
// must not take from the limiter during a pause, and must not hold a permit while it waits for the limiter.
func (p *pipeline) admit(ctx context.Context, r *request) (permit, error) {
	if p.config.limiter != nil {
		granted, err := p.admission.acquire(ctx, &r.turn)
		if err != nil {
			return permit{}, err
		}
		p.admission.release(granted, rateEffect{})
		start := time.Now()
		err = p.config.limiter.Wait(ctx)
		p.admission.addWait(&r.turn, Waits{Limiter: time.Since(start)})
		if err != nil {
			return permit{}, fmt.Errorf("rate limiter: %w", err)
		}
	}
	return p.admission.acquire(ctx, &r.turn)
}

// rateEffectOf returns the effect of an attempt. Without a response, the API counts the request only if it may have processed
// it. A delay above MaxRetryAfter does not pause other calls: only the call that receives it fails.
func (p *pipeline) rateEffectOf(resp httpResponse, out outcome, err error) rateEffect {
	if resp.status != http.StatusTooManyRequests {
		return rateEffect{accepted: resp.status != 0 || out == outcomeUnknown}
	}
	ended := rateEffect{refused: true}
	e, ok := err.(*Error) //nolint:errorlint // attempt returns its own errors unwrapped
	if ok && e.RetryAfter <= p.config.retry.MaxRetryAfter {
		ended.delay = e.RetryAfter
	}
	return ended
}

// namesDelay reports whether e is a 429 that names a delay, which may be zero (see serverDelay).
func namesDelay(e *Error) bool {
	if e.StatusCode != http.StatusTooManyRequests {
		return false
	}
	_, ok := serverDelay(e.StatusCode, e.Header, time.Now())
	return ok
}

// backoff sleeps before a retry, until ctx is done at the latest, and records the wait.
func (p *pipeline) backoff(ctx context.Context, r *request, delay time.Duration) {
	start := time.Now()
	_ = sleep(ctx, delay) // admitAndSend returns the error of ctx
	p.admission.addWait(&r.turn, Waits{Backoff: time.Since(start)})
}
