package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/droplets-go/droplets/dropletstest"
)

// errUsage is returned for an invalid command line, after its error was printed.
var errUsage = errors.New("usage")

// settings are the values of the flags.
type settings struct {
	addr         string
	state        string
	allowedHosts []string
	account      accountSettings
	faults       []dropletstest.PlannedFault
}

// parseSettings parses the command line. It prints an error to stderr and returns errUsage, or flag.ErrHelp after -h.
func parseSettings(args []string, stderr io.Writer) (settings, error) {
	s := settings{account: accountSettings{ActionDuration: "500ms", DropletLimit: defaultDropletLimit, Clock: clockReal}}
	flags := s.flagSet()
	flags.SetOutput(stderr)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return s, err
		}
		return s, errUsage
	}
	err := s.account.check()
	if field, ok := errors.AsType[*fieldError](err); ok {
		err = fmt.Errorf("-%s %w", strings.ReplaceAll(field.field, "_", "-"), field.err)
	}
	if flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(stderr, "fakeapi:", err)
		return s, errUsage
	}
	return s, nil
}

// flagSet returns the flags that set s.
func (s *settings) flagSet() *flag.FlagSet {
	flags := flag.NewFlagSet("fakeapi", flag.ContinueOnError)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8080", "`address` to listen on; port 0 selects a free port")
	flags.StringVar(&s.state, "state", "", "`file` to load the account from and save it to")
	flags.Func("allow-host", "host `name`, such as fakeapi, by which clients may reach /_fake/ besides loopback and -addr; repeatable",
		func(name string) error {
			if name == "" || strings.ContainsAny(name, ":/") {
				return errors.New("must be a name without a port")
			}
			s.allowedHosts = append(s.allowedHosts, strings.ToLower(name))
			return nil
		})
	s.account.addFlags(flags)
	flags.Func("fault", "a planned `fault`: droplets_create:502:times=1, or the JSON of POST /_fake/faults; repeatable",
		func(text string) error {
			planned, err := parseFault(text)
			s.faults = append(s.faults, planned)
			return err
		})
	return flags
}
