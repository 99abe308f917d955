package droplets_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// lateDestroyStatus is a transport that returns an old status of a destroy.
type lateDestroyStatus struct {
	next http.RoundTripper
	lag  time.Duration
	log  []statusAt
}

type statusAt struct {
	at   time.Time
	body string
}

func (l *lateDestroyStatus) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/status") || len(l.log) == 0 || time.Since(l.log[0].at) >= l.lag {
		return l.next.RoundTrip(r)
	}
	return respond(200, l.log[0].body)()
}

// hold makes the transport return this status for the lag.
func (l *lateDestroyStatus) hold(status *droplets.DestroyStatus) {
	l.log = []statusAt{{time.Now(), encode(status)}}
}

// TestWaitForDestroyIgnoresTheStatusFromBeforeARetry: after the retry, the API still shows the old failure for some time.
func TestWaitForDestroyIgnoresTheStatusFromBeforeARetry(t *testing.T) {
	t.Parallel()
	for _, seenBefore := range []bool{true, false} {
		for _, lag := range []time.Duration{0, 8 * time.Second, 20 * time.Second, 45 * time.Second} {
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Second))
				late := &lateDestroyStatus{next: api.Transport(), lag: lag}
				c := api.Client(droplets.WithHTTPClient(&http.Client{Transport: late}))
				api.FailNextDestroy(itoa(sampleID), "busy")
				require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), sampleID))
				first := c
				if !seenBefore {
					first = api.Client()
				}
				status, err := first.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
				var failed *droplets.DestroyError
				require.ErrorAs(t, err, &failed)
				<-time.After(2 * time.Second)
				require.NoError(t, c.AssociatedResources.Retry(t.Context(), sampleID))
				late.hold(status)
				_, err = c.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
				require.NoError(t, err, "lag %s", lag)
				assert.Empty(t, api.Droplets())
			})
		}
	}
}

// TestWaitForDestroyAfterALostRetry: a retry that may have been processed counts as one that was.
func TestWaitForDestroyAfterALostRetry(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Second))
		late := &lateDestroyStatus{next: api.Transport(), lag: 15 * time.Second}
		c := api.Client(droplets.WithHTTPClient(&http.Client{Transport: late}))
		api.FailNextDestroy(itoa(sampleID), "busy")
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), sampleID))
		status, err := c.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
		require.ErrorAs(t, err, new(*droplets.DestroyError))
		api.Respond(1, dropletstest.Match{Operation: "droplets_destroy_retryWithAssociatedResources"}, dropletstest.Fault{Status: 502, Applied: true})
		require.ErrorIs(t, c.AssociatedResources.Retry(t.Context(), sampleID), droplets.ErrMaybeApplied)
		late.hold(status)
		_, err = c.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
		require.NoError(t, err)
		assert.Empty(t, api.Droplets())
	})
}

// TestWaitForDestroyReturnsALastingFailure: the status never changes after the retry, or the destroy fails again.
func TestWaitForDestroyReturnsALastingFailure(t *testing.T) {
	t.Parallel()
	var failed *droplets.DestroyError
	virtualtime.Test(t, func(t *testing.T) {
		body := fmt.Sprintf(`{"droplet":{"id":"42","name":"web-1","error_message":"busy"},"failures":1,"completed_at":%q}`, time.Now().Format(time.RFC3339))
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return respond(202, "")()
			}
			return respond(200, body)()
		})
		<-time.After(time.Minute)
		require.NoError(t, c.AssociatedResources.Retry(t.Context(), 42))
		start := time.Now()
		_, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
		require.ErrorAs(t, err, &failed)
		assert.InDelta(t, 125, time.Since(start).Seconds(), 6)
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Second))
		c := api.Client()
		for i := range 2 {
			api.FailNextDestroy(itoa(sampleID), "busy")
			if i == 0 {
				require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), sampleID))
			} else {
				require.NoError(t, c.AssociatedResources.Retry(t.Context(), sampleID))
			}
			start := time.Now()
			_, err := c.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
			require.ErrorAs(t, err, &failed)
			assert.Less(t, time.Since(start), 20*time.Second, "a new failure counts at once")
		}
	})
	virtualtime.Test(t, func(t *testing.T) { // the retry of another process is not known
		api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(10*time.Second))
		late := &lateDestroyStatus{next: api.Transport(), lag: 15 * time.Second}
		other, c := api.Client(), api.Client(droplets.WithHTTPClient(&http.Client{Transport: late}))
		api.FailNextDestroy(itoa(sampleID), "busy")
		require.NoError(t, other.AssociatedResources.DestroyAll(t.Context(), sampleID))
		status, err := other.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
		require.ErrorAs(t, err, &failed)
		require.NoError(t, other.AssociatedResources.Retry(t.Context(), sampleID))
		late.hold(status)
		_, err = c.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
		require.ErrorAs(t, err, &failed)
	})
}

