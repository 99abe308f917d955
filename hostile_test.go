package droplets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// rawServer responds to each connection with the same bytes.
func rawServer(t *testing.T, response string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				_, _ = conn.Read(make([]byte, 64<<10)) // the request fits
				_, _ = io.WriteString(conn, response)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// everyText returns each way to print an error and each error in its tree.
func everyText(err error) string {
	var b strings.Builder
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n%q\n%s\n", err, err, err, err, err)
		if e, ok := errors.AsType[*droplets.Error](err); ok {
			fmt.Fprintf(&b, "%+v %s\n", *e, e.Body)
		}
		switch u := err.(type) { //nolint:errorlint // it visits each error of the tree
		case interface{ Unwrap() error }:
			walk(u.Unwrap())
		case interface{ Unwrap() []error }:
			for _, inner := range u.Unwrap() {
				walk(inner)
			}
		}
	}
	walk(err)
	return b.String()
}

// TestNoSecretInAnyError uses servers that repeat the token and the user data in every part of a response.
func TestNoSecretInAnyError(t *testing.T) {
	t.Parallel()
	ctx := socketContext(t)
	const userData = "cloud-config-password-hunter2"
	for _, secret := range []string{testToken, userData} {
		for name, response := range map[string]string{
			"status line":       "HTTP/1.1 " + secret + "\r\n\r\n",
			"no HTTP":           secret + "\r\n\r\n",
			"protocol":          "HTTP/" + secret + " 200 OK\r\n\r\n",
			"header line":       "HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n",
			"header name":       "HTTP/1.1 200 OK\r\n" + secret + " x: y\r\n\r\n",
			"content length":    "HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n",
			"transfer encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + secret + "\r\n\r\n",
			"location":          "HTTP/1.1 302 Found\r\nX-Request-Id: req-1\r\nContent-Length: 0\r\nLocation: http://[" + secret + "\r\n\r\n",
			"good location":     "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: https://example.com/" + secret + "\r\n\r\n",
			"chunk size":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret + "\r\n",
			"a time":            jsonResponse(200, `{"droplet":{"id":1,"created_at":"`+secret+`"}}`),
			"a number":          jsonResponse(200, `{"droplet":{"id":"`+secret+`"}}`),
			"a message":         jsonResponse(422, `{"id":"`+secret+`","message":"no `+secret+`","request_id":"`+secret+`"}`),
			"escaped":           jsonResponse(422, `{"id":"x","message":"no \u0064`+secret[1:]+`, `+strings.ReplaceAll(secret, "-", `\\u002d`)+`"}`),
			"HTML":              jsonResponse(502, "<html>"+secret+"</html>"),
			"trailing":          jsonResponse(200, `{"droplet":{"id":1}} `+secret),
		} {
			c, err := droplets.NewClient(testToken, droplets.WithBaseURL(rawServer(t, response)), droplets.WithRetryPolicy(droplets.RetryPolicy{}))
			require.NoError(t, err)
			req := createRequest()
			req.UserData = userData
			_, err = c.Droplets.Create(ctx, req)
			require.Error(t, err, name)
			assert.NotContains(t, everyText(err), secret, name)
			c.CloseIdleConnections()
			if name == "a message" {
				require.ErrorIs(t, err, droplets.ErrUnprocessable)
				assert.Contains(t, err.Error(), "REDACTED")
			}
		}
	}
}

func jsonResponse(status int, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

// TestMalformedRedirect: net/http returns no response if the Location of a redirect is not a URL. The client returns an *Error.
func TestMalformedRedirect(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(302, "", "Location: http://[broken", "X-Request-Id: req-1")))
	_, err := c.Droplets.Create(t.Context(), createRequest())
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 302, e.StatusCode)
	assert.Equal(t, "req-1", e.RequestID)
	require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
}

type tokenFunc func() (*oauth2.Token, error)

func (f tokenFunc) Token() (*oauth2.Token, error) { return f() }

func TestTokenSourceThatBlocks(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, err := droplets.NewClientFromTokenSource(tokenFunc(func() (*oauth2.Token, error) {
			<-release
			return nil, errors.New("too late")
		}))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err = c.Droplets.Create(ctx, createRequest())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied, "nothing was sent")
		assert.Equal(t, time.Second, time.Since(began))
		close(release) // ends the goroutine of the token source, for which the bubble waits
	})
}

// TestPanicsReachTheCaller: a panic in the caller's code is repeated in the goroutine of the call.
func TestPanicsReachTheCaller(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		c, err := droplets.NewClientFromTokenSource(tokenFunc(func() (*oauth2.Token, error) { panic("token source") }))
		require.NoError(t, err)
		for name, call := range map[string]func(){
			"get": func() { _, _ = c.Droplets.Get(t.Context(), 42) },
			"all": func() {
				for range c.Droplets.All(t.Context(), nil) { //nolint:errcheck // the first pull panics
				}
			},
		} {
			assert.PanicsWithValue(t, "token source", call, name)
		}
		exits, err := droplets.NewClientFromTokenSource(tokenFunc(func() (*oauth2.Token, error) {
			runtime.Goexit()
			return nil, errors.New("unreachable")
		}))
		require.NoError(t, err)
		done := make(chan bool)
		go func() {
			defer close(done)
			_, _ = exits.Droplets.Get(t.Context(), 42)
			done <- true
		}()
		assert.False(t, <-done, "the call does not return: runtime.Goexit ends the goroutine of the caller")
	})
}

