package droplets

import (
	"errors"
	"fmt"
	"strings"
)

// TransportError is returned if a call ended without a usable HTTP response: there was no connection, the connection broke,
// the attempt timed out, the context was done, or the token source or the rate limiter returned an error. Match its cause with
// [errors.Is] and [errors.As]. It matches [ErrMaybeApplied] if the request is a change that the API may have processed.
type TransportError struct {
	// Operation is the operation ID of the OpenAPI document, such as "droplets_get"; empty for [Client.Do] without
	// [WithOperation].
	Operation string
	// Method and Path are those of the request. Path does not include the query.
	Method, Path string
	// Attempts is the number of times that the request was sent; 0 if it was not sent.
	Attempts int
	// Err is the cause. Secrets are removed from its text.
	Err error
	// Previous is the error of the last attempt, if the call ended while it waited for the next attempt; nil otherwise.
	Previous error

	maybeApplied bool
	final        bool   // a retry would fail in the same way
	note         string // why the request was not retried; empty if there is no special reason
}

// Error returns one line with the operation, the cause, whether the request may have been applied, and the number of attempts.
func (e *TransportError) Error() string {
	var b strings.Builder
	b.WriteString("droplets: ")
	b.WriteString(describeCall(e.Operation, e.Method, e.Path))
	if e.Err != nil {
		b.WriteString(": " + oneLine(e.Err.Error()))
	}
	if e.Previous != nil {
		b.WriteString("; before that: " + withoutPrefix(e.Previous))
		return b.String()
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
	return b.String()
}

// Is reports whether target is [ErrMaybeApplied] and the API may have processed the request.
func (e *TransportError) Is(target error) bool { return target == ErrMaybeApplied && e.maybeApplied }

// Unwrap returns Err, and Previous if it is not nil.
func (e *TransportError) Unwrap() []error {
	if e.Previous == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Previous}
}

// Timeout reports whether the cause is a timeout, as net.Error does.
func (e *TransportError) Timeout() bool {
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](e.Err)
	return ok && t.Timeout()
}
