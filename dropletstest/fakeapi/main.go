// Command fakeapi serves the in-memory Droplets API of package dropletstest over HTTP, for programs in any language that
// accept a base URL:
//
//	go run ./dropletstest/fakeapi -addr 127.0.0.1:8080
//	curl -H "Authorization: Bearer any" http://127.0.0.1:8080/v2/droplets
//
// When it is ready, it prints one line with its URL. It logs one line per request to standard error. It exits on SIGINT and
// SIGTERM.
//
// A control API under /_fake/ does what a Go test does with package dropletstest: it resets and seeds the account, plans faults and
// failures, advances the clock, and returns the requests that were received and the ledger. docs/fakeapi.md describes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "fakeapi:", err)
		os.Exit(1)
	}
}

// run serves the API until the context ends, then saves the state. It returns errUsage if the command line is invalid.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parseSettings(args, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	store := newStore(s.state, log)
	saved, err := store.load()
	if err != nil {
		return err
	}
	srv, err := newServer(s, saved, log)
	if err != nil {
		return store.describe(err)
	}
	store.api = srv.api
	defer context.AfterFunc(ctx, srv.endRequests)()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "listening on http://%s\n", l.Addr())
	return errors.Join(serve(ctx, l, newPage(srv, store.saveAfterChanges(srv))), store.save())
}

// shutdownTimeout is the time that requests in progress have to complete at shutdown.
const shutdownTimeout = 2 * time.Second

// serve serves HTTP until the context ends, then waits for the requests in progress.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	shutdownCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := srv.Shutdown(shutdownCtx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil // Close ends slow requests and unused connections, which are no error
	}
	return errors.Join(err, srv.Close())
}
