package droplets

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The header names of the API that the client reads, in canonical form.
const (
	headerRateLimit     = "Ratelimit-Limit"
	headerRateRemaining = "Ratelimit-Remaining"
	headerRateReset     = "Ratelimit-Reset"
	headerRetryAfter    = "Retry-After"
	headerRequestID     = "X-Request-Id"
)

// RateLimit is the account's quota as the API last gave it. The window slides: Reset is when the oldest request
// leaves it and one more is free, not when the whole quota is back.
type RateLimit struct {
	// Limit is how many requests the window allows, 5000 an hour by default.
	Limit int
	// Remaining is how many are left.
	Remaining int
	// Reset is when the oldest counted request leaves the window. It has been seen in the past.
	Reset time.Time
}

// parseRateLimit reads the three headers; ok is false unless limit and remaining are there and make sense.
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

// maxEpoch keeps a reset within what RFC 3339 can write, the year 9999.
const maxEpoch = 253402300799

func parseReset(h http.Header) (time.Time, bool) {
	sec, err := strconv.ParseInt(strings.TrimSpace(h.Get(headerRateReset)), 10, 64)
	if err != nil || sec <= 0 || sec > maxEpoch {
		return time.Time{}, false
	}
	return time.Unix(sec, 0).UTC(), true
}

// serverDelay is how long an answer asks the client to wait: Retry-After as seconds or a date; on a 429 without one, a
// ratelimit-reset that lies in the future, unless some of the quota remains (then it was the burst limit that refused,
// and the reset is not its own). Dates are read against the server's own clock where the answer tells it.
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
