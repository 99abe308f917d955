package droplets_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestChangesHaveNoGetBody: with GetBody, net/http resends a change after some HTTP/2 errors.
func TestChangesHaveNoGetBody(t *testing.T) {
	t.Parallel()
	var got *http.Request
	hc := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		got = r
		return respond(202, createdBody(42))()
	})}
	c, err := droplets.NewClient(testToken, droplets.WithHTTPClient(hc))
	require.NoError(t, err)
	_, err = c.Droplets.Create(t.Context(), createRequest())
	require.NoError(t, err)
	assert.NotNil(t, got.Body)
	assert.Positive(t, got.ContentLength)
	assert.Nil(t, got.GetBody)
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		assert.NotContains(t, got.Header, name)
	}
}

// TestTransportThatResends: a transport of the caller sends each request twice. The attempt ends before the second time.
func TestTransportThatResends(t *testing.T) {
	t.Parallel()
	ctx := socketContext(t)
	var processed atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		processed.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer server.Close()
	twice := roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := server.Client().Transport.RoundTrip(r)
		if err != nil || resp.StatusCode != http.StatusBadGateway {
			return resp, err
		}
		resp.Body.Close()
		return server.Client().Transport.RoundTrip(r)
	})
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL(server.URL), droplets.WithHTTPClient(&http.Client{Transport: twice}))
	require.NoError(t, err)
	for name, change := range map[string]func() error{
		"with a body":    func() error { _, err := c.DropletActions.Reboot(ctx, 42); return err },
		"without a body": func() error { return c.AssociatedResources.Retry(ctx, 42) },
		"by tag":         func() error { return c.Droplets.DeleteByTag(ctx, "web") },
	} {
		processed.Store(0)
		err := change()
		require.ErrorIs(t, err, droplets.ErrMaybeApplied, name)
		assert.EqualValues(t, 1, processed.Load(), name)
	}
}

// TestAuthenticatingTransportIsNotAResend: a transport that requests a token with the context of the request sends two
// requests, but ours only once.
func TestAuthenticatingTransportIsNotAResend(t *testing.T) {
	t.Parallel()
	ctx := socketContext(t)
	var tokens atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			tokens.Add(1)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, actionBody(7, "in-progress"))
	}))
	defer server.Close()
	authenticates := roundTripper(func(r *http.Request) (*http.Response, error) {
		req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, server.URL+"/token", nil)
		if err != nil {
			return nil, err
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			return nil, err
		}
		resp.Body.Close()
		return server.Client().Transport.RoundTrip(r)
	})
	c, err := droplets.NewClientFromHTTPClient(&http.Client{Transport: authenticates}, droplets.WithBaseURL(server.URL))
	require.NoError(t, err)
	_, err = c.DropletActions.Reboot(ctx, 42)
	require.NoError(t, err)
	assert.EqualValues(t, 1, tokens.Load())
}

func TestDeleteByTagIsNotRetried(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for name, response := range map[string]func() (*http.Response, error){
			"502":               respond(502, ""),
			"broken connection": failWith(io.ErrUnexpectedEOF),
		} {
			a, c := newAPI(t, sequence(response, respond(204, "")))
			err := c.Droplets.DeleteByTag(t.Context(), "web")
			require.ErrorIs(t, err, droplets.ErrMaybeApplied, name)
			assert.Equal(t, 1, a.count(), name)
		}
		// Do has the same rule: a DELETE with a query selects its resources when it is processed.
		a, c := newAPI(t, sequence(respond(502, ""), respond(204, "")))
		req, err := c.NewRequest(t.Context(), http.MethodDelete, "v2/droplets?tag_name=web", nil)
		require.NoError(t, err)
		_, err = c.Do(req, nil)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 1, a.count())
	})
}

func TestPageOfAProxyIsNotErrNotFound(t *testing.T) {
	t.Parallel()
	html := respond(404, "<html>not here</html>")
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(respond(502, ""), html))
		err := c.Droplets.Delete(t.Context(), 42)
		require.Error(t, err)
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		require.NotErrorIs(t, err, droplets.ErrNotFound)
		assert.Equal(t, 2, a.count())

		_, c = newAPI(t, sequence(respond(502, ""), respond(404, notFoundBody)))
		require.NoError(t, c.Droplets.Delete(t.Context(), 42), "the API says that the first attempt has deleted it")

		_, c = newAPI(t, sequence(respond(200, dropletBody(42)), html))
		err = c.Droplets.WaitForDeleted(t.Context(), 42)
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
		_, err = c.Droplets.WaitFor(t.Context(), 42, droplets.IsOff)
		require.ErrorIs(t, err, droplets.ErrInvalidResponse)
	})
}

