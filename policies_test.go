package droplets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestDefaultsOfPolicies: a field that is not set has its default, and a field that is set keeps its value, however small.
func TestDefaultsOfPolicies(t *testing.T) {
	t.Parallel()
	assert.Equal(t, RetryPolicy{}, RetryPolicy{}.withDefaults(), "it disables retries")
	def := DefaultRetryPolicy()
	for _, tt := range []struct{ set, want RetryPolicy }{
		{RetryPolicy{MaxRetries: 1}, RetryPolicy{1, def.MinDelay, def.MaxDelay, def.MaxRetryAfter}},
		{RetryPolicy{MinDelay: 1}, RetryPolicy{def.MaxRetries, 1, def.MaxDelay, def.MaxRetryAfter}},
		{RetryPolicy{MaxDelay: 1}, RetryPolicy{def.MaxRetries, def.MinDelay, 1, def.MaxRetryAfter}},
		{RetryPolicy{MaxRetryAfter: 1}, RetryPolicy{def.MaxRetries, def.MinDelay, def.MaxDelay, 1}},
		{RetryPolicy{MinDelay: time.Hour}, RetryPolicy{def.MaxRetries, time.Hour, time.Hour, def.MaxRetryAfter}},
	} {
		assert.Equal(t, tt.want, tt.set.withDefaults(), "%+v", tt.set)
	}
	poll := DefaultPollPolicy()
	for _, tt := range []struct{ set, want PollPolicy }{
		{PollPolicy{}, poll},
		{PollPolicy{Initial: 1}, PollPolicy{1, poll.Max, poll.Factor}},
		{PollPolicy{Max: 1}, PollPolicy{poll.Initial, 1, poll.Factor}},
		{PollPolicy{Factor: 1}, PollPolicy{poll.Initial, poll.Max, 1}},
		{PollPolicy{Initial: time.Hour}, PollPolicy{time.Hour, time.Hour, poll.Factor}},
	} {
		assert.Equal(t, tt.want, tt.set.withDefaults(), "%+v", tt.set)
	}
}
