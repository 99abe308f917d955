package droplets

import (
	"net/http"
	"slices"
	"time"
)

// CallOption changes one call.
type CallOption func(*callOptions)

type callOptions struct {
	capture      *Response
	header       http.Header
	badHeader    error
	noRetries    bool
	resend       bool // a change may be sent again although its outcome is unknown
	poll         *PollPolicy
	pendingWait  time.Duration
	badPending   bool
	readAhead    int
	progress     func(Progress)
	badReadAhead bool
	onlyLimited  bool      // nothing but a 429 is retried
	attempts     func(int) // called with the number of attempts of a call that has ended
}

// CaptureResponse fills dst with what the API answered beside the result, on success and on failure. With an All it
// is the answer of the page that was read last.
func CaptureResponse(dst *Response) CallOption { return func(o *callOptions) { o.capture = dst } }

// WithHeader sets a header of the request. Those that the client itself has to set, such as Authorization, are refused.
func WithHeader(key, value string) CallOption {
	return func(o *callOptions) {
		switch name := http.CanonicalHeaderKey(key); {
		case !isToken(key):
			o.badHeader = invalid("header", "must have a valid name, got %q", key)
		case name == "Authorization" || name == "Host" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Accept-Encoding":
			o.badHeader = invalid("header", "%s is set by the client", name)
		case slices.Contains(replayHeaders(), name):
			o.badHeader = invalid("header", "%s makes net/http send a change again by itself, and the API does not know it", name)
		case !printable(value):
			o.badHeader = invalid("header", "%s must have a printable ASCII value", name)
		default:
			if o.header == nil {
				o.header = make(http.Header, 1)
			}
			o.header.Set(name, value)
		}
	}
}

// replayHeaders make net/http take any request for one that may be sent again.
func replayHeaders() []string { return []string{"Idempotency-Key", "X-Idempotency-Key"} }

// WithoutRetries sends the request once.
func WithoutRetries() CallOption { return func(o *callOptions) { o.noRetries = true } }

// RetryPendingEvent waits, for maxWait at most, while the API refuses a change because another event on the Droplet
// has not ended ([ErrPendingEvent]), and sends it again. Nothing was done while it was refused, so that it is done
// once.
func RetryPendingEvent(maxWait time.Duration) CallOption {
	return func(o *callOptions) { o.pendingWait, o.badPending = maxWait, maxWait < 0 }
}

// ResendUncertain declares that the change is harmless if it is applied twice. It is then retried like a read even if the
// outcome of an attempt is unknown. Use it for a shutdown or a rename, and never for a create.
func ResendUncertain() CallOption { return func(o *callOptions) { o.resend = true } }

// WithPolling sets the polling interval of one wait, instead of the client's [WithPollPolicy].
func WithPolling(p PollPolicy) CallOption { return func(o *callOptions) { o.poll = &p } }

// ReadAhead says how many pages an All may have in flight; 1 is strictly one by one.
func ReadAhead(pages int) CallOption {
	return func(o *callOptions) { o.readAhead, o.badReadAhead = pages, pages < 1 }
}

// countAttempts calls f with the number of attempts of each call, when it has ended.
func countAttempts(f func(attempts int)) CallOption { return func(o *callOptions) { o.attempts = f } }

// onlyRateLimitRetries retries a request after a 429 alone.
func onlyRateLimitRetries(o *callOptions) { o.onlyLimited = true }

func newCallOptions(co []CallOption) (o callOptions, err error) {
	for _, apply := range co {
		if apply != nil {
			apply(&o)
		}
	}
	switch {
	case o.badHeader != nil:
		return o, o.badHeader
	case o.badPending:
		return o, invalid("RetryPendingEvent", "must not be negative, got %s", o.pendingWait)
	case o.badReadAhead:
		return o, invalid("ReadAhead", "must be at least 1, got %d", o.readAhead)
	}
	if o.poll != nil {
		if err := o.poll.check(); err != nil {
			return o, err
		}
	}
	return o, nil
}

// pollPolicy returns the policy of one wait.
func (o callOptions) pollPolicy(c *config) PollPolicy {
	if o.poll != nil {
		return o.poll.withDefaults()
	}
	return c.poll
}
