package droplets

import (
	"context"
	"errors"
	"reflect"
	"slices"
)

// contextDoneError is the error of a context that is done. It matches the error of the context and its cause. Through the cause,
// it does not match the sentinels and error types of this package: a cause is often the error of another call.
type contextDoneError struct {
	err   error // context.Canceled or context.DeadlineExceeded
	cause otherError
}

// contextError returns the error of a context that is done, with its cause.
func contextError(ctx context.Context) error {
	return &contextDoneError{err: ctx.Err(), cause: otherError{context.Cause(ctx)}}
}

func (e *contextDoneError) Error() string {
	if e.cause.err == nil || errors.Is(e.cause.err, e.err) {
		return e.err.Error()
	}
	return e.err.Error() + ": " + oneLine(withoutPrefix(e.cause.err))
}

func (e *contextDoneError) Unwrap() error { return e.err }

func (e *contextDoneError) Is(target error) bool { return e.cause.Is(target) }

func (e *contextDoneError) As(target any) bool { return e.cause.As(target) }

// otherError is an error from outside this package, such as that of a transport, a token source or a context. It does not match
// the sentinels and error types of this package, even if it wraps them: they would describe another call.
type otherError struct{ err error }

// withoutCall returns err. If err wraps a sentinel or an error type of this package, because the caller's code has used this
// package too, it returns an otherError.
func withoutCall(err error) error {
	matches := func(target error) bool { return errors.Is(err, target) }
	_, isError := errors.AsType[*Error](err)
	_, isTransportError := errors.AsType[*TransportError](err)
	if isError || isTransportError || slices.ContainsFunc(sentinels(), matches) {
		return &otherError{err}
	}
	return err
}

func (e *otherError) Error() string { return withoutPrefix(e.err) }

func (e *otherError) Is(target error) bool {
	return !slices.Contains(sentinels(), target) && errors.Is(e.err, target)
}

// As finds a target in the wrapped error, unless its type is one of this package.
func (e *otherError) As(target any) bool {
	t := reflect.TypeOf(target).Elem()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return e.err != nil && t.PkgPath() != reflect.TypeFor[Error]().PkgPath() && errors.As(e.err, target)
}
