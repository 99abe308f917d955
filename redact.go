package droplets

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

const redacted = "REDACTED"

// redact removes secrets that the server sent back, so that no error carries what the caller trusted us with, and cuts
// the body after that: a secret that is cut is not found.
func (e *Error) redact(secrets []string) {
	for _, secret := range secrets {
		e.ID = strings.ReplaceAll(e.ID, secret, redacted)
		e.Message = strings.ReplaceAll(e.Message, secret, redacted)
		e.RequestID = strings.ReplaceAll(e.RequestID, secret, redacted)
		e.Body = redactJSON(e.Body, secret)
	}
	e.Body = e.Body[:min(len(e.Body), maxErrorBody):min(len(e.Body), maxErrorBody)]
	e.Header = redactHeader(e.Header, secrets)
}

// redactJSON replaces a secret in the forms that it can have in a body: as it is, and as the text of a JSON string. A
// body that has it in yet another form, such as with escapes that nobody needs, is dropped whole.
func redactJSON(body []byte, secret string) []byte {
	body = bytes.ReplaceAll(body, []byte(secret), []byte(redacted))
	for _, escapeHTML := range []bool{true, false} {
		var quoted bytes.Buffer
		enc := json.NewEncoder(&quoted)
		enc.SetEscapeHTML(escapeHTML)
		if enc.Encode(secret) == nil {
			text := bytes.TrimSpace(quoted.Bytes())
			body = bytes.ReplaceAll(body, text[1:len(text)-1], []byte(redacted))
		}
	}
	if bytes.IndexByte(body, '\\') >= 0 && strings.Contains(unescaped(body), secret) {
		return []byte(redacted)
	}
	return body
}

// unescaped is what a JSON text says once the escapes of its strings are resolved; the text itself need not be whole.
func unescaped(body []byte) string {
	var b strings.Builder
	for len(body) > 0 {
		i := bytes.IndexByte(body, '\\')
		if i < 0 || i+1 == len(body) {
			b.Write(body)
			break
		}
		b.Write(body[:i])
		length := 2
		if body[i+1] == 'u' {
			length = 6
			if rest := body[i:]; len(rest) >= 12 && rest[6] == '\\' && rest[7] == 'u' {
				length = 12 // perhaps the halves of one character
			}
		}
		length = min(length, len(body)-i)
		var s string
		if json.Unmarshal([]byte(`"`+string(body[i:i+length])+`"`), &s) == nil {
			b.WriteString(s)
		}
		body = body[i+length:]
	}
	return b.String()
}

// redactHeader returns a header without the secrets: the same one where it has none, because a transport may hand the
// same header to others too.
func redactHeader(h http.Header, secrets []string) http.Header {
	holds := func(value string) bool {
		return slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(value, secret) })
	}
	clean, cloned := h, false
	for name, values := range h {
		for i, value := range values {
			if !holds(value) {
				continue
			}
			if !cloned {
				clean, cloned = h.Clone(), true
			}
			clean[name][i] = redacted
		}
	}
	return clean
}
