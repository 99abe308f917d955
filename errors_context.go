package droplets

import (
	"context"
	"errors"
	"reflect"
	"slices"
)

// contextDoneError is the error of a done context. It also matches the cause, except for the sentinels and error types of
// this package: a cause is often the error of another call.
type contextDoneError struct {
	err   error
	cause otherError
}

// contextError returns ctx.Err() together with the cause that the caller has set.
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

// otherError is an error of the caller's code, such as of a transport or a token source. It does not match the sentinels
// and error types of this package: they would describe another call.
type otherError struct{ err error }

// withoutCall returns err, or if it may be from another call of this package, an error that does not match that call.
func withoutCall(err error) error {
	own := func(target error) bool { return errors.Is(err, target) }
	_, isResponse := errors.AsType[*Error](err)
	_, isFailure := errors.AsType[*TransportError](err)
	if isResponse || isFailure || slices.ContainsFunc(sentinels(), own) {
		return &otherError{err}
	}
	return err
}

func (e *otherError) Error() string { return withoutPrefix(e.err) }

func (e *otherError) Is(target error) bool {
	return !slices.Contains(sentinels(), target) && errors.Is(e.err, target)
}

// As finds the types of the caller in the error, and none of this package.
func (e *otherError) As(target any) bool {
	t := reflect.TypeOf(target).Elem()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return e.err != nil && t.PkgPath() != reflect.TypeFor[Error]().PkgPath() && errors.As(e.err, target)
}
