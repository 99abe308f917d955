package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/droplets-go/droplets/dropletstest"
)

const fakeToken = dropletstest.Token

// fakeServer serves the fake on loopback for the worker processes.
type fakeServer struct {
	url   string
	api   *dropletstest.API
	close func() error
}

// rateLimited returns the number of requests that the fake rejected with 429.
func (s *fakeServer) rateLimited() (n int64) {
	for _, r := range s.api.Requests() {
		if r.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}

func serveAPI(ctx context.Context) (*fakeServer, error) {
	api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithRateLimit(perMinute.Requests, 0),
		dropletstest.WithRateLimitWindows(fakeMinute, 60*fakeMinute))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: api, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it returns http.ErrServerClosed after close
	return &fakeServer{url: "http://" + listener.Addr().String(), api: api, close: server.Close}, nil
}

// errNoRedis is returned if redis-server is not in the path.
var errNoRedis = errors.New("redis-server is not installed (Debian: apt-get install redis-server); " +
	"use -redis for a server that is already running")

// redisServer is a Redis server that this program started on a free port of loopback. It does not persist data.
type redisServer struct {
	addr   string
	cmd    *exec.Cmd
	cancel context.CancelFunc
	dir    string
}

// startRedis starts a Redis server and returns when it accepts connections. The server runs until stop is called, even if ctx
// ends before, because workers may still use it.
func startRedis(ctx context.Context) (*redisServer, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errNoRedis
	}
	for range 3 { // another program can take the free port before Redis listens on it
		server, startErr := startRedisAt(ctx, path)
		if startErr == nil {
			return server, nil
		}
		err = errors.Join(err, startErr)
	}
	return nil, err
}

func startRedisAt(ctx context.Context, path string) (*redisServer, error) {
	addr, port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "shared-quota-redis-")
	if err != nil {
		return nil, err
	}
	serverCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &redisServer{addr: addr, cancel: cancel, dir: dir}
	s.cmd = exec.CommandContext(serverCtx, path, "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no")
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = 5 * time.Second
	stopInterrupt := context.AfterFunc(ctx, cancel) // until the server is ready, the end of ctx stops it
	defer stopInterrupt()
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err == nil {
		err = waitUntilReady(out)
	}
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// waitUntilReady reads the output of the server until it is ready. It discards the output after that.
func waitUntilReady(out io.Reader) error {
	var output []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, out) }() // returns when the server exits
			return nil
		}
		output = append(output, lines.Text())
	}
	return fmt.Errorf("redis-server did not start: %s", strings.Join(output, "; "))
}

// stop stops the server and removes its directory.
func (s *redisServer) stop() error {
	s.cancel()
	if s.cmd.Process != nil {
		_ = s.cmd.Wait() // it returns an error because of the signal
	}
	return os.RemoveAll(s.dir)
}

// freePort returns an address of loopback with a port that is free at the moment.
func freePort() (addr string, port int, err error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return "", 0, err
	}
	return listener.Addr().String(), listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
