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
	live := flag.Bool("live", false, "use the real API with the token in DIGITALOCEAN_TOKEN, after a confirmation")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program immediately, even while it deletes the Droplets
	err := run(ctx, *live, os.Getenv("DIGITALOCEAN_TOKEN"), os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// errDeclined is returned if the input is not yes.
var errDeclined = errors.New("nothing was created: the input was not yes")

func run(ctx context.Context, live bool, token string, in io.Reader, out io.Writer) error {
	if !live {
		fmt.Fprintln(out, "Using an in-memory fake of the API: no account, no network, no cost. -live uses the real API.")
		return newRunner(dropletstest.New(dropletstest.WithActionDuration(time.Second)).Client(fastPolling()), out).run(ctx)
	}
	client, err := droplets.NewClient(token)
	if err != nil {
		return fmt.Errorf("set DIGITALOCEAN_TOKEN to a token that may create and delete Droplets: %w", err)
	}
	if err := confirm(ctx, in, out); err != nil {
		return err
	}
	return newRunner(client, out).run(ctx)
}

// fastPolling returns an option with a polling interval that is too short for the real API.
func fastPolling() droplets.Option {
	return droplets.WithPollPolicy(droplets.PollPolicy{Initial: 200 * time.Millisecond, Max: 200 * time.Millisecond})
}

// confirm prints what the run creates and costs. It returns errDeclined unless the input is yes, and the cause of the end of ctx if
// that is earlier.
func confirm(ctx context.Context, in io.Reader, out io.Writer) error {
	fmt.Fprintf(out, "This creates 2 Droplets (%s, %s) and 1 snapshot in your account, and deletes them at the end.\n", smallSize, image)
	fmt.Fprintf(out, "The Droplets cost about %.5f USD an hour each, %.5f after one of them is resized to %s.\n", smallHourly, largeHourly, largeSize)
	fmt.Fprint(out, "Go on? Type yes: ")
	result := make(chan error, 1)
	go func() { // a read cannot be interrupted; if ctx ends first, it ends with the program
		line, err := bufio.NewReader(in).ReadString('\n')
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			result <- err
		case strings.TrimSpace(line) != "yes":
			result <- errDeclined
		default:
			result <- nil
		}
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		fmt.Fprintln(out)
		return context.Cause(ctx)
	}
}
