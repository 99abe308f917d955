// Package program contains the common parts of the programs of this module: startup and exit, the first line of output, which
// describes the program, and the confirmation before an operation that costs money or deletes something.
package program

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

	"github.com/vbauerster/mpb/v8/cwriter"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// ErrDeclined is returned by [Env.Confirm] if the input is not yes.
var ErrDeclined = errors.New("nothing was done: the input was not yes")

// Env is the environment of a program. Results are written to Out. Messages and questions are written to Err, so that the
// output can be piped.
type Env struct {
	// Args are the command-line arguments without the program name.
	Args []string
	// Token is the API token for -live.
	Token string
	// In is the input for Confirm.
	In io.Reader
	// Out receives the results.
	Out io.Writer
	// Err receives messages and questions.
	Err io.Writer
}

// Main calls run with a context that ends on SIGINT or SIGTERM. It exits with status 1 if run returns an error. A second
// signal ends the program immediately, even during cleanup.
func Main(name string, run func(context.Context, Env) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	env := Env{Args: os.Args[1:], Token: os.Getenv("DIGITALOCEAN_TOKEN"), In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	err := run(ctx, env)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Flags returns a flag set that contains -live.
func (e Env) Flags(name string) (flags *flag.FlagSet, live *bool) {
	flags = flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(e.Err)
	return flags, flags.Bool("live", false, "use the real API with the token in DIGITALOCEAN_TOKEN")
}

// Parse parses the arguments. It returns an error if there are arguments that are not flags.
func (e Env) Parse(flags *flag.FlagSet) error {
	if err := flags.Parse(e.Args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

// Client returns a client of the given fake or, if live is true, of the real API. It first prints the description, which completes
// the sentence "In your account, this …".
func (e Env) Client(live bool, description string, api *dropletstest.API, opts ...droplets.Option) (*droplets.Client, error) {
	if live {
		fmt.Fprintf(e.Err, "In your account, this %s.\n", description)
		client, err := droplets.NewClient(e.Token, opts...)
		if err != nil {
			return nil, fmt.Errorf("-live needs a token in DIGITALOCEAN_TOKEN: %w", err)
		}
		return client, nil
	}
	fmt.Fprintf(e.Err, "Using an in-memory fake of the API: no account, no network, no cost. With -live, in your account, this %s.\n", description)
	// This polling interval is too short for the real API.
	fastPolling := droplets.WithPollPolicy(droplets.PollPolicy{Initial: 200 * time.Millisecond, Max: 200 * time.Millisecond})
	return api.Client(append([]droplets.Option{fastPolling}, opts...)...), nil
}

// Confirm prints a question. It returns ErrDeclined unless the input is yes, and the cause of the end of ctx if that is earlier.
func (e Env) Confirm(ctx context.Context, question string) error {
	fmt.Fprintf(e.Err, "%s Type yes: ", question)
	result := make(chan error, 1)
	go func() { // a read cannot be interrupted; if ctx ends first, it ends with the program
		line, err := bufio.NewReader(e.In).ReadString('\n')
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			result <- err
		case strings.TrimSpace(line) != "yes":
			result <- ErrDeclined
		default:
			result <- nil
		}
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		fmt.Fprintln(e.Err)
		return context.Cause(ctx)
	}
}

// IsTerminal reports whether w is a terminal whose lines can be overwritten. It returns false for a terminal without a width,
// which some job runners provide.
func IsTerminal(w io.Writer) bool {
	width, _, err := cwriter.New(w).GetTermSize()
	return err == nil && width > 0
}
