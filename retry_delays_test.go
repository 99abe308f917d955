package droplets_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// delaysOf returns the delays between the attempts of a call that gets the responses, and then a 200.
func delaysOf(t *testing.T, policy droplets.RetryPolicy, responses ...func() (*http.Response, error)) (delays []time.Duration, err error) {
	t.Helper()
	var sent []time.Time
	_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
		sent = append(sent, time.Now())
		return sequence(append(responses, respond(200, dropletBody(42)))...)(n, r)
	}, droplets.WithRetryPolicy(policy))
	_, err = c.Droplets.Get(t.Context(), 42)
	for i := range sent[1:] {
		delays = append(delays, sent[i+1].Sub(sent[i]))
	}
	return delays, err
}

// TestDelaysBetweenAttempts has the exact delays. The backoff is shortened at random by up to half, so that MinDelay and MaxDelay are
// chosen such that it does not matter.
func TestDelaysBetweenAttempts(t *testing.T) {
	t.Parallel()
	const ms, s = time.Millisecond, time.Second
	short := droplets.RetryPolicy{MaxRetries: 2, MinDelay: 1, MaxDelay: 1}
	for name, tt := range map[string]struct {
		policy    droplets.RetryPolicy
		responses []func() (*http.Response, error)
		want      []time.Duration
		attempts  int // if the call fails
	}{
		"a 429 that names 0 backs off for 0.2 s at least, and consumes no retry": {
			policy: short,
			responses: []func() (*http.Response, error){respond(429, "{}", "Retry-After: 0"), respond(429, "{}", "Retry-After: 0"),
				respond(429, "{}", "Retry-After: 0"), respond(503, "", "Retry-After: 1"), respond(503, "", "Retry-After: 2")},
			want: []time.Duration{200 * ms, 200 * ms, 200 * ms, s, 2 * s},
		},
		"a date in the past names 0": {
			policy:    short,
			responses: []func() (*http.Response, error){respond(429, "{}", "Retry-After: Fri, 01 Jan 1999 00:00:00 GMT")},
			want:      []time.Duration{200 * ms},
		},
		"a 503 with a delay consumes retries": {
			policy:    short,
			responses: []func() (*http.Response, error){respond(503, "", "Retry-After: 3"), respond(503, "", "Retry-After: 4"), respond(503, "")},
			want:      []time.Duration{3 * s, 4 * s},
			attempts:  3,
		},
		"MaxRetryAfter is accepted": {
			policy:    droplets.RetryPolicy{MaxRetryAfter: 7 * s},
			responses: []func() (*http.Response, error){respond(429, "{}", "Retry-After: 7"), respond(503, "", "Retry-After: 7")},
			want:      []time.Duration{7 * s, 7 * s},
		},
		"a longer delay is not, after a 429": {
			policy:    droplets.RetryPolicy{MaxRetryAfter: 7 * s},
			responses: []func() (*http.Response, error){respond(429, "{}", "Retry-After: 8")},
			attempts:  1,
		},
		"a longer delay is not, after a 503": {
			policy:    droplets.RetryPolicy{MaxRetryAfter: 7 * s},
			responses: []func() (*http.Response, error){respond(503, "", "Retry-After: 8")},
			attempts:  1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				delays, err := delaysOf(t, tt.policy, tt.responses...)
				assert.Equal(t, tt.want, delays)
				if tt.attempts == 0 {
					require.NoError(t, err)
					return
				}
				var e *droplets.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, tt.attempts, e.Attempts)
			})
		})
	}
}

// TestDelaysDouble has a range for each delay.
func TestDelaysDouble(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]func() (*http.Response, error){
		"503":                 respond(503, ""),
		"429":                 respond(429, "{}"),
		"429 that names 0":    respond(429, "{}", "Retry-After: 0"),
		"a broken connection": failWith(errReset),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				policy := droplets.RetryPolicy{MaxRetries: 4, MinDelay: time.Second, MaxDelay: 5 * time.Second}
				delays, err := delaysOf(t, policy, response, response, response, response)
				require.NoError(t, err)
				require.Len(t, delays, 4)
				for i, most := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
					assert.LessOrEqual(t, delays[i], most)
					assert.Greater(t, delays[i], most/2)
				}
			})
		})
	}
}

// TestBothDelaysCountFromTheirFirst: a 429 that names 0 does not make the backoff after a 503 longer, or the other way round.
func TestBothDelaysCountFromTheirFirst(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		policy := droplets.RetryPolicy{MaxRetries: 2, MinDelay: time.Second, MaxDelay: time.Hour}
		zero, unavailable := respond(429, "{}", "Retry-After: 0"), respond(503, "")
		delays, err := delaysOf(t, policy, zero, unavailable, zero, unavailable)
		require.NoError(t, err)
		require.Len(t, delays, 4)
		for i, most := range []time.Duration{time.Second, time.Second, 2 * time.Second, 2 * time.Second} {
			assert.LessOrEqual(t, delays[i], most, "delay %d", i)
			assert.Greater(t, delays[i], most/2, "delay %d", i)
		}
	})
}

