package dropletstest_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestRateLimitPerMinute(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithRateLimit(3, 0))
		for range 3 {
			assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/account", "").StatusCode)
			sleep(10 * time.Second)
		}
		resp := sendRequest(t, api, http.MethodGet, "/v2/account", "")
		assert.Equal(t, 429, resp.StatusCode)
		assert.Equal(t, "30", resp.Header.Get("Retry-After"))
		assert.NotEqual(t, "0", resp.Header.Get("Ratelimit-Remaining"))
		assert.Contains(t, resp.body, "API Rate limit exceeded.")
		sleep(30 * time.Second)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/account", "").StatusCode, "the window slides")
		assert.Equal(t, 429, sendRequest(t, api, http.MethodGet, "/v2/account", "").StatusCode)
	})
}

func TestRateLimitPerHour(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithRateLimit(0, 2))
		first := time.Now()
		resp := sendRequest(t, api, http.MethodGet, "/v2/account", "")
		assert.Equal(t, "2", resp.Header.Get("Ratelimit-Limit"))
		assert.Equal(t, "1", resp.Header.Get("Ratelimit-Remaining"))
		sleep(time.Minute)
		sendRequest(t, api, http.MethodGet, "/v2/account", "")
		resp = sendRequest(t, api, http.MethodGet, "/v2/account", "")
		assert.Equal(t, 429, resp.StatusCode)
		assert.Empty(t, resp.Header.Get("Retry-After"))
		assert.Equal(t, "0", resp.Header.Get("Ratelimit-Remaining"))
		reset, err := strconv.ParseInt(resp.Header.Get("Ratelimit-Reset"), 10, 64)
		require.NoError(t, err)
		assert.Equal(t, first.Add(time.Hour).Unix(), reset)
		sleep(time.Until(time.Unix(reset, 0)))
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/account", "").StatusCode)
	})
}

func TestRateLimitWindows(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithRateLimit(1, 0), dropletstest.WithRateLimitWindows(3*time.Second, time.Minute))
		sendRequest(t, api, http.MethodGet, "/v2/account", "")
		assert.Equal(t, "3", sendRequest(t, api, http.MethodGet, "/v2/account", "").Header.Get("Retry-After"))
		sleep(3 * time.Second)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/account", "").StatusCode)
	})
}

func TestNoRateLimitByDefault(t *testing.T) {
	api := dropletstest.New()
	for i := range 5100 {
		resp := sendRequest(t, api, http.MethodGet, "/v2/account", "")
		require.Equal(t, 200, resp.StatusCode)
		remaining, err := strconv.Atoi(resp.Header.Get("Ratelimit-Remaining"))
		require.NoError(t, err)
		require.Equal(t, max(5000-i-1, 1), remaining)
	}
}
