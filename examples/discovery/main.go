// Discovery writes the Droplets of an account to a file for the file-based service discovery of Prometheus. Its targets
// have the labels of Prometheus' own discovery for DigitalOcean, and they include GPU Droplets.
//
// Without a token it uses an in-memory fake of the API, in which Droplets are created and deleted. With a token in
// DIGITALOCEAN_TOKEN it uses the real API. It is read-only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program immediately
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "discovery:", err)
	if errors.Is(err, errUsage) {
		os.Exit(2)
	}
	os.Exit(1)
}
