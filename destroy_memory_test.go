package droplets_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// destroyAPI accepts every request to destroy, and returns the status that the test sets.
type destroyAPI struct {
	mu     sync.Mutex
	status string // empty for a 404
	polls  int
}

// setStatusLater sets the status after a second, when a method of the client is running.
func (d *destroyAPI) setStatusLater(status string) {
	time.AfterFunc(time.Second, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.status = status
	})
}

func (d *destroyAPI) handle(_ int, r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return respond(202, "")()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.polls++
	if d.status == "" || !strings.Contains(r.URL.Path, "/42/") {
		return respond(404, notFoundBody)()
	}
	return respond(200, d.status)()
}

func failedAt(at time.Time) string {
	return fmt.Sprintf(`{"droplet":{"id":"42","error_message":"busy"},"failures":1,"completed_at":%q}`, at.UTC().Format(time.RFC3339))
}

const destroyed = `{"droplet":{"id":"42","destroyed_at":"2026-11-21T12:00:00Z"},"failures":0,"completed_at":"2026-11-21T12:00:00Z"}`

// waitForNewStatus waits for the destroy of Droplet 42. It returns whether the wait has ignored the failed status, which the API
// returns until the second poll.
func (d *destroyAPI) waitForNewStatus(t *testing.T, c *droplets.Client) (ignored bool) {
	t.Helper()
	d.polls = 0
	d.setStatusLater(destroyed)
	_, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
	if err == nil {
		return true
	}
	var failed *droplets.DestroyError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, 1, d.polls)
	return false
}

// TestFailuresOfTheDestroyBefore has a failure that WaitForDestroy sees for the first time some time after a Retry.
func TestFailuresOfTheDestroyBefore(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, tt := range map[string]struct {
		failed  time.Duration // relative to the Retry, which is 0.7 s after a full second
		poll    time.Duration // after the Retry
		ignored bool
	}{
		"in the second before":       {failed: -s, poll: s, ignored: true},
		"in the same second, before": {failed: -s / 2, poll: s},
		"after":                      {failed: s, poll: 2 * s},
		"polled after two minutes":   {failed: -s, poll: 2 * time.Minute, ignored: true},
		"polled later":               {failed: -s, poll: 2*time.Minute + 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				d := &destroyAPI{}
				_, c := newAPI(t, d.handle)
				<-time.After(700 * time.Millisecond)
				d.status = failedAt(time.Now().Add(tt.failed))
				require.NoError(t, c.AssociatedResources.Retry(t.Context(), 42))
				<-time.After(tt.poll)
				assert.Equal(t, tt.ignored, d.waitForNewStatus(t, c))
			})
		})
	}
}

// TestFailuresAreRemembered has a failure whose CompletedAt is after the Retry, because the clock of the API is ahead. The client
// recognizes it for an hour, also if it destroys other Droplets in between.
func TestFailuresAreRemembered(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		between time.Duration // from the failure to the request for another Droplet
		ignored bool
	}{
		"an hour": {between: time.Hour, ignored: true},
		"longer":  {between: time.Hour + 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				d := &destroyAPI{status: failedAt(time.Now().Add(2 * time.Hour))}
				_, c := newAPI(t, d.handle)
				assert.Error(t, second(c.AssociatedResources.WaitForDestroy(t.Context(), 42)))
				<-time.After(tt.between)
				require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), 43))
				require.NoError(t, c.AssociatedResources.Retry(t.Context(), 42))
				assert.Equal(t, tt.ignored, d.waitForNewStatus(t, c))
			})
		})
	}
}

// TestRequestsToDestroyAreRemembered destroys another Droplet two minutes after a Retry.
func TestRequestsToDestroyAreRemembered(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		d := &destroyAPI{status: failedAt(time.Now().Add(-time.Minute))}
		_, c := newAPI(t, d.handle)
		require.NoError(t, c.AssociatedResources.Retry(t.Context(), 42))
		<-time.After(2 * time.Minute)
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), 43))
		assert.True(t, d.waitForNewStatus(t, c))
	})
}

// TestAStatusThatIsNotShownYet polls some time after the request.
func TestAStatusThatIsNotShownYet(t *testing.T) {
	t.Parallel()
	for after, tolerated := range map[time.Duration]bool{grace: true, grace + 1: false} {
		virtualtime.Test(t, func(t *testing.T) {
			d := &destroyAPI{}
			_, c := newAPI(t, d.handle)
			require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), 42))
			<-time.After(after)
			d.setStatusLater(destroyed)
			_, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
			if tolerated {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, droplets.ErrNotFound)
			}
		})
	}
}
