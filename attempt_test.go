package droplets_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestDialErrorAfterAConnection uses a transport that sends the request on one connection and then fails to dial another.
func TestDialErrorAfterAConnection(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		n := newNetwork(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		n.server.Start()
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			if _, err := n.transport.RoundTrip(r); err != nil {
				return nil, errDial
			}
			return nil, errors.New("unexpected")
		})
		c, err := droplets.NewClient(testToken, droplets.WithBaseURL("http://127.0.0.1:80"), droplets.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		_, err = c.Droplets.Create(t.Context(), createRequest())
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.EqualValues(t, 1, n.requests.Load())
	})
}

func TestIdempotencyKeyIsRejected(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(1))))
	for _, name := range []string{"Idempotency-Key", "x-idempotency-key"} {
		_, err := c.Droplets.Create(t.Context(), createRequest(), droplets.WithHeader(name, "x"))
		requireInvalid(t, err, "header")
		req, err := c.NewRequest(t.Context(), http.MethodPost, "v2/tags", nil)
		require.NoError(t, err)
		req.Header.Set(name, "x")
		_, err = c.Do(req, nil)
		require.NoError(t, err)
		assert.Empty(t, a.last().Header.Get(name))
	}
}

func TestRedirectWithInvalidLocation(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(302, "", "Location: http://[::1")))
		_, err := c.Droplets.Create(t.Context(), createRequest())
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 302, e.StatusCode)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied, "the server responded with a redirect")
		assert.Equal(t, 1, a.count())
	})
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, location := range []string{
		"https://" + testHost + testPrefix + "/v2/droplets/43", "https://elsewhere.example.com/v2/droplets/42",
		"http://" + testHost + "/v2/droplets/42", "/v2/droplets/43",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			a, c := newAPI(t, sequence(respond(status, "", "Location: "+location)))
			_, err := c.Droplets.Get(t.Context(), 42)
			var e *droplets.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, status, e.StatusCode)
			_, err = c.Droplets.Create(t.Context(), createRequest())
			require.ErrorAs(t, err, &e)
			assert.Equal(t, http.MethodPost, e.Method)
			assert.Equal(t, status, e.StatusCode)
			require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
			assert.Equal(t, 2, a.count())
		}
	}
}

func TestBodiesAreCapped(t *testing.T) {
	t.Parallel()
	endless := func(status int) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(zeros{})}, nil
		}
	}
	_, c := newAPI(t, sequence(endless(200)))
	_, err := c.Droplets.Get(t.Context(), 42)
	require.ErrorIs(t, err, droplets.ErrResponseTooLarge)
	require.ErrorIs(t, err, droplets.ErrInvalidResponse)
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Len(t, e.Body, 64<<10, "an error keeps the start of the body")

	_, err = c.Droplets.Create(t.Context(), createRequest())
	require.ErrorIs(t, err, droplets.ErrResponseTooLarge)
	require.ErrorIs(t, err, droplets.ErrMaybeApplied)

	_, c = newAPI(t, sequence(endless(404)))
	_, err = c.Droplets.Get(t.Context(), 42)
	require.NotErrorIs(t, err, droplets.ErrNotFound, "the body is not an error of the API")
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 404, e.StatusCode)
	assert.Len(t, e.Body, 64<<10)
	assert.LessOrEqual(t, cap(e.Body), 64<<10)
	assert.Less(t, len(err.Error()), 1000)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