// TestWaitForDestroySucceedsOnlyIfTheDropletWasDestroyed: each destroy has ended without a failure.
func TestWaitForDestroySucceedsOnlyIfTheDropletWasDestroyed(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for body, want := range map[string]string{
			`{"droplet":{"id":"42","name":"web-1"},"failures":0,"completed_at":"2020-04-01T18:11:49Z"}`:                                       "droplets: 1 resources were not destroyed: droplet 42 (web-1): not destroyed when the destroy ended",
			`{"resources":{},"failures":0,"completed_at":"2020-04-01T18:11:49Z"}`:                                                             "droplets: the destroy has ended, but its status does not confirm that the Droplet was destroyed",
			`{"droplet":{"id":"42","name":"web-1","destroyed_at":"2020-04-01T18:11:49Z"},"failures":0,"completed_at":"2020-04-01T18:11:49Z"}`: "",
		} {
			_, c := newAPI(t, sequence(respond(200, body)))
			status, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
			require.NotNil(t, status)
			if want == "" {
				require.NoError(t, err)
				continue
			}
			failed := &droplets.DestroyError{}
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, want, err.Error())
			assert.Same(t, status, failed.Status)
		}
	})
}

// TestWaitForDestroyWhoseStatusIsNotShownYet: a 404 is tolerated for some time after the request.
func TestWaitForDestroyWhoseStatusIsNotShownYet(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := oneDroplet()
		start := time.Now()
		_, c := record(api, func(_ int, r *http.Request, _ string) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/status") && time.Since(start) < 15*time.Second {
				return respond(404, notFoundBody)()
			}
			return nil, nil
		})
		_, err := c.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
		require.ErrorIs(t, err, droplets.ErrNotFound, "no destroy was requested")
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), sampleID))
		_, err = c.AssociatedResources.WaitForDestroy(t.Context(), sampleID)
		require.NoError(t, err)
		assert.Empty(t, api.Droplets())
		assert.GreaterOrEqual(t, time.Since(start), 15*time.Second)
	})
}

// TestWaitForDestroyWithAnotherClock: the clock of the API is a minute ahead. The old failure is recognized by its CompletedAt.
func TestWaitForDestroyWithAnotherClock(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		completed := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
		old := fmt.Sprintf(`{"droplet":{"id":"42","error_message":"busy"},"failures":1,"completed_at":%q}`, completed)
		done := `{"droplet":{"id":"42","destroyed_at":"2026-11-21T12:00:00Z"},"failures":0,"completed_at":"2026-11-21T12:00:00Z"}`
		a, c := newAPI(t, sequence(respond(200, old), respond(202, ""), respond(200, old), respond(200, old), respond(200, done)))
		_, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
		require.ErrorAs(t, err, new(*droplets.DestroyError))
		require.NoError(t, c.AssociatedResources.Retry(t.Context(), 42))
		status, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
		require.NoError(t, err)
		require.NotNil(t, status.Droplet)
		assert.NotNil(t, status.Droplet.DestroyedAt)
		assert.Equal(t, 5, a.count())
	})
}

