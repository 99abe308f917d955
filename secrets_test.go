package droplets_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

const secretUserData = "#!/bin/sh\necho \"<the password>\" > /etc/secret"

// requireNoSecret prints a value in several formats and checks that neither the token nor the user data is printed.
func requireNoSecret(t *testing.T, name string, value any, alsoJSON bool) {
	t.Helper()
	outs := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		outs[verb] = fmt.Sprintf(verb, value)
	}
	var text bytes.Buffer
	slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})).Info("m", "value", value, slog.Group("g", slog.Any("value", value)))
	outs["slog text"] = text.String()
	if alsoJSON {
		var js bytes.Buffer
		slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "value", value)
		outs["slog JSON"] = js.String()
		if b, err := json.Marshal(value); err == nil {
			outs["JSON"] = string(b)
		}
	}
	for how, out := range outs {
		for _, secret := range []string{testToken, "the password", "/etc/secret", "dop_v1"} {
			assert.NotContains(t, out, secret, "%s as %s", name, how)
		}
	}
}

func TestNoValueContainsASecret(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		echo, err := json.Marshal(map[string]string{"id": "x " + testToken, "message": "bad: " + secretUserData + testToken, "request_id": testToken})
		require.NoError(t, err)
		single, multi := createRequest(), fullMultiCreateRequest()
		single.UserData, multi.UserData = secretUserData, secretUserData
		values := map[string]any{"single": single, "single pointer": &single, "multi": multi, "multi pointer": &multi}

		for name, handle := range map[string]func() (*http.Response, error){
			"rejected": respond(422, string(echo), "X-Echo: "+testToken), "failed": respond(502, string(echo)),
			"limited": respond(429, string(echo), "Retry-After: 9999"), "garbage": respond(202, "<"+string(echo)),
			"wrong": respond(202, `{"droplet":`+string(echo)+`}`), "broken": failWith(errReset), "dial": failWith(errDial),
			"success": respond(202, createdBody(42), "X-Echo: "+testToken),
		} {
			var log bytes.Buffer
			_, c := newAPI(t, sequence(handle), droplets.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			var resp droplets.Response
			_, err := c.Droplets.Create(t.Context(), single, droplets.CaptureResponse(&resp))
			require.Equal(t, name != "success", err != nil, name)
			require.NotEmpty(t, log.String())
			values[name+" error"], values[name+" response"], values[name+" log"] = err, resp, log.String()
			_, err = c.Droplets.CreateMultiple(t.Context(), multi, droplets.CaptureResponse(&resp))
			values[name+" multi error"], values[name+" multi response"], values[name+" client"] = err, &resp, c
			values[name+" wrapped"] = fmt.Errorf("provisioning: %w", err)
		}
		for name, handle := range map[string]func() (*http.Response, error){
			"rejected": respond(422, `{"id":"x","message":"`+testToken+`"}`, "X-Echo: "+testToken), "broken": failWith(errReset),
		} {
			_, c := newAPI(t, sequence(handle))
			req, err := c.NewRequest(t.Context(), http.MethodPost, "v2/tags", nil)
			require.NoError(t, err)
			doResp, err := c.Do(req, nil)
			require.Error(t, err)
			values[name+" request"], values[name+" do response"], values[name+" do error"] = req.Header, doResp, err
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, c := newAPI(t, sequence(respond(429, string(echo), "Retry-After: 20")))
		_, err = c.Droplets.Create(ctx, single)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		values["a delay too long"] = err
		_, err = c.Droplets.Create(ctx, single)
		require.ErrorIs(t, err, droplets.ErrRateLimited)
		values["a shared pause too long"] = err
		_, err = droplets.NewClient(testToken + "\n")
		require.ErrorIs(t, err, droplets.ErrInvalidArgument)
		values["a rejected token"] = err
		_, err = droplets.NewClient(testToken, droplets.WithBaseURL("http://"+testHost))
		require.ErrorIs(t, err, droplets.ErrInvalidArgument)
		values["a rejected base URL"] = err
		values["services"] = []any{c.Droplets, c.DropletActions, c.Actions, c.BackupPolicies, c.AssociatedResources, *c.Droplets}
		values["option"] = droplets.WithBaseURL("https://" + testHost)
		owner, err := droplets.NewClientFromTokenSource(structSource{Secret: testToken})
		require.NoError(t, err)
		values["a client with a token source"] = owner

		for name, value := range values {
			_, isRequest := value.(droplets.DropletCreateRequest)
			_, isMulti := value.(droplets.DropletMultiCreateRequest)
			// JSON of a request contains the user data. For logging see TestRequestsHideUserData.
			requireNoSecret(t, name, value, !isRequest && !isMulti && name != "single pointer" && name != "multi pointer")
		}
	})
}

// structSource is a token source whose fields contain the token.
type structSource struct{ Secret string }

func (s structSource) Token() (*oauth2.Token, error) {
	return &oauth2.Token{AccessToken: s.Secret}, nil
}

func TestEchoedUserDataIsRedacted(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	long := strings.Repeat("#", 60<<10) + password
	accented := "contraseña: " + password
	escaped := strings.ReplaceAll(strings.ReplaceAll(accented, "ñ", `\u00f1`), "/", `\/`)
	quoted, err := json.Marshal(long)
	require.NoError(t, err)
	for userData, body := range map[string]string{
		long:     `{"message":"` + strings.Repeat(" ", 10<<10) + string(quoted[1:len(quoted)-1]) + `"}`,
		accented: `{"message":"bad","echo":"` + escaped + `"}`,
	} {
		_, c := newAPI(t, sequence(respond(422, body)))
		req := createRequest()
		req.UserData = userData
		_, err := c.Droplets.Create(t.Context(), req)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		for _, text := range []string{string(e.Body), e.Message, err.Error()} {
			assert.NotContains(t, text, password)
		}
		assert.LessOrEqual(t, len(e.Body), 64<<10)
	}
}

func TestEchoedSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	const secret = "#cloud-config\npassword: <correct horse>"
	quoted, err := json.Marshal("no " + testToken + ", and user_data is " + secret)
	require.NoError(t, err)
	_, c := newAPI(t, sequence(respond(422, `{"id":"x","message":`+string(quoted)+`}`, "X-Echo: Bearer "+testToken)))
	req := createRequest()
	req.UserData = secret
	var resp droplets.Response
	_, err = c.Droplets.Create(t.Context(), req, droplets.CaptureResponse(&resp))
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	for _, text := range []string{err.Error(), e.Message, string(e.Body), e.Header.Get("X-Echo"), resp.Header.Get("X-Echo")} {
		assert.Contains(t, text, "REDACTED")
		assert.NotContains(t, text, testToken)
		assert.NotContains(t, text, "correct horse")
	}
	assert.Contains(t, e.Message, ", and user_data is ", "the rest of the message stays")
}

// TestResponseHeaderIsNotModified uses one header for all responses, as transports may do.
func TestResponseHeaderIsNotModified(t *testing.T) {
	t.Parallel()
	shared := http.Header{"X-Echo": {"Bearer " + testToken}}
	_, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 404, Header: shared, Body: io.NopCloser(strings.NewReader(notFoundBody))}, nil
	})
	_, err := c.Droplets.Get(t.Context(), 42)
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "REDACTED", e.Header.Get("X-Echo"))
	assert.Equal(t, "Bearer "+testToken, shared.Get("X-Echo"))
}
