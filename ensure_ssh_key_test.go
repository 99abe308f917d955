package droplets_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func keyRequest() droplets.SSHKeyCreateRequest {
	return droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: sampleKey + " me@laptop\n"}
}

// laggingKeys hides keys from reads for a time after their creation.
type laggingKeys struct {
	api       *dropletstest.API
	lag       time.Duration
	mu        sync.Mutex
	createdAt time.Time
}

func (l *laggingKeys) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	hidden := !l.createdAt.IsZero() && time.Since(l.createdAt) < l.lag
	l.mu.Unlock()
	switch {
	case r.Method == http.MethodGet && hidden && strings.HasSuffix(r.URL.Path, "/keys"):
		return respond(200, `{"ssh_keys":[],"links":{},"meta":{"total":0}}`)()
	case r.Method == http.MethodGet && hidden:
		return respond(404, notFoundBody)()
	}
	resp, err := l.api.Transport().RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusCreated {
		l.mu.Lock()
		l.createdAt = time.Now()
		l.mu.Unlock()
	}
	return resp, err
}

// keysOf returns the keys of the account.
func keysOf(t *testing.T, api *dropletstest.API) (keys []droplets.SSHKey) {
	t.Helper()
	for key, err := range api.Client().SSHKeys.All(context.WithoutCancel(t.Context()), nil) {
		require.NoError(t, err)
		keys = append(keys, key)
	}
	return keys
}

func TestEnsureSSHKey(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.AddSSHKey("other", ecdsaKey)
		c := api.Client()
		key, created, err := c.SSHKeys.Ensure(t.Context(), keyRequest())
		require.NoError(t, err)
		assert.True(t, created)
		assert.Equal(t, "laptop", key.Name)
		assert.Equal(t, sampleFingerprint, key.Fingerprint)

		renamed := droplets.SSHKeyCreateRequest{Name: "desktop", PublicKey: "  " + sampleKey + " another comment"}
		again, created, err := c.SSHKeys.Ensure(t.Context(), renamed)
		require.NoError(t, err)
		assert.False(t, created)
		assert.Equal(t, key, again, "the key is returned as it is")
		assert.Equal(t, 1, countRequests(api, "sshKeys_create"))
		assert.Len(t, keysOf(t, api), 2)
	})
}

// Calls at the same moment, of several clients, add one key.
func TestConcurrentEnsuresOfAnSSHKey(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 8 * time.Second, 45 * time.Second} {
		virtualtime.Test(t, func(t *testing.T) {
			transport := &laggingKeys{api: dropletstest.New(), lag: lag}
			clients := make([]*droplets.Client, 3)
			for i := range clients {
				clients[i] = transport.api.Client(droplets.WithHTTPClient(&http.Client{Transport: transport}))
			}
			var added atomic.Int32
			var wg sync.WaitGroup
			for i := range 12 {
				wg.Go(func() {
					key, created, err := clients[i%len(clients)].SSHKeys.Ensure(t.Context(), keyRequest())
					if assert.NoError(t, err) {
						assert.Equal(t, sampleFingerprint, key.Fingerprint)
					}
					if created {
						added.Add(1)
					}
				})
			}
			wg.Wait()
			assert.EqualValues(t, 1, added.Load(), "calls that report that they added the key")
			assert.Len(t, keysOf(t, transport.api), 1)
		})
	}
}

func TestEnsureSSHKeyAfterALostResponse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault dropletstest.Fault
		n     int
		lag   time.Duration
		posts int
		took  time.Duration // at most
	}{
		"applied":                         {dropletstest.Fault{Status: 502, Applied: true}, 1, 0, 1, 0},
		"applied, and invisible for 45 s": {dropletstest.Fault{Break: dropletstest.BreakAnswer, Applied: true}, 1, 45 * time.Second, 1, time.Minute},
		"applied, and invisible for nearly a minute":    {dropletstest.Fault{Break: dropletstest.BreakAnswer, Applied: true}, 1, 59999 * time.Millisecond, 1, time.Minute},
		"applied, and invisible for more than a minute": {dropletstest.Fault{Break: dropletstest.BreakBody}, 1, 90 * time.Second, 2, 2 * time.Minute},
		"not applied":              {dropletstest.Fault{Status: 503}, 1, 0, 2, 61 * time.Second},
		"not applied, three times": {dropletstest.Fault{Status: 503}, 3, 0, 4, 181 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				transport := &laggingKeys{api: dropletstest.New(), lag: tt.lag}
				api := transport.api
				api.Respond(tt.n, dropletstest.Match{Operation: "sshKeys_create"}, tt.fault)
				if tt.fault.Applied || tt.fault.Break == dropletstest.BreakBody {
					transport.createdAt = time.Now() // the transport does not see the status
				}
				c := api.Client(droplets.WithHTTPClient(&http.Client{Transport: transport}))
				start := time.Now()
				key, created, err := c.SSHKeys.Ensure(t.Context(), keyRequest())
				require.NoError(t, err)
				assert.True(t, created, "it has the name of the request")
				assert.Equal(t, sampleFingerprint, key.Fingerprint)
				assert.Equal(t, tt.posts, countRequests(api, "sshKeys_create"))
				assert.LessOrEqual(t, time.Since(start), tt.took)
				assert.Len(t, keysOf(t, api), 1)
			})
		})
	}
}

