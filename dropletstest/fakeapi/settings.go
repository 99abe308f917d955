package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/droplets-go/droplets/dropletstest"
)

// errUsage is returned for an invalid command line. The reason has been printed already.
var errUsage = errors.New("usage")

type settings struct {
	addr    string
	state   string
	token   string
	seed    int
	options []dropletstest.Option
}

func parseSettings(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("fakeapi", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8080", "`address` to listen on; port 0 selects a free port")
	token := flags.String("token", dropletstest.Token, "bearer `token` to accept")
	duration := flags.Duration("action-duration", 500*time.Millisecond, "how long an action takes")
	rate := flags.String("rate-limit", "", "limits per minute and, after a comma, per hour: `250,5000`; a slash sets another\n"+
		"length for a window: 250/6s; no limits by default")
	flags.IntVar(&s.seed, "seed", 0, "`number` of Droplets at the start; ignored if -state loads a saved state")
	flags.StringVar(&s.state, "state", "", "`file` to load the account from and save it to")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return s, err
		}
		return s, errUsage
	}
	s.token = *token
	limit, err := parseRateLimit(*rate)
	switch {
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *token == "":
		err = errors.New("-token must not be empty")
	case *duration < 0:
		err = errors.New("-action-duration must not be negative")
	case s.seed < 0:
		err = errors.New("-seed must not be negative")
	}
	if err != nil {
		fmt.Fprintln(stderr, "fakeapi:", err)
		return s, errUsage
	}
	s.options = append([]dropletstest.Option{dropletstest.WithToken(*token), dropletstest.WithActionDuration(*duration)}, limit...)
	return s, nil
}

// parseRateLimit parses "perMinute[/window][,perHour[/window]]". It returns no options if text is empty.
func parseRateLimit(text string) ([]dropletstest.Option, error) {
	if text == "" {
		return nil, nil
	}
	limits, windows := [2]int{}, [2]time.Duration{time.Minute, time.Hour}
	parts := strings.Split(text, ",")
	if len(parts) > len(limits) {
		return nil, fmt.Errorf("-rate-limit has more than two limits: %q", text)
	}
	for i, part := range parts {
		count, window, hasWindow := strings.Cut(part, "/")
		var err error
		if limits[i], err = strconv.Atoi(count); err != nil || limits[i] < 0 {
			return nil, fmt.Errorf("-rate-limit needs a number, not %q", count)
		}
		if !hasWindow {
			continue
		}
		if windows[i], err = time.ParseDuration(window); err != nil || windows[i] <= 0 {
			return nil, fmt.Errorf("-rate-limit needs a window such as 6s, not %q", window)
		}
	}
	return []dropletstest.Option{dropletstest.WithRateLimit(limits[0], limits[1]),
		dropletstest.WithRateLimitWindows(windows[0], windows[1])}, nil
}
