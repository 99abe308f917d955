package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// lossyConn loses everything that the server sends while lost is true, as a connection does whose router was restarted.
type lossyConn struct {
	net.Conn
	lost *atomic.Bool
}

func (c *lossyConn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if err != nil || !c.lost.Load() {
			return n, err
		}
	}
}

// TestSilentHTTP2Connection has a connection on which nothing arrives any more. The transport of all clients sends a ping after 15
// seconds and closes the connection after 15 more, so that the retry uses a new one.
func TestSilentHTTP2Connection(t *testing.T) {
	t.Parallel()
	transport := droplets.SharedTransport()
	virtualtime.Test(t, func(t *testing.T) {
		var lost atomic.Bool
		n := newNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !lost.Swap(true) { // the first request
				return
			}
			_, _ = io.WriteString(w, `{"droplet":{"id":1}}`)
		}))
		var protocols http.Protocols
		protocols.SetUnencryptedHTTP2(true)
		n.server.Config.Protocols, transport.Protocols = &protocols, &protocols
		n.server.Start()
		transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := n.dial(ctx, network, addr)
			if dials, _ := n.dials(); err == nil && dials == 1 {
				c = &lossyConn{c, &lost}
			}
			return c, err
		}
		n.transport.CloseIdleConnections()
		n.transport = transport
		c, err := droplets.NewClient(testToken, droplets.WithBaseURL("http://127.0.0.1"),
			droplets.WithHTTPClient(&http.Client{Transport: transport}),
			droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetries: 1, MinDelay: time.Millisecond, MaxDelay: time.Millisecond}))
		require.NoError(t, err)
		start := time.Now()
		d, err := c.Droplets.Get(t.Context(), 1)
		require.NoError(t, err)
		assert.Equal(t, int64(1), d.ID)
		assert.InDelta(t, 30, time.Since(start).Seconds(), 0.1, "seconds")
		dials, _ := n.dials()
		assert.Equal(t, 2, dials)
	})
}

