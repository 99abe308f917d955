package droplets_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestEveryMethodReturnsErrors calls each method of each service with every kind of failure.
func TestEveryMethodReturnsErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		response func() (*http.Response, error)
		want     error
	}{
		"401":           {response: respond(401, `{"id":"unauthorized","message":"Unable to authenticate you"}`), want: droplets.ErrUnauthorized},
		"403":           {response: respond(403, `{"id":"forbidden","message":"You are not authorized to perform this operation"}`), want: droplets.ErrForbidden},
		"404":           {response: respond(404, notFoundBody), want: droplets.ErrNotFound},
		"409":           {response: respond(409, `{"id":"conflict","message":"The request could not be completed due to a conflict."}`), want: droplets.ErrConflict},
		"422":           {response: respond(422, `{"id":"unprocessable_entity","message":"no"}`), want: droplets.ErrUnprocessable},
		"429":           {response: respond(429, `{"id":"too_many_requests","message":"API rate limit exceeded."}`), want: droplets.ErrRateLimited},
		"500":           {response: respond(500, `{"id":"server_error","message":"Unexpected server-side error"}`), want: droplets.ErrServer},
		"HTML 502":      {response: respond(502, "<html><h1>502 Bad Gateway</h1></html>", "Content-Type: text/html"), want: droplets.ErrServer},
		"HTML 200":      {response: respond(200, "<html>log in here</html>", "Content-Type: text/html"), want: droplets.ErrInvalidResponse},
		"empty body":    {response: respond(200, ""), want: droplets.ErrInvalidResponse},
		"blank body":    {response: respond(200, " \n"), want: droplets.ErrInvalidResponse},
		"{}":            {response: respond(200, "{}"), want: droplets.ErrInvalidResponse},
		"null":          {response: respond(200, "null"), want: droplets.ErrInvalidResponse},
		"[]":            {response: respond(200, "[]"), want: droplets.ErrInvalidResponse},
		"truncated":     {response: respond(200, `{"droplet":{"id":1,`), want: droplets.ErrInvalidResponse},
		"trailing text": {response: respond(200, `{"droplet":{"id":1},"droplets":[]} x`), want: droplets.ErrInvalidResponse},
		"wrong types":   {response: respond(200, wrongTypes), want: droplets.ErrInvalidResponse},
		"no IDs":        {response: respond(200, emptyObjects), want: droplets.ErrInvalidResponse},
		"reset":         {response: failWith(errReset), want: syscallReset},
		"dial":          {response: failWith(errDial), want: errDial},
	} {
		for _, m := range methods(t) {
			t.Run(name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				virtualtime.Test(t, func(t *testing.T) {
					_, c := newAPI(t, sequence(tt.response))
					var resp droplets.Response
					result, err := m.call(t.Context(), c, droplets.CaptureResponse(&resp))
					if name == "404" && m.name == waitForDeleted {
						require.NoError(t, err, "the 404 is the result that it waits for")
						return
					}
					require.ErrorIs(t, err, tt.want)
					assertNoResult(t, m, result)
					assert.NotContains(t, err.Error(), "<html")
					assert.NotContains(t, err.Error(), testToken)
				})
			})
		}
	}
}

const (
	waitForDeleted = "Droplets.WaitForDeleted"
	waitForActions = "DropletActions.WaitForActions"
	ensureSSHKey   = "SSHKeys.Ensure"
)

// assertNoResult checks that there is no result besides an error, except for WaitForActions, which returns its arguments
// unchanged.
func assertNoResult(t *testing.T, m method, result any) {
	t.Helper()
	if m.name == waitForActions && result != nil {
		assert.Equal(t, sampleActions(t), result)
		return
	}
	assert.True(t, result == nil || reflect.ValueOf(result).IsZero(), "a failed call returned %+v", result)
}

// sampleActions returns the arguments of WaitForActions.
func sampleActions(t testing.TB) []droplets.Action {
	t.Helper()
	return sample(t, reflect.TypeFor[[]droplets.Action]()).Interface().([]droplets.Action)
}

// wrongTypes and emptyObjects have every top-level key of the API's responses.
const (
	wrongTypes = `{"ssh_key":7,"ssh_keys":{},"tag":[],"tags":"x","autoscale_pool":[],"autoscale_pools":{},"history":true,
		"droplet":[],"droplets":{},"action":"x","actions":7,"snapshots":"x","backups":"x","kernels":true,"firewalls":1,
		"policy":[],"policies":[],"supported_policies":{},"neighbor_ids":{},"reserved_ips":1,"floating_ips":1,"volumes":1,
		"image":"x","images":{},"snapshot":[],"sizes":"x","regions":7,
		"volume_snapshots":1,"resources":7,"completed_at":1,"failures":"x","links":7,"meta":[]}`
	emptyObjects = `{"droplet":{},"action":{},"policy":{},"image":{},"snapshot":{},"ssh_key":{},"tag":{},"autoscale_pool":{}}`
)

func TestEveryMethodReturnsContextErrors(t *testing.T) {
	t.Parallel()
	for _, m := range methods(t) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(respond(200, "{}")))
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				_, err := m.call(ctx, c)
				require.ErrorIs(t, err, context.Canceled)
				require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
				assert.Zero(t, a.count())

				_, c = newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					<-r.Context().Done()
					return nil, r.Context().Err()
				})
				ctx, cancel = context.WithTimeout(t.Context(), 1)
				defer cancel()
				_, err = m.call(ctx, c)
				require.ErrorIs(t, err, context.DeadlineExceeded)
			})
		})
	}
}
