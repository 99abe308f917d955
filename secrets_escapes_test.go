package droplets_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestEscapedSecretsAreRedacted: a body repeats the user data with escapes that any JSON decoder resolves.
func TestEscapedSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	const secret = "päss/word \"1\"\t<🔑>\n\x01"
	for name, escaped := range map[string]string{
		"every character":              escapeAll(secret, `\u%04x`),
		"capital digits":               escapeAll(secret, `\u%04X`),
		"one character":                escapeAll("p", `\u%04x`) + `äss/word \"1\"\t<🔑>\n\u0001`,
		"short escapes":                `p\u00e4ss\/word \u00221\"\u0009\u003c🔑\u003e\n\u0001`,
		"only a surrogate pair":        `päss/word \"1\"\t<` + escapeAll("🔑", `\u%04x`) + `>\n\u0001`,
		"escaped twice":                strings.ReplaceAll(escapeAll(secret, `\u%04x`), `\`, `\\`),
		"escaped twice, after a break": `\n` + strings.ReplaceAll(escapeAll(secret, `\u%04x`), `\`, `\\`),
		"after an incomplete escape":   `\ud83d` + escapeAll(secret, `\u%04x`),
		"after an invalid escape":      `\u12` + escapeAll(secret, `\u%04x`),
	} {
		for _, place := range []string{`{"id":"x","message":"m","echo":"%s"}`, `{"id":"x","message":"no %s"}`, `not JSON: "%s"`} {
			_, c := newAPI(t, sequence(respond(422, fmt.Sprintf(place, escaped), "X-Echo: "+escaped)))
			req := createRequest()
			req.UserData = secret
			_, err := c.Droplets.Create(t.Context(), req)
			var e *droplets.Error
			require.ErrorAs(t, err, &e)
			for _, text := range []string{err.Error(), e.Message, string(e.Body), e.Header.Get("X-Echo")} {
				assert.NotContains(t, strings.ToLower(text), strings.ToLower(escaped), "%s in %s", name, place)
				assert.NotContains(t, text, secret)
			}
			assert.Equal(t, 422, e.StatusCode)
		}
	}
}

// TestSimilarTextIsNotRedacted: text with escapes stays if it is not the secret.
func TestSimilarTextIsNotRedacted(t *testing.T) {
	t.Parallel()
	const body = `{"id":"x","message":"size \u0022s-1vcpu\u0022 of correct horse stable \\ \u00"}`
	_, c := newAPI(t, sequence(respond(422, body)))
	req := createRequest()
	req.UserData = "correct horse battery"
	_, err := c.Droplets.Create(t.Context(), req)
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Contains(t, string(e.Body), body)
	assert.Len(t, e.Body, len(body))
	_, c = newAPI(t, sequence(respond(422, "not JSON: "+strings.Repeat(`\`, 64))))
	require.ErrorAs(t, second(c.Droplets.Create(t.Context(), req)), &e)
	assert.Equal(t, "not JSON: "+strings.Repeat(`\`, 64), string(e.Body), "escaped more than twice")
}

// escapeAll writes each UTF-16 unit of a text with a format.
func escapeAll(text, format string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, format, unit)
	}
	return b.String()
}

// TestTextAroundAnEscapedSecretIsKept: a secret is also found with the escapes of encoding/json, with and without those for HTML,
// and only the secret is replaced.
func TestTextAroundAnEscapedSecretIsKept(t *testing.T) {
	t.Parallel()
	const userData = "#cloud-config\n<\"&\">\\"
	for name, escaped := range map[string]string{
		"with HTML escapes":    `#cloud-config\n\u003c\"\u0026\"\u003e\\`,
		"without HTML escapes": `#cloud-config\n<\"&\">\\`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := newAPI(t, sequence(respond(422, `{"id":"invalid","message":"before `+escaped+` after"}`)))
			req := createRequest()
			req.UserData = userData
			_, err := c.Droplets.Create(t.Context(), req)
			var e *droplets.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, "before REDACTED after", e.Message)
			assert.JSONEq(t, `{"id":"invalid","message":"before REDACTED after"}`, string(e.Body))
		})
	}
}

// TestEachHeaderWithASecretIsRedacted has secrets in the values of two headers and in the name of a third.
func TestEachHeaderWithASecretIsRedacted(t *testing.T) {
	t.Parallel()
	lines := []string{"X-One: " + testToken, "X-Two: is " + testToken, "X-Three: fine", testToken + ": name"}
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("X-More-%d: %s", i, testToken))
	}
	_, c := newAPI(t, sequence(respond(200, dropletBody(42), lines...)))
	var resp droplets.Response
	require.NoError(t, second(c.Droplets.Get(t.Context(), 42, droplets.CaptureResponse(&resp))))
	assert.Equal(t, "REDACTED", resp.Header.Get("X-One"))
	assert.Equal(t, "REDACTED", resp.Header.Get("X-Two"))
	assert.Equal(t, "fine", resp.Header.Get("X-Three"))
	assert.Contains(t, resp.Header, "REDACTED", "a name that is the token")
	assert.NotContains(t, strings.ToLower(fmt.Sprint(resp.Header)), strings.ToLower(testToken))
	for i := range 20 {
		assert.Equal(t, "REDACTED", resp.Header.Get(fmt.Sprintf("X-More-%d", i)))
	}
}

// TestShortEscapesAreResolved has a secret with each character that has a short escape, behind an escape that encoding/json does not
// write.
func TestShortEscapesAreResolved(t *testing.T) {
	t.Parallel()
	for char, escape := range map[string]string{"u": `\u`, "\b": `\b`, "\f": `\f`, "\n": `\n`, "\r": `\r`, "\t": `\t`, "/": `\/`} {
		_, c := newAPI(t, sequence(respond(422, `not JSON: \u0063onfidential`+escape+`text`)))
		req := createRequest()
		req.UserData = "confidential" + char + "text"
		var e *droplets.Error
		require.ErrorAs(t, second(c.Droplets.Create(t.Context(), req)), &e)
		assert.Equal(t, "REDACTED", string(e.Body), "%q", char)
	}
}
