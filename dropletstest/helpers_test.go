package dropletstest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// noRetries disables retries, so that a test receives each response of the API.
var noRetries = droplets.WithRetryPolicy(droplets.RetryPolicy{})

func createRequest(name string) droplets.DropletCreateRequest {
	return droplets.DropletCreateRequest{Name: name, Region: "nyc3", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64")}
}

// createActive creates a Droplet and waits until it is active.
func createActive(t *testing.T, c *droplets.Client, req droplets.DropletCreateRequest) *droplets.Droplet {
	t.Helper()
	created, err := c.Droplets.Create(t.Context(), req)
	require.NoError(t, err)
	_, err = c.DropletActions.WaitForAction(t.Context(), created.Droplet.ID, created.Actions[0].ID)
	require.NoError(t, err)
	return getDroplet(t, c, created.Droplet.ID)
}

func getDroplet(t *testing.T, c *droplets.Client, id int64) *droplets.Droplet {
	t.Helper()
	d, err := c.Droplets.Get(t.Context(), id)
	require.NoError(t, err)
	return d
}

// runAction starts an action, waits for it, and returns the Droplet.
func runAction(t *testing.T, c *droplets.Client, id int64, req droplets.ActionRequest) *droplets.Droplet {
	t.Helper()
	a, err := c.DropletActions.Initiate(t.Context(), id, req)
	require.NoError(t, err)
	a, err = c.DropletActions.WaitForAction(t.Context(), id, a.ID)
	require.NoError(t, err)
	require.NotNil(t, a.CompletedAt)
	return getDroplet(t, c, id)
}

// requireUnprocessable checks that err is a 422 whose message contains message.
func requireUnprocessable(t *testing.T, err error, message string) {
	t.Helper()
	require.ErrorIs(t, err, droplets.ErrUnprocessable)
	assert.ErrorContains(t, err, message)
}

// sleep waits for d. Inside a synctest bubble, it takes no real time.
func sleep(d time.Duration) { <-time.After(d) }

// rawResponse is a response with its body.
type rawResponse struct {
	*http.Response
	body string
}

func (r rawResponse) decode(t *testing.T, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(r.body), v), r.body)
}

// sendRequest sends a request with a token, but without a client of package droplets.
func sendRequest(t *testing.T, api *dropletstest.API, method, path, body string) rawResponse {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://api.example"+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+dropletstest.Token)
	return roundTrip(t, api, req)
}

func roundTrip(t *testing.T, api *dropletstest.API, req *http.Request) rawResponse {
	t.Helper()
	resp, err := api.Transport().RoundTrip(req)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return rawResponse{resp, string(b)}
}

// collect returns the items of an iterator. It fails if the iterator returns an error.
func collect[T any](t *testing.T, seq func(func(T, error) bool)) []T {
	t.Helper()
	var all []T
	for v, err := range seq {
		require.NoError(t, err)
		all = append(all, v)
	}
	return all
}

// withTimeout calls f with a context that ends after d.
func withTimeout(t *testing.T, d time.Duration, f func(ctx context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	f(ctx)
}
