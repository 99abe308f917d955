package droplets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// The kinds of failure, to be matched with [errors.Is]. The first seven say what status the API answered with;
// the details are in [*Error].
var (
	// ErrUnauthorized is a 401: the token is missing, wrong or revoked.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden is a 403: the token lacks a scope that the operation needs.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound is a 404, and what FindByName returns when no Droplet has the name.
	ErrNotFound = errors.New("not found")
	// ErrConflict is a 409: a destroy with associated resources is already under way.
	ErrConflict = errors.New("conflict")
	// ErrUnprocessable is a 422: the API understood the request and refuses it.
	ErrUnprocessable = errors.New("unprocessable")
	// ErrRateLimited is a 429, and a call that was not sent because its context ended while it waited for the rate limit,
	// or would end before the pause that an earlier 429 asked for.
	ErrRateLimited = errors.New("rate limited")
	// ErrServer is any status of 500 and above.
	ErrServer = errors.New("server error")

	// ErrInvalidArgument is a call that was refused before anything was sent. The details are in [*ArgumentError].
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrPendingEvent is a 422 that says that another event on the Droplet has not ended yet. It is an
	// [ErrUnprocessable] too. See [RetryPendingEvent].
	ErrPendingEvent = errors.New("pending event")
	// ErrActionFailed is what every [*ActionError] is: the API took the action and then reported it as errored.
	ErrActionFailed = errors.New("action failed")
	// ErrInvalidResponse is an answer that can not be used: no JSON, cut short, not the documented object, or
	// larger than the client reads. The details are in [*Error].
	ErrInvalidResponse = errors.New("invalid response")
	// ErrResponseTooLarge is an [ErrInvalidResponse] whose body is larger than the client reads.
	ErrResponseTooLarge = errors.New("response too large")
	// ErrMaybeApplied is a change (anything but a read) that was sent and whose outcome is unknown: the connection
	// broke, the attempt timed out, the context ended while it was under way, the server answered 5xx, or its
	// answer can not be read. It was not sent again where that could do the change twice. Before it is sent again,
	// look: for a create, list Droplets by name ([DropletsService.Ensure] does that by itself); for an action,
	// list the Droplet's actions; for a delete, get the Droplet.
	ErrMaybeApplied = errors.New("the change may have been applied")
)

// kinds lists the sentinels of this package.
func sentinels() []error {
	return []error{ErrMaybeApplied, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrPendingEvent,
		ErrUnprocessable, ErrRateLimited, ErrServer, ErrInvalidArgument, ErrActionFailed, ErrResponseTooLarge, ErrInvalidResponse}
}

// Error is an answer of the API that is not what was asked for: a status outside 2xx, or a 2xx that can not be used.
// Match its kind with [errors.Is] and the sentinels above, and reach its fields with [errors.As].
type Error struct {
	// StatusCode is the HTTP status of the answer.
	StatusCode int
	// ID is the API's short word for the error, such as "not_found"; empty when the answer has no JSON error body.
	// Tell kinds apart by status rather than by this: live answers spell it in more than one way.
	ID string
	// Message is the API's explanation; empty when the answer has no JSON error body.
	Message string
	// RequestID is what DigitalOcean's support asks for; empty when the answer has none.
	RequestID string
	// Operation is the API's own id of the operation, such as "droplets_get"; empty for [Client.Do].
	Operation string
	// Method and Path are those of the request; the query is left out.
	Method, Path string
	// Attempts is how often the request was sent, this answer's included.
	Attempts int
	// RetryAfter is how long the server asked to wait; zero when it did not say.
	RetryAfter time.Duration
	// RateLimit is the quota as this answer gives it; the zero value when it does not.
	RateLimit RateLimit
	// Header is the answer's header.
	Header http.Header
	// Body is the beginning of the answer's body, at most 64 KiB of it.
	Body []byte

	cause        error  // why a 2xx can not be used
	note         string // why it was not waited for and sent again
	maybeApplied bool
}

// Error tells in one line which operation failed, how the API answered and why.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("droplets: ")
	b.WriteString(describeCall(e.Operation, e.Method, e.Path))
	fmt.Fprintf(&b, ": %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.ID != "" {
		b.WriteString(" (" + oneLine(e.ID) + ")")
	}
	switch {
	case e.cause != nil:
		b.WriteString(": " + oneLine(e.cause.Error()))
	case e.Message != "":
		b.WriteString(": " + oneLine(e.Message))
	}
	if e.note != "" {
		b.WriteString("; " + e.note)
	}
	if e.maybeApplied {
		b.WriteString("; " + ErrMaybeApplied.Error())
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, "; %d attempts", e.Attempts)
	}
	if e.RequestID != "" {
		b.WriteString("; request id " + oneLine(e.RequestID))
	}
	return b.String()
}

// Is reports whether e is of the kind that target stands for.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	case ErrUnprocessable:
		return e.StatusCode == http.StatusUnprocessableEntity
	case ErrPendingEvent:
		return e.StatusCode == http.StatusUnprocessableEntity && saysPendingEvent(e.Message)
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrServer:
		return e.StatusCode >= http.StatusInternalServerError
	case ErrInvalidResponse:
		return e.cause != nil
	case ErrMaybeApplied:
		return e.maybeApplied
	}
	return false
}

// Unwrap returns why a 2xx answer could not be used, nil otherwise.
func (e *Error) Unwrap() error { return e.cause }

// saysPendingEvent knows the two wordings that the API has for it.
func saysPendingEvent(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "pending event") || strings.Contains(m, "blocking event")
}

// maxErrorBody is how much of a body an [Error] keeps.
const maxErrorBody = 64 << 10

// newError makes the error for an answer. The caller adds what it knows of the call.
func newError(status int, header http.Header, body []byte, now time.Time) *Error {
	e := &Error{StatusCode: status, Header: header, Body: bytes.Clone(body)}
	e.RateLimit, _ = parseRateLimit(header)
	e.RetryAfter, _ = serverDelay(status, header, now)
	e.RequestID = header.Get(headerRequestID)
	var wire struct {
		ID        string `json:"id"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	}
	if json.Unmarshal(body, &wire) == nil {
		e.ID, e.Message = wire.ID, wire.Message
		if wire.RequestID != "" {
			e.RequestID = wire.RequestID
		}
	}
	return e
}

func describeCall(operation, method, path string) string {
	if operation == "" {
		return method + " " + path
	}
	return operation + ": " + method + " " + path
}

// oneLine makes text of the server's fit into one line of a log: no control characters, no markup of its own length.
func oneLine(s string) string {
	const most = 500
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
