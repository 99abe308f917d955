package droplets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
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
	// ErrRateLimited is a 429, and a call that was not sent because an earlier 429 asked this client for a pause
	// that is longer than the call's context lasts.
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

// redact removes secrets that the server sent back, so that no error carries what the caller trusted us with, and cuts
// the body after that: a secret that is cut is not found.
func (e *Error) redact(secrets []string) {
	for _, secret := range secrets {
		e.ID = strings.ReplaceAll(e.ID, secret, redacted)
		e.Message = strings.ReplaceAll(e.Message, secret, redacted)
		e.RequestID = strings.ReplaceAll(e.RequestID, secret, redacted)
		e.Body = redactJSON(e.Body, secret)
	}
	e.Body = e.Body[:min(len(e.Body), maxErrorBody):min(len(e.Body), maxErrorBody)]
	e.Header = redactHeader(e.Header, secrets)
}

const redacted = "REDACTED"

// redactJSON replaces a secret in the forms that it can have in a body: as it is, and as the text of a JSON string. A
// body that has it in yet another form, such as with escapes that nobody needs, is dropped whole.
func redactJSON(body []byte, secret string) []byte {
	body = bytes.ReplaceAll(body, []byte(secret), []byte(redacted))
	for _, escapeHTML := range []bool{true, false} {
		var quoted bytes.Buffer
		enc := json.NewEncoder(&quoted)
		enc.SetEscapeHTML(escapeHTML)
		if enc.Encode(secret) == nil {
			text := bytes.TrimSpace(quoted.Bytes())
			body = bytes.ReplaceAll(body, text[1:len(text)-1], []byte(redacted))
		}
	}
	if bytes.IndexByte(body, '\\') >= 0 && strings.Contains(unescaped(body), secret) {
		return []byte(redacted)
	}
	return body
}

// unescaped is what a JSON text says once the escapes of its strings are resolved; the text itself need not be whole.
func unescaped(body []byte) string {
	var b strings.Builder
	for len(body) > 0 {
		i := bytes.IndexByte(body, '\\')
		if i < 0 || i+1 == len(body) {
			b.Write(body)
			break
		}
		b.Write(body[:i])
		length := 2
		if body[i+1] == 'u' {
			length = 6
			if rest := body[i:]; len(rest) >= 12 && rest[6] == '\\' && rest[7] == 'u' {
				length = 12 // perhaps the halves of one character
			}
		}
		length = min(length, len(body)-i)
		var s string
		if json.Unmarshal([]byte(`"`+string(body[i:i+length])+`"`), &s) == nil {
			b.WriteString(s)
		}
		body = body[i+length:]
	}
	return b.String()
}

// redactHeader returns a header without the secrets: the same one where it has none, because a transport may hand the
// same header to others too.
func redactHeader(h http.Header, secrets []string) http.Header {
	holds := func(value string) bool {
		return slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(value, secret) })
	}
	clean, cloned := h, false
	for name, values := range h {
		for i, value := range values {
			if !holds(value) {
				continue
			}
			if !cloned {
				clean, cloned = h.Clone(), true
			}
			clean[name][i] = redacted
		}
	}
	return clean
}

// callError is a call that ended without an answer that stands.
type callError struct {
	operation, method, path string
	attempts                int
	err                     error
	last                    error // the failure of the attempt before, when the wait after it was cut short
	maybeApplied            bool
	final                   bool   // a later call would fail the same way
	note                    string // why it was not sent again
}

func (e *callError) Error() string {
	var b strings.Builder
	b.WriteString("droplets: ")
	b.WriteString(describeCall(e.operation, e.method, e.path))
	b.WriteString(": " + oneLine(e.err.Error()))
	if e.last != nil {
		b.WriteString("; before that: " + withoutPrefix(e.last))
		return b.String()
	}
	if e.note != "" {
		b.WriteString("; " + e.note)
	}
	if e.maybeApplied {
		b.WriteString("; " + ErrMaybeApplied.Error())
	}
	if e.attempts > 1 {
		fmt.Fprintf(&b, "; %d attempts", e.attempts)
	}
	return b.String()
}

func (e *callError) Is(target error) bool { return target == ErrMaybeApplied && e.maybeApplied }

