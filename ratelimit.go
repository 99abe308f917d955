package droplets

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The response headers that the client reads, in canonical form.
const (
	headerRateLimit     = "Ratelimit-Limit"
	headerRateRemaining = "Ratelimit-Remaining"
	headerRateReset     = "Ratelimit-Reset"
	headerRetryAfter    = "Retry-After"
	headerRequestID     = "X-Request-Id"
)

// RateLimit is the account's rate limit as returned by the API. The window slides: at Reset the oldest request leaves the
// window and one more request is allowed. The full limit is not available again at that time.
type RateLimit struct {
	// Limit is the number of requests that the window allows, by default 5000 per hour.
	Limit int
	// Remaining is the number of requests that are left.
	Remaining int
	// Reset is the time at which the oldest counted request leaves the window. The API sometimes returns a time in the
	// past.
	Reset time.Time
}

// parseRateLimit parses the three rate limit headers. ok is false if the limit or the remaining number is missing or invalid.
// Reset is the zero time if its header is missing or invalid.
func parseRateLimit(h http.Header) (rl RateLimit, ok bool) {
	limit, err := strconv.Atoi(strings.TrimSpace(h.Get(headerRateLimit)))
	if err != nil || limit < 0 {
		return RateLimit{}, false
	}
	remaining, err := strconv.Atoi(strings.TrimSpace(h.Get(headerRateRemaining)))
	if err != nil {
		return RateLimit{}, false
	}
	rl = RateLimit{Limit: limit, Remaining: max(remaining, 0)}
	rl.Reset, _ = parseReset(h)
	return rl, true
}

// maxEpoch is the end of the year 9999, the last time that RFC 3339 can represent.
const maxEpoch = 253402300799

// parseReset returns the time in the header ratelimit-reset, in UTC, and false if it is missing or invalid.
func parseReset(h http.Header) (time.Time, bool) {
	sec, err := strconv.ParseInt(strings.TrimSpace(h.Get(headerRateReset)), 10, 64)
	if err != nil || sec <= 0 || sec > maxEpoch {
		return time.Time{}, false
	}
	return time.Unix(sec, 0).UTC(), true
}

// serverDelay returns the delay that a response requires, which can be 0, and whether it requires one: Retry-After in seconds
// or as a date; for a 429 without it, the time until ratelimit-reset if that is in the future and no requests remain. If
// requests remain, the limit per minute caused the 429, and ratelimit-reset is about the limit per hour. If the response has
// a Date header, dates are compared with it and not with the local clock.
func serverDelay(status int, h http.Header, now time.Time) (time.Duration, bool) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	if d, ok := parseRetryAfter(strings.TrimSpace(h.Get(headerRetryAfter)), now); ok {
		return d, true
	}
	if status != http.StatusTooManyRequests {
		return 0, false
	}
	if rl, ok := parseRateLimit(h); ok && rl.Remaining > 0 {
		return 0, false
	}
	if reset, ok := parseReset(h); ok && reset.After(now) {
		return reset.Sub(now), true
	}
	return 0, false
}

// parseRetryAfter parses a Retry-After header. A number that is too large for a Duration becomes the longest Duration, and a
// date in the past becomes 0.
func parseRetryAfter(v string, now time.Time) (time.Duration, bool) {
	if isDigits(v) {
		sec, err := strconv.ParseInt(v, 10, 64)
		if err != nil || sec > math.MaxInt64/int64(time.Second) {
			return math.MaxInt64, true
		}
		return time.Duration(sec) * time.Second, true
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	return max(at.Sub(now), 0), true
}
