package droplets

import (
	"errors"
	"fmt"
	"strings"
)

// TransportError is returned if a call got no HTTP response that can be used: there was no connection, the connection
// broke, an attempt timed out, the context was done, or the token source or the rate limiter failed. Match its cause with
// [errors.Is] and [errors.As]. It matches [ErrMaybeApplied] if the request is a change that the API may have processed.
type TransportError struct {
	// Operation is the operation ID, such as "droplets_get"; empty for [Client.Do] without
	// [WithOperation].
	Operation string
	// Method and Path are those of the request. The query is left out.
	Method, Path string
	// Attempts is the number of times that the request was sent; 0 if it was not sent.
	Attempts int
	// Err is the cause. Secrets are removed from its text.
	Err error
	// Previous is the error of the last attempt before, if the call ended between two attempts; nil otherwise.
	Previous error

	maybeApplied bool
	final        bool   // a retry would fail in the same way
	note         string // why the request was not retried
}

// Error returns the operation, the cause and what it means for the request.
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

// Unwrap returns the cause, and the error of the attempt before if there is one.
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
