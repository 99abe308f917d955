package dropletstest

import (
	"log/slog"
	"time"

	"github.com/droplets-go/droplets"
)

// Option changes what an [API] is like.
type Option func(*config)

type config struct {
	token     string
	durations map[droplets.ActionType]time.Duration
	duration  time.Duration
	limits    limits
	maximum   int
	droplets  int
	lag       Lag
	logger    *slog.Logger
}

const (
	defaultDuration     = time.Second
	defaultDropletLimit = 25_000
)

func newConfig(opts []Option) config {
	c := config{token: Token, duration: defaultDuration, maximum: defaultDropletLimit, limits: newLimits(),
		durations: make(map[droplets.ActionType]time.Duration)}
	for _, o := range opts {
		if o != nil {
			o(&c)
		}
	}
	return c
}

// WithToken makes the API accept this bearer token, and answer 401 to any other, instead of [Token].
func WithToken(token string) Option { return func(c *config) { c.token = token } }

// WithActionDuration says how long actions take, one second otherwise. With types it is for those alone: the create of
// a Droplet is [droplets.ActionTypeCreate], a destroy with associated resources is [ActionTypeDestroy].
func WithActionDuration(d time.Duration, types ...droplets.ActionType) Option {
	return func(c *config) {
		for _, t := range types {
			c.durations[t] = d
		}
		if len(types) == 0 {
			c.duration = d
		}
	}
}

// WithRateLimit makes the API refuse, with 429, more than perMinute requests in a minute and more than perHour in an
// hour; 0 is no limit. The windows slide. DigitalOcean's own limits are 250 and 5,000. Without this option nothing is
// refused, and the headers tell of a quota of 5,000 that never runs out.
func WithRateLimit(perMinute, perHour int) Option {
	return func(c *config) { c.limits.perMinute, c.limits.perHour = perMinute, perHour }
}

// WithRateLimitWindows gives the two windows of [WithRateLimit] another length than a minute and an hour, for programs
// that run in real time and can not wait that long.
func WithRateLimitWindows(minute, hour time.Duration) Option {
	return func(c *config) { c.limits.minute, c.limits.hour = minute, hour }
}

// WithDropletLimit is how many Droplets the account may have, 25,000 otherwise. A create that exceeds it is a 422.
func WithDropletLimit(n int) Option { return func(c *config) { c.maximum = n } }

// WithDroplets puts n active Droplets into the account. They are the same each time: names, sizes, regions and tags
// vary; the first of each hundred is from before March 2017 and boots a kernel that is managed from outside.
func WithDroplets(n int) Option { return func(c *config) { c.droplets = n } }

// Lag is how far what the API shows stays behind what it has done. The zero value shows everything at once.
type Lag struct {
	// Visibility is how long after a create the new Droplet is still a 404 and in no list.
	Visibility time.Duration
	// Addresses is how long a Droplet is active before it has an address.
	Addresses time.Duration
	// Status is how long after an action's completion the Droplet's status is still the old one.
	Status time.Duration
}

// WithLag makes the API eventually consistent.
func WithLag(l Lag) Option { return func(c *config) { c.lag = l } }

// WithLogger logs one record for each request, with its method, path, status, operation, duration and request id: never a
// body and never the token.
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

func (c *config) durationOf(t droplets.ActionType) time.Duration {
	if d, ok := c.durations[t]; ok {
		return d
	}
	return c.duration
}
