package droplets

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/virtualtime"
)

// roundTripper is a transport that is a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWaitForActionsPassesOptionsToEachRequest(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		start := time.Now()
		requests := 0
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			requests++
			assert.Equal(t, "yes", r.Header.Get("X-Mine"))
			status, body := "in-progress", `{"id":"forbidden","message":"no"}`
			if time.Since(start) > 10*time.Second {
				status = "completed"
			}
			code := http.StatusForbidden
			if strings.Contains(r.URL.Path, "/droplets/") {
				code, body = http.StatusOK, `{"action":{"id":7,"status":"`+status+`","type":"snapshot","resource_id":42,"resource_type":"droplet"}}`
			}
			return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
		})
		c, err := NewClient("token-of-the-test", WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		var seen []Progress
		var captured Response
		got, err := c.DropletActions.waitForActions(t.Context(), []Action{{ID: 7, ResourceID: 42, ResourceType: "droplet"}}, []CallOption{
			WithHeader("X-Mine", "yes"), WithPolling(PollPolicy{Initial: 4 * time.Second, Max: 4 * time.Second}),
			OnProgress(func(p Progress) { seen = append(seen, p) }), CaptureResponse(&captured),
		})
		require.NoError(t, err)
		assert.Equal(t, ActionStatusCompleted, got[0].Status)
		assert.Equal(t, 5, requests, "the list, and a request every four seconds")
		assert.Equal(t, 200, captured.StatusCode)
		require.Len(t, seen, 4)
		assert.Equal(t, int64(42), seen[0].DropletID)
		assert.Equal(t, "snapshot", seen[0].Step)
		assert.Equal(t, ActionStatusInProgress, seen[0].Action.Status)
		assert.Equal(t, ActionStatusCompleted, seen[3].Action.Status)

		_, err = c.DropletActions.waitForActions(t.Context(), got, []CallOption{WithPolling(PollPolicy{Initial: -1})})
		require.ErrorIs(t, err, ErrInvalidArgument)
	})
}
