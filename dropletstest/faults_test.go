package dropletstest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestFaultBeforeAndAfterProcessing(t *testing.T) {
	for name, tc := range map[string]struct {
		fault    dropletstest.Fault
		droplets int
		requests int
	}{
		"status, not applied":   {dropletstest.Fault{Status: 502}, 0, 1},
		"status, applied":       {dropletstest.Fault{Status: 504, Applied: true}, 1, 1},
		"break, not applied":    {dropletstest.Fault{Break: dropletstest.BreakAnswer}, 0, 1},
		"break, applied":        {dropletstest.Fault{Break: dropletstest.BreakAnswer, Applied: true}, 1, 1},
		"partial response":      {dropletstest.Fault{Break: dropletstest.BreakBody}, 1, 1},
		"invalid response body": {dropletstest.Fault{Applied: true, Status: 202, Body: "{"}, 1, 1},
		"connection refused":    {dropletstest.Fault{Break: dropletstest.BreakDial}, 0, 0},
		"slow, not applied":     {dropletstest.Fault{Delay: time.Minute}, 0, 1},
		"slow, applied":         {dropletstest.Fault{Delay: time.Minute, Applied: true}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New()
				c := api.Client(noRetries)
				api.Respond(1, dropletstest.Match{Operation: "droplets_create"}, tc.fault)
				withTimeout(t, 10*time.Second, func(ctx context.Context) {
					_, err := c.Droplets.Create(ctx, createRequest("a"))
					require.Error(t, err)
					assert.Equal(t, tc.requests == 1, errors.Is(err, droplets.ErrMaybeApplied), "%v", err)
				})
				assert.Len(t, api.Droplets(), tc.droplets)
				assert.Len(t, api.Ledger(), tc.droplets)
				assert.Len(t, api.Requests(), tc.requests)
				assert.Zero(t, api.ClearFaults())
				createActive(t, c, createRequest("b"))
			})
		})
	}
}

// TestRequestsWithoutAResponse checks the status of recorded requests whose response was lost.
func TestRequestsWithoutAResponse(t *testing.T) {
	for _, tc := range []struct {
		fault  dropletstest.Fault
		status int
	}{
		{dropletstest.Fault{Break: dropletstest.BreakAnswer, Applied: true}, 0},
		{dropletstest.Fault{Break: dropletstest.BreakAnswer}, 0},
		{dropletstest.Fault{Break: dropletstest.BreakBody}, 202},
		{dropletstest.Fault{Status: 503, Applied: true}, 503},
	} {
		api := dropletstest.New()
		api.Respond(1, dropletstest.Match{}, tc.fault)
		_, err := api.Client(noRetries).Droplets.Create(t.Context(), createRequest("a"))
		require.Error(t, err)
		assert.Equal(t, tc.status, api.Requests()[0].Status, "%+v", tc.fault)
		assert.False(t, api.Requests()[0].InProgress)
	}
}

// TestBodiesOfFaults checks the body of a fault that has only a status.
func TestBodiesOfFaults(t *testing.T) {
	api := dropletstest.New()
	for status, want := range map[int]string{200: "", 399: "", 400: "bad_request: Bad Request", 404: "not_found: Not Found", 499: ": ",
		500: "server_error: Unexpected server-side error", 503: "service_unavailable: Unexpected server-side error"} {
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: status})
		resp := sendRequest(t, api, http.MethodGet, "/v2/account", "")
		assert.Equal(t, status, resp.StatusCode)
		got := ""
		if resp.body != "" {
			var body struct{ ID, Message string }
			resp.decode(t, &body)
			got = body.ID + ": " + body.Message
		}
		assert.Equal(t, want, got)
	}
}

func TestFaultsOverSocket(t *testing.T) {
	api := dropletstest.New()
	srv := httptest.NewServer(api)
	defer srv.Close()
	c, err := droplets.NewClient(dropletstest.Token, droplets.WithBaseURL(srv.URL), noRetries)
	require.NoError(t, err)
	for _, f := range []dropletstest.Fault{
		{Break: dropletstest.BreakAnswer, Applied: true}, {Break: dropletstest.BreakBody}, {Status: 502, Applied: true},
	} {
		api.Respond(1, dropletstest.Match{}, f)
		_, err = c.Droplets.Create(t.Context(), createRequest("a"))
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
	}
	assert.Len(t, api.Droplets(), 3)
}

