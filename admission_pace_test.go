package droplets_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// step is the response to one request of a pacedAPI.
type step struct {
	refused int           // seconds in Retry-After of a 429; 0 for a 200
	takes   time.Duration // the latency
	hangs   bool          // there is no response before the context is done
	unsent  bool          // there is no connection
}

var accepted = step{}

func refusedFor(seconds int) step { return step{refused: seconds} }

// pacedAPI responds to requests with the steps of a script, and then as the last step says. It records when it received them.
type pacedAPI struct {
	client *droplets.Client
	start  time.Time
	steps  []step

	calls int
	errs  []<-chan error // of the calls that have not been waited for

	mu   sync.Mutex
	sent []sentRequest
}

type sentRequest struct {
	at      time.Duration
	call    int // the value of the header X-Call
	refused bool
}

func newPacedAPI(t *testing.T, steps []step, opts ...droplets.Option) *pacedAPI {
	p := &pacedAPI{start: time.Now(), steps: steps}
	_, p.client = newAPI(t, p.handle, opts...)
	return p
}

func (p *pacedAPI) handle(n int, r *http.Request) (*http.Response, error) {
	s := p.steps[min(n, len(p.steps))-1]
	call, _ := strconv.Atoi(r.Header.Get("X-Call"))
	p.mu.Lock()
	p.sent = append(p.sent, sentRequest{time.Since(p.start), call, s.refused > 0})
	p.mu.Unlock()
	if s.hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if s.takes > 0 {
		<-time.After(s.takes)
	}
	switch {
	case s.unsent:
		return nil, errDial
	case s.refused > 0:
		return respond(429, refusedBody, "Retry-After: "+strconv.Itoa(s.refused))()
	}
	return respond(200, dropletBody(42))()
}

// call starts calls at a time after the start, in a known order.
func (p *pacedAPI) call(ctx context.Context, at time.Duration, calls int, co ...droplets.CallOption) {
	<-time.After(time.Until(p.start.Add(at)))
	for range calls {
		p.errs = append(p.errs, inBackground(ctx, p.client, 42, append(co, callNumber(p.calls))...))
		p.calls++
	}
}

// wait waits for all calls, which must succeed.
func (p *pacedAPI) wait(t *testing.T) {
	t.Helper()
	for _, done := range p.errs {
		require.NoError(t, <-done)
	}
	p.errs = nil
}

// times returns when the requests were sent, with "x" for those that were refused.
func (p *pacedAPI) times() (times []string) {
	for _, s := range p.sent {
		text := s.at.String()
		if s.refused {
			text += " x"
		}
		times = append(times, text)
	}
	return times
}

// perSecond returns how many requests were sent in each second from a time on, up to the last one.
func (p *pacedAPI) perSecond(from time.Duration) (counts []int) {
	for _, s := range p.sent {
		if s.at < from {
			continue
		}
		second := int((s.at - from) / time.Second)
		counts = append(counts, make([]int, max(0, second+1-len(counts)))...)
		counts[second]++
	}
	return counts
}

