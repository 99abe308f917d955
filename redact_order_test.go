package droplets_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestASecretWithinASecretIsRedacted: if the shorter one were replaced first, the rest of the longer one would remain.
func TestASecretWithinASecretIsRedacted(t *testing.T) {
	t.Parallel()
	const short, long = "password", "password-hunter2"
	for _, texts := range [][]string{{short, long}, {long, short}} {
		_, c := newAPI(t, sequence(respond(422, `{"id":"x","message":"not `+long+` and not `+short+`"}`, "X-Echo: "+long)))
		_, err := c.Droplets.Create(t.Context(), createRequest(), droplets.WithBodyField("secrets", texts))
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, "not REDACTED and not REDACTED", e.Message)
		assert.NotContains(t, string(e.Body), "hunter2")
		assert.NotContains(t, err.Error(), "hunter2")
	}
	_, c := newAPI(t, sequence(respond(422, `{"id":"x","message":"not `+long+`"}`)))
	req := customImage()
	req.URL = "https://example.com/x.img?a=" + short + "&b=" + long
	_, err := c.Images.CreateCustom(t.Context(), req)
	require.ErrorIs(t, err, droplets.ErrUnprocessable)
	assert.NotContains(t, err.Error(), "hunter2")
}
