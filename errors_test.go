package droplets_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestZeroErrorsDoNotPanic(t *testing.T) {
	t.Parallel()
	for _, err := range []error{&droplets.Error{}, &droplets.ActionError{}, &droplets.StepError{Step: "resize"}, &droplets.DestroyError{}, &droplets.ArgumentError{}, &droplets.AmbiguousNameError{}} {
		assert.True(t, strings.HasPrefix(err.Error(), "droplets: "), "%T: %s", err, err)
	}
	assert.Empty(t, (&droplets.DropletCreateResult{}).PendingActions())
}

func TestErrorFields(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(422, `{"id":"unprocessable_entity","message":"Name is\n already  in use","request_id":"0f2f"}`,
		"X-Request-Id: other", "RateLimit-Limit: 5000", "RateLimit-Remaining: 4999", "RateLimit-Reset: 1754524800")))
	_, err := c.DropletActions.Rename(t.Context(), 42, droplets.RenameRequest{Name: "web-2"})
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 422, e.StatusCode)
	assert.Equal(t, "unprocessable_entity", e.ID)
	assert.Equal(t, "Name is\n already  in use", e.Message)
	assert.Equal(t, "0f2f", e.RequestID)
	assert.Equal(t, "dropletActions_post", e.Operation)
	assert.Equal(t, "POST", e.Method)
	assert.Equal(t, "/v2/droplets/42/actions", e.Path)
	assert.Equal(t, 1, e.Attempts)
	assert.Equal(t, 4999, e.RateLimit.Remaining)
	assert.Equal(t, "droplets: dropletActions_post: POST /v2/droplets/42/actions: 422 Unprocessable Entity (unprocessable_entity): "+
		"Name is already in use; request id 0f2f", err.Error())
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	kinds := map[int]error{
		401: droplets.ErrUnauthorized, 403: droplets.ErrForbidden, 404: droplets.ErrNotFound, 409: droplets.ErrConflict,
		422: droplets.ErrUnprocessable, 429: droplets.ErrRateLimited, 500: droplets.ErrServer, 502: droplets.ErrServer, 599: droplets.ErrServer,
	}
	all := []error{droplets.ErrUnauthorized, droplets.ErrForbidden, droplets.ErrNotFound, droplets.ErrConflict, droplets.ErrUnprocessable,
		droplets.ErrRateLimited, droplets.ErrServer, droplets.ErrInvalidArgument, droplets.ErrPendingEvent, droplets.ErrActionFailed,
		droplets.ErrMaybeApplied, droplets.ErrInvalidResponse, droplets.ErrResponseTooLarge}
	check := func(status int, body string, kind error) {
		_, c := newAPI(t, sequence(respond(status, body)), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
		_, err := c.Droplets.Get(t.Context(), 42)
		for _, other := range all {
			assert.Equal(t, errors.Is(kind, other), errors.Is(err, other), "%d %s and %v", status, body, other)
		}
		assert.NotContains(t, err.Error(), "<")
		assert.NotContains(t, err.Error(), "\n")
	}
	for status, kind := range kinds {
		check(status, `{"id":"some_id","message":"some text"}`, kind)
	}
	// The page of a proxy and the error of a gateway contain nothing about a Droplet or a scope.
	for _, body := range []string{"<html><body>oops</body></html>", "", "{}", "[]", `{"message":"no Route matched"}`, `{"id":"x"}`,
		`{"id":"","message":"x"}`, `{"id":7,"message":"x"}`, `{"id":"not_found","message":"cut sho`} {
		check(404, body, droplets.ErrInvalidResponse)
		check(403, body, droplets.ErrInvalidResponse)
		check(401, body, droplets.ErrUnauthorized)
		check(502, body, droplets.ErrServer)
	}
}

// TestErrorTexts has what the text of an error says besides the message of the API.
func TestErrorTexts(t *testing.T) {
	t.Parallel()
	const notFromAPI = "; the body is not an error of the API: check the base URL and proxies"
	for name, tt := range map[string]struct {
		status int
		body   string
		text   string // after the status
	}{
		"a proxy's 403":      {403, "<html>", notFromAPI},
		"a proxy's 404":      {404, "<html>", notFromAPI},
		"a proxy's 410":      {410, "<html>", ""},
		"a 404 of the API":   {404, notFoundBody, " (not_found): The resource you were accessing could not be found."},
		"after two attempts": {503, "", "; 2 attempts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				_, c := newAPI(t, sequence(respond(tt.status, tt.body)), droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 1}))
				_, err := c.Droplets.Get(t.Context(), 42)
				require.EqualError(t, err, fmt.Sprintf("droplets: droplets_get: GET /v2/droplets/42: %d %s%s", tt.status, http.StatusText(tt.status), tt.text))
			})
		})
	}
}
