package droplets_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestADropletThatIsReadWhileItIsDeleted: a Delete gets a 404 for a new Droplet. While it waits to retry, another call reads the
// Droplet. The second 404 is final, and not a success, because no attempt can have deleted the Droplet. After a 502 it is one.
func TestADropletThatIsReadWhileItIsDeleted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		first   []func() (*http.Response, error)
		success bool
	}{
		"after a 404":         {first: []func() (*http.Response, error){respond(404, notFoundBody)}},
		"after two 404":       {first: []func() (*http.Response, error){respond(404, notFoundBody), respond(404, notFoundBody)}},
		"after a 502":         {first: []func() (*http.Response, error){respond(502, "")}, success: true},
		"after a 404 and 502": {first: []func() (*http.Response, error){respond(404, notFoundBody), respond(502, "")}, success: true},
		"after a 502 and 404": {first: []func() (*http.Response, error){respond(502, ""), respond(404, notFoundBody)}, success: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				deletes := 0
				read := make(chan struct{})
				_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					switch {
					case r.Method == http.MethodPost:
						return respond(202, createdBody(42))()
					case r.Method == http.MethodGet:
						return respond(200, dropletBody(42))()
					case !strings.HasSuffix(r.URL.Path, "/v2/droplets/42"):
						t.Errorf("unexpected: %s %s", r.Method, r.URL.Path)
					}
					if deletes++; deletes <= len(tt.first) {
						if deletes == len(tt.first) {
							time.AfterFunc(time.Millisecond, func() { close(read) })
						}
						return tt.first[deletes-1]()
					}
					return respond(404, notFoundBody)()
				})
				require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest())))
				done := make(chan error, 1)
				go func() { done <- c.Droplets.Delete(t.Context(), 42) }()
				<-read
				require.NoError(t, second(c.Droplets.Get(t.Context(), 42)))
				err := <-done
				assert.Equal(t, len(tt.first)+1, deletes)
				if tt.success {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, droplets.ErrNotFound)
				require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
			})
		})
	}
}
