package droplets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestPollBudget computes the delay before a poll that has to be able to send eight requests.
func TestPollBudget(t *testing.T) {
	t.Parallel()
	type sent struct {
		requests int
		ago      time.Duration
	}
	for name, tt := range map[string]struct {
		sent  []sent // the last poll is the last one
		delay time.Duration
	}{
		"no request":                             {},
		"15 requests in the last minute":         {sent: []sent{{7, 30 * time.Second}, {8, 0}}},
		"16 requests in the last minute":         {sent: []sent{{8, 30 * time.Second}, {8, 0}}, delay: 10 * time.Second},
		"16 requests, some a minute ago":         {sent: []sent{{8, time.Minute}, {8, 0}}, delay: 10 * time.Second},
		"16 requests, some more than that":       {sent: []sent{{8, time.Minute + 1}, {8, 0}}},
		"52 requests, eight remain":              {sent: []sent{{44, 30 * time.Second}, {8, 0}}, delay: 10 * time.Second},
		"53 requests, seven remain":              {sent: []sent{{45, 30 * time.Second}, {8, 0}}, delay: 30*time.Second + time.Millisecond},
		"two more remain after the second poll":  {sent: []sent{{1, 50 * time.Second}, {45, 30 * time.Second}, {8, 0}}, delay: 30*time.Second + time.Millisecond},
		"one more remains after the first poll":  {sent: []sent{{1, 40 * time.Second}, {44, 30 * time.Second}, {8, 0}}, delay: 20*time.Second + time.Millisecond},
		"the wait for the minute is the shorter": {sent: []sent{{45, 59 * time.Second}, {8, 0}}, delay: 10 * time.Second},
		"far too many requests":                  {sent: []sent{{70, 0}}, delay: time.Minute + 30*time.Second - 2500*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				b := pollBudget{reserve: maxPollRequests}
				for i, s := range tt.sent {
					b.spent = 0
					b.add(s.requests)
					next := time.Duration(0)
					if i+1 < len(tt.sent) {
						next = tt.sent[i+1].ago
					}
					<-time.After(s.ago - next)
				}
				assert.Equal(t, tt.delay, b.interval())
			})
		})
	}
}