// Without retries, or after the last one, the error matches ErrMaybeApplied.
func TestEnsureSSHKeyReturnsErrMaybeApplied(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options []droplets.CallOption
		posts   int
	}{"without retries": {[]droplets.CallOption{droplets.WithoutRetries()}, 1}, "after three retries": {nil, 4}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New()
				api.Respond(-1, dropletstest.Match{Operation: "sshKeys_create"}, dropletstest.Fault{Status: 502})
				key, created, err := api.Client().SSHKeys.Ensure(t.Context(), keyRequest(), tt.options...)
				require.ErrorIs(t, err, droplets.ErrMaybeApplied)
				assert.Nil(t, key)
				assert.False(t, created)
				assert.Equal(t, tt.posts, countRequests(api, "sshKeys_create"))
			})
		})
	}
}

// A key that the API does not find by its fingerprint is found in the list.
func TestEnsureSSHKeyReadsTheList(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.AddSSHKey("desktop", sampleKey)
		api.Respond(-1, dropletstest.Match{Operation: "sshKeys_get"}, dropletstest.Fault{Status: 404, Body: notFoundBody})
		key, created, err := api.Client().SSHKeys.Ensure(t.Context(), keyRequest())
		require.NoError(t, err)
		assert.Equal(t, "desktop", key.Name)
		assert.False(t, created)
		assert.Equal(t, 1, countRequests(api, "sshKeys_create"))
	})
}

// A create whose response has status 201 and cannot be decoded is not repeated, even if the key stays invisible.
func TestEnsureSSHKeyAfterAnUnreadableResponse(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.Respond(-1, dropletstest.Match{Operation: "sshKeys_create"}, dropletstest.Fault{Status: 201, Body: "{}"})
		_, created, err := api.Client().SSHKeys.Ensure(t.Context(), keyRequest())
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.False(t, created)
		assert.Equal(t, 1, countRequests(api, "sshKeys_create"))
	})
}

// A create that was uncertain once stays uncertain: the key of the first one may appear after the second one was rejected.
func TestEnsureSSHKeyStaysUncertain(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{403: droplets.ErrForbidden, 422: droplets.ErrUnprocessable} {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New()
			match := dropletstest.Match{Operation: "sshKeys_create"}
			api.Respond(1, match, dropletstest.Fault{Status: 502})
			api.Respond(1, match, dropletstest.Fault{Status: status, Body: `{"id":"x","message":"no"}`})
			_, created, err := api.Client().SSHKeys.Ensure(t.Context(), keyRequest())
			require.ErrorIs(t, err, kind)
			require.ErrorIs(t, err, droplets.ErrMaybeApplied)
			requireOneLine(t, err)
			assert.False(t, created)
			assert.Equal(t, 2, countRequests(api, "sshKeys_create"))
		})
	}
}

// A rejection for another reason is returned at once, and "in use" after the search.
func TestEnsureSSHKeyIsRejected(t *testing.T) {
	t.Parallel()
	for message, took := range map[string]time.Duration{
		"Key invalid.": 0, "SSH Key is already in use on your account": time.Minute,
	} {
		virtualtime.Test(t, func(t *testing.T) {
			api := dropletstest.New()
			api.Respond(-1, dropletstest.Match{Operation: "sshKeys_create"},
				dropletstest.Fault{Status: 422, Body: `{"id":"unprocessable_entity","message":"` + message + `"}`})
			start := time.Now()
			_, _, err := api.Client().SSHKeys.Ensure(t.Context(), keyRequest())
			require.ErrorIs(t, err, droplets.ErrUnprocessable)
			require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
			require.ErrorContains(t, err, message)
			assert.Equal(t, took, time.Since(start))
			assert.Equal(t, 1, countRequests(api, "sshKeys_create"))
		})
	}
}

