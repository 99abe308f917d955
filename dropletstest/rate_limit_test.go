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

// TestRateLimitHeadersAreRoundedUp checks headers at times that are not whole seconds: a client that waits as long is admitted.
func TestRateLimitHeadersAreRoundedUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		sleep(300 * time.Millisecond)
		api := dropletstest.New(dropletstest.WithRateLimit(1, 2), dropletstest.WithRateLimitWindows(10*time.Second, 30*time.Second))
		first := time.Now()
		for _, tc := range []struct {
			at                                  time.Duration
			status                              int
			limit, remaining, reset, retryAfter string
		}{
			{0, 200, "2", "1", "31", ""},
			{0, 429, "2", "1", "31", "10"},
			{100 * time.Millisecond, 429, "2", "1", "31", "10"},
			{9*time.Second - 1, 429, "2", "1", "31", "2"},
			{9 * time.Second, 429, "2", "1", "31", "1"},
			{9900 * time.Millisecond, 429, "2", "1", "31", "1"},
			{10 * time.Second, 200, "2", "0", "31", ""},
			{20 * time.Second, 429, "2", "0", "31", ""},
			{29999 * time.Millisecond, 429, "2", "0", "31", ""},
			{30 * time.Second, 200, "2", "0", "41", ""},
		} {
			sleep(time.Until(first.Add(tc.at)))
			resp := sendRequest(t, api, http.MethodGet, "/v2/account", "")
			reset, err := strconv.ParseInt(resp.Header.Get("Ratelimit-Reset"), 10, 64)
			require.NoError(t, err)
			assert.Equal(t, []any{tc.status, tc.limit, tc.remaining, tc.reset, tc.retryAfter}, []any{resp.StatusCode, resp.Header.Get("Ratelimit-Limit"),
				resp.Header.Get("Ratelimit-Remaining"), strconv.FormatInt(reset-first.Unix(), 10), resp.Header.Get("Retry-After")}, tc.at)
		}
		api = dropletstest.New()
		resp := sendRequest(t, api, http.MethodGet, "/v2/account", "")
		assert.Equal(t, []string{"5000", "4999", strconv.FormatInt(time.Now().Unix()+3601, 10)},
			[]string{resp.Header.Get("Ratelimit-Limit"), resp.Header.Get("Ratelimit-Remaining"), resp.Header.Get("Ratelimit-Reset")})
	})
}