func TestTransportErrors(t *testing.T) {
	t.Parallel()
	broken := &net.OpError{Op: "read", Net: "tcp", Err: io.ErrUnexpectedEOF}
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(failWith(broken)))
		_, err := c.Droplets.Get(t.Context(), 42)
		var failed *droplets.TransportError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "droplets_get", failed.Operation)
		assert.Equal(t, http.MethodGet, failed.Method)
		assert.Equal(t, "/v2/droplets/42", failed.Path)
		assert.Equal(t, 4, failed.Attempts)
		require.ErrorIs(t, failed.Err, io.ErrUnexpectedEOF)
		require.NoError(t, failed.Previous)
		var op *net.OpError
		require.ErrorAs(t, err, &op)

		// The error of the attempt before stays if the call ends between two attempts.
		_, c = newAPI(t, sequence(respond(503, "")))
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(100*time.Millisecond, func() { cancel(broken) })
		_, err = c.Droplets.Get(ctx, 42)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, droplets.ErrServer)
		require.ErrorAs(t, err, &op, "the cause of the context")
		assert.Contains(t, err.Error(), "503")
		cause := &droplets.ActionError{}
		ctx, cancel = context.WithCancelCause(t.Context())
		cancel(cause)
		_, err = c.Droplets.Get(ctx, 42)
		require.ErrorIs(t, err, context.Canceled)
		assert.NotErrorAs(t, err, &cause, "a cause of this package is the error of another call")
	})
}

// TestErrorHasThePreviousError: the next attempt is not allowed by the rate limiter.
func TestErrorHasThePreviousError(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		_, c := newAPI(t, sequence(respond(503, `{"id":"x","message":"down"}`)), droplets.WithRateLimiter(&limitOnce{}))
		_, err := c.Droplets.Get(t.Context(), 42)
		require.ErrorIs(t, err, errLimit)
		require.ErrorIs(t, err, droplets.ErrServer)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, "down", e.Message)
	})
}

var errLimit = errors.New("no more requests")

type limitOnce struct{ calls int }

func (l *limitOnce) Wait(context.Context) error {
	if l.calls++; l.calls > 1 {
		return errLimit
	}
	return nil
}

func TestPartlyFilledRetryPolicy(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			policy droplets.RetryPolicy
			want   int
		}{
			"only MaxRetryAfter": {droplets.RetryPolicy{MaxRetryAfter: 10 * time.Minute}, 4},
			"only MinDelay":      {droplets.RetryPolicy{MinDelay: time.Second}, 4},
			"only MaxRetries":    {droplets.RetryPolicy{MaxRetries: 1}, 2},
			"zero":               {droplets.RetryPolicy{}, 1},
		} {
			a, c := newAPI(t, sequence(respond(503, "")), droplets.WithRetryPolicy(tt.policy))
			_, err := c.Droplets.Get(t.Context(), 42)
			require.ErrorIs(t, err, droplets.ErrServer, name)
			assert.Equal(t, tt.want, a.count(), name)
		}
		_, c := newAPI(t, sequence(respond(429, "", "Retry-After: 300"), respond(200, dropletBody(42))),
			droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetryAfter: 10 * time.Minute}))
		_, err := c.Droplets.Get(t.Context(), 42)
		require.NoError(t, err)
	})
}

// TestWithoutRetriesAndRetryPendingEvent: a rejected request was not processed, so that waiting for the pending event is no
// retry.
func TestWithoutRetriesAndRetryPendingEvent(t *testing.T) {
	t.Parallel()
	pending := respond(422, `{"id":"unprocessable_entity","message":"Droplet already has a pending event."}`)
	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, sequence(pending, pending, respond(201, actionBody(7, "in-progress"))))
		_, err := c.DropletActions.Reboot(t.Context(), 42, droplets.WithoutRetries(), droplets.RetryPendingEvent(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, 3, a.count())
		a, c = newAPI(t, sequence(pending, respond(503, "")))
		_, err = c.DropletActions.Reboot(t.Context(), 42, droplets.WithoutRetries(), droplets.RetryPendingEvent(time.Minute))
		require.ErrorIs(t, err, droplets.ErrServer)
		assert.Equal(t, 2, a.count())
	})
}

func TestDoReturnsAnyFormat(t *testing.T) {
	t.Parallel()
	const csv = "date,product,amount\n2026-11-01,Droplets,6.00\n"
	_, c := newAPI(t, sequence(respond(200, csv, "Content-Type: text/csv")))
	req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/customers/my/invoices/1/csv", nil)
	require.NoError(t, err)
	var raw []byte
	resp, err := c.Do(req, &raw)
	require.NoError(t, err)
	assert.Equal(t, csv, string(raw))
	assert.Equal(t, 200, resp.StatusCode)
	var buf bytes.Buffer
	_, err = c.Do(req, &buf)
	require.NoError(t, err)
	assert.Equal(t, csv, buf.String())
	_, err = c.Do(req, nil)
	require.ErrorIs(t, err, droplets.ErrInvalidResponse)
	_, err = c.Do(req, brokenWriter{})
	require.ErrorIs(t, err, io.ErrShortWrite)
	for _, dst := range []any{(*[]byte)(nil), (*bytes.Buffer)(nil), 7, ""} {
		_, err = c.Do(req, dst)
		require.ErrorIs(t, err, droplets.ErrInvalidArgument)
	}
	// Two calls do not share the bytes.
	ctx := socketContext(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) }))
	defer server.Close()
	c, err = droplets.NewClient(testToken, droplets.WithBaseURL(server.URL))
	require.NoError(t, err)
	bodies := make([][]byte, 20)
	for i := range bodies {
		req, err := c.NewRequest(ctx, http.MethodGet, fmt.Sprintf("v2/item-%d", i), nil)
		require.NoError(t, err)
		_, err = c.Do(req, &bodies[i])
		require.NoError(t, err)
	}
	for i, body := range bodies {
		assert.Equal(t, fmt.Sprintf("/v2/item-%d", i), string(body))
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
