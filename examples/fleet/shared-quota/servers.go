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

const memoryToken = dropletstest.Token

// served is the API in memory, on loopback, for other processes.
type served struct {
	url    string
	memory *dropletstest.API
	close  func() error
}

// refused is how many answers were 429, as the API itself has it.
func (s *served) refused() (n int64) {
	for _, r := range s.memory.Requests() {
		if r.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}

func serveAPI(ctx context.Context) (*served, error) {
	memory := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithRateLimit(perMinute.Requests, 0),
		dropletstest.WithRateLimitWindows(minute, 60*minute))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: memory, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends when it is closed, which is all that its error says
	return &served{url: "http://" + listener.Addr().String(), memory: memory, close: server.Close}, nil
}

// errNoRedis says what to do about it.
var errNoRedis = errors.New("redis-server is not installed (Debian: apt-get install redis-server); " +
	"-redis uses one that runs elsewhere")

// redisServer is a Redis of this program's own, on a free port of loopback, that keeps nothing.
type redisServer struct {
	addr string
	cmd  *exec.Cmd
	end  context.CancelFunc
	dir  string
}

// startRedis starts one and returns when it can be used. It outlives ctx until stop, so that nobody who still asks it
// is let down.
func startRedis(ctx context.Context) (*redisServer, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errNoRedis
	}
	for range 3 { // the port was free a moment ago, which is no promise
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
	serverCtx, end := context.WithCancel(context.WithoutCancel(ctx))
	s := &redisServer{addr: addr, end: end, dir: dir}
	s.cmd = exec.CommandContext(serverCtx, path, "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no")
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = 5 * time.Second
	unlink := context.AfterFunc(ctx, end) // until it is ready, an interrupt ends it
	defer unlink()
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err == nil {
		err = awaitReady(out)
	}
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// awaitReady reads what the server says until it is ready, and lets it go on talking to nobody.
func awaitReady(out io.Reader) error {
	var said []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the server
			return nil
		}
		said = append(said, lines.Text())
	}
	return fmt.Errorf("redis-server did not start: %s", strings.Join(said, "; "))
}

// stop ends the server and takes its directory away.
func (s *redisServer) stop() error {
	s.end()
	if s.cmd.Process != nil {
		_ = s.cmd.Wait() // it was told to end, which is the error that Wait has
	}
	return os.RemoveAll(s.dir)
}

func freePort() (addr string, port int, err error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return "", 0, err
	}
	return listener.Addr().String(), listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
