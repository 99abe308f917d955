package droplets

import (
	"context"
	"fmt"
	"time"
)

// attempt sends a request once. The error is nil only for a 2xx response with a body that was read completely. Otherwise it
// is an *Error for a response, or the reason why there is no usable response. The outcome is valid if the error is not nil.
func (p *pipeline) attempt(ctx context.Context, r *request) (httpResponse, outcome, error) {
	token, err := p.token(ctx)
	if err != nil {
		return httpResponse{}, outcomeFinal, redactError(err, r.secrets)
	}
	if ctx.Err() != nil {
		return httpResponse{}, outcomeFinal, contextError(ctx)
	}
	attemptCtx, cancel := p.attemptContext(ctx)
	defer cancel(nil)
	var trace *sendTrace
	if r.isChange() {
		trace = &sendTrace{cancel: cancel, userAgent: r.sentUserAgent()}
		attemptCtx = trace.attach(attemptCtx)
	}
	req := r.build(attemptCtx)
	if token != nil {
		r.addSecret(token.AccessToken)
		token.SetAuthHeader(req)
	}
	r.attempts++
	seq := p.rate.next()
	resp, err := p.config.httpClient.Do(req)
	if err != nil {
		return httpResponse{}, p.outcomeOfError(trace, err), r.transportError(ctx, attemptCtx, err)
	}
	defer resp.Body.Close()
	p.rate.record(seq, resp.Header)
	return p.read(ctx, attemptCtx, r, resp)
}

// attemptContext returns the context of one attempt, which is done after the attempt timeout, or with the cause that is given
// to the returned function. The caller must call that function.
func (p *pipeline) attemptContext(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	attemptCtx, cancel := context.WithCancelCause(ctx)
	timeout := p.config.attemptTimeout
	if timeout == 0 {
		return attemptCtx, cancel
	}
	timer := time.AfterFunc(timeout, func() { cancel(&attemptTimeoutError{timeout}) })
	return attemptCtx, func(cause error) {
		timer.Stop()
		cancel(cause)
	}
}

// attemptTimeoutError is the error of an attempt that took longer than the attempt timeout. The context of the call is not
// done then.
type attemptTimeoutError struct{ after time.Duration }

func (e *attemptTimeoutError) Error() string {
	return fmt.Sprintf("the attempt timed out after %s", e.after)
}

func (e *attemptTimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout makes the error a timeout for callers that check for a net.Error.
func (e *attemptTimeoutError) Timeout() bool { return true }

// Temporary is required by net.Error.
func (e *attemptTimeoutError) Temporary() bool { return true }

// transportError returns the error of an attempt that failed with err. If the context of the call or of the attempt is done,
// it returns the error of that context instead of err. It removes the URL, because the query must not be in an error, and the
// secrets.
func (r *request) transportError(ctx, attemptCtx context.Context, err error) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	if attemptCtx.Err() != nil {
		return context.Cause(attemptCtx)
	}
	return redactError(withoutCall(unwrapURLError(err)), r.secrets)
}
