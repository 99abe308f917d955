package droplets_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestImageRequestPrintsNoSecretOfItsURL: also an invalid URL may contain a secret.
func TestImageRequestPrintsNoSecretOfItsURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://example.com/x.img":            "https://example.com/x.img",
		"HTTPS://example.com:8443/a%20b/x.img": "HTTPS://example.com:8443/a%20b/x.img",
		"":                                     "",
		"https://example.com/x.img?sig=hunter2&e=1":            "https://example.com/x.img?REDACTED",
		"https://example.com/x.img?sig=hunter2#part":           "https://example.com/x.img?REDACTED",
		"https://example.com/x.img#sig=hunter2":                "https://example.com/x.img#REDACTED",
		"https://example.com/x.img#sig=hunter2?hunter2":        "https://example.com/x.img#REDACTED",
		"https://example.com?hunter2":                          "https://example.com?REDACTED",
		"https://example.com/x.img?2":                          "https://example.com/x.img?REDACTED",
		"https://example.com/x.img?":                           "https://example.com/x.img?",
		"https://hunter2:hunter2@example.com/x.img":            "https://REDACTED",
		"https://hunter2@example.com":                          "https://REDACTED",
		"https://hunter:12/hunter2@example.com/x.img":          "https://REDACTED", // the password has a slash
		"https://hunter:12?hunter2@example.com/x.img":          "https://REDACTED",
		"https://example.com/x.img?to=a@example.com&k=hunter2": "https://REDACTED",
		"hunter2:hunter2@example.com/x.img":                    "REDACTED",
		"hunter2@example.com/x.img":                            "REDACTED",
		"example.com/x.img?sig=hunter2":                        "REDACTED",
		"https:hunter2@example.com/x.img":                      "REDACTED",
		"https:/hunter2@example.com/x.img":                     "REDACTED",
		"https://hunter2:hunter2/@example.com/x.img":           "REDACTED", // it cannot be parsed
		"https:///x.img?sig=hunter2":                           "REDACTED",
		"https://:443/x.img?sig=hunter2":                       "REDACTED",
		"s3://bucket/x.img?signature=hunter2":                  "REDACTED",
		"//hunter2:hunter2@example.com/x.img":                  "REDACTED",
		"\u0020https://example.com/x.img?sig=hunter2":          "REDACTED",
		"https://example.com/%zz?sig=hunter2":                  "REDACTED",
	} {
		req := customImage()
		req.URL = raw
		printed := customImage()
		printed.URL = want
		encoded, err := json.Marshal(printed)
		require.NoError(t, err)
		assert.Equal(t, string(encoded), req.String(), "%s", raw)
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "req", req, "pointer", &req)
		for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %q %d", req, req, req, &req, &req, req), log.String()} {
			assert.NotContains(t, text, "hunter2", "%s", raw)
		}
	}
}

// TestPartsOfAnImageURLAreRedacted: the API repeats one part of the URL, and not the URL as it was sent.
func TestPartsOfAnImageURLAreRedacted(t *testing.T) {
	t.Parallel()
	const signature, password, user = "Zm9v+YmFy/hunter2==", "pass/word hunter2", "user-hunter2"
	address := "https://" + url.UserPassword(user, password).String() + "@example.com/x.img?X-Amz-Signature=" + url.QueryEscape(signature) +
		"&X-Amz-Expires=60&token-hunter2-alone&plus=a+b%2Fhunter2#frag=fragment-hunter2&x=y"
	for name, echo := range map[string]string{
		"the URL":                      address,
		"the value, decoded":           signature,
		"the value, as it was sent":    url.QueryEscape(signature),
		"the value with other escapes": url.PathEscape(signature),
		"a value without a name":       "token-hunter2-alone",
		"a plus sign, as it is":        "a+b/hunter2",
		"a plus sign that is a space":  "a b/hunter2",
		"the user":                     user,
		"the password, decoded":        password,
		"the password, as sent":        url.PathEscape(password),
		"the user and the password":    user + ":" + password,
		"a value of the fragment":      "fragment-hunter2",
		"another order":                "https://example.com/x.img?X-Amz-Expires=60&X-Amz-Signature=" + url.QueryEscape(signature),
	} {
		message, err := json.Marshal("cannot download x.img: " + echo + " is not valid")
		require.NoError(t, err)
		body := `{"id":"unprocessable_entity","message":` + string(message) + `}`
		var log bytes.Buffer
		_, c := newAPI(t, sequence(respond(422, body, "X-Echo: "+echo)), droplets.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		req := customImage()
		req.URL = address
		var resp droplets.Response
		_, err = c.Images.CreateCustom(t.Context(), req, droplets.CaptureResponse(&resp))
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Contains(t, e.Message, "cannot download x.img", "%s", name)
		for _, text := range []string{err.Error(), e.Message, string(e.Body), fmt.Sprint(e.Header), fmt.Sprint(resp.Header), log.String()} {
			assert.NotContains(t, text, "hunter2", "%s", name)
		}
	}
}

// TestImageURLWhosePasswordHasASlash: a parser takes the beginning of the password for a port.
func TestImageURLWhosePasswordHasASlash(t *testing.T) {
	t.Parallel()
	req := customImage()
	req.URL = "https://user:12/hunter2@example.com/x.img"
	_, c := newAPI(t, sequence(respond(422, `{"id":"unprocessable_entity","message":"cannot download `+req.URL+`"}`)))
	_, err := c.Images.CreateCustom(t.Context(), req)
	require.ErrorIs(t, err, droplets.ErrUnprocessable)
	assert.NotContains(t, err.Error(), "hunter2")
}

// TestShortPartsOfAnImageURLAreNotRedacted: they occur in any message. A user and a password that are short alone are secret
// together.
func TestShortPartsOfAnImageURLAreNotRedacted(t *testing.T) {
	t.Parallel()
	const body = `{"id":"unprocessable_entity","message":"of 1234567 images, x.img of admin with user:secret7 at admin:secret7@example.com and ?e=1234567 or #f=7654321 fails"}`
	_, c := newAPI(t, sequence(respond(422, body)))
	req := customImage()
	req.URL = "https://admin:secret7@example.com/x.img?e=1234567#f=7654321"
	_, err := c.Images.CreateCustom(t.Context(), req)
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "of 1234567 images, x.img of admin with user:secret7 at REDACTED@example.com and ?REDACTED or #REDACTED fails", e.Message)
}