// TestDeleteJustAfterCreate: the API does not show a new Droplet for some seconds.
func TestDeleteJustAfterCreate(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		fake := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 8 * time.Second}))
		c := fake.Client()
		created, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		require.NoError(t, c.Droplets.Delete(t.Context(), created.Droplet.ID))
		assert.Empty(t, fake.Droplets())

		// A lost response does not turn the 404 into a success.
		created, err = c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		fake.Respond(1, dropletstest.Match{Operation: "droplets_destroy"}, dropletstest.Fault{Status: http.StatusBadGateway})
		require.NoError(t, c.Droplets.Delete(t.Context(), created.Droplet.ID))
		assert.Empty(t, fake.Droplets())

		// The same with what belongs to it.
		created, err = c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		require.NoError(t, c.AssociatedResources.DestroyAll(t.Context(), created.Droplet.ID))
		_, err = c.AssociatedResources.WaitForDestroy(t.Context(), created.Droplet.ID)
		require.NoError(t, err)
		assert.Empty(t, fake.Droplets())
	})
}

// TestDeleteOfADropletThatStaysInvisible: the error says that the Droplet may exist.
func TestDeleteOfADropletThatStaysInvisible(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T) (*dropletstest.API, *droplets.Client, int64) {
		fake := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: time.Hour}))
		c := fake.Client()
		created, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		return fake, c, created.Droplet.ID
	}
	requireUncertain := func(t *testing.T, err error) {
		require.ErrorIs(t, err, droplets.ErrMaybeApplied)
		require.NotErrorIs(t, err, droplets.ErrNotFound)
		assert.Contains(t, err.Error(), "the API may not show it yet")
	}
	virtualtime.Test(t, func(t *testing.T) {
		_, c, id := start(t)
		began := time.Now()
		requireUncertain(t, c.Droplets.Delete(t.Context(), id))
		assert.GreaterOrEqual(t, time.Since(began), 30*time.Second)
		assert.LessOrEqual(t, time.Since(began), 45*time.Second)
		// Without retries the first 404 ends the call.
		fake, c, id := start(t)
		requireUncertain(t, c.Droplets.Delete(t.Context(), id, droplets.WithoutRetries()))
		assert.Len(t, fake.Requests(), 2)
		// A deadline within the grace period.
		_, c, id = start(t)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		requireUncertain(t, c.Droplets.Delete(ctx, id))
		// A Droplet of another client is not found.
		err := fake.Client().Droplets.Delete(t.Context(), id)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
	})
}

// TestDeleteOfADropletThatWasSeen: once the API has shown the Droplet, a 404 is final.
func TestDeleteOfADropletThatWasSeen(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		fake := dropletstest.New()
		c := fake.Client()
		created, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		_, err = c.Droplets.Get(t.Context(), created.Droplet.ID)
		require.NoError(t, err)
		require.NoError(t, fake.Client().Droplets.Delete(t.Context(), created.Droplet.ID))
		began := time.Now()
		err = c.Droplets.Delete(t.Context(), created.Droplet.ID)
		require.ErrorIs(t, err, droplets.ErrNotFound)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Zero(t, time.Since(began))
	})
}

func TestResendUncertain(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for name, lost := range map[string]func() (*http.Response, error){
			"504": respond(504, ""), "broken connection": failWith(io.ErrUnexpectedEOF),
		} {
			a, c := newAPI(t, sequence(lost, respond(201, actionBody(7, "in-progress"))))
			action, err := c.DropletActions.Rename(t.Context(), 42, droplets.RenameRequest{Name: "web-2"}, droplets.ResendUncertain())
			require.NoError(t, err, name)
			assert.EqualValues(t, 7, action.ID)
			assert.Equal(t, 2, a.count())
			// Without the option it is not retried, and with it the retries are limited.
			a, c = newAPI(t, sequence(lost))
			_, err = c.DropletActions.Rename(t.Context(), 42, droplets.RenameRequest{Name: "web-2"})
			require.ErrorIs(t, err, droplets.ErrMaybeApplied)
			assert.Equal(t, 1, a.count())
			_, err = c.DropletActions.Rename(t.Context(), 42, droplets.RenameRequest{Name: "web-2"}, droplets.ResendUncertain())
			require.ErrorIs(t, err, droplets.ErrMaybeApplied)
			assert.Equal(t, 5, a.count())
		}
		a, c := newAPI(t, sequence(respond(502, ""), respond(204, "")))
		require.NoError(t, c.Droplets.DeleteByTag(t.Context(), "web", droplets.ResendUncertain()))
		assert.Equal(t, 2, a.count())
		// A rejected request stays rejected.
		a, c = newAPI(t, sequence(respond(422, `{"id":"unprocessable_entity","message":"no"}`)))
		_, err := c.DropletActions.Shutdown(t.Context(), 42, droplets.ResendUncertain())
		require.ErrorIs(t, err, droplets.ErrUnprocessable)
		assert.Equal(t, 1, a.count())
	})
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	hang := func(_ int, r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	virtualtime.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			opts []droplets.Option
			want time.Duration
		}{
			"by default":   {nil, time.Minute},
			"by an option": {[]droplets.Option{droplets.WithAttemptTimeout(5 * time.Second)}, 5 * time.Second},
		} {
			a, c := newAPI(t, hang, tt.opts...) // with the caller's http.Client
			began := time.Now()
			_, err := c.Droplets.Create(t.Context(), createRequest())
			assert.Equal(t, tt.want, time.Since(began), name)
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
			require.ErrorIs(t, err, droplets.ErrMaybeApplied, name)
			var failed *droplets.TransportError
			require.ErrorAs(t, err, &failed)
			assert.True(t, failed.Timeout())
			assert.Equal(t, 1, a.count(), name)
		}
		// A read is retried.
		a, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				return hang(n, r)
			}
			return respond(200, dropletBody(42))()
		})
		_, err := c.Droplets.Get(t.Context(), 42)
		require.NoError(t, err)
		assert.Equal(t, 2, a.count())
		// 0 disables it.
		_, c = newAPI(t, hang, droplets.WithAttemptTimeout(0))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		_, err = c.Droplets.Get(ctx, 42)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Hour, time.Since(began))
		// The client of the fake has it too.
		fake := dropletstest.New()
		fake.Respond(-1, dropletstest.Match{}, dropletstest.Fault{Delay: 24 * time.Hour})
		began = time.Now()
		_, err = fake.Client().DropletActions.Reboot(t.Context(), 42)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(began))
	})
	_, err := droplets.NewClient(testToken, droplets.WithAttemptTimeout(-1))
	require.ErrorIs(t, err, droplets.ErrInvalidArgument)
}

