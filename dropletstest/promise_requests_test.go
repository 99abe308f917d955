package dropletstest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestRequestDurations: the duration of a request is by the clock of the fake and not in real time.
func TestRequestDurations(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		clock := dropletstest.NewManualClock(clockStart)
		api := dropletstest.New(dropletstest.WithClock(clock))
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Delay: time.Hour})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/v2/account", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+dropletstest.Token)
		go func() {
			resp, err := api.Transport().RoundTrip(req)
			if assert.NoError(t, err) {
				assert.NoError(t, resp.Body.Close())
			}
		}()
		synctest.Wait()
		sleep(time.Minute)
		clock.Advance(time.Hour)
		synctest.Wait()
		assert.Equal(t, time.Hour, api.Requests()[0].Duration)
	})
}

// TestStatusOfAResponseThatWasNotSent: the API has processed the request, and the connection broke before the response.
func TestStatusOfAResponseThatWasNotSent(t *testing.T) {
	api := dropletstest.New()
	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Applied: true, Break: dropletstest.BreakAnswer})
	_, err := api.Client(noRetries).Droplets.Create(t.Context(), createRequest("a"))
	require.ErrorIs(t, err, droplets.ErrMaybeApplied)
	assert.Len(t, api.Droplets(), 1)
	assert.Zero(t, api.Requests()[0].Status)
}

// TestFaultsMatchTheOperation: other requests to the same path get the response of the API.
func TestFaultsMatchTheOperation(t *testing.T) {
	api := dropletstest.New()
	api.Respond(-1, dropletstest.Match{Operation: "droplets_create"}, dropletstest.Fault{Status: 500})
	assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/droplets", "").StatusCode)
	assert.Equal(t, 500, sendRequest(t, api, http.MethodPost, "/v2/droplets", "").StatusCode)
}
