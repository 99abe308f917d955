package droplets_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestDoSendsTheBodyEachTime: a caller sends the same change twice, for example after an error.
func TestDoSendsTheBodyEachTime(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(201, `{}`)))
	req, err := c.NewRequest(t.Context(), http.MethodPost, "v2/tags", map[string]string{"name": "web"})
	require.NoError(t, err)
	for range 2 {
		_, err = c.Do(req, nil)
		require.NoError(t, err)
		assert.JSONEq(t, `{"name":"web"}`, a.last().Body)
	}
}

// TestDoRejectsAnIncompleteBody: the body of a request that was sent before has been read and cannot be read again.
func TestDoRejectsAnIncompleteBody(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(201, `{}`)))
	req, err := c.NewRequest(t.Context(), http.MethodPost, "v2/tags", map[string]string{"name": "web"})
	require.NoError(t, err)
	req.GetBody = nil
	_, err = c.Do(req, nil)
	require.NoError(t, err)
	_, err = c.Do(req, nil)
	require.ErrorIs(t, err, droplets.ErrInvalidArgument)
	assert.Equal(t, 1, a.count())

	req, err = http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+testHost+testPrefix+"/v2/tags", strings.NewReader("{}"))
	require.NoError(t, err)
	req.GetBody, req.ContentLength = nil, -1 // unknown
	_, err = c.Do(req, nil)
	require.NoError(t, err)
	assert.Equal(t, "{}", a.last().Body)
}
