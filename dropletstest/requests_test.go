package dropletstest_test

import (
	"bytes"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// rejection is a request that the API rejects, with the expected status and a part of the message.
type rejection struct {
	name, method, path, body string
	status                   int
	message                  string
}

// requireRejections sends requests and checks that each response is an error in the format of the API, and that nothing was changed.
func requireRejections(t *testing.T, api *dropletstest.API, rejections []rejection) {
	t.Helper()
	ids := map[int]string{http.StatusBadRequest: "bad_request", http.StatusForbidden: "forbidden", http.StatusNotFound: "not_found",
		http.StatusMethodNotAllowed: "method_not_allowed", http.StatusConflict: "conflict",
		http.StatusUnprocessableEntity: "unprocessable_entity"}
	before := savedState(t, api)
	for _, r := range rejections {
		resp := sendRequest(t, api, r.method, r.path, r.body)
		assert.Equal(t, r.status, resp.StatusCode, "%s: %s", r.name, resp.body)
		var body struct{ ID, Message string }
		resp.decode(t, &body)
		assert.Equal(t, ids[r.status], body.ID, r.name)
		assert.Contains(t, body.Message, r.message, r.name)
	}
	after := savedState(t, api)
	if before != after {
		assert.Fail(t, "a rejected request has changed the state", firstDifference(before, after))
	}
}

// savedState returns the saved state without the counter of requests.
func savedState(t *testing.T, api *dropletstest.API) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, api.WriteState(&b))
	return requestCounter.ReplaceAllString(b.String(), "")
}

var requestCounter = regexp.MustCompile(`"request":[0-9]+,`)

// call sends a request, checks the status of the response, and decodes its body into a T.
func call[T any](t *testing.T, api *dropletstest.API, method, path, body string, status int) (v T) {
	t.Helper()
	resp := sendRequest(t, api, method, path, body)
	require.Equal(t, status, resp.StatusCode, "%s %s: %s", method, path, resp.body)
	if status == http.StatusNoContent {
		require.Empty(t, resp.body)
		return v
	}
	resp.decode(t, &v)
	return v
}

func get[T any](t *testing.T, api *dropletstest.API, path string) T {
	t.Helper()
	return call[T](t, api, http.MethodGet, path, "", http.StatusOK)
}

func post[T any](t *testing.T, api *dropletstest.API, path, body string, status int) T {
	t.Helper()
	return call[T](t, api, http.MethodPost, path, body, status)
}

// change sends a request whose response has no body.
func change(t *testing.T, api *dropletstest.API, method, path, body string) {
	t.Helper()
	call[struct{}](t, api, method, path, body, http.StatusNoContent)
}

// waitForAction reads an action until it has ended, and checks its status.
func waitForAction(t *testing.T, api *dropletstest.API, id int64, want droplets.ActionStatus) *droplets.Action {
	t.Helper()
	for {
		a, err := api.Client().Actions.Get(t.Context(), id)
		require.NoError(t, err)
		if a.Status != droplets.ActionStatusInProgress {
			require.Equal(t, want, a.Status)
			require.NotNil(t, a.CompletedAt)
			return a
		}
		sleep(time.Second)
	}
}

// networkOf returns the IPv4 interfaces of a Droplet that have a type.
func networkOf(t *testing.T, d *droplets.Droplet, kind droplets.NetworkType) []droplets.NetworkV4 {
	t.Helper()
	var found []droplets.NetworkV4
	for _, v4 := range d.Networks.V4 {
		if v4.Type == kind {
			found = append(found, v4)
		}
	}
	return found
}
