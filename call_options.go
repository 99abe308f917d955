package droplets

import (
	"net/http"
	"slices"
	"time"
)

// CallOption configures one call. If a method sends several requests, its options apply to all of them, unless an option is
// documented otherwise. If an option is given twice, the last one counts; [WithHeader] and [WithBodyField] add to earlier ones.
// A call with an invalid option returns an [*ArgumentError] and sends nothing.
type CallOption func(*callOptions)

type callOptions struct {
	capture     *Response
	header      http.Header
	err         error // of the first invalid option
	noRetries   bool
	resend      bool // a change may be sent again although its outcome is unknown
	poll        *PollPolicy
	pendingWait time.Duration
	readAhead   int
	progress    func(Progress)
	waits       bool // the method polls, so that OnProgress and WithPolling are allowed
	verifyList  bool
	bodyFields  []bodyField
	operation   string    // operation name from WithOperation
	root        string    // key from RequireRoot
	oneChange   bool      // see forOneChange
	onlyLimited bool      // only a 429 is retried
	attempts    func(int) // see countAttempts
}

// reject records that an option is invalid.
func (o *callOptions) reject(err error) {
	if o.err == nil {
		o.err = err
	}
}

// CaptureResponse stores the HTTP response of a call in dst, on success and on failure. If a method sends several requests one
// after the other, dst has the last response. With an All method it is the response of the page that was read last.
func CaptureResponse(dst *Response) CallOption { return func(o *callOptions) { o.capture = dst } }

// WithHeader sets a header of the requests. It can replace User-Agent, Accept and Content-Type.
//
// Rejected: Authorization, Host, Content-Length, Transfer-Encoding and Accept-Encoding, which the client or net/http sets;
// Idempotency-Key and X-Idempotency-Key, with which net/http could send a change a second time; and values that are not
// printable ASCII.
func WithHeader(key, value string) CallOption {
	return func(o *callOptions) {
		switch name := http.CanonicalHeaderKey(key); {
		case !isToken(key):
			o.reject(invalid("header", "must have a valid name, got %q", key))
		case name == "Authorization" || name == "Host" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Accept-Encoding":
			o.reject(invalid("header", "%s is set by the client and cannot be replaced", name))
		case slices.Contains(replayHeaders(), name):
			o.reject(invalid("header", "%s must not be set: net/http could send a change a second time, and the API does not support this header", name))
		case !printable(value):
			o.reject(invalid("header", "%s must have a printable ASCII value", name))
		default:
			if o.header == nil {
				o.header = make(http.Header, 1)
			}
			o.header.Set(name, value)
		}
	}
}

// replayHeaders returns the headers that make net/http treat any request as idempotent.
func replayHeaders() []string { return []string{"Idempotency-Key", "X-Idempotency-Key"} }

// WithoutRetries disables retries: the first 429, 5xx or broken connection ends the call. It does not disable
// [RetryPendingEvent], because the API does not process a request that it rejects for a pending event.
func WithoutRetries() CallOption { return func(o *callOptions) { o.noRetries = true } }

// RetryPendingEvent retries a change while the API rejects it because another event on the Droplet has not ended
// ([ErrPendingEvent]), at the polling interval and for at most maxWait. The change is applied once, because the API does not
// process a request that it rejects. 0 disables the option; a negative maxWait is rejected.
func RetryPendingEvent(maxWait time.Duration) CallOption {
	return func(o *callOptions) {
		if o.pendingWait = maxWait; maxWait < 0 {
			o.reject(invalid("RetryPendingEvent", "must not be negative, got %s", maxWait))
		}
	}
}

// ResendUncertain declares that the change is harmless if it is applied twice. It is then retried like a read even if the
// outcome of an attempt is unknown. Use it for a shutdown or a rename, and never for a create. The Ensure methods reject it.
func ResendUncertain() CallOption { return func(o *callOptions) { o.resend = true } }

// WithPolling sets the polling interval of one call, instead of that of [WithPollPolicy]. Methods that wait accept this option,
// and any method together with [RetryPendingEvent]; others reject it with an [*ArgumentError].
func WithPolling(p PollPolicy) CallOption { return func(o *callOptions) { o.poll = &p } }

// forWait returns the options for the requests of a method that waits.
func forWait(co []CallOption) []CallOption {
	return append(slices.Clip(co), func(o *callOptions) { o.waits = true })
}

// withoutProgress removes OnProgress. A helper that reports progress itself uses it for its calls of other methods.
func withoutProgress(o *callOptions) { o.progress = nil }

// ReadAhead sets the largest number of pages that an All method may have in flight or in memory, at least 1; 8 by default. The
// number starts with one page and doubles with each page that the caller consumes. With ReadAhead(1), the pages are
// requested one after the other. Methods other than All methods ignore this option.
func ReadAhead(pages int) CallOption {
	return func(o *callOptions) {
		if o.readAhead = pages; pages < 1 {
			o.reject(invalid("ReadAhead", "must be at least 1, got %d", pages))
		}
	}
}

// VerifyList makes an All method read its list again until a whole pass finds no new item. Without it, creates and deletes that
// cancel out in the total can hide an item; see [DropletsService.All].
//
// With VerifyList, an iterator that ends without an error has yielded every item that existed during its whole last pass,
// unless another item was both created and deleted during that pass. This holds for lists that grow at one end: Droplets
// and actions.
//
// The list is read at least twice and at most five times. Only the first pass reads ahead. If the fifth pass still finds new
// items, the iterator ends with an error. Items that are found in a later pass are yielded after the others, in no particular
// order. The memory is the same as without VerifyList: the IDs of all yielded items, and the pages that are read ahead.
// Methods other than All methods ignore this option.
func VerifyList() CallOption { return func(o *callOptions) { o.verifyList = true } }

// countAttempts calls f at the end of each request with the number of its attempts.
func countAttempts(f func(attempts int)) CallOption { return func(o *callOptions) { o.attempts = f } }

// onlyRateLimitRetries disables retries except after a 429.
func onlyRateLimitRetries(o *callOptions) { o.onlyLimited = true }

// newCallOptions applies and checks the options. nil options are ignored.
func newCallOptions(co []CallOption) (o callOptions, err error) {
	for _, apply := range co {
		if apply != nil {
			apply(&o)
		}
	}
	if o.err != nil {
		return o, o.err
	}
	if o.poll != nil {
		if err := o.poll.check(); err != nil {
			return o, err
		}
	}
	return o, o.checkWaits()
}

// forSearch returns the options for a method that polls after an uncertain create, but that has no progress to report. It
// rejects ResendUncertain: such a method repeats a create only after it has searched for the result of the first one.
func forSearch(co []CallOption) ([]CallOption, error) {
	co = forWait(co)
	o, err := newCallOptions(co)
	switch {
	case err != nil:
	case o.progress != nil:
		err = invalid("OnProgress", onlyForWaits)
	case o.resend:
		err = invalid("ResendUncertain", "must not be used with this method: it could create something twice")
	}
	return co, err
}

const onlyForWaits = "is only for methods that wait"

// checkWaits rejects the options of waiters for other methods. WithPolling is also allowed with RetryPendingEvent.
func (o *callOptions) checkWaits() error {
	switch {
	case o.waits:
		return nil
	case o.progress != nil:
		return invalid("OnProgress", onlyForWaits)
	case o.poll != nil && o.pendingWait == 0:
		return invalid("WithPolling", onlyForWaits)
	}
	return nil
}

// pollPolicy returns the polling interval of one call.
func (o callOptions) pollPolicy(c *config) PollPolicy {
	if o.poll != nil {
		return o.poll.withDefaults()
	}
	return c.poll
}