func TestClientsShareATransport(t *testing.T) {
	t.Parallel()
	ctx := socketContext(t)
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, dropletBody(42))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	var last *droplets.Client
	for range 50 {
		c, err := droplets.NewClient(testToken, droplets.WithBaseURL(server.URL))
		require.NoError(t, err)
		_, err = c.Droplets.Get(ctx, 42)
		require.NoError(t, err)
		last = c
	}
	assert.LessOrEqual(t, connections.Load(), int32(3), "50 clients that do not share a transport need 50 connections")
	last.CloseIdleConnections()
	before := connections.Load()
	_, err := last.Droplets.Get(ctx, 42)
	require.NoError(t, err)
	assert.Equal(t, before+1, connections.Load(), "the idle connections were closed")
}

func TestNewClientFromHTTPClient(t *testing.T) {
	t.Parallel()
	var header http.Header
	hc := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		header = r.Header.Clone()
		return respond(200, dropletBody(42))()
	})}
	c, err := droplets.NewClientFromHTTPClient(hc, droplets.WithPlainHTTP(), droplets.WithBaseURL("http://fake.internal:8080"))
	require.NoError(t, err)
	_, err = c.Droplets.Get(t.Context(), 42)
	require.NoError(t, err)
	assert.NotContains(t, header, "Authorization")
	assert.Nil(t, hc.CheckRedirect, "the caller's client is not modified")
	// Its credentials are not sent to another host.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://elsewhere.example.com/v2/droplets", nil)
	require.NoError(t, err)
	_, err = c.Do(req, nil)
	require.ErrorIs(t, err, droplets.ErrInvalidArgument)

	for name, opts := range map[string][]droplets.Option{
		"another client":       {droplets.WithHTTPClient(hc)},
		"plain HTTP elsewhere": {droplets.WithBaseURL("http://api.example.com")},
	} {
		_, err = droplets.NewClientFromHTTPClient(hc, opts...)
		require.ErrorIs(t, err, droplets.ErrInvalidArgument, name)
	}
	_, err = droplets.NewClientFromHTTPClient(nil)
	require.ErrorIs(t, err, droplets.ErrInvalidArgument)
}

// TestRejectedBeforeSending: net/http rejects some requests itself. They were not sent and are not retried.
func TestRejectedBeforeSending(t *testing.T) {
	t.Parallel()
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL("http://127.0.0.1:1"))
	require.NoError(t, err)
	req, err := c.NewRequest(t.Context(), http.MethodPost, "v2/volumes", map[string]string{"name": "x"})
	require.NoError(t, err)
	for name, value := range map[string]string{"X-Line": "a\nb", "Bad Name": "x"} {
		bad := req.Clone(t.Context())
		bad.Header[name] = []string{value}
		_, err = c.Do(bad, nil)
		require.ErrorIs(t, err, droplets.ErrInvalidArgument, name)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied, name)
	}
}

// TestATransportThatResendsAndIsRefused: the server refuses the second request, so that the error says that it was not processed. The
// first request may have been.
func TestATransportThatResendsAndIsRefused(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		virtualtime.Test(t, func(t *testing.T) {
			a, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
				trace := httptrace.ContextClientTrace(r.Context())
				trace.GetConn("host:443")
				trace.GotConn(httptrace.GotConnInfo{})
				trace.WroteHeaderField("User-Agent", r.Header["User-Agent"])
				trace.WroteHeaders()
				if again {
					trace.GotConn(httptrace.GotConnInfo{})
				}
				return nil, errors.New("http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer] " +
					"after Request.Body was written; define Request.GetBody to avoid this error")
			})
			err := second(c.Droplets.Create(t.Context(), createRequest()))
			assert.Equal(t, again, errors.Is(err, droplets.ErrMaybeApplied))
			assert.Equal(t, again, a.count() == 1, "%d requests", a.count())
		})
	}
}
