package droplets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

const redacted = "REDACTED"

// maxErrorBody is how much of a response body an [Error] keeps, in bytes.
const maxErrorBody = 64 << 10

// redact removes secrets from the fields that contain text of the server. The header has none: httpResponse removes them.
func (e *Error) redact(secrets []string) {
	e.ID = redactText(e.ID, secrets)
	e.Message = redactText(e.Message, secrets)
	e.RequestID = redactText(e.RequestID, secrets)
	e.cause = redactError(e.cause, secrets)
	e.Body = redactBody(e.Body, secrets)
}

// redactBody removes secrets from the result of errorBody and cuts it to the length that an Error keeps.
func redactBody(body []byte, secrets []string) []byte {
	margin := longestForm(secrets)
	wasCut := len(body) == maxErrorBody+margin
	if len(secrets) > 0 {
		body = []byte(redactText(string(body), secrets))
	}
	if wasCut { // a part of a secret may be at the end
		body = body[:max(0, len(body)-margin)]
	}
	return bytes.Clone(body[:min(len(body), maxErrorBody)])
}

// errorBody returns a copy of the beginning of a body. If there are secrets, it is longer than what an Error keeps, because
// redactBody finds only complete secrets.
func errorBody(body []byte, secrets []string) []byte {
	return bytes.Clone(body[:min(len(body), maxErrorBody+longestForm(secrets))])
}

// longestForm returns the largest length in bytes that one of the secrets can have with JSON escapes.
func longestForm(secrets []string) int {
	const maxEscape = 6 // bytes of an escaped character
	longest := 0
	for _, secret := range secrets {
		longest = max(longest, maxEscape*len(secret))
	}
	return longest
}

// redactText replaces the secrets in a text, in plain form and as encoding/json writes them. If the text contains a secret
// with other escapes, or escaped twice, redactText replaces the whole text.
func redactText(text string, secrets []string) string {
	longestFirst := func(a, b string) int { return cmp.Compare(len(b), len(a)) } // a secret can contain another one
	for _, secret := range slices.SortedFunc(slices.Values(secrets), longestFirst) {
		for _, form := range secretForms(secret) {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	if containsSecret(text, secrets) {
		return redacted
	}
	return text
}

// secretForms returns the secret and its forms in JSON documents of encoding/json, with and without HTML escapes.
func secretForms(secret string) []string {
	forms := []string{secret}
	for _, escapeHTML := range []bool{true, false} {
		var quoted bytes.Buffer
		enc := json.NewEncoder(&quoted)
		enc.SetEscapeHTML(escapeHTML)
		if enc.Encode(secret) == nil {
			text := strings.Trim(quoted.String(), "\"\n")
			forms = append(forms, text)
		}
	}
	return slices.Compact(forms)
}

// containsSecret reports whether a text contains a secret, in plain form or with any JSON escapes. It finds secrets that were
// escaped once or twice, such as in JSON within a JSON string, and not those that were escaped more often.
func containsSecret(text string, secrets []string) bool {
	const levels = 3 // plain, escaped once, escaped twice
	for range levels {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				return true
			}
		}
		if strings.IndexByte(text, '\\') < 0 {
			return false
		}
		text = unescape(text)
	}
	return false
}

// unescape resolves the escapes of JSON strings in a text, which need not be valid JSON.
func unescape(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		r, size := unescapeRune(text[i:])
		b.WriteRune(r)
		text = text[i+size:]
	}
}

// unescapeRune returns the character of the escape at the beginning of s, and the length of the escape in bytes. s begins
// with a backslash and has at least two bytes.
func unescapeRune(s string) (r rune, size int) {
	if s[1] == 'u' {
		first, ok := hexRune(s)
		if !ok {
			return 'u', 2
		}
		if second, ok := hexRune(s[6:]); ok {
			if r := utf16.DecodeRune(first, second); r != unicode.ReplacementChar { // a surrogate pair
				return r, 12
			}
		}
		return first, 6
	}
	if i := strings.IndexByte("bfnrt", s[1]); i >= 0 {
		return rune("\b\f\n\r\t"[i]), 2
	}
	return rune(s[1]), 2
}

// hexRune returns the code unit of an escape such as \u00e9 at the beginning of s, and false if there is none.
func hexRune(s string) (rune, bool) {
	if len(s) < 6 || s[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}

// redactHeader returns a header without the secrets. It returns h if h contains none, and otherwise a copy, because a
// transport may share the header of a response.
func redactHeader(h http.Header, secrets []string) http.Header {
	clean, cloned := h, false
	replace := func(name, newName string, i int) {
		if !cloned {
			clean, cloned = h.Clone(), true
		}
		if newName != name {
			delete(clean, name)
			clean[newName] = []string{redacted}
			return
		}
		clean[name][i] = redacted
	}
	for name, values := range h {
		if nameContainsSecret(name, secrets) {
			replace(name, redacted, 0)
			continue
		}
		for i, value := range values {
			if containsSecret(value, secrets) {
				replace(name, name, i)
			}
		}
	}
	return clean
}

// nameContainsSecret reports whether the name of a header contains a secret. It ignores case, because net/http changes the
// case of header names.
func nameContainsSecret(name string, secrets []string) bool {
	return slices.ContainsFunc(secrets, func(secret string) bool {
		return len(name) >= len(secret) && strings.Contains(strings.ToLower(name), strings.ToLower(secret))
	})
}

// redactError returns err if no text in its chain contains a secret. Otherwise it returns an error with a redacted text,
// which matches the same targets of errors.Is.
func redactError(err error, secrets []string) error {
	if err == nil || !chainContainsSecret(err, secrets) {
		return err
	}
	text := err.Error()
	if clean := redactText(text, secrets); clean != text {
		text = clean
	} else {
		text = redacted
	}
	return &redactedError{text: text, is: func(target error) bool { return errors.Is(err, target) }}
}

// redactedError is an error with a redacted text. The original error is only in the closure is, because fmt could print it
// if it were in a field.
type redactedError struct {
	text string
	is   func(target error) bool // errors.Is of the original error
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return e.is(target) }

// chainContainsSecret reports whether the text of err, or of an error that it wraps, contains a secret.
func chainContainsSecret(err error, secrets []string) bool {
	if err == nil {
		return false
	}
	if containsSecret(err.Error(), secrets) {
		return true
	}
	switch u := err.(type) { //nolint:errorlint // it inspects each error of the chain
	case *otherError:
		return chainContainsSecret(u.err, secrets)
	case interface{ Unwrap() error }:
		return chainContainsSecret(u.Unwrap(), secrets)
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(u.Unwrap(), func(e error) bool { return chainContainsSecret(e, secrets) })
	}
	return false
}

// unwrapURLError removes the URL that http.Client adds to an error, because a query must not be in an error.
func unwrapURLError(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
