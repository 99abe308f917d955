package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func get(t *testing.T, h http.Handler, path string) (status int, body string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return rec.Code, rec.Body.String()
}

func TestHealthReportsTheAgeOfTheLastSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		health := newHealth(time.Minute)
		h := newHandler(prometheus.NewRegistry(), health)
		expect := func(status int, body string) {
			t.Helper()
			gotStatus, gotBody := get(t, h, "/healthz")
			assert.Equal(t, status, gotStatus)
			assert.Equal(t, body+"\n", gotBody)
		}
		expect(http.StatusServiceUnavailable, "no refresh has succeeded yet")
		health.succeeded(time.Now())
		expect(http.StatusOK, "the last successful refresh was 0s ago")
		<-time.After(3 * time.Minute)
		expect(http.StatusOK, "the last successful refresh was 3m0s ago")
		<-time.After(time.Second)
		expect(http.StatusServiceUnavailable, "the last successful refresh was 3m1s ago, the limit is 3m0s")
		health.succeeded(time.Now())
		expect(http.StatusOK, "the last successful refresh was 0s ago")
	})
}

func TestHandlerServesTheTwoPages(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	newMetrics(registry)
	h := newHandler(registry, newHealth(time.Minute))
	status, body := get(t, h, "/metrics")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, "droplets_sd_refreshes_total{result=\"success\"} 0\n")
	status, _ = get(t, h, "/none")
	assert.Equal(t, http.StatusNotFound, status)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/healthz", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, rec.Code)
}

// TestServeCompletesRequests ends the server while a request is in progress.
func TestServeCompletesRequests(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	arrived, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = io.WriteString(w, "complete")
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, l, handler) }()
	type response struct {
		body string
		err  error
	}
	responses := make(chan response, 1)
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), nil)
		if err != nil {
			responses <- response{err: err}
			return
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			responses <- response{err: err}
			return
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		responses <- response{string(b), err}
	}()
	<-arrived
	cancel()
	require.Eventually(t, func() bool { // the shutdown has begun when the server accepts no more connections
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond)
	close(release)
	assert.Equal(t, response{body: "complete"}, <-responses)
	require.NoError(t, <-ended)
}

func TestServeReportsErrors(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	require.ErrorIs(t, serve(t.Context(), l, http.NotFoundHandler()), net.ErrClosed)
}

// TestServeDoesNotWaitForever ends the server while a request hangs.
func TestServeDoesNotWaitForever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &pipeListener{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
		handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- serve(ctx, l, handler) }()
		client, server := net.Pipe()
		l.conns <- server
		_, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: discovery\r\n\r\n")
		require.NoError(t, err)
		synctest.Wait()
		cancel()
		began := time.Now()
		require.NoError(t, <-ended)
		assert.Equal(t, shutdownTimeout, time.Since(began))
		require.NoError(t, client.Close())
	})
}

// pipeListener accepts connections in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }
