package droplets

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
)

// ArgumentError is returned if a call was rejected before a request was sent. It matches [ErrInvalidArgument].
type ArgumentError struct {
	// Field is the argument or the field of the request that is invalid, such as "dropletID" or "Names[2]".
	Field string
	// Rule is the rule that the value violates, such as "must be at least 1, got 0".
	Rule string
}

// Error returns the field and the rule.
func (e *ArgumentError) Error() string {
	return "droplets: invalid argument: " + e.Field + " " + e.Rule
}

// Is reports whether target is [ErrInvalidArgument].
func (e *ArgumentError) Is(target error) bool { return target == ErrInvalidArgument }

func invalid(field, format string, args ...any) error {
	return &ArgumentError{Field: field, Rule: fmt.Sprintf(format, args...)}
}

func checkID(field string, id int64) error {
	if id < 1 {
		return invalid(field, "must be at least 1, got %d", id)
	}
	return nil
}

// checkText rejects empty and blank text. An empty tag in a bulk call would select unintended Droplets.
func checkText(field, value string) error {
	if strings.TrimSpace(value) == "" {
		return invalid(field, "must not be empty")
	}
	return nil
}

// checkSegment rejects text that cannot be one segment of a path. The caller escapes the segment, but a server or a proxy that
// decodes it could take "." and ".." for another path.
func checkSegment(field, value string) error {
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '/' || r == '\\' }) {
		if isDots(part) {
			return invalid(field, "must not contain %q", part)
		}
	}
	return checkText(field, value)
}

// isDots reports whether a segment of a path is "." or "..", with or without parameters after a semicolon.
func isDots(segment string) bool {
	name, _, _ := strings.Cut(segment, ";")
	return name == "." || name == ".."
}

func checkEach(field string, values []string) error {
	for i, v := range values {
		if err := checkText(fmt.Sprintf("%s[%d]", field, i), v); err != nil {
			return err
		}
	}
	return nil
}

func checkToken(token string) error {
	switch {
	case token == "":
		return invalid("token", "must not be empty")
	case !printable(token) || strings.Contains(token, " "):
		return invalid("token", "must not contain spaces, line breaks or control characters")
	}
	return nil
}

// checkHeader rejects headers that net/http does not send.
func checkHeader(h http.Header) error {
	for name, values := range h {
		if !isToken(name) {
			return invalid("header", "must have a valid name, got %q", name)
		}
		for _, value := range values {
			if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				return invalid("header", "%s must not have control characters", name)
			}
		}
	}
	return nil
}

// isNil reports whether v is nil or an interface that holds a nil value.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Chan, reflect.Slice:
		return rv.IsNil()
	default:
		return false
	}
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isToken reports whether s is a token by RFC 9110, the grammar of methods and header names.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c > '~' || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

func isDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}
