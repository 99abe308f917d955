// Command conformance checks the traffic of a client against the facts of DigitalOcean's OpenAPI document:
//
//	conformance serve     responds with the examples of the document, or is a proxy in front of another server
//	conformance report    summarizes the log of serve
//	conformance check     checks bodies in files
//
// README.md explains the commands.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/droplets-go/droplets/conformance/internal/spec"
)

//go:embed testdata/droplets.openapi.json
var facts []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// run runs a command. serve ends when ctx is done.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		args = []string{""}
	}
	document, err := spec.Load(ctx, facts)
	if err != nil {
		return err
	}
	switch args[0] {
	case "serve":
		return serve(ctx, document, args[1:], out)
	case "report":
		return reportLog(args[1:], out)
	case "check":
		return checkFiles(ctx, document, args[1:], out)
	}
	return fmt.Errorf("unknown command %q: the commands are serve, report and check", args[0])
}