// TestHTTPClientWithoutATransport passes a client that uses http.DefaultTransport.
func TestHTTPClientWithoutATransport(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"droplet":{"id":1}}`) }))
	defer server.Close()
	c, err := droplets.NewClient(testToken, droplets.WithBaseURL(server.URL), droplets.WithHTTPClient(&http.Client{}))
	require.NoError(t, err)
	d, err := c.Droplets.Get(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, int64(1), d.ID)
}

// TestLocationsThatAreNoURL: a Location that is not a URL is left out of the header of a redirect, and of no other response.
func TestLocationsThatAreNoURL(t *testing.T) {
	t.Parallel()
	for status, removed := range map[int]bool{299: false, 300: true, 301: true, 399: true, 400: false} {
		_, c := newAPI(t, sequence(respond(status, "no JSON", "Location: http://[")))
		_, err := c.Droplets.Get(t.Context(), 42)
		var e *droplets.Error
		require.ErrorAs(t, err, &e, status)
		assert.Equal(t, status, e.StatusCode)
		assert.Equal(t, removed, e.Header.Get("Location") == "", status)
	}
}

// TestProtocolOfRequests: a transport of the caller's may read the version of the protocol, as http.NewRequest sets it.
func TestProtocolOfRequests(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
		assert.Equal(t, "HTTP/1.1", r.Proto)
		assert.Equal(t, [2]int{1, 1}, [2]int{r.ProtoMajor, r.ProtoMinor})
		return respond(200, dropletBody(42))()
	})
	require.NoError(t, second(c.Droplets.Get(t.Context(), 42)))
}

// TestErrorsOfRefusedStreams has the texts of net/http for a change that an HTTP/2 server has not processed, and similar ones.
func TestErrorsOfRefusedStreams(t *testing.T) {
	t.Parallel()
	const before, after = "http2: Transport: cannot retry err [", "] after Request.Body was written; define Request.GetBody to avoid this error"
	for text, refused := range map[string]bool{
		before + "stream error: stream ID 1; REFUSED_STREAM" + after:                         true,
		before + "stream error: stream ID 1; REFUSED_STREAM; received from peer" + after:     true,
		before + "http2: Transport received Server's graceful shutdown GOAWAY" + after:       true,
		before + "stream error: stream ID 1; PROTOCOL_ERROR; received from peer" + after:     false,
		before + "stream error: stream ID 1; REFUSED_STREAM; received from a server" + after: false,
		before + "REFUSED_STREAM: stream ID 1; REFUSED_STREAM" + after:                       false,
		before + "stream error: stream ID 1; REFUSED_STREAM":                                 false,
		"stream error: stream ID 1; REFUSED_STREAM" + after:                                  false,
		"http2: Transport received Server's graceful shutdown GOAWAY":                        false,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				a, c := newAPI(t, sequence(failWith(errors.New(text)), respond(202, createdBody(1))))
				_, err := c.Droplets.Create(t.Context(), createRequest())
				if refused {
					require.NoError(t, err)
					assert.Equal(t, 2, a.count())
					return
				}
				require.ErrorIs(t, err, droplets.ErrMaybeApplied)
				assert.Equal(t, 1, a.count())
			})
		})
	}
}

// timeoutError is an error that says whether it is a timeout.
type timeoutError bool

func (e timeoutError) Error() string { return "it failed" }
func (e timeoutError) Timeout() bool { return bool(e) }

func TestTimeoutOfATransportError(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cause   error
		timeout bool
	}{{timeoutError(true), true}, {timeoutError(false), false}, {errReset, false}, {errors.New("it failed"), false}} {
		_, c := newAPI(t, sequence(failWith(tt.cause)), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
		var e *droplets.TransportError
		require.ErrorAs(t, second(c.Droplets.Get(t.Context(), 42)), &e)
		assert.Equal(t, tt.timeout, e.Timeout(), "%T", tt.cause)
		require.ErrorIs(t, e, tt.cause)
	}
}

// TestABodyThatBreaks: the error has the cause.
func TestABodyThatBreaks(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader(`{"droplet":`), iotest.ErrReader(errReset))
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}, nil
	}, droplets.WithRetryPolicy(droplets.RetryPolicy{}))
	err := second(c.Droplets.Get(t.Context(), 42))
	require.ErrorIs(t, err, errReset)
	assert.ErrorContains(t, err, "reading the response: ")
}

// TestTheHeaderOfATransportIsNotModified: a transport may return the same header for several responses.
func TestTheHeaderOfATransportIsNotModified(t *testing.T) {
	t.Parallel()
	header := http.Header{"Location": {"http://["}}
	_, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 301, Header: header, Body: http.NoBody}, nil
	})
	require.Error(t, second(c.Droplets.Get(t.Context(), 42)))
	assert.Equal(t, http.Header{"Location": {"http://["}}, header)
}

// TestManyIdleConnectionsAreKept sends twenty requests at once, twice. The default transport of net/http would keep two connections.
func TestManyIdleConnectionsAreKept(t *testing.T) {
	t.Parallel()
	transport := droplets.SharedTransport()
	virtualtime.Test(t, func(t *testing.T) {
		n := newNetwork(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			<-time.After(time.Second)
			_, _ = io.WriteString(w, `{"droplet":{"id":1}}`)
		}))
		n.server.Start()
		transport.DialContext = n.dial
		n.transport.CloseIdleConnections()
		n.transport = transport
		c := n.client(t, "http://127.0.0.1")
		for range 2 {
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() { assert.NoError(t, second(c.Droplets.Get(t.Context(), 1))) })
			}
			wg.Wait()
			synctest.Wait()
		}
		dials, _ := n.dials()
		assert.Equal(t, 20, dials)
	})
}

// TestTransportsMayAddValuesToHeaders: the values of one header do not share memory with those of another.
func TestTransportsMayAddValuesToHeaders(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
		r.Header.Add("Accept", "x")
		r.Header.Add("User-Agent", "y")
		r.Header.Add("Content-Type", "z")
		assert.Equal(t, []string{"application/json", "x"}, r.Header["Accept"])
		assert.Len(t, r.Header["User-Agent"], 2)
		assert.Contains(t, r.Header["User-Agent"][0], "droplets")
		assert.Equal(t, []string{"application/json", "z"}, r.Header["Content-Type"])
		return respond(202, createdBody(1))()
	})
	require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest())))
}

// TestARequestThatNetHTTPRejects is not sent, not retried and not uncertain. The transport cannot select a proxy.
func TestARequestThatNetHTTPRejects(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		noProxy := errors.New("no proxy")
		transport := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, noProxy }}
		c, err := droplets.NewClient(testToken, droplets.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		_, err = c.Droplets.Create(t.Context(), createRequest())
		require.ErrorIs(t, err, noProxy)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
		var e *droplets.TransportError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 1, e.Attempts)
	})
}

// TestErrorsOfAnotherCallDoNotMatch: the error of a transport that uses this package itself describes another call.
func TestErrorsOfAnotherCallDoNotMatch(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{&droplets.Error{StatusCode: 400, Message: "other"}, &droplets.TransportError{Operation: "other", Err: errReset},
		fmt.Errorf("other: %w", droplets.ErrNotFound)} {
		_, c := newAPI(t, sequence(failWith(cause)), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
		err := second(c.Droplets.Get(t.Context(), 42))
		require.ErrorContains(t, err, "other")
		require.NotErrorIs(t, err, droplets.ErrNotFound)
		var e *droplets.Error
		assert.NotErrorAs(t, err, &e)
		var own *droplets.TransportError
		require.ErrorAs(t, err, &own)
		assert.Equal(t, "droplets_get", own.Operation)
		assert.NotErrorAs(t, own.Err, &own)
	}
}

// TestDialerWithAnErrorOfItsOwn: nothing was sent without a connection, whatever the type of the error is.
func TestDialerWithAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		dials := 0
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, errors.New("no route")
		}}
		c, err := droplets.NewClient(testToken, droplets.WithBaseURL("http://127.0.0.1"), droplets.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		err = second(c.Droplets.Create(t.Context(), createRequest()))
		require.EqualError(t, err, "droplets: droplets_create: POST /v2/droplets: no route; 4 attempts")
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, 4, dials)
		c, err = droplets.NewClient(testToken, droplets.WithBaseURL("http://127.0.0.1"), droplets.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		err = second(c.Droplets.Get(t.Context(), 42, droplets.WithoutRetries()))
		require.EqualError(t, err, "droplets: droplets_get: GET /v2/droplets/42: no route")
	})
}

// hiddenCause is an error whose text does not have that of its cause.
type hiddenCause struct{ error }

func (hiddenCause) Error() string   { return "it failed" }
func (e hiddenCause) Unwrap() error { return e.error }

// TestASecretInACause: an error whose text is harmless is replaced if its cause has a secret.
func TestASecretInACause(t *testing.T) {
	t.Parallel()
	cause := hiddenCause{fmt.Errorf("token %s: %w", testToken, errReset)}
	_, c := newAPI(t, sequence(failWith(cause)), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
	err := second(c.Droplets.Get(t.Context(), 42))
	require.EqualError(t, err, "droplets: droplets_get: GET /v2/droplets/42: REDACTED")
	require.ErrorIs(t, err, errReset)
	assert.NotContains(t, fmt.Sprintf("%+v %#v", err, err), testToken)
}

// TestATransportWithoutAResultIsAnError: http.Client reports a transport that returns neither a response nor an error.
func TestATransportWithoutAResultIsAnError(t *testing.T) {
	t.Parallel()
	c, err := droplets.NewClient(testToken, droplets.WithRetryPolicy(droplets.RetryPolicy{}),
		droplets.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil })})) //nolint:nilnil // the subject
	require.NoError(t, err)
	require.ErrorContains(t, second(c.Droplets.Get(t.Context(), 42)), "nil")
}
