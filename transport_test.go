package droplets_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
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
