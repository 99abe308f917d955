package droplets

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// config holds the options of a Client.
type config struct {
	token          func() (*oauth2.Token, error) // nil if the transport authenticates; a function, so that fmt cannot print a token
	staticToken    bool                          // token returns without blocking
	baseURL        string
	base           *url.URL
	plainHTTP      bool
	httpClient     *http.Client
	callersClient  bool // WithHTTPClient is set
	attemptTimeout time.Duration
	userAgent      string
	retry          RetryPolicy
	poll           PollPolicy
	limiter        Limiter
	maxInFlight    int
	logger         *slog.Logger
}

const (
	defaultHost    = "api.digitalocean.com"
	defaultBaseURL = "https://" + defaultHost
	// defaultAttemptTimeout is much longer than the API needs: it responds to a create within seconds.
	defaultAttemptTimeout = 60 * time.Second
	// defaultMaxInFlight also bounds how many requests get a 429 when the rate limit is used up: those that were in flight.
	defaultMaxInFlight = 64
)

// Version is the version of this module. It is part of the User-Agent header.
const Version = "0.1.0"

const ownUserAgent = "droplets-go/" + Version

// newConfig applies and checks the options. token is nil if the transport authenticates. The error is an *ArgumentError.
func newConfig(token func() (*oauth2.Token, error), opts []Option) (*config, error) {
	c := &config{token: token, baseURL: defaultBaseURL, attemptTimeout: defaultAttemptTimeout, maxInFlight: defaultMaxInFlight,
		retry: DefaultRetryPolicy(), poll: DefaultPollPolicy()}
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	if c.callersClient && c.httpClient == nil {
		return nil, invalid("HTTPClient", "must not be nil")
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
	if c.maxInFlight < 1 {
		return nil, invalid("MaxInFlight", "must be at least 1, got %d", c.maxInFlight)
	}
	if c.attemptTimeout < 0 {
		return nil, invalid("AttemptTimeout", "must not be negative, got %s", c.attemptTimeout)
	}
	base, err := parseBaseURL(c.baseURL, c.plainHTTP)
	if err != nil {
		return nil, err
	}
	c.base = base
	c.httpClient = newHTTPClient(c.httpClient)
	return c, nil
}

// parseBaseURL parses and checks a base URL and removes a slash at its end.
func parseBaseURL(raw string, plainHTTP bool) (*url.URL, error) {
	const field = "BaseURL"
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, invalid(field, "must be a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, invalid(field, "must begin with https://")
	case u.Hostname() == "":
		return nil, invalid(field, "must have a host")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, invalid(field, "must have no user, query or fragment")
	case u.Scheme == "http" && !plainHTTP && !isLoopback(u.Hostname()):
		return nil, invalid(field, "must begin with https:// unless its host is a loopback address or WithPlainHTTP is set: "+
			"the token would be sent to %s in clear text", u.Hostname())
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// isLoopback reports whether a host is localhost or a loopback address.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
