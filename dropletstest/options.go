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
	token          string // if empty, every token is accepted
	durationByType map[droplets.ActionType]time.Duration
	actionDuration time.Duration
	limits         limits
	dropletLimit   int
	seedCount      int
	lag            Lag
	logger         *slog.Logger
	clock          *Clock
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
	if c.clock == nil {
		c.clock = new(Clock)
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

// WithActionDuration sets how long actions take. The default is one second. With 0, an action has ended when the next request
// arrives. If types are given, d applies to those types only. The type of a create is [droplets.ActionTypeCreate]; that of a destroy
// with associated resources, and of the delete of an autoscale pool, is [ActionTypeDestroy]; that of the import of a custom image is
// [ActionTypeImport]; that of a change of a firewall is [ActionTypeFirewall].
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
// slide. The limits of the real API are 250 and 5,000. Without this option, no request is rejected, and the rate limit
// headers show a limit of 5,000 with at least one request remaining.
func WithRateLimit(perMinute, perHour int) Option {
	return func(c *config) { c.limits.perMinute, c.limits.perHour = perMinute, perHour }
}

// WithRateLimitWindows sets the lengths of the two windows of [WithRateLimit]. The defaults are a minute and an hour. Use shorter
// ones for programs that run in real time.
func WithRateLimitWindows(minute, hour time.Duration) Option {
	return func(c *config) { c.limits.minute, c.limits.hour = minute, hour }
}

// WithDropletLimit sets the number of Droplets that the account may have. The default is 25,000. A create that would exceed
// the limit gets a 422.
func WithDropletLimit(n int) Option { return func(c *config) { c.dropletLimit = n } }

// WithDroplets adds n active Droplets to the account. Their names, sizes, regions and tags vary, but are the same in every API; their
// creation times are a minute apart, before the current time. The first of every hundred has an externally managed kernel, like
// Droplets created before March 2017. [WithDropletLimit] does not apply to them.
func WithDroplets(n int) Option { return func(c *config) { c.seedCount = n } }

// Lag is the time until clients can read a change of the account. The zero value is no delay.
type Lag struct {
	// Visibility is the time after a create during which the new Droplet or custom image is a 404 and missing from lists.
	Visibility time.Duration
	// Addresses is the time between the end of the create and the addresses of the Droplet.
	Addresses time.Duration
	// Status is the time between the end of an action and the new status of the Droplet, or the change of the image.
	Status time.Duration
	// Snapshots is the time between the end of the action snapshot and the snapshot. Until then, the snapshot is a 404, missing from
	// the lists of snapshots and images, and not among the Droplet's snapshot_ids.
	Snapshots time.Duration
}

// WithLag makes the API eventually consistent: clients read changes later than they are made.
func WithLag(l Lag) Option { return func(c *config) { c.lag = l } }

// WithLogger logs one record for each request at level info, with its method, path, query, status, operation, duration and request
// id. Bodies and tokens are not logged, nor are requests whose connection was refused by a fault with [BreakDial]. A nil logger
// logs nothing.
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

// durationFor returns how long an action of type t takes.
func (c *config) durationFor(t droplets.ActionType) time.Duration {
	if d, ok := c.durationByType[t]; ok {
		return d
	}
	return c.actionDuration
}
