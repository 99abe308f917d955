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
