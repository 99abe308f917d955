package droplets

import (
	"context"
	"errors"
	"reflect"
	"slices"
)

// contextDoneError is the error of a done context. It also matches the cause, except for the sentinels and error types of
// this package: a cause is often the error of another call.
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

// As finds the types of the caller in the cause, and none of this package.
func (e *contextDoneError) As(target any) bool {
	t := reflect.TypeOf(target).Elem()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return e.cause != nil && t.PkgPath() != reflect.TypeFor[Error]().PkgPath() && errors.As(e.cause, target)
}
