package droplets_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestListOptionsAreIgnoredElsewhere: VerifyList and ReadAhead have no effect on methods that do not read a whole list.
// Options of waiters are rejected there: see TestWaitOptionsOfEveryMethod.
func TestListOptionsAreIgnoredElsewhere(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, dropletBody(42)), respond(200, `{"droplets":[{"id":42}],"meta":{"total":300}}`)))
	_, err := c.Droplets.Get(t.Context(), 42, droplets.VerifyList(), droplets.ReadAhead(3))
	require.NoError(t, err)
	_, err = c.Droplets.List(t.Context(), nil, droplets.VerifyList(), droplets.ReadAhead(3))
	require.NoError(t, err)
	assert.Equal(t, 2, a.count())
}

// TestNamesOfHeaders has each character that is not allowed in the name of a header.
func TestNamesOfHeaders(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, dropletBody(42))))
	for _, char := range "\"(),/:;<=>?@[\\]{} \x00\x1f\x7fé" {
		requireInvalid(t, second(c.Droplets.Get(t.Context(), 42, droplets.WithHeader("X"+string(char)+"Y", "v"))), "header")
	}
	assert.Zero(t, a.count())
	require.NoError(t, second(c.Droplets.Get(t.Context(), 42, droplets.WithHeader("X!#$%&'*+-.^_`|~09azAZ", "v"))))
}
