package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// fieldError is an error of a field of a request or of a setting. The message begins with the name of the field.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return e.field + " " + e.err.Error() }

func (e *fieldError) Unwrap() error { return e.err }

func fieldErrorf(field, format string, args ...any) error {
	return &fieldError{field, fmt.Errorf(format, args...)}
}

// decodeStrict decodes a JSON object. It returns an error for unknown fields and for data after the object. An empty body counts as an
// empty object.
func decodeStrict(body []byte, v any) error {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return nil
	case body[0] != '{':
		return errors.New("the body must be a JSON object")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return describeDecodeError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body has data after the JSON object")
	}
	return nil
}

func describeDecodeError(err error) error {
	if typeErr, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && typeErr.Field != "" {
		return fieldErrorf(typeErr.Field, "must be %s, not %s", jsonTypeName(typeErr.Type), typeErr.Value)
	}
	// encoding/json has no error type for an unknown field.
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fieldErrorf(strings.Trim(name, `"`), "is not a field")
	}
	return fmt.Errorf("the body cannot be decoded: %w", err)
}

// jsonTypeName returns the JSON type of the values of a Go type, with an article.
func jsonTypeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	default:
		return "a number"
	}
}
