package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"
)

const (
	tokenEnv        = "DIGITALOCEAN_TOKEN"
	defaultInterval = time.Minute
	minInterval     = 10 * time.Second
	defaultPort     = 80 // as in Prometheus' own discovery
	defaultListen   = "127.0.0.1:9810"
)

// errUsage is matched by errors of the command line.
var errUsage = errors.New("invalid arguments")

// config is the configuration of the program, from flags and the environment.
type config struct {
	output    string
	interval  time.Duration
	port      int
	tag       string
	verify    bool
	listen    string
	once      bool
	live      bool
	baseURL   string
	logFormat string
	logLevel  slog.Level
	token     string
}

// flagSet returns the flags, which set the fields of c.
func (c *config) flagSet() *flag.FlagSet {
	flags := flag.NewFlagSet("discovery", flag.ContinueOnError)
	flags.StringVar(&c.output, "output", "", "`file` to write; required, its name must end in .json")
	flags.DurationVar(&c.interval, "interval", defaultInterval, "`time` between two refreshes, at least 10s")
	flags.IntVar(&c.port, "port", defaultPort, "`port` of the targets")
	flags.StringVar(&c.tag, "tag", "", "write only Droplets with this `tag`")
	flags.BoolVar(&c.verify, "verify", false, "read each list until a pass finds nothing new; at least twice the requests")
	flags.StringVar(&c.listen, "listen", defaultListen, "`address` of the HTTP server for /metrics and /healthz; empty for none")
	flags.BoolVar(&c.once, "once", false, "refresh once and exit, without the HTTP server")
	flags.BoolVar(&c.live, "live", false, "fail if "+tokenEnv+" is not set, instead of using the fake")
	flags.StringVar(&c.baseURL, "base-url", "", "`URL` of another server than DigitalOcean's; needs a token")
	flags.StringVar(&c.logFormat, "log-format", "text", "`format` of the log: text or json")
	flags.TextVar(&c.logLevel, "log-level", slog.LevelInfo, "lowest `level` of the log: debug, info, warn or error")
	return flags
}

// parseConfig reads the flags and the token. With -h it prints the flags to stdout and returns flag.ErrHelp. Errors match
// errUsage.
func parseConfig(args []string, env func(string) string, stdout io.Writer) (config, error) {
	c := config{token: strings.TrimSpace(env(tokenEnv))}
	flags := c.flagSet()
	flags.SetOutput(io.Discard) // the caller prints the error
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		flags.Usage()
		return config{}, err
	case err != nil:
		return config{}, fmt.Errorf("%w: %w", errUsage, err)
	case flags.NArg() > 0:
		return config{}, fmt.Errorf("%w: unexpected argument %q", errUsage, flags.Arg(0))
	}
	if err := c.check(); err != nil {
		return config{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	return c, nil
}

func (c *config) check() error {
	switch {
	case c.output == "":
		return errors.New("-output is required")
	case filepath.Ext(c.output) != ".json" || strings.Contains(c.output, "*"):
		return fmt.Errorf("-output must end in .json and must not contain *, or Prometheus does not accept it; got %q", c.output)
	case c.interval < minInterval:
		return fmt.Errorf("-interval must be at least %s, got %s", minInterval, c.interval)
	case c.port < 1 || c.port > 65535:
		return fmt.Errorf("-port must be from 1 to 65535, got %d", c.port)
	case c.tag != strings.TrimSpace(c.tag):
		return fmt.Errorf("-tag must not begin or end with a space, got %q", c.tag)
	case c.logFormat != "text" && c.logFormat != "json":
		return fmt.Errorf("-log-format must be text or json, got %q", c.logFormat)
	case c.live && c.token == "":
		return fmt.Errorf("-live needs a token in %s", tokenEnv)
	case c.baseURL != "" && c.token == "":
		return fmt.Errorf("-base-url needs a token in %s", tokenEnv)
	}
	return nil
}

// logger returns the logger for the program and the client.
func (c *config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.logLevel}
	if c.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
