package main

import (
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/droplets-go/droplets/dropletstest"
)

// faultSpec is the JSON form of a planned fault.
type faultSpec struct {
	Operation    string                  `json:"operation,omitempty"`
	Method       string                  `json:"method,omitempty"`
	Path         string                  `json:"path,omitempty"`
	BodyContains string                  `json:"body_contains,omitempty"`
	Times        *int                    `json:"times,omitempty"`
	Always       bool                    `json:"always,omitempty"`
	Applied      bool                    `json:"applied,omitempty"`
	Delay        string                  `json:"delay,omitempty"`
	Status       int                     `json:"status,omitempty"`
	Headers      map[string]headerValues `json:"headers,omitempty"`
	Body         string                  `json:"body,omitempty"`
	Break        string                  `json:"break,omitempty"`
}

// headerValues are the values of a header: a string or an array of strings in JSON. null or an empty array removes the header.
type headerValues []string

// UnmarshalJSON decodes a string, an array of strings or null.
func (v *headerValues) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*v = []string{""}
		return json.Unmarshal(b, &(*v)[0])
	}
	*v = []string{}
	return json.Unmarshal(b, (*[]string)(v))
}

// MarshalJSON encodes a single value as a string, and other values as an array.
func (v headerValues) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal(append([]string{}, v...)) // never null
}

var breaks = map[string]dropletstest.Break{"": dropletstest.BreakNone, "response": dropletstest.BreakAnswer,
	"body": dropletstest.BreakBody, "dial": dropletstest.BreakDial}

func breakName(b dropletstest.Break) string {
	for name, other := range breaks {
		if b == other {
			return name
		}
	}
	return ""
}

const maxTimes = 1_000_000

// plan returns the planned fault, or a *fieldError if a field is invalid.
func (s faultSpec) plan() (planned dropletstest.PlannedFault, err error) {
	for _, check := range []func() error{s.checkMatch, s.checkTimes, s.checkResponse, s.checkHeaders, s.checkEffect} {
		if err := check(); err != nil {
			return planned, err
		}
	}
	planned.Match = dropletstest.Match{Operation: s.Operation, Method: strings.ToUpper(s.Method), Path: s.Path, BodyContains: s.BodyContains}
	planned.Fault = dropletstest.Fault{Applied: s.Applied, Status: s.Status, Body: s.Body, Break: breaks[s.Break]}
	planned.Remaining = 1
	if s.Times != nil {
		planned.Remaining = *s.Times
	}
	if s.Always {
		planned.Remaining = -1
	}
	for name, values := range s.Headers {
		if planned.Fault.Header == nil {
			planned.Fault.Header = make(http.Header)
		}
		planned.Fault.Header[http.CanonicalHeaderKey(name)] = values
	}
	if s.Delay != "" {
		if planned.Fault.Delay, err = parseDuration(s.Delay); err != nil {
			return planned, &fieldError{"delay", err}
		}
	}
	return planned, nil
}

// newFaultSpec returns the JSON form of a planned fault.
func newFaultSpec(p dropletstest.PlannedFault) faultSpec {
	s := faultSpec{Operation: p.Match.Operation, Method: p.Match.Method, Path: p.Match.Path, BodyContains: p.Match.BodyContains,
		Always: p.Remaining < 0, Applied: p.Fault.Applied, Status: p.Fault.Status, Body: p.Fault.Body, Break: breakName(p.Fault.Break)}
	if !s.Always {
		s.Times = &p.Remaining
	}
	if p.Fault.Delay > 0 {
		s.Delay = p.Fault.Delay.String()
	}
	for name, values := range p.Fault.Header {
		if s.Headers == nil {
			s.Headers = make(map[string]headerValues)
		}
		s.Headers[name] = values
	}
	return s
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func checkOperation(id string) error {
	if id != "" && !slices.Contains(dropletstest.Operations(), id) {
		return fieldErrorf("operation", "must be an operation such as droplets_create, not %q", id)
	}
	return nil
}

func checkMethod(method string) error {
	if method != "" && !slices.Contains(methods, strings.ToUpper(method)) {
		return fieldErrorf("method", "must be one of %s", strings.Join(methods, ", "))
	}
	return nil
}

// checkPath returns an error if pattern is not empty and not a valid pattern for path.Match that begins with a slash.
func checkPath(pattern string) error {
	if _, err := path.Match(pattern, ""); err != nil || pattern != "" && !strings.HasPrefix(pattern, "/") {
		return fieldErrorf("path", "must be a pattern such as /v2/droplets/*, not %q", pattern)
	}
	return nil
}

func (s faultSpec) checkMatch() error {
	return firstError(checkOperation(s.Operation), checkMethod(s.Method), checkPath(s.Path))
}

func (s faultSpec) checkTimes() error {
	switch {
	case s.Times != nil && s.Always:
		return fieldErrorf("times", "cannot be combined with always")
	case s.Times != nil && (*s.Times < 1 || *s.Times > maxTimes):
		return fieldErrorf("times", "must be between 1 and %d", maxTimes)
	}
	return nil
}

func (s faultSpec) checkResponse() error {
	_, known := breaks[s.Break]
	switch {
	case !known:
		return fieldErrorf("break", "must be response, body or dial, not %q", s.Break)
	case s.Status != 0 && (s.Status < 200 || s.Status > 599):
		return fieldErrorf("status", "must be between 200 and 599")
	case s.Body != "" && (s.Status == http.StatusNoContent || s.Status == http.StatusNotModified):
		return fieldErrorf("body", "cannot be combined with the status %d, which has no body", s.Status)
	}
	return nil
}

func (s faultSpec) checkHeaders() error {
	for name, values := range s.Headers {
		if name == "" || strings.ContainsFunc(name, isNoTokenChar) {
			return fieldErrorf("headers", "has the invalid name %q", name)
		}
		if slices.ContainsFunc(values, func(v string) bool { return strings.ContainsFunc(v, isControlChar) }) {
			return fieldErrorf("headers", "has a control character in the value of %s", name)
		}
	}
	return nil
}

// isNoTokenChar reports whether a character is not allowed in the name of a header (RFC 9110, section 5.6.2).
func isNoTokenChar(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

func isControlChar(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// checkEffect returns an error if the fault would change nothing.
func (s faultSpec) checkEffect() error {
	if s.Status == 0 && s.Body == "" && s.Break == "" && s.Delay == "" && len(s.Headers) == 0 {
		return fieldErrorf("status", "is required, unless body, break, delay or headers is set")
	}
	return nil
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
