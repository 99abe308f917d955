package droplets

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
)

// ArgumentError is returned if a call was rejected before a request was sent, because an argument can never be valid. It
// matches [ErrInvalidArgument].
type ArgumentError struct {
	// Field is the argument or the field of the request that is invalid, such as "dropletID" or "Names[2]".
	Field string
	// Rule is the rule that the value violates, such as "must be at least 1, got 0".
	Rule string
}

// Error returns the field and the rule in one line.
func (e *ArgumentError) Error() string {
	return "droplets: invalid argument: " + e.Field + " " + e.Rule
}

// Is reports whether target is [ErrInvalidArgument].
func (e *ArgumentError) Is(target error) bool { return target == ErrInvalidArgument }

// invalid returns an *ArgumentError. format and args are the rule.
func invalid(field, format string, args ...any) error {
	return &ArgumentError{Field: field, Rule: fmt.Sprintf(format, args...)}
}

func checkID(field string, id int64) error {
	if id < 1 {
		return invalid(field, "must be at least 1, got %d", id)
	}
	return nil
}

// checkText rejects empty and blank text. In a call by tag, the API could take an empty tag for no filter, and the call would
// change other Droplets.
func checkText(field, value string) error {
	if strings.TrimSpace(value) == "" {
		return invalid(field, "must not be empty")
	}
	return nil
}

// checkSegment rejects text that is not safe as one segment of a path: blank text, and text in which "." or ".." is between
// slashes or alone. Callers escape the segment, but a server or a proxy that decodes it could resolve it to another path.
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
		return invalid("token", "must be printable ASCII without spaces")
	}
	return nil
}

// checkHeader rejects names and values of headers that net/http does not send.
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

// isNil reports whether v is nil or holds a nil pointer, function, map, channel or slice.
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

// printable reports whether s contains only printable ASCII characters. Spaces are printable.
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

// isDigits reports whether s is one or more of the digits 0 to 9.
func isDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}
