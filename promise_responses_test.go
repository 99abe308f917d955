package droplets_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestResponseEncodesWithoutItsBody: encoding/json would write the body in base64, in which no test finds a secret.
func TestResponseEncodesWithoutItsBody(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(droplets.Response{StatusCode: 200, Body: []byte("secret")})
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(b, &fields))
	assert.Contains(t, fields, "StatusCode")
	assert.NotContains(t, fields, "Body")
}

// TestErrorHasTheHeader: the request ID of a response without a JSON body is in its header.
func TestErrorHasTheHeader(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(404, "<html>", "X-Request-Id: 0f2f", "X-Proxy: edge")))
	_, err := c.Droplets.Get(t.Context(), 42)
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 404, e.StatusCode)
	assert.Equal(t, "0f2f", e.RequestID)
	assert.Equal(t, "edge", e.Header.Get("X-Proxy"))
}

// TestCreateResultHasItsActions reads the links of the responses to both kinds of create.
func TestCreateResultHasItsActions(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(202, createdBody(42))))
	one, err := c.Droplets.Create(t.Context(), createRequest())
	require.NoError(t, err)
	require.Len(t, one.Actions, 1)
	assert.EqualValues(t, 7515, one.Actions[0].ID)

	_, c = newAPI(t, sequence(respond(202, `{"droplets":[{"id":1},{"id":2}],"links":{"actions":[{"id":3,"rel":"create"},{"id":4,"rel":"create"}]}}`)))
	several, err := c.Droplets.CreateMultiple(t.Context(), multiCreate("a", "b"))
	require.NoError(t, err)
	require.Len(t, several.Actions, 2)
	assert.EqualValues(t, 4, several.Actions[1].ID)
}
