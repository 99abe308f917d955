package main

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/virtualtime"
)

// pipeListener accepts connections in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func newPipeListener() *pipeListener {
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
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
	l.close()
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// TestExitWithAnUnusedConnection checks that a connection without a request is no error at exit. Clients and browsers open such
// connections in advance.
func TestExitWithAnUnusedConnection(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newPipeListener()
		done := make(chan error, 1)
		go func() { done <- serve(ctx, l, http.NotFoundHandler()) }()
		client, server := net.Pipe()
		l.conns <- server
		synctest.Wait()
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, client.Close())
	})
}
