package droplets_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestTokenSourceErrorHasNoSecret: the token of the first attempt is in the error of the token source before the second.
func TestTokenSourceErrorHasNoSecret(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a := &api{t: t, handle: sequence(respond(503, ""))}
		calls := 0
		c, err := droplets.NewClientFromTokenSource(tokenFunc(func() (*oauth2.Token, error) {
			if calls++; calls > 1 {
				return nil, fmt.Errorf("the token %s has expired", testToken)
			}
			return &oauth2.Token{AccessToken: testToken}, nil
		}), droplets.WithBaseURL("https://"+testHost+testPrefix), droplets.WithHTTPClient(&http.Client{Transport: a}))
		require.NoError(t, err)
		_, err = c.Droplets.Get(t.Context(), 42)
		require.ErrorContains(t, err, "token source")
		assert.NotContains(t, err.Error(), testToken)
		var failed *droplets.TransportError
		require.ErrorAs(t, err, &failed)
		assert.NotContains(t, fmt.Sprintf("%+v %#v", failed.Err, failed.Err), testToken)
	})
}

// TestErrorOfAnotherCall: a transport that authenticates returns the error of another client's call. It is not a response to
// this call.
func TestErrorOfAnotherCall(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		other := &droplets.Error{StatusCode: 404, ID: "not_found", Message: "no secret", Operation: "other_get", Path: "/other"}
		_, c := newAPI(t, sequence(failWith(other)))
		err := c.Droplets.Delete(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "the outcome is unknown")
		var failed *droplets.TransportError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "droplets_destroy", failed.Operation)
		assert.Equal(t, "other_get", other.Operation, "it is not changed")
		require.NotErrorIs(t, err, droplets.ErrNotFound, "another call's resource was not found")
		var response *droplets.Error
		require.NotErrorAs(t, err, &response)
		require.ErrorContains(t, err, "other_get")

		source := tokenFunc(func() (*oauth2.Token, error) { return nil, other })
		c, err = droplets.NewClientFromTokenSource(source)
		require.NoError(t, err)
		err = c.Droplets.Delete(t.Context(), 42)
		require.ErrorContains(t, err, "token source")
		require.NotErrorIs(t, err, droplets.ErrNotFound)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied, "nothing was sent")
	})
}
