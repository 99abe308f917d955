package droplets

import (
	"net/http"
	"slices"
	"time"
)

// CallOption changes one call. Options reach every request of a call that sends several.
type CallOption func(*callOptions)

type callOptions struct {
	capture     *Response
	header      http.Header
	bad         error // the first option that is invalid
	noRetries   bool
	resend      bool // a change may be sent again although its outcome is unknown
	poll        *PollPolicy
	pendingWait time.Duration
	readAhead   int
	progress    func(Progress)
	waits       bool // the method waits, so that OnProgress and WithPolling have a meaning
	verifyList  bool
	bodyFields  []bodyField
	operation   string    // the name that the caller of Do gives to it
	root        string    // the key that the response to Do must have
	oneChange   bool      // the method sends one kind of change, which the fields of WithBodyField are part of
	onlyLimited bool      // nothing but a 429 is retried
	attempts    func(int) // called with the number of attempts of a call that has ended
}

func (o *callOptions) reject(err error) {
	if o.bad == nil {
		o.bad = err
	}
}

// CaptureResponse copies the HTTP response of a call to dst, on success and on failure. With an All method it is the
// response of the page that was read last.
func CaptureResponse(dst *Response) CallOption { return func(o *callOptions) { o.capture = dst } }

// WithHeader sets a header of the request. Headers that the client sets itself, such as Authorization, are rejected.
func WithHeader(key, value string) CallOption {
	return func(o *callOptions) {
		switch name := http.CanonicalHeaderKey(key); {
		case !isToken(key):
			o.reject(invalid("header", "must have a valid name, got %q", key))
		case name == "Authorization" || name == "Host" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Accept-Encoding":
			o.reject(invalid("header", "%s is set by the client", name))
		case slices.Contains(replayHeaders(), name):
			o.reject(invalid("header", "%s would make net/http send a change a second time, and the API does not support it", name))
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

// WithoutRetries disables retries after a failure: the first 429, 5xx or broken connection ends the call. It does not
// disable [RetryPendingEvent], because a request that the API has rejected for a pending event was not processed.
func WithoutRetries() CallOption { return func(o *callOptions) { o.noRetries = true } }

// RetryPendingEvent sends a change again while the API rejects it because another event on the Droplet has not ended
// ([ErrPendingEvent]), for at most maxWait. A rejected change was not processed, so that it is applied once.
func RetryPendingEvent(maxWait time.Duration) CallOption {
	return func(o *callOptions) {
		if o.pendingWait = maxWait; maxWait < 0 {
			o.reject(invalid("RetryPendingEvent", "must not be negative, got %s", maxWait))
		}
	}
}

// ResendUncertain declares that the change is harmless if it is applied twice. It is then retried like a read even if the
// outcome of an attempt is unknown. Use it for a shutdown or a rename, and never for a create.
func ResendUncertain() CallOption { return func(o *callOptions) { o.resend = true } }

// WithPolling sets the polling interval of one call, instead of the client's [WithPollPolicy]. Only methods that wait accept
// this option, and any call with [RetryPendingEvent]; others reject it with an [*ArgumentError].
func WithPolling(p PollPolicy) CallOption { return func(o *callOptions) { o.poll = &p } }

// forWait returns the options for the requests of a method that waits.
func forWait(co []CallOption) []CallOption {
	return append(slices.Clip(co), func(o *callOptions) { o.waits = true })
}

// withoutProgress removes OnProgress from the options of the calls that a helper makes.
func withoutProgress(o *callOptions) { o.progress = nil }

// ReadAhead sets the largest number of pages that an All method may have in flight or in memory. The default is 8. The
// number starts with one page and doubles with each page that the caller consumes. With ReadAhead(1), the pages are
// requested one after the other. Other methods ignore this option.
func ReadAhead(pages int) CallOption {
	return func(o *callOptions) {
		if o.readAhead = pages; pages < 1 {
			o.reject(invalid("ReadAhead", "must be at least 1, got %d", pages))
		}
	}
}

// VerifyList makes an All method read its list again until a whole pass brings no new item. See [DropletsService.All] for
// what an All method guarantees without it: creates and deletes that cancel out in the total can hide an item.
//
// With VerifyList, an iterator that ends without an error has yielded every item that existed during its whole last pass,
// unless another item was both created and deleted during that pass. This holds for lists that grow at one end: Droplets
// and actions.
//
// It costs at least one more request for each page: at least two passes, at most five. Only the first pass reads ahead.
// If the fifth pass still brings new items, the iterator ends with an error. Items that are found in a later pass are
// yielded after the others, in no particular order. The memory is the same as without VerifyList: the IDs of all yielded
// items, and the pages that are read ahead. Other methods ignore this option.
func VerifyList() CallOption { return func(o *callOptions) { o.verifyList = true } }

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
	if o.bad != nil {
		return o, o.bad
	}
	if o.poll != nil {
		if err := o.poll.check(); err != nil {
			return o, err
		}
	}
	return o, o.checkWaits()
}

// forSearch returns the options for the requests of a method that may poll but reports no progress.
func forSearch(co []CallOption) ([]CallOption, error) {
	co = forWait(co)
	o, err := newCallOptions(co)
	switch {
	case err != nil:
	case o.progress != nil:
		err = invalid("OnProgress", onlyForWaits)
	case o.resend:
		err = invalid("ResendUncertain", "must not be used here: it could create something twice")
	}
	return co, err
}

const onlyForWaits = "is only for methods that wait"

// checkWaits rejects options of waiters for a method that does not wait.
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

// pollPolicy returns the policy of one wait.
func (o callOptions) pollPolicy(c *config) PollPolicy {
	if o.poll != nil {
		return o.poll.withDefaults()
	}
	return c.poll
}
