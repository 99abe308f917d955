package droplets_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

var errUntrusted = &tls.CertificateVerificationError{Err: errors.New("unknown authority")}

// TestTheLimitCountsRequestsThatTheAPIHasProcessed: a 429 comes after one response and eight failed requests. If the API has not
// processed these, one request is known to fit into a window, and further ones test the limit one by one. Otherwise nine fit.
func TestTheLimitCountsRequestsThatTheAPIHasProcessed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		failure  func() (*http.Response, error)
		together int // most requests in flight among the first eight after the pause
	}{
		"an untrusted certificate": {failWith(errUntrusted), 1},
		"no connection":            {failWith(errDial), 1},
		"a broken connection":      {failWith(io.ErrUnexpectedEOF), 3},
		"an error of the API":      {respond(500, "{}"), 3},
		"a 429 without a delay":    {respond(429, refusedBody), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				inFlight, most := 0, 0
				_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
					switch {
					case n == 1:
						return respond(200, dropletBody(42))()
					case n <= 9:
						return tt.failure()
					case n == 10:
						return respond(429, refusedBody, "Retry-After: 60")()
					}
					mu.Lock()
					if inFlight++; n <= 18 {
						most = max(most, inFlight)
					}
					mu.Unlock()
					defer func() {
						mu.Lock()
						inFlight--
						mu.Unlock()
					}()
					return slowly(100*time.Millisecond, respond(200, dropletBody(42)))(n, r)
				})
				for i := range 9 {
					_, err := c.Droplets.Get(t.Context(), 42, droplets.WithoutRetries())
					require.Equal(t, i == 0, err == nil)
				}
				failed, took := backlog(t, c, 12)
				assert.Zero(t, failed)
				assert.Less(t, took, 62*time.Second)
				assert.Equal(t, tt.together, most)
			})
		})
	}
}
