package droplets

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
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
	logger     *slog.Logger
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

// WithLogger logs one record for each call: operation, method, path, status, attempts, duration, request id. Never a
// body, a query or the token. A call that succeeds is logged at Debug, one that fails at Warn.
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

func newConfig(ts oauth2.TokenSource, opts []Option) (*config, error) {
	if isNil(ts) {
		return nil, invalid("token source", "must not be nil")
	}
	c := &config{token: ts.Token, baseURL: defaultBaseURL, retry: DefaultRetryPolicy(), poll: DefaultPollPolicy()}
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	if c.nilClient {
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

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// CallOption changes one call.
type CallOption func(*callOptions)

type callOptions struct {
	capture      *Response
	header       http.Header
	badHeader    error
	noRetries    bool
	pendingWait  time.Duration
	badPending   bool
	readAhead    int
	progress     func(Progress)
	badReadAhead bool
}

// CaptureResponse fills dst with what the API answered beside the result, on success and on failure. With an All it
// is the answer of the page that was read last.
func CaptureResponse(dst *Response) CallOption { return func(o *callOptions) { o.capture = dst } }

// WithHeader sets a header of the request. Those that the client itself has to set, such as Authorization, are refused.
func WithHeader(key, value string) CallOption {
	return func(o *callOptions) {
		switch name := http.CanonicalHeaderKey(key); {
		case !isToken(key):
			o.badHeader = invalid("header", "must have a valid name, got %q", key)
		case name == "Authorization" || name == "Host" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Accept-Encoding":
			o.badHeader = invalid("header", "%s is set by the client", name)
		case slices.Contains(replayHeaders(), name):
			o.badHeader = invalid("header", "%s makes net/http send a change again by itself, and the API does not know it", name)
		case !printable(value):
			o.badHeader = invalid("header", "%s must have a printable ASCII value", name)
		default:
			if o.header == nil {
				o.header = make(http.Header, 1)
			}
			o.header.Set(name, value)
		}
	}
}

// replayHeaders make net/http take any request for one that may be sent again.
func replayHeaders() []string { return []string{"Idempotency-Key", "X-Idempotency-Key"} }

// WithoutRetries sends the request once.
func WithoutRetries() CallOption { return func(o *callOptions) { o.noRetries = true } }

// RetryPendingEvent waits, for maxWait at most, while the API refuses a change because another event on the Droplet
// has not ended ([ErrPendingEvent]), and sends it again. Nothing was done while it was refused, so that it is done
// once.
func RetryPendingEvent(maxWait time.Duration) CallOption {
	return func(o *callOptions) { o.pendingWait, o.badPending = maxWait, maxWait < 0 }
}

// ReadAhead says how many pages an All may have in flight; 1 is strictly one by one.
func ReadAhead(pages int) CallOption {
	return func(o *callOptions) { o.readAhead, o.badReadAhead = pages, pages < 1 }
}

func newCallOptions(co []CallOption) (o callOptions, err error) {
	for _, apply := range co {
		if apply != nil {
			apply(&o)
		}
	}
	switch {
	case o.badHeader != nil:
		return o, o.badHeader
	case o.badPending:
		return o, invalid("RetryPendingEvent", "must not be negative, got %s", o.pendingWait)
	case o.badReadAhead:
		return o, invalid("ReadAhead", "must be at least 1, got %d", o.readAhead)
	}
	return o, nil
}

// isToken is the grammar of header names, RFC 9110.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c > '~' || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}
