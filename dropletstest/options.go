package dropletstest

import (
	"log/slog"
	"strings"
	"time"

	"github.com/droplets-go/droplets"
)

// Option configures an [API].
type Option func(*config)

type config struct {
	token          string // "" accepts every token
	durationByType map[droplets.ActionType]time.Duration
	actionDuration time.Duration
	limits         limits
	dropletLimit   int
	seedCount      int
	lag            Lag
	logger         *slog.Logger
}

const (
	defaultDuration     = time.Second
	defaultDropletLimit = 25_000
)

func newConfig(opts []Option) config {
	c := config{actionDuration: defaultDuration, dropletLimit: defaultDropletLimit, limits: newLimits(),
		durationByType: make(map[droplets.ActionType]time.Duration)}
	for _, o := range opts {
		if o != nil {
			o(&c)
		}
	}
	return c
}

// WithToken makes the API accept only this bearer token. Requests with another token get a 401. Without this option, or if token
// is empty, the API accepts every bearer token that is not empty.
func WithToken(token string) Option { return func(c *config) { c.token = token } }

// accepts reports whether the value of an Authorization header has a token that the API accepts.
func (c *config) accepts(authorization string) bool {
	scheme, token, _ := strings.Cut(authorization, " ")
	return strings.EqualFold(scheme, "Bearer") && token != "" && (c.token == "" || token == c.token)
}

// WithActionDuration sets how long actions take. The default is one second. If types are given, it applies to those types
// only. The type of a create is [droplets.ActionTypeCreate]; that of a destroy with associated resources, and of the end of an
// autoscale pool, is [ActionTypeDestroy]; that of the import of a custom image is [ActionTypeImport].
func WithActionDuration(d time.Duration, types ...droplets.ActionType) Option {
	return func(c *config) {
		for _, t := range types {
			c.durationByType[t] = d
		}
		if len(types) == 0 {
			c.actionDuration = d
		}
	}
}

// WithRateLimit limits the requests per minute and per hour; 0 is no limit. Requests above a limit get a 429. The windows
// slide. DigitalOcean's own limits are 250 and 5,000. Without this option no request is rejected, and the rate limit
// headers show a limit of 5,000 with at least one request remaining.
func WithRateLimit(perMinute, perHour int) Option {
	return func(c *config) { c.limits.perMinute, c.limits.perHour = perMinute, perHour }
}

// WithRateLimitWindows sets the lengths of the two windows of [WithRateLimit]. The defaults are a minute and an hour. It is
// for programs that run in real time and cannot wait that long.
func WithRateLimitWindows(minute, hour time.Duration) Option {
	return func(c *config) { c.limits.minute, c.limits.hour = minute, hour }
}

// WithDropletLimit sets the number of Droplets that the account may have. The default is 25,000. A create that would exceed
// the limit gets a 422.
func WithDropletLimit(n int) Option { return func(c *config) { c.dropletLimit = n } }

// WithDroplets adds n active Droplets to the account. They are the same in every API. Names, sizes, regions and tags
// vary. The first of every hundred has an externally managed kernel, like Droplets created before March 2017.
func WithDroplets(n int) Option { return func(c *config) { c.seedCount = n } }

// Lag delays when clients can read changes that the API has made. The zero value is no delay.
type Lag struct {
	// Visibility is the time after a create during which the new Droplet or custom image is a 404 and missing from lists.
	Visibility time.Duration
	// Addresses is the time between a Droplet becoming active and its addresses.
	Addresses time.Duration
	// Status is the time between the completion of an action and the change of the Droplet's status, or of the image.
	Status time.Duration
}

// WithLag makes the API eventually consistent.
func WithLag(l Lag) Option { return func(c *config) { c.lag = l } }

// WithLogger logs one record for each request, with its method, path, status, operation, duration and request id. It
// never logs a body or the token.
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

// durationFor returns how long an action of type t takes.
func (c *config) durationFor(t droplets.ActionType) time.Duration {
	if d, ok := c.durationByType[t]; ok {
		return d
	}
	return c.actionDuration
}
