package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/droplets-go/droplets/conformance/internal/server"
	"github.com/droplets-go/droplets/conformance/internal/spec"
)

// serve runs the server until ctx is done.
func serve(ctx context.Context, document *spec.Document, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("conformance serve", flag.ContinueOnError)
	mode := flags.String("mode", "mock", "mock responds with examples; proxy forwards requests to -upstream")
	upstream := flags.String("upstream", "", "in mode proxy: the base URL of a server on this machine")
	addr := flags.String("addr", "127.0.0.1:0", "the loopback address to listen on; port 0 selects a free port")
	addrFile := flags.String("addr-file", "", "a file to which the base URL is written when the server listens")
	logFile := flags.String("log", "conformance.jsonl", "the log, one line for each request")
	if err := flags.Parse(args); err != nil {
		return err
	}
	file, err := os.Create(*logFile)
	if err != nil {
		return err
	}
	log := server.NewLog(file)
	defer func() { err = errors.Join(err, log.Err(), file.Close()) }()
	handler, err := newHandler(document, log, *mode, *upstream)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, *addr)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	if *addrFile != "" {
		if err := writeFile(*addrFile, base+"\n"); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "listening on", base)
	return serveUntil(ctx, listener, handler)
}

func newHandler(document *spec.Document, log *server.Log, mode, upstream string) (http.Handler, error) {
	switch mode {
	case "mock":
		return server.Mock(document, log), nil
	case "proxy":
		u, err := url.Parse(upstream)
		if err != nil {
			return nil, err
		}
		return server.Proxy(document, log, u)
	}
	return nil, fmt.Errorf("unknown mode %q: the modes are mock and proxy", mode)
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if !server.IsLoopback(host) {
		return nil, fmt.Errorf("-addr must be a loopback address such as 127.0.0.1, got %q", host)
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", addr)
}

// writeFile writes a file that another process waits for. Because of the rename, the file is never incomplete.
func writeFile(name, text string) error {
	if err := os.WriteFile(name+".tmp", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".tmp", name)
}

// serveUntil serves until ctx is done, and then waits up to five seconds for requests in progress.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler) error {
	s := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.Shutdown(limited)
}
