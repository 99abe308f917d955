// Package program is what the programs of this module have in common: how they begin and end, the first line that says
// what they do, and the question before anything that costs or deletes.
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

// ErrDeclined is the answer no.
var ErrDeclined = errors.New("nothing was done: the question was not answered with yes")

// Env is what a program has of the world around it. Results go to Out; remarks and questions to Err, so that results
// can be piped.
type Env struct {
	// Args are the arguments after the program's name.
	Args []string
	// Token is what -live uses.
	Token string
	// In is where answers come from.
	In io.Reader
	// Out takes the results.
	Out io.Writer
	// Err takes remarks and questions.
	Err io.Writer
}

// Main runs a program until it ends or is interrupted, and ends with 1 when it failed. A second interrupt ends it at
// once, also while it cleans up.
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

// Flags are the flags of a program, with -live among them.
func (e Env) Flags(name string) (flags *flag.FlagSet, live *bool) {
	flags = flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(e.Err)
	return flags, flags.Bool("live", false, "use the real API with the token in DIGITALOCEAN_TOKEN")
}

// Parse reads the arguments. What is left over is refused rather than ignored.
func (e Env) Parse(flags *flag.FlagSet) error {
	if err := flags.Parse(e.Args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag", flags.Arg(0))
	}
	return nil
}

// Client is a client of the API in memory or, live, of the real one. It says first what the program does there.
func (e Env) Client(live bool, does string, memory *dropletstest.API, opts ...droplets.Option) (*droplets.Client, error) {
	if live {
		fmt.Fprintf(e.Err, "In your account, this %s.\n", does)
		client, err := droplets.NewClient(e.Token, opts...)
		if err != nil {
			return nil, fmt.Errorf("-live needs a token in DIGITALOCEAN_TOKEN: %w", err)
		}
		return client, nil
	}
	fmt.Fprintf(e.Err, "Against an API in memory: no account, no network, no cost. With -live, in your account, this %s.\n", does)
	// Looking this often would not be polite towards a real API.
	quick := droplets.WithPollPolicy(droplets.PollPolicy{Initial: 200 * time.Millisecond, Max: 200 * time.Millisecond})
	return memory.Client(append([]droplets.Option{quick}, opts...)...), nil
}

// Confirm asks, and fails unless the answer is yes.
func (e Env) Confirm(question string) error {
	fmt.Fprintf(e.Err, "%s Type yes: ", question)
	line, err := bufio.NewReader(e.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != "yes" {
		return ErrDeclined
	}
	return nil
}

// IsTerminal tells whether what is written there can be written over. A terminal without a width, as some runners of
// jobs have it, can not.
func IsTerminal(w io.Writer) bool {
	width, _, err := cwriter.New(w).GetTermSize()
	return err == nil && width > 0
}
