package dropletstest

import (
	"net/http"
	"strconv"
	"time"
)

// quota is what DigitalOcean grants an account in an hour.
const quota = 5000

type limits struct {
	perMinute, perHour int
	minute, hour       time.Duration
}

func newLimits() limits { return limits{minute: time.Minute, hour: time.Hour} }

// limiter counts requests in two windows that slide.
type limiter struct{ minute, hour window }

// window holds the times of the requests in it, the oldest first.
type window []time.Time

// slide lets go of what is older than the window, and of what is more than can count.
func (w *window) slide(now time.Time, length time.Duration, most int) {
	gone := max(len(*w)-most, 0)
	for gone < len(*w) && !(*w)[gone].Add(length).After(now) {
		gone++
	}
	*w = (*w)[gone:]
}

// admit counts a request, or refuses it. A refused one does not count. The limit of a minute says when to come back;
// that of an hour leaves it to the reset.
func (l *limiter) admit(now time.Time, lim limits) *refusal {
	l.slide(now, lim)
	const message = "API Rate limit exceeded."
	if lim.perMinute > 0 && len(l.minute) >= lim.perMinute {
		no := refuse(http.StatusTooManyRequests, message)
		no.retryAfter = max(l.minute[0].Add(lim.minute).Sub(now), time.Second)
		return no
	}
	if lim.perHour > 0 && len(l.hour) >= lim.perHour {
		return refuse(http.StatusTooManyRequests, message)
	}
	if lim.perMinute > 0 {
		l.minute = append(l.minute, now)
	}
	l.hour = append(l.hour, now)
	return nil
}

func (l *limiter) slide(now time.Time, lim limits) {
	l.minute.slide(now, lim.minute, lim.perMinute)
	most := lim.perHour
	if most == 0 {
		most = quota
	}
	l.hour.slide(now, lim.hour, most)
}

// describe sets the headers that every answer has.
func (l *limiter) describe(h http.Header, now time.Time, lim limits) {
	limit, least := lim.perHour, 0
	if limit == 0 {
		limit, least = quota, 1
	}
	oldest := now
	if len(l.hour) > 0 {
		oldest = l.hour[0]
	}
	reset := oldest.Add(lim.hour + time.Second - 1)
	h.Set("Ratelimit-Limit", strconv.Itoa(limit))
	h.Set("Ratelimit-Remaining", strconv.Itoa(max(limit-len(l.hour), least)))
	h.Set("Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
}