// TestPace has the exact times at which calls are sent, one at a time, after responses that take no time.
func TestPace(t *testing.T) {
	t.Parallel()
	const s = time.Second
	shortMax := droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetryAfter: 5 * s})
	tenMax := droplets.WithRetryPolicy(droplets.RetryPolicy{MaxRetryAfter: 10 * s})
	for name, tt := range map[string]struct {
		opts  []droplets.Option
		steps []step
		calls []time.Duration
		want  []string
	}{
		"a confirmed limit is tested again after 15 s": {
			steps: []step{accepted, refusedFor(2), accepted, refusedFor(2), accepted},
			calls: slices.Repeat([]time.Duration{0}, 11),
			want:  []string{"0s", "0s x", "2s", "2s x", "4s", "6s", "8s", "10s", "12s", "14s", "16s", "17s", "17s"},
		},
		"a confirmed limit is tested again after MaxRetryAfter if that is shorter": {
			opts:  []droplets.Option{shortMax},
			steps: []step{accepted, refusedFor(2), accepted, refusedFor(2), accepted},
			calls: slices.Repeat([]time.Duration{0}, 6),
			want:  []string{"0s", "0s x", "2s", "2s x", "4s", "6s", "7s", "7s"},
		},
		"a confirmed limit is tested again after its window if that is longer": {
			// The second window begins with the request at 40 s and ends with the pause at 80 s.
			steps: []step{accepted, refusedFor(10), accepted, refusedFor(10), accepted},
			calls: []time.Duration{0, 30 * s, 70 * s, 70 * s, 70 * s},
			want:  []string{"0s", "30s x", "40s", "1m10s x", "1m20s", "1m50s", "1m50s"},
		},
		"a limit that was not tested is tested at once": {
			steps: []step{accepted, refusedFor(20), accepted},
			calls: slices.Repeat([]time.Duration{0}, 4),
			want:  []string{"0s", "0s x", "20s", "20s", "20s"},
		},
		"a run of two of the longest pauses is a window": {
			opts:  []droplets.Option{tenMax},
			steps: []step{accepted, refusedFor(5), accepted, refusedFor(5), accepted},
			calls: []time.Duration{0, 15 * s, 15 * s, 15 * s, 15 * s},
			want:  []string{"0s", "15s x", "20s", "20s x", "25s", "30s", "30s"},
		},
		"a longer run is not": { // the limit is not known, so that the 429 at 20 s does not confirm it
			opts:  []droplets.Option{tenMax},
			steps: []step{accepted, refusedFor(5), accepted, refusedFor(5), accepted},
			calls: []time.Duration{0, 15*s + 1, 15 * s, 15 * s, 15 * s},
			want:  []string{"0s", "15.000000001s x", "20.000000001s", "20.000000001s x", "25.000000001s", "25.000000001s", "25.000000001s"},
		},
		"a run in which nothing was accepted leaves the limit as it is": {
			steps: []step{accepted, refusedFor(10), refusedFor(10), accepted, refusedFor(10), accepted},
			calls: slices.Repeat([]time.Duration{0}, 5),
			want:  []string{"0s", "0s x", "10s x", "20s", "20s x", "30s", "35s", "35s"},
		},
		"a window is counted from the first response of its run": {
			// The calls at 0 s and 4 s are a window from 0 s to 10 s; the 429 at 10 s tests it, and the next test is at 25 s.
			steps: []step{accepted, accepted, refusedFor(4), accepted, accepted, refusedFor(4), accepted},
			calls: []time.Duration{0, 4 * s, 6 * s, 6 * s, 6 * s, 6 * s, 6 * s, 6 * s},
			want:  []string{"0s", "4s", "6s x", "10s", "10s", "10s x", "14s", "14s", "18s", "18s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				p := newPacedAPI(t, tt.steps, append(tt.opts, droplets.WithMaxInFlight(1))...)
				for _, at := range tt.calls {
					p.call(t.Context(), at, 1)
				}
				p.wait(t)
				assert.Equal(t, tt.want, p.times())
			})
		})
	}
}

// TestSlowStart has responses that take a second. After the pause, the number of requests in flight doubles with each round trip
// up to half of those that were in flight when the API refused one, and then grows by one.
func TestSlowStart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		inFlight int
		want     []int
	}{
		{64, []int{1, 2, 4, 8, 16, 32, 33, 34, 35, 35}},
		{17, []int{1, 2, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 17, 17, 17, 17}},
		{16, []int{1, 2, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 16, 16, 16, 16, 5}},
		{13, append([]int{1, 2, 4, 6, 7, 8, 9, 10, 11, 12}, slices.Repeat([]int{13}, 10)...)},
		{5, append([]int{1, 2, 3, 4}, slices.Repeat([]int{5}, 38)...)},
		{4, append([]int{1, 2, 3}, append(slices.Repeat([]int{4}, 48), 2)...)},
		{2, append([]int{1}, append(slices.Repeat([]int{2}, 99), 1)...)},
	} {
		t.Run(strconv.Itoa(tt.inFlight), func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				const second = time.Second
				steps := slices.Repeat([]step{{refused: 10, takes: second}}, tt.inFlight)
				p := newPacedAPI(t, append(steps, step{takes: second}), droplets.WithMaxInFlight(tt.inFlight))
				p.call(t.Context(), 0, 200)
				p.wait(t)
				assert.Equal(t, tt.want, p.perSecond(11*second))
			})
		})
	}
}