// TestEndsOfADestroy has the final states of a destroy. Only one of them is a success.
func TestEndsOfADestroy(t *testing.T) {
	t.Parallel()
	const destroyed, done = `"droplet":{"id":"42","destroyed_at":"2030-01-02T03:04:05Z"}`, `"completed_at":"2030-01-02T03:04:05Z"`
	for name, tt := range map[string]struct {
		status  string
		failure bool
	}{
		"everything is destroyed":     {status: destroyed + `,"failures":0,` + done},
		"one failure":                 {status: destroyed + `,"failures":1,` + done, failure: true},
		"no time for the Droplet":     {status: `"droplet":{"id":"42"},"failures":0,` + done, failure: true},
		"an error without a count":    {status: destroyed + `,"resources":{"volumes":[{"id":"v","error_message":"busy"}]},"failures":0,` + done, failure: true},
		"a resource without an error": {status: destroyed + `,"resources":{"volumes":[{"id":"v"}]},"failures":0,` + done},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(respond(200, "{"+tt.status+"}")))
				_, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
				assert.Equal(t, 1, a.count(), "it is the end")
				var failed *droplets.DestroyError
				assert.Equal(t, tt.failure, errors.As(err, &failed), "%v", err)
				assert.Equal(t, tt.failure, err != nil)
			})
		})
	}
}

func TestTextsOfDestroyErrors(t *testing.T) {
	t.Parallel()
	when := time.Now()
	droplet := &droplets.DestroyedResource{ID: "42", DestroyedAt: &when}
	volumes := func(message string) *droplets.DestroyedResources {
		return &droplets.DestroyedResources{Volumes: []droplets.DestroyedResource{{ID: "v", Name: "data", ErrorMessage: message}}}
	}
	for text, status := range map[string]*droplets.DestroyStatus{
		"resources were not destroyed":   nil,
		"3 resources were not destroyed": {Failures: 3, CompletedAt: &when, Droplet: droplet},
		"the destroy has ended, but its status does not confirm that the Droplet was destroyed": {CompletedAt: &when},
		"1 resources were not destroyed: volume v (data): busy":                                 {CompletedAt: &when, Droplet: droplet, Resources: volumes("busy")},
		"2 resources were not destroyed: volume v (data): busy":                                 {Failures: 2, CompletedAt: &when, Droplet: droplet, Resources: volumes("busy")},
		"1 resources were not destroyed: droplet 42 (): not destroyed when the destroy ended":   {CompletedAt: &when, Droplet: &droplets.DestroyedResource{ID: "42"}, Resources: volumes("")},
		"2 resources were not destroyed: floating_ip 1 (): busy; snapshot 1 (): busy": {CompletedAt: &when, Droplet: droplet, Resources: &droplets.DestroyedResources{
			FloatingIPs: []droplets.DestroyedResource{{ID: "1", ErrorMessage: "busy"}}, Snapshots: []droplets.DestroyedResource{{ID: "1", ErrorMessage: "busy"}}}},
		"1 resources were not destroyed: reserved_ip 1 (): busy": {CompletedAt: &when, Droplet: droplet, Resources: &droplets.DestroyedResources{
			ReservedIPs: []droplets.DestroyedResource{{ID: "1", ErrorMessage: "busy"}}, FloatingIPs: []droplets.DestroyedResource{{ID: "1", ErrorMessage: "busy"}}}},
		"1 resources were not destroyed: droplet 42 (): in use": {Droplet: &droplets.DestroyedResource{ID: "42", ErrorMessage: "in use"}},
	} {
		assert.EqualError(t, &droplets.DestroyError{Status: status}, "droplets: "+text)
	}
}

// TestWaitForDestroyAfterASelectiveOne: the failure of an earlier destroy is ignored until the API shows the new one.
func TestWaitForDestroyAfterASelectiveOne(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		at := func(d time.Duration) string { return start.Add(d).UTC().Format(time.RFC3339) }
		_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			switch {
			case r.Method == http.MethodDelete:
				return respond(202, "")()
			case time.Since(start) < 20*time.Second:
				return respond(200, `{"droplet":{"id":"42"},"failures":1,"completed_at":"`+at(-time.Hour)+`"}`)()
			}
			return respond(200, `{"droplet":{"id":"42","destroyed_at":"`+at(19*time.Second)+`"},"failures":0,"completed_at":"`+at(19*time.Second)+`"}`)()
		})
		require.NoError(t, c.AssociatedResources.DestroySelective(t.Context(), 42, droplets.SelectiveDestroyRequest{}))
		_, err := c.AssociatedResources.WaitForDestroy(t.Context(), 42)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(start), 20*time.Second)
	})
}
