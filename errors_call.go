package droplets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// callError is the error of a call that got no usable response.
type callError struct {
	operation, method, path string
	attempts                int
	err                     error
	last                    error // the error of the previous attempt, if the wait before the retry was interrupted
	maybeApplied            bool
	final                   bool   // a retry would fail in the same way
	note                    string // why the request was not retried
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

// contextDoneError is the error of a done context. It also matches the cause, except for the sentinels of this package: a
// cause is often the error of another call.
type contextDoneError struct{ err, cause error }

// contextError returns ctx.Err() together with the cause that the caller has set.
func contextError(ctx context.Context) error {
	return &contextDoneError{err: ctx.Err(), cause: context.Cause(ctx)}
}

func (e *contextDoneError) Error() string {
	if e.cause == nil || errors.Is(e.cause, e.err) {
		return e.err.Error()
	}
	return e.err.Error() + ": " + oneLine(withoutPrefix(e.cause))
}

func (e *contextDoneError) Unwrap() error { return e.err }

func (e *contextDoneError) Is(target error) bool {
	return !slices.Contains(sentinels(), target) && errors.Is(e.cause, target)
}
