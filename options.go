package droplets

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

const (
	defaultBaseURL = "https://api.digitalocean.com"
	// defaultTimeout ends an attempt that hangs. The API answers a create within seconds.
	defaultTimeout = 60 * time.Second
	// idlePerHost keeps connections for callers that run many calls at once; net/http alone keeps two.
	idlePerHost = 64
	// defaultMaxInFlight bounds how many requests the API refuses when it refuses the first one.
	defaultMaxInFlight = 64
)

// Option configures a [Client]. The order of options does not matter; of two of the same kind the last one counts.
type Option func(*config)

// Limiter holds requests back. [golang.org/x/time/rate.Limiter] is one.
type Limiter interface {
	// Wait returns when one more request may be sent, or with an error when the context ends before.
	Wait(context.Context) error
}

// config is what the options say.
type config struct {
	token      func() (*oauth2.Token, error) // a function, because fmt prints nothing of what it holds
	baseURL    string
	base       *url.URL
	httpClient *http.Client
	nilClient  bool
	userAgent  string
	retry      RetryPolicy
	poll       PollPolicy
	limiter    Limiter
	// maxInFlight is the number of requests in flight at the same time.
	maxInFlight int
	logger      *slog.Logger
}

// WithBaseURL sends requests somewhere else than to https://api.digitalocean.com, such as to a proxy or a fake. A path
// prefix works, with or without a trailing slash. The scheme is https; http is for loopback addresses alone, because
// the token would travel in the clear.
func WithBaseURL(rawURL string) Option { return func(c *config) { c.baseURL = rawURL } }

// WithHTTPClient sends requests through a client of the caller's. It is copied and never modified: its transport, jar
// and timeout are kept (the timeout is for one attempt); its CheckRedirect is not, since redirects are never followed.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) { c.httpClient, c.nilClient = hc, hc == nil }
}

// WithUserAgent puts the name of the caller's product, such as "provisioner/1.4", before the client's own.
func WithUserAgent(product string) Option { return func(c *config) { c.userAgent = product } }

// WithRetryPolicy says how often and how patiently requests are sent again. RetryPolicy{} switches retries off.
func WithRetryPolicy(p RetryPolicy) Option { return func(c *config) { c.retry = p } }

// WithPollPolicy says how often a wait looks.
func WithPollPolicy(p PollPolicy) Option { return func(c *config) { c.poll = p } }

// WithRateLimiter makes every attempt wait for the limiter first. Several clients may share one.
func WithRateLimiter(l Limiter) Option { return func(c *config) { c.limiter = l } }

// WithMaxInFlight sets how many requests the client has in flight at the same time, at least 1; 64 by default. A request is
// in flight until its response was read. Other calls wait in the order in which they started. The number also bounds how
// many requests the API refuses at once when its rate limit is used up. The transport and the
// token source of the client must not call the client: if all permits are in use, such calls wait for each other.
func WithMaxInFlight(n int) Option { return func(c *config) { c.maxInFlight = n } }

// WithLogger logs one record for each call: operation, method, path, status, attempts, duration, request id, and how long
// the call waited if it did. Never a body, a query or the token. A call that succeeds is logged at Debug, one that fails
// at Warn.
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

func newConfig(ts oauth2.TokenSource, opts []Option) (*config, error) {
	if isNil(ts) {
		return nil, invalid("token source", "must not be nil")
	}
	c := &config{token: ts.Token, baseURL: defaultBaseURL, retry: DefaultRetryPolicy(), poll: DefaultPollPolicy(),
		maxInFlight: defaultMaxInFlight}
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	if c.nilClient {
		return nil, invalid("HTTPClient", "must not be nil")
	}
	if c.maxInFlight < 1 {
		return nil, invalid("MaxInFlight", "must be at least 1, got %d", c.maxInFlight)
	}
	if err := c.retry.check(); err != nil {
		return nil, err
	}
	c.retry = c.retry.withDefaults()
	if err := c.poll.check(); err != nil {
		return nil, err
	}
	c.poll = c.poll.withDefaults()
	if !printable(c.userAgent) {
		return nil, invalid("UserAgent", "must be printable ASCII")
	}
	c.userAgent = strings.TrimSpace(c.userAgent + " " + ownUserAgent)
	if isNil(c.limiter) {
		c.limiter = nil
	}
	base, err := parseBaseURL(c.baseURL)
	if err != nil {
		return nil, err
	}
	c.base = base
	c.httpClient = ownHTTPClient(c.httpClient)
	return c, nil
}

func parseBaseURL(raw string) (*url.URL, error) {
	const field = "BaseURL"
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, invalid(field, "must be a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, invalid(field, "must begin with https://")
	case u.Hostname() == "":
		return nil, invalid(field, "must name a host")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, invalid(field, "must have no user, query or fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, invalid(field, "must begin with https:// unless its host is a loopback address: the token would travel in the clear to %s", u.Hostname())
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// ownHTTPClient makes the client's own copy, which follows no redirect: this API has none, and a redirect would take
// the request, and with it the token, to a host that nobody named.
func ownHTTPClient(given *http.Client) *http.Client {
	hc := http.Client{Timeout: defaultTimeout}
	if given != nil {
		hc = *given
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t = t.Clone()
		t.MaxIdleConnsPerHost = idlePerHost
		hc.Transport = t
	}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &hc
}

// Version is the version of this module, as it stands in the User-Agent.
const Version = "0.1.0"

const ownUserAgent = "droplets-go/" + Version
