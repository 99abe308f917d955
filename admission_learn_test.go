package droplets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// paceScript calls a pace at times after noon.
type paceScript struct {
	pace
	noon time.Time
}

func newPaceScript() *paceScript {
	return &paceScript{pace{maxInFlight: 64, maxDelay: 90 * time.Second, ramp: 64}, time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)}
}

func (s *paceScript) time(at time.Duration) time.Time { return s.noon.Add(at) }

// admitted admits requests at a time.
func (s *paceScript) admitted(at time.Duration, requests int) (permits []permit) {
	for range requests {
		permits = append(permits, s.admit(s.time(at)))
	}
	return permits
}

// accepted ends requests that the API has accepted.
func (s *paceScript) accepted(at time.Duration, permits ...permit) {
	for _, p := range permits {
		s.end(p)
		s.accept(s.time(at), p)
	}
}

// refused ends a request that the API has refused.
func (s *paceScript) refused(at, delay time.Duration, p permit) {
	s.end(p)
	s.refuse(s.time(at), p, delay)
}

func TestPaceLearnsTheLimit(t *testing.T) {
	t.Parallel()
	s := newPaceScript()
	first := s.admitted(0, 10)
	s.accepted(time.Second, first[:6]...)
	s.refused(2*time.Second, 58*time.Second, first[6])
	assert.Equal(t, 6, s.count)
	assert.Equal(t, 59*time.Second, s.length, "from the first accepted request to the end of the pause")
	assert.Len(t, s.window, 6, "its requests are known to be in the window")
	s.accepted(3*time.Second, first[7:9]...)
	assert.Equal(t, 8, s.count, "requests that were in flight are counted when they are accepted")
	s.refused(4*time.Second, 30*time.Second, first[9])
	assert.Equal(t, s.time(time.Minute), s.until, "a second refusal does not shorten the pause")
	assert.Equal(t, 1, s.pauses)

	second := s.admitted(2*time.Minute, 12)
	s.accepted(121*time.Second, second[:9]...)
	s.refused(122*time.Second, 60*time.Second, second[9])
	assert.Equal(t, 9, s.count)
	assert.Equal(t, 61*time.Second, s.length)
	s.accepted(123*time.Second, second[10])
	assert.Equal(t, 10, s.count)
	s.refused(124*time.Second, 70*time.Second, second[11])
	assert.Equal(t, s.time(194*time.Second), s.until, "a second refusal can make the pause longer")
	assert.Equal(t, 2, s.pauses)
}

// TestAShortRunDoesNotReduceTheLimit accepts one request after a pause and refuses the next one, because the API still counts
// the requests from before the pause.
func TestAShortRunDoesNotReduceTheLimit(t *testing.T) {
	t.Parallel()
	s := newPaceScript()
	for i := range 11 {
		at := time.Duration(i) * time.Second
		p := s.admitted(at, 1)[0]
		if i == 10 {
			s.refused(at, 51*time.Second, p) // one second more than a minute after the first one
		} else {
			s.accepted(at, p)
		}
	}
	require.Equal(t, 10, s.count)
	require.Equal(t, 61*time.Second, s.length)
	short := s.admitted(62*time.Second, 2)
	s.accepted(62*time.Second, short[0])
	s.refused(62*time.Second, 2*time.Second, short[1])
	assert.Equal(t, 9, s.count, "two of the ten are too old for the window, and one is new")
	assert.Equal(t, 61*time.Second, s.length)
	assert.Equal(t, s.time(64*time.Second), s.until)

	// As many from before the run as in it: the limit is that of the window. One more in the run: the limit is that of the run.
	for in, want := range map[int]int{4: 8, 5: 5} {
		s := newPaceScript()
		for i := range 9 {
			s.accepted(time.Duration(i)*time.Second, s.admitted(0, 1)...)
		}
		s.refused(9*time.Second, 51*time.Second, s.admitted(9*time.Second, 1)[0])
		require.Equal(t, 60*time.Second, s.length)
		run := s.admitted(65*time.Second-1, in+1)
		s.accepted(65*time.Second-1, run[:in]...) // the first five are too old
		s.refused(65*time.Second-1, time.Second, run[in])
		assert.Equal(t, want, s.count, "%d requests in the run", in)
	}
}

func TestAnUnknownLimitStaysUnknown(t *testing.T) {
	t.Parallel()
	s := newPaceScript()
	s.refused(0, time.Second, s.admitted(0, 1)[0])
	assert.Zero(t, s.count, "nothing was accepted")
	for over, count := range map[time.Duration]int{0: 1, 1: 0} {
		s := newPaceScript()
		s.accepted(0, s.admitted(0, 1)...)
		s.refused(2*time.Minute, time.Minute+over, s.admitted(2*time.Minute, 1)[0])
		assert.Equal(t, count, s.count, "a run longer than two of the longest pauses has no limit: %s", over)
		assert.Len(t, s.window, count)
	}
}

// TestTheLimitOfBeforeIsKept: a run without an accepted request leaves the limit as it is.
func TestTheLimitOfBeforeIsKept(t *testing.T) {
	t.Parallel()
	s := newPaceScript()
	s.accepted(0, s.admitted(0, 5)...)
	s.refused(time.Second, time.Minute, s.admitted(time.Second, 1)[0])
	s.refused(2*time.Minute, time.Second, s.admitted(2*time.Minute, 1)[0])
	assert.Equal(t, 5, s.count)
	assert.Equal(t, 61*time.Second, s.length)
}

// TestAKnownWindowIsKept: a second refusal does not replace the times at which the requests were accepted.
func TestAKnownWindowIsKept(t *testing.T) {
	t.Parallel()
	s := newPaceScript()
	s.accepted(0, s.admitted(0, 1)...)
	s.refused(0, time.Minute, s.admitted(0, 1)[0])
	require.Equal(t, 1, s.count)
	s.accepted(2*time.Minute, s.admitted(2*time.Minute, 3)...)
	s.refused(150*time.Second, 30*time.Second, s.admitted(150*time.Second, 1)[0])
	assert.Equal(t, 3, s.count)
	at := s.time(2 * time.Minute)
	assert.Equal(t, []time.Time{at, at, at}, s.window)
}

// TestTestsOfTheLimit fills the window and then sends requests one at a time. Each eight that are accepted allow one more at the
// same time.
func TestTestsOfTheLimit(t *testing.T) {
	t.Parallel()
	s := newPaceScript()
	s.accepted(0, s.admitted(0, 4)...)
	s.refused(0, time.Minute, s.admitted(0, 1)[0])
	s.accepted(time.Hour, s.admitted(time.Hour, 4)...)
	require.True(t, s.full(s.time(time.Hour)))
	for i := range 8 {
		require.Equal(t, 1, s.probes(), "after %d", i)
		s.accepted(time.Hour, s.admitted(time.Hour, 1)...)
	}
	assert.Equal(t, 2, s.probes())
	assert.Equal(t, 12, s.count)
	s.accepted(2*time.Hour, s.admitted(2*time.Hour, 1)...)
	assert.Equal(t, 12, s.count, "the window was not full")
	assert.Equal(t, 8, s.pace.accepted)
}

func TestSpread(t *testing.T) {
	t.Parallel()
	s := newPaceScript()
	assert.Equal(t, []time.Time{s.time(0), s.time(2 * time.Second), s.time(4 * time.Second)}, spread(s.time(0), s.time(6*time.Second), 3))
}
