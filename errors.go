package droplets

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// Sentinel errors, for use with [errors.Is]. The first seven correspond to the status of the API's response; use
// [errors.As] with [*Error] for the details.
var (
	// ErrUnauthorized matches a 401 response: the token is missing, invalid or revoked.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden matches a 403 response with an error body of the API: the token lacks a scope that the operation
	// requires. A 403 with another body, such as a page of a proxy, matches [ErrInvalidResponse] instead.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound matches a 404 response with an error body of the API, and the error of [DropletsService.FindByName] if
	// no Droplet has the name. A 404 with another body, such as a page of a proxy, matches [ErrInvalidResponse] instead.
	ErrNotFound = errors.New("not found")
	// ErrConflict matches a 409 response: a destroy with associated resources is already in progress.
	ErrConflict = errors.New("conflict")
	// ErrUnprocessable matches a 422 response: the API rejected the request because of its content.
	ErrUnprocessable = errors.New("unprocessable")
	// ErrRateLimited matches a 429 response. It also matches the error of a call that was not sent because its context was
	// done while it waited for the rate limit, or would be done before the pause that an earlier 429 requires ends.
	ErrRateLimited = errors.New("rate limited")
	// ErrServer matches a response with a status of 500 or above.
	ErrServer = errors.New("server error")

	// ErrInvalidArgument matches an argument that was rejected before a request was sent. The details are in
	// [*ArgumentError].
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrPendingEvent matches a 422 response that reports that another event on the Droplet is in progress. Such an
	// error also matches [ErrUnprocessable]. See [RetryPendingEvent].
	ErrPendingEvent = errors.New("pending event")
	// ErrActionFailed matches every [*ActionError]: the API accepted the action and later reported it as errored.
	ErrActionFailed = errors.New("action failed")
	// ErrInvalidResponse matches a 2xx response that cannot be decoded: it is not JSON, truncated, not the documented
	// object, or larger than the client's limit. It also matches a 403 or 404 that is not from the API. The details are
	// in [*Error].
	ErrInvalidResponse = errors.New("invalid response")
	// ErrResponseTooLarge matches a response whose body is larger than the client's limit. Such an error also matches
	// [ErrInvalidResponse].
	ErrResponseTooLarge = errors.New("response too large")
	// ErrMaybeApplied matches the error of a request (other than a read) that was sent and whose outcome is unknown:
	// the connection broke, the attempt timed out, the context was done before the response arrived, the server
	// responded with a 5xx status, or the response cannot be decoded. It also matches if a 2xx response to a change was not
	// delivered, because the [io.Writer] of [Client.Do] failed. The request was not retried if that could apply the change
	// twice. Check before retrying: for a create, list Droplets by name ([DropletsService.Ensure] does this); for an action,
	// list the Droplet's actions; for a delete, get the Droplet.
	ErrMaybeApplied = errors.New("the change may have been applied")
)

// sentinels returns the sentinel errors of this package.
func sentinels() []error {
	return []error{ErrMaybeApplied, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrPendingEvent,
		ErrUnprocessable, ErrRateLimited, ErrServer, ErrInvalidArgument, ErrActionFailed, ErrResponseTooLarge, ErrInvalidResponse}
}

// Error is an API response with a status outside 2xx, or a 2xx response that cannot be decoded, or cannot be written to the
// [io.Writer] of [Client.Do]. Use [errors.Is] with the sentinel errors above to match its kind, and [errors.As] to read its
// fields.
type Error struct {
	// StatusCode is the HTTP status of the response.
	StatusCode int
	// ID is the API's identifier of the error, such as "not_found"; empty if the response has no JSON error body.
	// Prefer the status to distinguish errors: the API spells the same identifier in more than one way.
	ID string
	// Message is the API's error message; empty if the response has no JSON error body.
	Message string
	// RequestID identifies the request for DigitalOcean's support; empty if the response has none.
	RequestID string
	// Operation is the operation ID of the OpenAPI document, such as "droplets_get"; empty for [Client.Do]
	// without [WithOperation].
	Operation string
	// Method and Path are those of the request. Path does not include the query.
	Method, Path string
	// Attempts is how many times the request was sent, including the attempt with this response.
	Attempts int
	// RetryAfter is the delay that the server requires before the next request; zero if it requires none.
	RetryAfter time.Duration
	// RateLimit is the rate limit in the response; the zero value if the response has none.
	RateLimit RateLimit
	// Header is the header of the response.
	Header http.Header
	// Body is the body of the response, truncated to 64 KiB.
	Body []byte

	cause        error  // why a 2xx response cannot be used
	note         string // why the request was not retried
	maybeApplied bool
	unwritten    bool // the cause is an error of the caller's io.Writer, and the response is valid
	notFromAPI   bool // the body is not an error of the API, but for example a page of a proxy
	invisible    bool // a 404 for a resource that this client has just created
}

// Error returns one line with the operation, the status and the reason.
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
	switch {
	case e.invisible:
		b.WriteString("; this client has just created it, and the API may not show it yet")
	case e.notFromAPI && (e.StatusCode == http.StatusForbidden || e.StatusCode == http.StatusNotFound):
		b.WriteString("; the body is not an error of the API: check the base URL and proxies")
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

// Is reports whether e matches target, one of the sentinel errors.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden && !e.notFromAPI
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound && !e.notFromAPI && !e.invisible
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
		unknown := e.StatusCode == http.StatusForbidden || e.StatusCode == http.StatusNotFound
		return e.cause != nil && !e.unwritten || unknown && e.notFromAPI
	case ErrMaybeApplied:
		return e.maybeApplied
	}
	return false
}

// Unwrap returns the reason why a 2xx response cannot be decoded or written, or nil.
func (e *Error) Unwrap() error { return e.cause }

// saysPendingEvent reports whether message has one of the two texts that the API uses for a pending event.
func saysPendingEvent(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "pending event") || strings.Contains(m, "blocking event")
}

// newError returns the error for a response. The caller adds the fields that describe the call, and removes secrets.
func newError(status int, header http.Header, body []byte, secrets []string, now time.Time) *Error {
	e := &Error{StatusCode: status, Header: header, Body: errorBody(body, secrets)}
	e.RateLimit, _ = parseRateLimit(header)
	e.RetryAfter, _ = serverDelay(status, header, now)
	e.RequestID = header.Get(headerRequestID)
	var apiError struct {
		ID        string `json:"id"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	}
	err := json.Unmarshal(body, &apiError)
	if err == nil {
		e.ID, e.Message = apiError.ID, apiError.Message
		if apiError.RequestID != "" {
			e.RequestID = apiError.RequestID
		}
	}
	// Gateways respond with a message alone.
	e.notFromAPI = err != nil || e.ID == "" || e.Message == ""
	if e.Message == "" {
		e.Message = otherMessage(body)
	}
	return e
}

// otherMessage returns the message of an error in the format that the API documents for an invalid tag, or "".
func otherMessage(body []byte) string {
	var other struct {
		Message string `json:"error"`
	}
	if json.Unmarshal(body, &other) != nil {
		return ""
	}
	return other.Message
}

func describeCall(operation, method, path string) string {
	if operation == "" {
		return method + " " + path
	}
	return operation + ": " + method + " " + path
}

// oneLine returns s as one line without control characters, truncated to 500 bytes, for use in errors and log records.
func oneLine(s string) string {
	const most = 500
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
