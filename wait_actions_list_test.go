package droplets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestChoosePage chooses between a page of the list and the requests for single actions.
func TestChoosePage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		expected        map[int]int
		unknown, misses int
		page            int // 0 if the actions are read one by one
		wantExpected    map[int]int
	}{
		"two actions on a page":                   {expected: map[int]int{2: 2}, page: 2, wantExpected: map[int]int{2: 2}},
		"one action on a page":                    {expected: map[int]int{2: 1}},
		"one action on the first page":            {expected: map[int]int{1: 1}, page: 1, wantExpected: map[int]int{1: 1}},
		"none on the first page":                  {expected: map[int]int{1: 0}},
		"two pages":                               {expected: map[int]int{3: 2, 2: 4}, page: 2, wantExpected: map[int]int{3: 2, 2: 4}},
		"a page before that has one action":       {expected: map[int]int{2: 1, 3: 2, 4: 1}, page: 3, wantExpected: map[int]int{3: 3, 4: 1}},
		"an unknown page":                         {expected: map[int]int{1: 1}, unknown: 1, page: 1, wantExpected: map[int]int{1: 1}},
		"an unknown page, after a page without":   {expected: map[int]int{2: 1}, unknown: 1, misses: 1},
		"three unknown ones, after two pages":     {expected: map[int]int{3: 3}, unknown: 3, misses: 2, page: 3, wantExpected: map[int]int{3: 3}},
		"three unknown ones, after three pages":   {expected: map[int]int{4: 3}, unknown: 3, misses: 3},
		"one action on a page, another somewhere": {expected: map[int]int{2: 1}, unknown: 1, page: 2, wantExpected: map[int]int{2: 1}},
		"nothing on a page, one somewhere":        {expected: map[int]int{2: 0, 5: 1}, unknown: 1, page: 5, wantExpected: map[int]int{5: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &batch{rounds: 1, waiting: map[int64]*waitingAction{7: {page: 2}}}
			r := &round{list: true, expected: tt.expected, unknown: tt.unknown, misses: tt.misses}
			b.choosePage(r)
			if tt.page == 0 {
				assert.False(t, r.list)
				assert.Equal(t, []int64{7}, r.singles)
				assert.Equal(t, notListed, b.waiting[7].page, "in the next round too, it is read by itself")
				return
			}
			assert.True(t, r.list)
			assert.Equal(t, tt.page, r.page)
			assert.Equal(t, tt.wantExpected, r.expected)
		})
	}
}

// TestMarkFound finds an action on page 3.
func TestMarkFound(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		page, unknown int
		expected      map[int]int
	}{
		"expected there":             {page: 3, unknown: 2, expected: map[int]int{3: 4, 4: 5}},
		"expected on an earlier one": {page: 2, unknown: 2, expected: map[int]int{3: 4, 4: 5}},
		"expected on a later one":    {page: 4, unknown: 2, expected: map[int]int{3: 5, 4: 4}},
		"unknown":                    {page: 0, unknown: 1, expected: map[int]int{3: 4, 4: 5}},
		"not listed":                 {page: notListed, unknown: 2, expected: map[int]int{3: 5, 4: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &round{page: 3, unknown: 2, expected: map[int]int{3: 5, 4: 5}}
			r.markFound(&waitingAction{page: tt.page})
			assert.Equal(t, tt.unknown, r.unknown)
			assert.Equal(t, tt.expected, r.expected)
		})
	}
}

// TestPastTheActions compares an action that was not on a page yet with the last one of the page, which began at noon and has the
// ID 20.
func TestPastTheActions(t *testing.T) {
	t.Parallel()
	noon := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		action Action
		onPage bool // it was on a page of this round
		past   bool
	}{
		"newer":                      {action: Action{ID: 21, StartedAt: noon.Add(1)}, past: true},
		"a higher ID, at noon":       {action: Action{ID: 21, StartedAt: noon}},
		"a higher ID, before noon":   {action: Action{ID: 21, StartedAt: noon.Add(-1)}},
		"a higher ID, without time":  {action: Action{ID: 21}, past: true},
		"the same ID, after noon":    {action: Action{ID: 20, StartedAt: noon.Add(1)}},
		"a lower ID, after noon":     {action: Action{ID: 19, StartedAt: noon.Add(1)}},
		"a lower ID, but on a page":  {action: Action{ID: 19, StartedAt: noon}, onPage: true, past: true},
		"a lower ID, without a time": {action: Action{ID: 19}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &waitingAction{}
			if tt.onPage {
				w.round = 3
			}
			b := &batch{rounds: 3, actions: []Action{tt.action}, waiting: map[int64]*waitingAction{tt.action.ID: w}}
			page := &Page[Action]{Items: []Action{{ID: 30}, {ID: 20, StartedAt: noon}}}
			assert.Equal(t, tt.past, b.past(page))
			assert.True(t, b.past(&Page[Action]{}), "a page without actions")
			page.Items[1].StartedAt = time.Time{}
			assert.Equal(t, tt.action.ID > 20 || tt.onPage, b.past(page), "the page has no times")
		})
	}
}

// TestReadSingly orders the actions that are read one by one.
func TestReadSingly(t *testing.T) {
	t.Parallel()
	b := &batch{rounds: 2, waiting: map[int64]*waitingAction{
		4: {position: 0, failures: 1}, 5: {position: 3}, 6: {position: 1, round: 1}, 7: {position: 2, round: 2}, 8: {position: 4, page: notListed},
	}}
	r := &round{list: true}
	b.readSingly(r, 0)
	assert.False(t, r.list)
	assert.Equal(t, []int64{6, 5, 8, 4}, r.singles, "7 was on a page; 4 has failed once")
	assert.Equal(t, notListed, b.waiting[8].page)
	assert.Zero(t, b.waiting[5].page)
}

// TestReserveOfAPoll: a poll may need one request more for each retry, and at most half of the requests of a minute.
func TestReserveOfAPoll(t *testing.T) {
	t.Parallel()
	for retries, reserve := range map[int]int{0: 8, 3: 11, 21: 29, 22: 30, 50: 30} {
		policy := RetryPolicy{MaxRetries: retries, MinDelay: time.Second}
		if retries == 0 {
			policy = RetryPolicy{}
		}
		c, err := NewClient("token-of-the-test", WithRetryPolicy(policy))
		require.NoError(t, err)
		assert.Equal(t, reserve, newBatch((*service)(c.DropletActions), nil, nil, nil).budget.reserve)
	}
}

// TestNewRound begins with the first page if the page of an action is unknown.
func TestNewRound(t *testing.T) {
	t.Parallel()
	c, err := NewClient("token-of-the-test")
	require.NoError(t, err)
	b := newBatch((*service)(c.DropletActions), []Action{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4}, {ID: 5}}, nil, nil)
	for id, page := range map[int64]int{1: 0, 2: 0, 3: 3, 4: 3, 5: notListed} {
		b.waiting[id].page = page
	}
	b.newRound(time.Now())
	assert.Equal(t, 1, b.rounds)
	assert.True(t, b.round.list)
	assert.Equal(t, 1, b.round.page)
	assert.Equal(t, 2, b.round.unknown)
	assert.Equal(t, map[int]int{1: 2, 3: 2}, b.round.expected)

	for id := range b.waiting {
		b.waiting[id].page = notListed
	}
	b.newRound(time.Now())
	assert.False(t, b.round.list)
	assert.Equal(t, []int64{1, 2, 3, 4, 5}, b.round.singles)
}