// TestProbes has responses that take a second. All requests after the pause are accepted. The first one is the known window;
// after that, one request at a time tests the limit, and one more for each eight that were accepted.
func TestProbes(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		const second = time.Second
		p := newPacedAPI(t, []step{accepted, refusedFor(60), {takes: second}})
		p.call(t.Context(), 0, 42)
		p.wait(t)
		want := []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 2}
		assert.Equal(t, want, p.perSecond(60*second))
	})
}

// TestALimitThatWasLifted: after 8 requests above the limit for each request that may be in flight, the rate limit delays no call.
func TestALimitThatWasLifted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		accepted int // after the known window
		lifted   bool
	}{{15, false}, {16, true}} {
		virtualtime.Test(t, func(t *testing.T) {
			p := newPacedAPI(t, []step{accepted, refusedFor(60), accepted}, droplets.WithMaxInFlight(2))
			p.call(t.Context(), 0, 2)
			p.call(t.Context(), 60*time.Second, tt.accepted)
			p.wait(t)
			before := p.client.Stats().Waited
			p.steps = []step{{takes: time.Second, unsent: true}}
			p.call(t.Context(), 61*time.Second, 3, droplets.WithoutRetries())
			for _, done := range p.errs {
				require.ErrorIs(t, <-done, errDial)
			}
			after := p.client.Stats().Waited
			if tt.lifted {
				assert.Equal(t, time.Second, after.InFlight-before.InFlight, "the third call waits for one of two in flight")
				assert.Zero(t, after.Queue-before.Queue)
			} else {
				assert.Zero(t, after.InFlight-before.InFlight)
				assert.Equal(t, time.Second, after.Queue-before.Queue)
			}
		})
	}
}

// TestRequestsThatHang: while the requests in flight hang, one more is sent in each second.
func TestRequestsThatHang(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		steps []step
		want  []string
	}{
		"in the slow start": {
			steps: []step{refusedFor(5), {hangs: true}, {hangs: true}, {hangs: true}, accepted},
			want:  []string{"0s x", "5s", "6s", "7s", "8s", "9s", "10s"},
		},
		"while they test the limit": {
			steps: []step{accepted, refusedFor(5), accepted, {hangs: true}, {hangs: true}, accepted},
			want:  []string{"0s", "0s x", "5s", "5s", "6s", "7s", "8s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				p := newPacedAPI(t, tt.steps)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				p.call(ctx, 0, 6)
				failed := 0
				for _, done := range p.errs {
					if <-done != nil {
						failed++
					}
				}
				hanging := 0
				for _, s := range tt.steps {
					if s.hangs {
						hanging++
					}
				}
				assert.Equal(t, hanging, failed)
				assert.Equal(t, tt.want, p.times())
			})
		})
	}
}

// TestALaterRefusalOfTheSameRun: of twelve requests in flight, one is accepted and the others are refused. A later 429 makes the
// pause longer if it ends later, and changes nothing else.
func TestALaterRefusalOfTheSameRun(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, tt := range map[string]struct {
		refused int
		want    []string
	}{
		"for less":     {2, []string{"12s", "13s", "14s"}},
		"for the same": {9, []string{"12s", "13s", "14s"}},
		"for longer":   {20, []string{"23s", "24s", "25s"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				others := slices.Repeat([]step{{takes: 3 * s, refused: tt.refused}}, 10)
				steps := append([]step{{takes: s}, {takes: 2 * s, refused: 10}}, others...)
				p := newPacedAPI(t, append(steps, step{takes: s}), droplets.WithMaxInFlight(12))
				p.call(t.Context(), 0, 12)
				p.wait(t)
				assert.Equal(t, tt.want, p.times()[12:15])
			})
		})
	}
}

