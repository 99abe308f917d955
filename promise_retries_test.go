package droplets_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestTransientStatuses tries every status: reads are retried after exactly those of the retry table, and a change after a
// 429 only. After a 5xx it may have been applied.
func TestTransientStatuses(t *testing.T) {
	t.Parallel()
	transient := []int{429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
	virtualtime.Test(t, func(t *testing.T) {
		for status := 300; status < 600; status++ {
			a, c := newAPI(t, sequence(respond(status, ""), respond(200, dropletBody(42))))
			_, err := c.Droplets.Get(t.Context(), 42)
			retried := slices.Contains(transient, status)
			assert.Equal(t, retried, err == nil, status)
			assert.Equal(t, retried, a.count() == 2, status)

			a, c = newAPI(t, sequence(respond(status, ""), respond(202, createdBody(42))))
			_, err = c.Droplets.Create(t.Context(), createRequest())
			assert.Equal(t, status == 429, err == nil, status)
			assert.Equal(t, status == 429, a.count() == 2, status)
			assert.Equal(t, status >= 500, errors.Is(err, droplets.ErrMaybeApplied), status)
		}
	})
}

// TestWithoutRetries: the first failure of any kind ends a call with this option, and not the next call.
func TestWithoutRetries(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for name, failure := range map[string]func() (*http.Response, error){
			"429":               respond(429, "{}", "Retry-After: 1"),
			"503":               respond(503, ""),
			"broken connection": failWith(io.ErrUnexpectedEOF),
			"no connection":     failWith(errDial),
		} {
			a, c := newAPI(t, sequence(failure, respond(200, dropletBody(42))))
			_, err := c.Droplets.Get(t.Context(), 42, droplets.WithoutRetries())
			require.Error(t, err, name)
			assert.Equal(t, 1, a.count(), name)
			a, c = newAPI(t, sequence(failure, respond(200, dropletBody(42))))
			_, err = c.Droplets.Get(t.Context(), 42)
			require.NoError(t, err, name)
			assert.Equal(t, 2, a.count(), name)
		}
	})
}
