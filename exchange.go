package droplets

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// exchange sends a request until there is an answer that stands, or until it may not be sent again.
func (c *Client) exchange(ctx context.Context, r *request) (reply, error) {
	patience := c.patience(r.opts)
	for {
		if err := c.admit(ctx); err != nil {
			return reply{}, r.fail(err, false)
		}
		rep, f, err := c.attempt(ctx, r)
		if err == nil {
			return rep, nil
		}
		if rep.status == http.StatusNotFound && r.method == http.MethodDelete && r.uncertain {
			return rep, nil // an earlier attempt has deleted it
		}
		if f == fateUnknown && !isRead(r.method) {
			r.uncertain = true
		}
		e, answered := err.(*Error) //nolint:errorlint // what attempt returns is its own; one deeper in is another call's
		var failed *callError
		if answered {
			r.complete(e)
			c.share(e)
		} else {
			failed = r.fail(err, f == fateSettled)
			err, e = failed, &Error{}
		}
		d, again := patience.next(r.method, f, e)
		if !again || ctx.Err() != nil {
			return rep, err
		}
		if left, fits := timeLeft(ctx, d); !fits {
			e.note = fmt.Sprintf("not sent again: that was to be in %s, and the context ends in %s", d, left)
			if failed != nil {
				failed.note = e.note
			}
			return rep, err
		}
		if stop := sleep(ctx, d); stop != nil {
			cut := r.fail(stop, true)
			cut.last = err
			return rep, cut
		}
	}
}

// fail is the end of a call without an answer; final when sending it again would not help.
func (r *request) fail(err error, final bool) *callError {
	return &callError{operation: r.operation, method: r.method, path: "/" + r.path, attempts: r.attempts, err: err,
		maybeApplied: r.uncertain, final: final}
}

// admit waits until the client may send: not during a pause that the API asked for, and not before the limiter says
// so. It holds nothing while it sleeps.
func (c *Client) admit(ctx context.Context) error {
	for limited := false; ; {
		if ctx.Err() != nil {
			return ended(ctx)
		}
		if d := c.pause.left(); d > 0 {
			if left, fits := timeLeft(ctx, d); !fits {
				return fmt.Errorf("not sent: %w: the API asked this client to wait %s more, and the context ends in %s: %w",
					ErrRateLimited, d, left, context.DeadlineExceeded)
			}
			if err := sleep(ctx, d); err != nil {
				return err
			}
			continue
		}
		if limited || c.config.limiter == nil {
			return nil
		}
		if err := c.config.limiter.Wait(ctx); err != nil {
			return fmt.Errorf("rate limiter: %w", err)
		}
		limited = true
	}
}

// share makes every call of the client keep the pause that a 429 asks for. One that is longer than the client may
// wait is nobody's: each call that runs into it is told by the API itself.
func (c *Client) share(e *Error) {
	if e.StatusCode == http.StatusTooManyRequests && e.RetryAfter > 0 && e.RetryAfter <= c.config.retry.MaxRetryAfter {
		c.pause.extend(time.Now().Add(e.RetryAfter))
	}
}

// patience is what a call has left of its retries.
type patience struct {
	policy   RetryPolicy
	poll     PollPolicy
	retries  int
	refusals int           // how often another event was pending
	pending  time.Duration // how long to wait for that to end
	began    time.Time
}

func (c *Client) patience(opts callOptions) patience {
	p := patience{policy: c.config.retry, poll: c.config.poll, pending: opts.pendingWait, began: time.Now()}
	if opts.noRetries {
		p.policy.MaxRetries = 0
	}
	return p
}

// next decides whether the request may go again, and after what delay. e is the zero Error when there was no answer.
func (p *patience) next(method string, f fate, e *Error) (time.Duration, bool) {
	if p.pending > 0 && e.Is(ErrPendingEvent) {
		d := pollDelay(p.poll, p.refusals, rand.Float64())
		p.refusals++
		if time.Since(p.began)+d > p.pending {
			e.note = fmt.Sprintf("the other event did not end within %s", p.pending)
			return 0, false
		}
		return d, true
	}
	answered := e.StatusCode != 0
	if !mayResend(method, f) || answered && !passes(e.StatusCode) || p.retries >= p.policy.MaxRetries {
		return 0, false
	}
	d := backoff(p.policy, p.retries, rand.Float64())
	if e.RetryAfter > p.policy.MaxRetryAfter {
		e.note = fmt.Sprintf("the server asks to wait %s, and the client waits at most %s", e.RetryAfter, p.policy.MaxRetryAfter)
		return 0, false
	}
	if e.RetryAfter > 0 {
		d = e.RetryAfter
	}
	p.retries++
	return d, true
}

