// Quickstart creates two Droplets, resizes one of them, takes a snapshot of the other, and deletes everything.
//
// By default it uses an in-memory fake of the API, without a token and without network access. With -live it uses the real API.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

func main() {
	live := flag.Bool("live", false, "use the real API with the token in DIGITALOCEAN_TOKEN; asks for confirmation before it creates anything")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *live, os.Getenv("DIGITALOCEAN_TOKEN"), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1) //nolint:gocritic // the context is no longer needed
	}
}

// errDeclined is returned if the question was not answered with yes.
var errDeclined = errors.New("nothing was created: the question was not answered with yes")

func run(ctx context.Context, live bool, token string, in io.Reader, out io.Writer) error {
	if !live {
		fmt.Fprintln(out, "Using an in-memory fake of the API: no account, no network, no cost. -live uses the real API.")
		return newRunner(dropletstest.New(dropletstest.WithActionDuration(time.Second)).Client(fastPolling()), out).run(ctx)
	}
	client, err := droplets.NewClient(token)
	if err != nil {
		return fmt.Errorf("set DIGITALOCEAN_TOKEN to a token that may create and delete Droplets: %w", err)
	}
	if err := confirm(in, out); err != nil {
		return err
	}
	return newRunner(client, out).run(ctx)
}

// fastPolling returns an option with a polling interval that is too short for the real API.
func fastPolling() droplets.Option {
	return droplets.WithPollPolicy(droplets.PollPolicy{Initial: 200 * time.Millisecond, Max: 200 * time.Millisecond})
}

func confirm(in io.Reader, out io.Writer) error {
	fmt.Fprintf(out, "This creates 2 Droplets (%s, %s) and 1 snapshot in your account, and deletes them at the end.\n", smallSize, image)
	fmt.Fprintf(out, "The Droplets cost about %.5f USD an hour each, %.5f after one of them is resized to %s.\n", smallHourly, largeHourly, largeSize)
	fmt.Fprint(out, "Go on? Type yes: ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != "yes" {
		return errDeclined
	}
	return nil
}
