package droplets_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// TestUserAgentOfCallIsNotResent: a transport sends each request twice. The attempt also ends before the second time if the
// call has a User-Agent of its own.
func TestUserAgentOfCallIsNotResent(t *testing.T) {
	t.Parallel()
	ctx := socketContext(t)
	var processed atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		processed.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer server.Close()
	twice := roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := server.Client().Transport.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		resp.Body.Close()
		return server.Client().Transport.RoundTrip(r)
	})
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL(server.URL), droplets.WithHTTPClient(&http.Client{Transport: twice}))
	require.NoError(t, err)
	for _, value := range []string{"other/1.0", " padded ", " ", ""} {
		processed.Store(0)
		err := c.Droplets.DeleteByTag(ctx, "web", droplets.WithHeader("User-Agent", value))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "%q", value)
		assert.EqualValues(t, 1, processed.Load(), "%q", value)

		processed.Store(0)
		req, err := c.NewRequest(ctx, http.MethodPost, "v2/tags", nil)
		require.NoError(t, err)
		req.Header.Set("User-Agent", value)
		_, err = c.Do(req, nil)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, "%q", value)
		assert.EqualValues(t, 1, processed.Load(), "%q", value)
	}
}