// TestADeadlineAfterADelay: a call waits for a delay only if its deadline is later.
func TestADeadlineAfterADelay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		left   time.Duration
		waits  bool
		shared bool // the error is that of the client's pause
	}{
		"429, before the end": {429, 4 * time.Second, false, true},
		"429, at the end":     {429, 5 * time.Second, false, true},
		"429, after the end":  {429, 5*time.Second + 1, true, false},
		"503, before the end": {503, 4 * time.Second, false, false},
		"503, at the end":     {503, 5 * time.Second, false, false},
		"503, after the end":  {503, 5*time.Second + 1, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				_, c := newAPI(t, sequence(respond(tt.status, "{}", "Retry-After: 5"), respond(200, dropletBody(42))))
				ctx, cancel := context.WithTimeout(t.Context(), tt.left)
				defer cancel()
				start := time.Now()
				_, err := c.Droplets.Get(ctx, 42)
				if tt.waits {
					require.NoError(t, err)
					assert.Equal(t, 5*time.Second, time.Since(start))
					return
				}
				assert.Zero(t, time.Since(start))
				var e *droplets.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, tt.status, e.StatusCode)
				want := fmt.Sprintf("not retried: the delay is 5s and the context ends in %s", tt.left)
				if tt.shared {
					want = fmt.Sprintf("not retried: rate limited: the rate limit requires a delay of 5s, and the context ends in %s", tt.left)
					require.ErrorIs(t, err, context.DeadlineExceeded)
				}
				assert.ErrorContains(t, err, want)
				assert.NotContains(t, err.Error(), "not sent", "the call does not try to wait")
			})
		})
	}
}

// TestADeadlineThatHasPassed: the context's timer has not run yet. The error does not say that the context ends in less than no time.
func TestADeadlineThatHasPassed(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		429: "the rate limit requires a delay of 5s, and the context ends in 0s:",
		503: "not retried: the delay is 5s and the context ends in 0s",
	} {
		_, c := newAPI(t, sequence(respond(status, "{}", "Retry-After: 5")))
		_, err := c.Droplets.Get(pastDeadline{t.Context()}, 42)
		assert.ErrorContains(t, err, want)
	}
}

// TestTheErrorOfACallThatIsCanceledInAPause has the 429 that started the pause.
func TestTheErrorOfACallThatIsCanceledInAPause(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Retry-After: 20", "Retry-After: 0", "X-None: 1"} {
		virtualtime.Test(t, func(t *testing.T) {
			_, c := newAPI(t, sequence(respond(429, refusedBody, header)))
			ctx, cancel := context.WithCancel(t.Context())
			done := inBackground(ctx, c, 42)
			<-time.After(100 * time.Millisecond)
			cancel()
			err := <-done
			require.ErrorIs(t, err, context.Canceled)
			var failed *droplets.TransportError
			require.ErrorAs(t, err, &failed)
			require.ErrorIs(t, failed.Previous, droplets.ErrRateLimited)
			require.NotErrorIs(t, failed.Err, droplets.ErrRateLimited)
			assert.Equal(t, 1, failed.Attempts)
		})
	}
}

// TestOneRetry has a policy with one retry, which is enough for delays that the server names and for a Droplet that is not visible.
func TestOneRetry(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		policy := droplets.RetryPolicy{MaxRetries: 1, MinDelay: 1, MaxDelay: 1}
		refused := respond(429, "{}", "Retry-After: 1")
		delays, err := delaysOf(t, policy, refused, refused, respond(503, "", "Retry-After: 2"), refused)
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{time.Second, time.Second, 2 * time.Second, time.Second}, delays)

		h, _ := newHidingAPI(t)
		_, c := newAPI(t, h.handle, droplets.WithRetryPolicy(policy))
		require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest())))
		require.ErrorIs(t, c.Droplets.Delete(t.Context(), 1), droplets.ErrMaybeApplied)
		assert.Greater(t, h.requests["DELETE /v2/droplets/1"], 4)
	})
}

const pendingBody = `{"id":"unprocessable_entity","message":"Droplet already has a pending event."}`

// TestPollsWhileAnEventIsPending has the delays of a PollPolicy.
func TestPollsWhileAnEventIsPending(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		var sent []time.Time
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			sent = append(sent, time.Now())
			pending := respond(422, pendingBody)
			return sequence(pending, pending, pending, pending, respond(201, actionBody(7, "in-progress")))(n, r)
		})
		polling := droplets.WithPolling(droplets.PollPolicy{Initial: 4 * time.Second, Factor: 2, Max: 20 * time.Second})
		_, err := c.DropletActions.Reboot(t.Context(), 42, droplets.RetryPendingEvent(time.Minute), polling)
		require.NoError(t, err)
		require.Len(t, sent, 5)
		for i, most := range []time.Duration{4 * time.Second, 8 * time.Second, 16 * time.Second, 20 * time.Second} {
			assert.LessOrEqual(t, sent[i+1].Sub(sent[i]), most)
			assert.Greater(t, sent[i+1].Sub(sent[i]), most*9/10)
		}
	})
}

// TestTheEndOfAWaitForAPendingEvent has responses that take five seconds, and delays of no time between them.
func TestTheEndOfAWaitForAPendingEvent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		maxWait  time.Duration
		attempts int
		note     bool
	}{{0, 1, false}, {1, 1, true}, {5*time.Second - 1, 1, true}, {5 * time.Second, 2, true}, {10 * time.Second, 3, true}} {
		virtualtime.Test(t, func(t *testing.T) {
			a, c := newAPI(t, slowly(5*time.Second, respond(422, pendingBody)), droplets.WithPollPolicy(droplets.PollPolicy{Initial: 1, Max: 1, Factor: 1}))
			_, err := c.DropletActions.Reboot(t.Context(), 42, droplets.RetryPendingEvent(tt.maxWait))
			require.ErrorIs(t, err, droplets.ErrPendingEvent)
			assert.Equal(t, tt.attempts, a.count(), "%s", tt.maxWait)
			note := fmt.Sprintf("the pending event did not end within %s", tt.maxWait)
			if tt.note {
				assert.ErrorContains(t, err, note)
			} else {
				assert.NotContains(t, err.Error(), "did not end")
			}
		})
	}
}
