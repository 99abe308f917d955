package droplets

import (
	"slices"
	"time"
)

const (
	// maxPerMinute is the number of requests that a wait for many actions may send in any minute. The API allows 250 for
	// the whole account.
	maxPerMinute = 60
	// maxPollRequests is the number of requests after which a poll ends. A round of more requests takes several polls, so that
	// the requests are spread over time.
	maxPollRequests = 8
	// freeRequests is the number of requests in a minute up to which the interval between polls is not lengthened.
	freeRequests = 15
	// requestInterval is the mean time between requests above that number: 48 requests a minute.
	requestInterval = time.Minute / 48
)

// pollBudget limits the requests of a wait.
type pollBudget struct {
	reserve int         // how many requests the next poll must be able to send
	spent   int         // number of requests of the current poll
	times   []time.Time // when the calls ended in which the requests of the last minute were sent
}

// add records the attempts of a call that has ended. Each attempt is a request.
func (b *pollBudget) add(attempts int) {
	b.spent += attempts
	b.times = append(b.times, slices.Repeat([]time.Time{time.Now()}, attempts)...)
}

// interval returns the shortest delay before the next poll: so long that the poll can send reserve requests without exceeding
// maxPerMinute, and above freeRequests at least requestInterval for each request of the last poll.
func (b *pollBudget) interval() time.Duration {
	now := time.Now()
	b.times = slices.DeleteFunc(b.times, func(t time.Time) bool { return now.Sub(t) > time.Minute })
	var d time.Duration
	if len(b.times) > freeRequests {
		d = time.Duration(b.spent) * requestInterval
	}
	if over := min(len(b.times)+b.reserve-maxPerMinute, len(b.times)); over > 0 {
		d = max(d, b.times[over-1].Add(time.Minute+time.Millisecond).Sub(now))
	}
	return d
}