// reply is what came back from one attempt.
type reply struct {
	status int
	header http.Header
	body   []byte
	buffer *bytes.Buffer // that body is in, to be recycled; nil where it is not
}

func (r reply) ok() bool { return r.status >= 200 && r.status < 300 }

// attempt sends a request once. The error is nil for a 2xx that was read to its end.
func (c *Client) attempt(ctx context.Context, r *request) (reply, fate, error) {
	token, err := c.config.token()
	if err != nil {
		return reply{}, fateSettled, fmt.Errorf("token source: %w", err)
	}
	if token == nil || checkToken(token.AccessToken) != nil {
		return reply{}, fateSettled, errors.New("token source: returned a token that is empty or not fit for a header")
	}
	if ctx.Err() != nil {
		return reply{}, fateSettled, ended(ctx)
	}
	r.conceal(token.AccessToken)
	var trace sendTrace
	attemptCtx := ctx
	if !isRead(r.method) {
		attemptCtx = trace.follow(ctx)
	}
	req := r.build(attemptCtx)
	token.SetAuthHeader(req)
	r.attempts++
	seq := c.rate.next()
	resp, err := c.config.httpClient.Do(req)
	if err != nil {
		return reply{}, trace.fate(err), transportFailure(ctx, err)
	}
	defer resp.Body.Close()
	c.rate.record(seq, resp.Header)
	return c.read(ctx, r, resp)
}

// read takes in an answer up to the cap. A status outside 2xx counts whatever becomes of the body.
func (c *Client) read(ctx context.Context, r *request, resp *http.Response) (reply, fate, error) {
	rep := reply{status: resp.StatusCode, header: redactHeader(resp.Header, r.secrets)}
	limit := maxResponseBody
	if !rep.ok() {
		limit = maxErrorRead
	}
	buffer := c.buffer()
	body, tooLarge, err := readCapped(buffer, resp.Body, limit, resp.ContentLength)
	if rep.ok() && err == nil && !tooLarge {
		rep.body, rep.buffer = body, buffer
		return rep, fateSettled, nil
	}
	defer c.recycle(buffer)
	switch {
	case !rep.ok():
		return rep, fateOf(rep.status), newError(rep.status, rep.header, body, time.Now())
	case err != nil:
		return rep, fateUnknown, transportFailure(ctx, fmt.Errorf("reading the answer: %w", err))
	}
	rep.body = body
	refusal := r.refuse(rep, ErrResponseTooLarge)
	rep.body = nil
	return rep, fateSettled, refusal
}

// transportFailure says what is wrong without the URL, whose query the error would repeat. Where the context ended,
// that is the reason, whatever the transport made of it.
func transportFailure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// sendTrace tells whether a request can have left this machine: it can not while the transport, asked for a
// connection, never had one.
type sendTrace struct{ asked, connected atomic.Bool }

func (t *sendTrace) follow(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { t.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.connected.Store(true) },
	})
}

// fate of a request that got no answer. A certificate that is not trusted will not be the next time either.
func (t *sendTrace) fate(err error) fate {
	if strings.Contains(err.Error(), "failed to parse Location header") {
		return fateSettled // net/http has no type for it: a redirect, which is an answer, to nowhere
	}
	if t.connected.Load() {
		return fateUnknown // whatever the error is about, such as a second try of the transport's own
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fateSettled
	}
	op, ok := errors.AsType[*net.OpError](err)
	dialed := ok && (op.Op == "dial" || op.Op == "proxyconnect")
	if dialed || t.asked.Load() && !t.connected.Load() {
		return fateRefused
	}
	return fateUnknown
}