func (e *callError) Unwrap() []error {
	if e.last == nil {
		return []error{e.err}
	}
	return []error{e.err, e.last}
}

// ArgumentError names the argument that a call was refused for before anything was sent. It is an
// [ErrInvalidArgument].
type ArgumentError struct {
	// Field is the argument or the field of the request, such as "dropletID" or "Names[2]".
	Field string
	// Rule is what it does not keep, such as "must be at least 1, got 0".
	Rule string
}

// Error names the field and the rule.
func (e *ArgumentError) Error() string {
	return "droplets: invalid argument: " + e.Field + " " + e.Rule
}

// Is reports whether target is [ErrInvalidArgument].
func (e *ArgumentError) Is(target error) bool { return target == ErrInvalidArgument }

func invalid(field, format string, args ...any) error {
	return &ArgumentError{Field: field, Rule: fmt.Sprintf(format, args...)}
}

// ActionError is an action that the API took and then reported as errored. It is an [ErrActionFailed].
type ActionError struct {
	// Action is the failed action as last seen.
	Action *Action
}

// Error names the action, its type and the resource that it was for.
func (e *ActionError) Error() string {
	a := e.Action
	if a == nil {
		return "droplets: an action errored"
	}
	return oneLine(fmt.Sprintf("droplets: action %d (%s) on %s %d errored", a.ID, a.Type, a.ResourceType, a.ResourceID))
}

// Is reports whether target is [ErrActionFailed].
func (e *ActionError) Is(target error) bool { return target == ErrActionFailed }

// AmbiguousNameError is a name that more than one Droplet has: the API does not keep names unique.
type AmbiguousNameError struct {
	// Name is the name that was looked for.
	Name string
	// IDs are the ids of all Droplets that have it.
	IDs []int64
}

// Error names the name and the Droplets that share it.
func (e *AmbiguousNameError) Error() string {
	return fmt.Sprintf("droplets: %d Droplets are named %q: %v", len(e.IDs), e.Name, e.IDs)
}

// joinErrors is errors.Join in one line: several failures, each of them to be matched.
func joinErrors(errs ...error) error {
	var joined joinedError
	for _, err := range errs {
		if err != nil {
			joined = append(joined, err)
		}
	}
	switch len(joined) {
	case 0:
		return nil
	case 1:
		return joined[0]
	}
	return joined
}

type joinedError []error

func (e joinedError) Error() string {
	texts := make([]string, 0, len(e))
	for _, err := range e {
		texts = append(texts, withoutPrefix(err))
	}
	return "droplets: " + strings.Join(texts, "; ")
}

func (e joinedError) Unwrap() []error { return e }

// withoutPrefix is the text of an error within another: the name of the package stands once, in front.
func withoutPrefix(err error) string { return strings.TrimPrefix(err.Error(), "droplets: ") }

func checkID(field string, id int64) error {
	if id < 1 {
		return invalid(field, "must be at least 1, got %d", id)
	}
	return nil
}

// checkText refuses what is empty or blank. An empty tag in a bulk call would select more than anyone meant.
func checkText(field, value string) error {
	if strings.TrimSpace(value) == "" {
		return invalid(field, "must not be empty")
	}
	return nil
}

// ended is the error of a context that has ended: ctx.Err(), and its cause where the caller gave one.
func ended(ctx context.Context) error {
	return &endedError{err: ctx.Err(), cause: context.Cause(ctx)}
}

// endedError is ctx.Err() and answers to its cause too, but for the kinds of failure of this package: a cause is often
// the error of another call, and must not be taken for what became of this one.
type endedError struct{ err, cause error }

func (e *endedError) Error() string {
	if e.cause == nil || errors.Is(e.cause, e.err) {
		return e.err.Error()
	}
	return e.err.Error() + ": " + oneLine(withoutPrefix(e.cause))
}

func (e *endedError) Unwrap() error { return e.err }

func (e *endedError) Is(target error) bool {
	return !slices.Contains(kinds(), target) && errors.Is(e.cause, target)
}

// kinds lists the sentinels of this package.
func kinds() []error {
	return []error{ErrMaybeApplied, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrPendingEvent,
		ErrUnprocessable, ErrRateLimited, ErrServer, ErrInvalidArgument, ErrActionFailed, ErrResponseTooLarge, ErrInvalidResponse}
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
