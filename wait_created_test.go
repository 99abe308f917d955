package droplets

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestErrorOfOneOfSeveralActions takes the part of an error that is about action 7.
func TestErrorOfOneOfSeveralActions(t *testing.T) {
	t.Parallel()
	own := &Error{StatusCode: 404, Path: "/v2/droplets/42/actions/7"}
	lost := &TransportError{Path: "/v2/droplets/42/actions/7", Err: ErrServer}
	other := &Error{StatusCode: 404, Path: "/v2/droplets/42/actions/17"}
	list := &Error{StatusCode: 500, Path: "/v2/actions"}
	failed := &ActionError{Action: &Action{ID: 8}}
	for name, tt := range map[string]struct {
		err  error
		want error // nil if there is none about it
	}{
		"its own":                       {joinErrors(other, own, list), own},
		"its own, alone":                {own, own},
		"its own, of a transport":       {joinErrors(failed, lost), lost},
		"two":                           {joinErrors(own, lost), joinErrors(own, lost)},
		"of the list":                   {joinErrors(failed, other, list), list},
		"of another action":             {other, nil},
		"a failure of another action":   {failed, nil},
		"no error":                      {nil, nil},
		"without a path":                {ErrMaybeApplied, ErrMaybeApplied},
		"of the list, and of another":   {joinErrors(list, other), list},
		"of the list twice":             {joinErrors(list, list), joinErrors(list, list)},
		"failures, and one of the list": {joinErrors(failed, failed, list), list},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ownError(tt.err, 7)
			if tt.want == nil {
				require.EqualError(t, got, "droplets: the end of action 7 was not observed")
				return
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// TestClientsShareATransport, unless the caller has an HTTP client.
func TestClientsShareATransport(t *testing.T) {
	t.Parallel()
	transportOf := func(opts ...Option) any {
		c, err := NewClient("token-of-the-test", opts...)
		require.NoError(t, err)
		return c.Droplets.pipeline.config.httpClient.Transport.(redirectFilter).RoundTripper
	}
	assert.Same(t, sharedTransport(), transportOf())
}
