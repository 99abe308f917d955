package dropletstest

import (
	"net/http"
	"strconv"
	"time"
)

// defaultHourlyLimit is the limit per hour of the real API.
const defaultHourlyLimit = 5000

// limits are the settings of the rate limits: the numbers of requests, of which 0 is no limit, and the lengths of the windows.
type limits struct {
	perMinute, perHour int
	minute, hour       time.Duration
}

func newLimits() limits { return limits{minute: time.Minute, hour: time.Hour} }

// limiter counts requests in two sliding windows.
type limiter struct{ minute, hour window }

// window has the times of the requests in a sliding window, the oldest first.
type window []time.Time

// slide removes the requests that are at least as old as length, and the oldest requests above capacity.
func (w *window) slide(now time.Time, length time.Duration, capacity int) {
	drop := max(len(*w)-capacity, 0)
	for drop < len(*w) && !(*w)[drop].Add(length).After(now) {
		drop++
	}
	*w = (*w)[drop:]
}

// admit counts a request, or returns a 429 if a limit is reached. Rejected requests do not count. Only the limit per minute
// sets a Retry-After; for the limit per hour, clients read the reset header.
func (l *limiter) admit(now time.Time, lim limits) *apiError {
	l.slide(now, lim)
	const message = "API Rate limit exceeded."
	if lim.perMinute > 0 && len(l.minute) >= lim.perMinute {
		apiErr := newAPIError(http.StatusTooManyRequests, message)
		apiErr.retryAfter = max(l.minute[0].Add(lim.minute).Sub(now), time.Second)
		return apiErr
	}
	if lim.perHour > 0 && len(l.hour) >= lim.perHour {
		return newAPIError(http.StatusTooManyRequests, message)
	}
	if lim.perMinute > 0 {
		l.minute = append(l.minute, now)
	}
	l.hour = append(l.hour, now)
	return nil
}

func (l *limiter) slide(now time.Time, lim limits) {
	l.minute.slide(now, lim.minute, lim.perMinute)
	capacity := lim.perHour
	if capacity == 0 {
		capacity = defaultHourlyLimit
	}
	l.hour.slide(now, lim.hour, capacity)
}

// setHeaders sets the rate limit headers, which every response has. Without a limit per hour, at least one request remains.
func (l *limiter) setHeaders(h http.Header, now time.Time, lim limits) {
	limit, minRemaining := lim.perHour, 0
	if limit == 0 {
		limit, minRemaining = defaultHourlyLimit, 1
	}
	oldest := now
	if len(l.hour) > 0 {
		oldest = l.hour[0]
	}
	reset := oldest.Add(lim.hour + time.Second - 1)
	h.Set("Ratelimit-Limit", strconv.Itoa(limit))
	h.Set("Ratelimit-Remaining", strconv.Itoa(max(limit-len(l.hour), minRemaining)))
	h.Set("Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
}
