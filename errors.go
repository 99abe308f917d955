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

// Sentinel errors, for use with [errors.Is]. The first seven are about the status of a response; use [errors.As] with [*Error]
// for the details.
var (
	// ErrUnauthorized matches a 401 response: the token is missing, invalid or revoked.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden matches a 403 response with an error body of the API: the token lacks a scope that the operation
	// requires. A 403 with another body, such as a page of a proxy, matches [ErrInvalidResponse] instead.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound matches a 404 response with an error body of the API, and the error of [DropletsService.FindByName] if no
	// Droplet has the name. A 404 with another body, such as a page of a proxy, matches [ErrInvalidResponse] instead. A 404
	// to the delete of a Droplet that this client has just created matches [ErrMaybeApplied] instead; see
	// [DropletsService.Delete].
	ErrNotFound = errors.New("not found")
	// ErrConflict matches a 409 response, for example because a destroy with associated resources is already in progress.
	ErrConflict = errors.New("conflict")
	// ErrUnprocessable matches a 422 response: the API rejected the request because of its content.
	ErrUnprocessable = errors.New("unprocessable")
	// ErrRateLimited matches a 429 response. It also matches the error of a call that ended without a further request, because
	// its deadline passed while it waited for the rate limit, or is before the end of the pause after a 429.
	ErrRateLimited = errors.New("rate limited")
	// ErrServer matches a response with a status of 500 or above.
	ErrServer = errors.New("server error")

	// ErrInvalidArgument matches an argument that was rejected before a request was sent. The details are in
	// [*ArgumentError].
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrPendingEvent matches a 422 response with the message that another event on the Droplet is in progress. Such an error
	// also matches [ErrUnprocessable]. See [RetryPendingEvent].
	ErrPendingEvent = errors.New("pending event")
	// ErrActionFailed matches every [*ActionError]: the API accepted the action and later reported it as errored.
	ErrActionFailed = errors.New("action failed")
	// ErrInvalidResponse matches a 2xx response that cannot be used: it is not JSON, not the documented object, or larger than
	// the client's limit. It also matches a 403 or 404 that is not from the API. The details of these responses are in
	// [*Error]. Two other errors match it: that of an All method if the list is incomplete or does not end, and that of a
	// method of several requests, such as [DropletsService.Ensure], if a response does not have what was requested.
	ErrInvalidResponse = errors.New("invalid response")
	// ErrResponseTooLarge matches a 2xx response with a body above the client's limit of 16 MiB. Such an error also matches
	// [ErrInvalidResponse].
	ErrResponseTooLarge = errors.New("response too large")
	// ErrMaybeApplied matches the error of a request other than a read that was sent and has an unknown outcome:
	//
	//   - the connection broke, or the attempt timed out, before the response was complete
	//   - the context was done before the response was complete
	//   - the server responded with a status of 500 or above
	//   - the server responded with a 2xx that cannot be used
	//   - the server responded with a 2xx that the [io.Writer] of [Client.Do] did not take
	//   - the API responded with 404 to the delete of a Droplet that this client has just created
	//   - one of these happened to an earlier attempt, and the later ones did not show the outcome
	//
	// The request was not retried if that could apply the change twice. Check before you send it again: for a create, list
	// the Droplets with the name ([DropletsService.Ensure] does this); for an action, list the Droplet's actions; for a
	// delete, get the Droplet.
	ErrMaybeApplied = errors.New("the change may have been applied")
)

// sentinels returns the sentinel errors of this package. If an error matches several, the log has the first of them.
func sentinels() []error {
	return []error{ErrMaybeApplied, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrPendingEvent,
		ErrUnprocessable, ErrRateLimited, ErrServer, ErrInvalidArgument, ErrActionFailed, ErrResponseTooLarge, ErrInvalidResponse}
}

// Error is an API response with a status outside 2xx, or a 2xx response that cannot be used: decoded, or written to the
// [io.Writer] of [Client.Do]. Use [errors.Is] with the sentinel errors, such as [ErrNotFound], to match its kind, and [errors.As]
// to read its fields.
type Error struct {
	// StatusCode is the HTTP status of the response.
	StatusCode int
	// ID is the API's identifier of the error, such as "not_found"; empty if the response has no JSON error body.
	// Use the status to distinguish errors: the API spells the same identifier in more than one way.
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
	// Attempts is the number of times that the request was sent, including the attempt with this response.
	Attempts int
	// RetryAfter is the delay that the response requires before the next request; 0 if it requires none.
	RetryAfter time.Duration
	// RateLimit is the rate limit in the response; the zero value if the response has none.
	RateLimit RateLimit
	// Header is the header of the response.
	Header http.Header
	// Body is the body of the response, truncated to 64 KiB. Secrets in it are replaced.
	Body []byte

	cause        error  // why a 2xx response cannot be used
	note         string // why the request was not retried; empty if there is no special reason
	maybeApplied bool   // the request may have been applied, by this attempt or an earlier one
	unwritten    bool   // the cause is an error of the caller's io.Writer, and the response is valid
	notFromAPI   bool   // the body is not an error of the API, but for example a page of a proxy
	invisible    bool   // a 404 for a resource that this client has just created
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
		b.WriteString("; this client has just created the resource, and the API may not show it yet")
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

// Is reports whether e matches target. It is true only for sentinel errors of this package.
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
		return e.StatusCode == http.StatusUnprocessableEntity && isPendingEvent(e.Message)
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrServer:
		return e.StatusCode >= http.StatusInternalServerError
	case ErrInvalidResponse:
		ambiguous := e.StatusCode == http.StatusForbidden || e.StatusCode == http.StatusNotFound
		return e.cause != nil && !e.unwritten || ambiguous && e.notFromAPI
	case ErrMaybeApplied:
		return e.maybeApplied
	}
	return false
}

// Unwrap returns the reason why a 2xx response cannot be used; nil for other responses.
func (e *Error) Unwrap() error { return e.cause }

// isPendingEvent reports whether message contains one of the two texts that the API uses for a pending event. The response has
// no other sign of it.
func isPendingEvent(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "pending event") || strings.Contains(m, "blocking event")
}

// newError returns the error for a response. The caller calls addCall, which sets the fields that describe the call and removes
// the secrets.
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
	// An error of the API has an ID and a message. Those of gateways have a message alone.
	e.notFromAPI = err != nil || e.ID == "" || e.Message == ""
	if e.Message == "" {
		e.Message = otherMessage(body)
	}
	return e
}

// otherMessage returns the message of an error with the key "error", or "". The API documents this format for an invalid tag.
func otherMessage(body []byte) string {
	var other struct {
		Message string `json:"error"`
	}
	if json.Unmarshal(body, &other) != nil {
		return ""
	}
	return other.Message
}

// describeCall returns the operation, if there is one, and the method and the path of a call for an error text.
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