// TestRequestsThatAreAcceptedAfterARefusal: of twelve requests in flight, one is accepted, then one is refused, and then ten are
// accepted. Eleven requests fit into the window. Six of them may be in flight together.
func TestRequestsThatAreAcceptedAfterARefusal(t *testing.T) {
	t.Parallel()
	const s = time.Second
	virtualtime.Test(t, func(t *testing.T) {
		steps := append([]step{{takes: s}, {takes: 2 * s, refused: 10}}, slices.Repeat([]step{{takes: 3 * s}}, 10)...)
		p := newPacedAPI(t, append(steps, step{takes: s}), droplets.WithMaxInFlight(12))
		p.call(t.Context(), 0, 12, droplets.WithoutRetries())
		p.call(t.Context(), 30*s, 20)
		for i, done := range p.errs {
			err := <-done
			require.Equal(t, i == 1, errors.Is(err, droplets.ErrRateLimited), "call %d: %v", i, err)
		}
		assert.Equal(t, []int{6, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1}, p.perSecond(30*s))
	})
}

// TestSlowRequests has requests that take longer than the window of the limit, which is one request in two seconds.
func TestSlowRequests(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, tt := range map[string]struct {
		steps []step
		calls []time.Duration
		want  []string
	}{
		"a call waits while the window is empty and the limit is used": {
			steps: []step{accepted, refusedFor(2), accepted, refusedFor(2), accepted, {takes: 3 * s}, accepted},
			calls: []time.Duration{0, 0, 0, 0, 6 * s, 7 * s},
			want:  []string{"0s", "0s x", "2s", "2s x", "4s", "6s", "11s", "13s"},
		},
		"a test of the limit that is accepted after the window says nothing": {
			steps: []step{accepted, refusedFor(2), accepted, {takes: 5 * s}, {takes: s}},
			calls: []time.Duration{0, 0, 0, 20 * s, 20 * s},
			want:  []string{"0s", "0s x", "2s", "2s", "20s", "21s"},
		},
		"a test of the limit that is refused after the window does not confirm it": {
			steps: []step{accepted, refusedFor(2), accepted, {takes: 5 * s, refused: 2}, accepted},
			calls: []time.Duration{0, 0, 0, 9 * s},
			want:  []string{"0s", "0s x", "2s", "2s x", "9s", "9s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				p := newPacedAPI(t, tt.steps, droplets.WithMaxInFlight(2))
				for _, at := range tt.calls {
					p.call(t.Context(), at, 1)
				}
				p.wait(t)
				assert.Equal(t, tt.want, p.times())
			})
		})
	}
}

// TestTheLimitGrowsWithTheTestsThatAreAccepted: after 42 requests within 20 s, a window has 42 requests. When they have left the
// window, nine may be in flight, as in the slow start so far.
func TestTheLimitGrowsWithTheTestsThatAreAccepted(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		const second = time.Second
		p := newPacedAPI(t, []step{accepted, refusedFor(60), {takes: second}})
		p.call(t.Context(), 0, 42)
		p.wait(t)
		p.call(t.Context(), 200*second, 20)
		p.wait(t)
		assert.Equal(t, []int{9, 10, 1}, p.perSecond(200*second))
	})
}

// TestTheSlowStartAfterOneRequestAtATime: the number of requests in flight grows by one when as many were accepted, here after the
// first one, and after two more.
func TestTheSlowStartAfterOneRequestAtATime(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		const second = time.Second
		p := newPacedAPI(t, []step{refusedFor(10), accepted, accepted, {takes: second}})
		p.call(t.Context(), 0, 2)
		p.wait(t)
		p.call(t.Context(), 20*second, 12)
		p.wait(t)
		assert.Equal(t, []int{2, 3, 4, 3}, p.perSecond(20*second))
	})
}
