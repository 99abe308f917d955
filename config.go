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
	token          func() (*oauth2.Token, error) // a function, because fmt does not print what it contains; nil if the transport authenticates
	staticToken    bool                          // token returns at once
	baseURL        string
	base           *url.URL
	plainHTTP      bool
	httpClient     *http.Client
	callersClient  bool // httpClient was given by WithHTTPClient
	attemptTimeout time.Duration
	userAgent      string
	retry          RetryPolicy
	poll           PollPolicy
	limiter        Limiter
	maxInFlight    int // the number of requests in flight at the same time
	logger         *slog.Logger
}

const (
	defaultHost    = "api.digitalocean.com"
	defaultBaseURL = "https://" + defaultHost
	// defaultAttemptTimeout is far above the time of any response: the API responds to a create within seconds.
	defaultAttemptTimeout = 60 * time.Second
	// defaultMaxInFlight bounds how many requests the API refuses when it refuses the first one.
	defaultMaxInFlight = 64
)

// Version is the version of this module, as it stands in the User-Agent.
const Version = "0.1.0"

const ownUserAgent = "droplets-go/" + Version

// newConfig applies and checks the options. token is nil if the transport authenticates.
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

func parseBaseURL(raw string, plainHTTP bool) (*url.URL, error) {
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
	case u.Scheme == "http" && !plainHTTP && !isLoopback(u.Hostname()):
		return nil, invalid(field, "must begin with https:// unless its host is a loopback address or WithPlainHTTP is set: "+
			"the token would be sent to %s in clear text", u.Hostname())
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