func TestFaultErrors(t *testing.T) {
	api := dropletstest.New()
	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakAnswer})
	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakDial})
	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Break: dropletstest.BreakBody})
	hc := &http.Client{Transport: api.Transport()}
	get := func() (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/v2/droplets", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+dropletstest.Token)
		return hc.Do(req)
	}
	_, err := get()
	require.ErrorIs(t, err, syscall.ECONNRESET)
	_, err = get()
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	var op *net.OpError
	require.ErrorAs(t, err, &op)
	assert.Equal(t, "dial", op.Op)
	resp, err := get()
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, resp.ContentLength/2, int64(len(b)))
}

func TestFaultResponse(t *testing.T) {
	api := dropletstest.New()
	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: 403})
	resp := sendRequest(t, api, http.MethodGet, "/v2/account", "")
	assert.Equal(t, 403, resp.StatusCode)
	assert.Contains(t, resp.body, `"id":"forbidden"`)
	assert.NotEmpty(t, resp.Header.Get("Ratelimit-Remaining"))

	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Status: 502, Body: "<html>", Header: http.Header{
		"content-type": {"text/html"}, "X-Request-Id": {}}})
	resp = sendRequest(t, api, http.MethodGet, "/v2/account", "")
	assert.Equal(t, "<html>", resp.body)
	assert.Equal(t, "text/html", resp.Header.Get("Content-Type"))
	assert.Empty(t, resp.Header.Get("X-Request-Id"))

	api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Header: http.Header{"Ratelimit-Reset": {"5"}}})
	resp = sendRequest(t, api, http.MethodGet, "/v2/account", "")
	assert.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, "5", resp.Header.Get("Ratelimit-Reset"))
}

func TestMatch(t *testing.T) {
	status := func(api *dropletstest.API, method, path, body string) int {
		return sendRequest(t, api, method, path, body).StatusCode
	}
	t.Run("count and order", func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(2, dropletstest.Match{Method: "get"}, dropletstest.Fault{Status: 500})
		api.Respond(-1, dropletstest.Match{Method: "GET"}, dropletstest.Fault{Status: 503})
		api.Respond(0, dropletstest.Match{}, dropletstest.Fault{Status: 400})
		var got []int
		for range 4 {
			got = append(got, status(api, "GET", "/v2/droplets", ""))
		}
		assert.Equal(t, []int{500, 500, 503, 503}, got)
		assert.Equal(t, 201, status(api, "POST", "/v2/tags", `{"name":"a"}`))
		assert.Zero(t, api.ClearFaults())
		assert.Equal(t, 200, status(api, "GET", "/v2/droplets", ""))
	})
	t.Run("path", func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(9, dropletstest.Match{Path: "/v2/droplets/*/actions"}, dropletstest.Fault{Status: 500})
		assert.Equal(t, 500, status(api, "GET", "/v2/droplets/7/actions/", ""))
		assert.Equal(t, 404, status(api, "GET", "/v2/droplets/7", ""))
		assert.Equal(t, 8, api.ClearFaults())
	})
	t.Run("func", func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(-1, dropletstest.Match{Operation: "tags_create", Func: func(r *http.Request) bool {
			b, err := io.ReadAll(r.Body)
			return err == nil && strings.Contains(string(b), "bad")
		}}, dropletstest.Fault{Status: 500})
		assert.Equal(t, 201, status(api, "POST", "/v2/tags", `{"name":"good"}`))
		assert.Equal(t, 500, status(api, "POST", "/v2/tags", `{"name":"bad"}`))
	})
}

func TestDelayEndsWithContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(-1, dropletstest.Match{}, dropletstest.Fault{Delay: time.Hour})
		start := time.Now()
		withTimeout(t, time.Second, func(ctx context.Context) {
			_, err := api.Client().Droplets.List(ctx, nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
		assert.Equal(t, time.Second, time.Since(start))
		assert.Zero(t, api.Requests()[0].Status)
	})
}
