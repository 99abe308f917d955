package dropletstest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestStateOutOfRange checks that states are rejected whose ids would overflow, or whose events would not end.
func TestStateOutOfRange(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		_, err := api.Client().DropletActions.Reboot(t.Context(), api.Droplets()[0].ID)
		require.NoError(t, err)
		_, err = api.Client().Images.CreateCustom(t.Context(), droplets.CustomImageCreateRequest{Name: "i", URL: "https://example.com/i", Region: "nyc3"})
		require.NoError(t, err)
		var saved bytes.Buffer
		require.NoError(t, api.WriteState(&saved))
		for name, tc := range map[string]struct{ old, new, message string }{
			"id":      {`"droplet":500000001`, `"droplet":9223372036854775807`, "the last Droplet has the number 9223372036854775807"},
			"counter": {`"request":2`, `"request":-1`, "the last request has the number -1"},
			"past":    {`"at":"2000-01-01T00:00:01Z"`, `"at":"0001-01-01T00:00:00Z"`, "the time of an event is out of range"},
			"future":  {`"at":"2000-01-01T00:00:01Z"`, `"at":"9999-01-01T00:00:00Z"`, "the time of an event is out of range"},
			"import":  {`"import":{"region":"nyc3"}`, `"import":{"region":""}`, "is imported to the unknown region"},
		} {
			invalid := strings.Replace(saved.String(), tc.old, tc.new, 1)
			require.NotEqual(t, saved.String(), invalid, name)
			err := api.ReadState(strings.NewReader(invalid))
			require.ErrorContains(t, err, tc.message, name)
			require.NotContains(t, err.Error(), "\n")
		}
	})
}

// TestStateErrorIsOneLine checks that only the first of several errors is reported.
func TestStateErrorIsOneLine(t *testing.T) {
	err := dropletstest.New().ReadState(strings.NewReader(`{"version": 2, "counters": {}, "images": [{}], "volumes": [null], "tags": [{"name": "a", "last_droplet": 5}]}`))
	require.EqualError(t, err, "dropletstest: the state is invalid: the id 0 of an image is invalid or not unique")
}
