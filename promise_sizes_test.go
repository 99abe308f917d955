package droplets_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// countingReader has a number of bytes and counts those that were read.
type countingReader struct{ left, read int }

func (r *countingReader) Read(p []byte) (int, error) {
	n := min(len(p), r.left)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		p[i] = 'x'
	}
	r.left -= n
	r.read += n
	return n, nil
}

// TestResponseSizes has bodies at the limits and above them.
func TestResponseSizes(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, tt := range []struct{ status, size, limit int }{
		{200, 16 * mib, 16 * mib}, {200, 16*mib + 1, 16 * mib}, {200, 20 * mib, 16 * mib}, {403, mib, mib}, {403, 3 * mib, mib}, {502, 3 * mib, mib},
	} {
		body := &countingReader{left: tt.size}
		_, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: tt.status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}, nil
		})
		req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/volumes", nil)
		require.NoError(t, err)
		var received bytes.Buffer
		_, err = c.Do(req, &received, droplets.WithoutRetries())
		assert.LessOrEqual(t, body.read, tt.limit+1, "one byte more shows that the body is too large")
		switch {
		case tt.status != 200:
			var e *droplets.Error
			require.ErrorAs(t, err, &e)
			assert.Len(t, e.Body, 64<<10)
		case tt.size > tt.limit:
			require.ErrorIs(t, err, droplets.ErrResponseTooLarge)
		default:
			require.NoError(t, err)
			assert.Equal(t, tt.size, received.Len())
		}
	}
}
