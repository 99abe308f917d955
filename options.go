package droplets

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Option configures a [Client]. The order of options does not matter. If an option is given twice, the last one applies.
type Option func(*config)

// Limiter delays requests. [golang.org/x/time/rate.Limiter] implements it.
type Limiter interface {
	// Wait returns nil when one more request may be sent, and an error if the context is done first.
	Wait(context.Context) error
}

// WithBaseURL sends requests to another server than https://api.digitalocean.com, such as a proxy or a fake. The URL may
// have a path prefix, with or without a trailing slash. Its scheme must be https, because the token must not be sent in
// clear text. Loopback addresses may use http; for other hosts see [WithPlainHTTP].
func WithBaseURL(rawURL string) Option { return func(c *config) { c.baseURL = rawURL } }

// WithPlainHTTP allows a base URL with the scheme http for every host, such as a fake in a container network. The token is
// then sent in clear text.
func WithPlainHTTP() Option { return func(c *config) { c.plainHTTP = true } }

// WithHTTPClient sends requests through the caller's HTTP client, which must not be nil. It is copied and not modified. Its
// transport, cookie jar and timeout are used; redirects are never followed. Without this option, all clients share one
// transport.
//
// The transport must not send a change more than once. An [http.Transport] sends each attempt of a change only once, over
// HTTP/1.1 and HTTP/2.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) { c.httpClient, c.callersClient = hc, true }
}

// WithAttemptTimeout sets how long one attempt may take, from the request for a connection to the end of the response
// body; 60 s by default. It also applies with [WithHTTPClient]. 0 disables it: an attempt then takes as long as its
// context allows.
func WithAttemptTimeout(d time.Duration) Option { return func(c *config) { c.attemptTimeout = d } }

// WithUserAgent puts the caller's product, such as "provisioner/1.4", at the beginning of the User-Agent header.
func WithUserAgent(product string) Option { return func(c *config) { c.userAgent = product } }

// WithRetryPolicy sets the number of retries and the backoff between them. RetryPolicy{} disables retries.
func WithRetryPolicy(p RetryPolicy) Option { return func(c *config) { c.retry = p } }

// WithPollPolicy sets the polling interval of the waiters.
func WithPollPolicy(p PollPolicy) Option { return func(c *config) { c.poll = p } }

// WithRateLimiter makes every attempt wait for the limiter. Several clients can share a limiter.
func WithRateLimiter(l Limiter) Option { return func(c *config) { c.limiter = l } }

// WithMaxInFlight sets how many requests the client has in flight at the same time, at least 1; 64 by default. A request is
// in flight until its response was read. Other calls wait in the order in which they started. The number also limits how
// many requests get a 429 at once when the rate limit is used up. The transport and the token source of the client must not
// call the client: such a call could wait for the end of the request that made it, until its context is done.
func WithMaxInFlight(n int) Option { return func(c *config) { c.maxInFlight = n } }

// WithLogger logs one record per call, with the operation, method, path, status, attempts, duration, request ID and how long
// the call waited, but never a body, a query or the token. Successful calls have level Debug and failed calls Warn.
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }
