package droplets_test

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// order returns the calls whose requests were accepted, in the order in which they were sent. Those that were sent at the same
// time are in the order of the calls.
func (p *pacedAPI) order() (calls []int) {
	byTime := func(a, b sentRequest) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.call, b.call)) }
	for _, s := range slices.SortedFunc(slices.Values(p.sent), byTime) {
		if !s.refused {
			calls = append(calls, s.call)
		}
	}
	return calls
}

// firstNumbers returns the numbers from 0 to n-1 without those in except.
func firstNumbers(n int, except ...int) (numbers []int) {
	for i := range n {
		if !slices.Contains(except, i) {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// TestCallsAtTheEndOfAPauseDoNotOvertake has calls that start at the moment at which the pause ends.
func TestCallsAtTheEndOfAPauseDoNotOvertake(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		calls      int // before the end, and at the end
		timerFirst bool
	}{{1, true}, {1, false}, {8, true}, {8, false}} {
		virtualtime.Test(t, func(t *testing.T) {
			p := newPacedAPI(t, []step{refusedFor(20), {takes: time.Second}}, droplets.WithMaxInFlight(1))
			ends := make(chan struct{})
			if !tt.timerFirst {
				time.AfterFunc(20*time.Second, func() { close(ends) })
			}
			p.call(t.Context(), 0, tt.calls)
			if tt.timerFirst {
				time.AfterFunc(20*time.Second, func() { close(ends) })
			}
			<-ends
			p.call(t.Context(), 20*time.Second, tt.calls)
			p.wait(t)
			assert.Equal(t, firstNumbers(2*tt.calls), p.order())
		})
	}
}

// TestTheOrderOfTheQueueAfterDepartures has calls that leave the queue before their turn: their contexts are canceled, or their
// deadlines are before the end of a pause that becomes longer.
func TestTheOrderOfTheQueueAfterDepartures(t *testing.T) {
	t.Parallel()
	const s = time.Second
	canceled := []int{40, 3, 61, 12, 13, 2, 21, 35}                 // at 3 s, in this order
	late := []int{45, 10, 57, 22, 38}                               // canceled after that
	expired := []int{4, 8, 9, 14, 31, 41, 58, 59, 60}               // when the pause becomes longer
	deadlines := map[int]time.Duration{5: time.Hour, 32: time.Hour} // after the end of the longer pause
	for i, call := range expired {
		deadlines[call] = []time.Duration{22 * s, 44 * s, 45 * s}[i%3]
	}
	virtualtime.Test(t, func(t *testing.T) {
		// The pause ends at 21 s, and from 5 s on at 45 s.
		p := newPacedAPI(t, []step{{takes: s, refused: 20}, {takes: 5 * s, refused: 40}, {takes: s}})
		p.call(t.Context(), 0, 2)
		cancels := make(map[int]context.CancelFunc)
		for i := range 60 {
			ctx := t.Context()
			if at, ok := deadlines[2+i]; ok {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, p.start.Add(at))
				defer cancel()
			}
			ctx, cancels[2+i] = context.WithCancel(ctx)
			p.call(ctx, 2*s, 1)
		}
		assert.Equal(t, 61, p.client.Stats().Queued, "and one in flight")
		<-time.After(s)
		for _, call := range canceled {
			cancels[call]()
			synctest.Wait()
		}
		assert.Equal(t, 61-len(canceled), p.client.Stats().Queued)
		<-time.After(3 * s)
		assert.Equal(t, 62-len(canceled)-len(expired), p.client.Stats().Queued)
		assert.Equal(t, p.start.Add(45*s), p.client.Stats().PausedUntil)
		for _, call := range late {
			cancels[call]()
			synctest.Wait()
		}
		canceled = append(canceled, late...)
		for i, done := range p.errs {
			err := <-done
			switch {
			case slices.Contains(canceled, i):
				require.ErrorIs(t, err, context.Canceled, "call %d", i)
				require.NotErrorIs(t, err, droplets.ErrRateLimited, "call %d", i)
			case slices.Contains(expired, i):
				require.ErrorIs(t, err, droplets.ErrRateLimited, "call %d", i)
				require.ErrorIs(t, err, context.DeadlineExceeded, "call %d", i)
			default:
				require.NoError(t, err, "call %d", i)
			}
		}
		assert.Equal(t, firstNumbers(62, append(canceled, expired...)...), p.order())
		assert.Equal(t, 45*s, p.sent[2].at)
		for _, cancel := range cancels {
			cancel()
		}
	})
}

// TestDeadlinesAtTheEndOfAPause has calls that start in a pause. Those with a deadline up to the end of the pause end at once.
func TestDeadlinesAtTheEndOfAPause(t *testing.T) {
	t.Parallel()
	for left, waits := range map[time.Duration]bool{time.Second: false, 20 * time.Second: false, 20*time.Second + 1: true} {
		virtualtime.Test(t, func(t *testing.T) {
			p := newPacedAPI(t, []step{refusedFor(20), accepted})
			p.call(t.Context(), 0, 1)
			ctx, cancel := context.WithTimeout(t.Context(), left)
			defer cancel()
			_, err := p.client.Droplets.Get(ctx, 42)
			if waits {
				require.NoError(t, err)
				assert.Equal(t, 20*time.Second, time.Since(p.start))
			} else {
				require.ErrorIs(t, err, droplets.ErrRateLimited)
				assert.ErrorContains(t, err, "requires a delay of 20s, and the context ends in "+left.String())
				assert.Zero(t, time.Since(p.start))
			}
			p.wait(t)
		})
	}
}

// slowDone is a context of a call whose goroutine is slow: its wait in the queue begins after a delay.
type slowDone struct {
	context.Context
	until time.Time
}

func withSlowDone(ctx context.Context, until time.Time) context.Context { return slowDone{ctx, until} }

func (c slowDone) Done() <-chan struct{} {
	<-time.After(time.Until(c.until))
	return c.Context.Done()
}

// TestACallThatWasAdmittedJustBeforeAPause has a call that may be sent at 1 s, but whose goroutine does not run before a pause
// from 1.5 s to 11.5 s.
func TestACallThatWasAdmittedJustBeforeAPause(t *testing.T) {
	t.Parallel()
	const s = time.Second
	steps := []step{{takes: s}, {takes: s * 3 / 2, refused: 10}, accepted}
	for name, tt := range map[string]struct {
		runs, deadline time.Duration
		err            error
		want           []string
	}{
		"and runs in the pause":                    {runs: 2 * s, want: []string{"0s", "0s x", "11.5s", "11.5s"}},
		"and runs in the pause, with a deadline":   {runs: 2 * s, deadline: 5 * s, err: droplets.ErrRateLimited, want: []string{"0s", "0s x", "11.5s"}},
		"and runs after the pause":                 {runs: 30 * s, want: []string{"0s", "0s x", "11.5s", "30s"}},
		"and runs after the pause, after its end":  {runs: 30 * s, deadline: 20 * s, err: context.DeadlineExceeded, want: []string{"0s", "0s x", "11.5s"}},
		"and runs in the pause, after its own end": {runs: 3 * s, deadline: 2 * s, err: context.DeadlineExceeded, want: []string{"0s", "0s x", "11.5s"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				p := newPacedAPI(t, steps, droplets.WithMaxInFlight(2))
				p.call(t.Context(), 0, 2)
				ctx, cancel := context.WithCancel(t.Context())
				if tt.deadline > 0 {
					ctx, cancel = context.WithDeadline(t.Context(), p.start.Add(tt.deadline))
				}
				defer cancel()
				_, err := p.client.Droplets.Get(withSlowDone(ctx, p.start.Add(tt.runs)), 42, callNumber(2))
				require.ErrorIs(t, err, tt.err)
				p.wait(t)
				assert.Equal(t, tt.want, p.times())
				assert.Zero(t, p.client.Stats().InFlight)
				assert.Zero(t, p.client.Stats().Queued)
			})
		})
	}
}

// TestTheOnlyCallInTheQueueIsCanceled has a canceled call that is the next one in the queue.
func TestTheOnlyCallInTheQueueIsCanceled(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		p := newPacedAPI(t, []step{refusedFor(20), accepted})
		ctx, cancel := context.WithCancel(t.Context())
		p.call(ctx, 0, 1)
		assert.Equal(t, 1, p.client.Stats().Queued)
		cancel()
		require.ErrorIs(t, <-p.errs[0], context.Canceled)
		assert.Zero(t, p.client.Stats().Queued)
		assert.Zero(t, p.client.Stats().InFlight)
		_, err := p.client.Droplets.Get(t.Context(), 42)
		require.NoError(t, err)
		assert.Equal(t, []string{"0s x", "20s"}, p.times())
	})
}

// TestACallThatWasAdmittedAfterItsEnd: a call whose context is done does not use its permit. The next call gets it.
func TestACallThatWasAdmittedAfterItsEnd(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		p := newPacedAPI(t, []step{{takes: time.Second}, accepted}, droplets.WithMaxInFlight(1))
		p.call(t.Context(), 0, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		slow := make(chan error, 1)
		go func() {
			_, err := p.client.Droplets.Get(withSlowDone(ctx, p.start.Add(5*time.Second)), 42)
			slow <- err
		}()
		synctest.Wait()
		p.call(t.Context(), 0, 1)
		p.wait(t)
		require.ErrorIs(t, <-slow, context.DeadlineExceeded)
		assert.Equal(t, []string{"0s", "5s"}, p.times())
		assert.Zero(t, p.client.Stats().InFlight)
	})
}

// TestTheShortestPause: ratelimit-reset is in whole seconds, so that a delay can be as short as a nanosecond.
func TestTheShortestPause(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		<-time.After(time.Second - 1)
		start := time.Now()
		var sent []time.Duration
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			sent = append(sent, time.Since(start))
			return sequence(respond(429, refusedBody, "Ratelimit-Reset: "+itoa(start.Add(1).Unix())), respond(200, dropletBody(42)))(n, r)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := c.Droplets.Get(ctx, 42)
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0, 1}, sent)
		assert.Equal(t, droplets.Waits{Pause: 1}, c.Stats().Waited)
	})
}
