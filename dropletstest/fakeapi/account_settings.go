package main

import (
	"flag"
	"time"

	"github.com/droplets-go/droplets/dropletstest"
)

// accountSettings are the settings of an account. They are set by flags, and by the fields of POST /_fake/reset.
type accountSettings struct {
	Token          string `json:"token"`
	ActionDuration string `json:"action_duration"`
	RateLimit      string `json:"rate_limit"`
	DropletLimit   int    `json:"droplet_limit"`
	Lag            string `json:"lag"`
	Clock          string `json:"clock"`
	Seed           int    `json:"seed"`
}

const (
	defaultDropletLimit = 25_000
	maxSeed             = 100_000
)

func (s *accountSettings) addFlags(flags *flag.FlagSet) {
	flags.StringVar(&s.Token, "token", s.Token, "the only bearer `token` to accept; any token by default")
	flags.StringVar(&s.ActionDuration, "action-duration", s.ActionDuration,
		"how long actions take; `durations` of single types after commas: 500ms,resize=30s")
	flags.StringVar(&s.RateLimit, "rate-limit", s.RateLimit, "limits per minute and, after a comma, per hour: `250,5000`; a slash\n"+
		"sets another length for a window: 250/6s; no limits by default")
	flags.IntVar(&s.DropletLimit, "droplet-limit", s.DropletLimit, "`number` of Droplets that the account may have")
	flags.StringVar(&s.Lag, "lag", s.Lag, "how long changes stay invisible: `visibility=8s,addresses=5s,status=20s,snapshots=30s`")
	flags.StringVar(&s.Clock, "clock", s.Clock, "`real`, or manual: time stands still except for POST /_fake/clock; manual@2030-01-02T03:04:05Z\n"+
		"sets the time")
	flags.IntVar(&s.Seed, "seed", s.Seed, "`number` of Droplets at the start; ignored if -state loads a saved state")
}

// check returns a *fieldError if a setting is invalid.
func (s *accountSettings) check() error {
	_, err := s.options(time.Now())
	return err
}

// options returns the options for an account, except for Seed. A manual clock without a time stands at start. It returns a *fieldError
// if a setting is invalid.
func (s *accountSettings) options(start time.Time) ([]dropletstest.Option, error) {
	durations, err := parseActionDurations(s.ActionDuration)
	if err != nil {
		return nil, &fieldError{"action_duration", err}
	}
	rate, err := parseRateLimit(s.RateLimit)
	if err != nil {
		return nil, &fieldError{"rate_limit", err}
	}
	lag, err := parseLag(s.Lag)
	if err != nil {
		return nil, &fieldError{"lag", err}
	}
	clock, err := parseClock(s.Clock, start)
	switch {
	case err != nil:
		return nil, &fieldError{"clock", err}
	case s.DropletLimit < 0:
		return nil, fieldErrorf("droplet_limit", "must not be negative")
	case s.Seed < 0 || s.Seed > maxSeed:
		return nil, fieldErrorf("seed", "must be between 0 and %d", maxSeed)
	}
	options := []dropletstest.Option{dropletstest.WithToken(s.Token), dropletstest.WithDropletLimit(s.DropletLimit),
		dropletstest.WithLag(lag), dropletstest.WithClock(clock)}
	return append(append(options, durations...), rate...), nil
}