// A response with another key is an error, in the lookup and in the create.
func TestEnsureSSHKeyNeverReturnsAnotherKey(t *testing.T) {
	t.Parallel()
	other := `{"ssh_key":{"id":7,"name":"laptop","fingerprint":"` + sampleFingerprint + `","public_key":"` + ecdsaKey + `"}}`
	for name, tt := range map[string]struct {
		operation string
		status    int
		uncertain bool
	}{"lookup": {"sshKeys_get", 200, false}, "create": {"sshKeys_create", 201, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				api := dropletstest.New()
				api.Respond(-1, dropletstest.Match{Operation: tt.operation}, dropletstest.Fault{Status: tt.status, Body: other})
				key, created, err := api.Client().SSHKeys.Ensure(t.Context(), keyRequest())
				require.ErrorIs(t, err, droplets.ErrInvalidResponse)
				assert.Equal(t, tt.uncertain, errors.Is(err, droplets.ErrMaybeApplied))
				assert.Nil(t, key)
				assert.False(t, created)
				requireOneLine(t, err)
			})
		})
	}
}

// The options of the call apply to every request.
func TestEnsureSSHKeyUsesTheOptions(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		var missing int
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("X-Trace") != "1" {
				missing++
			}
			if r.Body != nil {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
			}
			return api.Transport().RoundTrip(r)
		})
		c := api.Client(droplets.WithHTTPClient(&http.Client{Transport: transport}))
		var resp droplets.Response
		_, _, err := c.SSHKeys.Ensure(t.Context(), keyRequest(), droplets.WithHeader("X-Trace", "1"), droplets.CaptureResponse(&resp))
		require.NoError(t, err)
		assert.Zero(t, missing)
		assert.Equal(t, 201, resp.StatusCode)
		_, _, err = c.SSHKeys.Ensure(t.Context(), keyRequest(), droplets.OnProgress(func(droplets.Progress) {}))
		requireInvalid(t, err, "OnProgress")
	})
}

// FuzzPublicKeys passes any text to Ensure. It is rejected, or its fingerprint is requested.
func FuzzPublicKeys(f *testing.F) {
	for _, s := range []string{sampleKey, ecdsaKey + "\n", rsaKey, "ssh-ed25519 AAAA", "", "-----BEGIN OPENSSH PRIVATE KEY-----"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, c := newAPI(t, sequence(respond(403, forbiddenBody)), once()...)
		_, _, err := c.SSHKeys.Ensure(t.Context(), droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: text})
		requireOneLine(t, err)
		if errors.Is(err, droplets.ErrInvalidArgument) {
			require.Zero(t, a.count())
			return
		}
		require.ErrorIs(t, err, droplets.ErrForbidden)
		require.Regexp(t, `^/v2/account/keys/([0-9a-f]{2}:){15}[0-9a-f]{2}$`, a.last().Path)
		require.NotContains(t, text, "PRIVATE KEY")
		require.Len(t, strings.FieldsFunc(strings.TrimSpace(text), func(r rune) bool { return r == '\n' || r == '\r' }), 1)
	})
}

// TestSearchForAKeyInUse: after a create that the API has rejected because the key is in use, the fingerprint is read first. If it
// finds the key, or fails for a reason that no retry changes, the list is not read.
func TestSearchForAKeyInUse(t *testing.T) {
	t.Parallel()
	const inUse = `{"id":"unprocessable_entity","message":"SSH Key is already in use on your account"}`
	found := `{"ssh_key":{"id":7,"name":"laptop","public_key":"` + sampleKey + `"}}`
	for name, tt := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"found":     {200, found, nil},
		"forbidden": {403, forbiddenBody, droplets.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(respond(404, notFoundBody), respond(422, inUse), respond(tt.status, tt.body)))
				key, created, err := c.SSHKeys.Ensure(t.Context(), keyRequest())
				require.ErrorIs(t, err, tt.want)
				assert.Equal(t, tt.want == nil, key != nil)
				assert.False(t, created)
				assert.Equal(t, 3, a.count())
			})
		})
	}
}
