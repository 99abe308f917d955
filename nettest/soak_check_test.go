package nettest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
)

// check compares the ledger with the results of the calls.
func (s *soak) check(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.NotEmpty(t, s.calls)
	var wrong []string
	for _, c := range s.calls {
		if c.ended {
			wrong = append(wrong, fmt.Sprintf("%s, call %s: did not end by itself within %s", c.kind, c.id, soakDeadline))
		}
	}
	wrong = append(wrong, s.checkCreates()...)
	wrong = append(wrong, s.checkDeletes()...)
	doubles, more := s.checkActed()
	wrong = append(wrong, more...)
	s.report(t, doubles)
	assert.Zero(t, doubles, "changes that the API acted on more than once")
	slices.Sort(wrong)
	assert.Empty(t, wrong[:min(len(wrong), 20)], "%d differences between the calls and the ledger", len(wrong))
}

// checkCreates verifies that each created Droplet belongs to one call, and each successful call to one Droplet.
func (s *soak) checkCreates() (wrong []string) {
	created := make(map[string]int)
	for _, e := range s.api.Ledger() {
		if e.Kind == dropletstest.EntryCreate {
			created[e.Name]++
		}
	}
	known := make(map[string]bool)
	for _, c := range s.calls {
		if c.kind != "create" {
			continue
		}
		known[c.name] = true
		n := created[c.name]
		if n > 1 || c.err == nil && n != 1 || c.err != nil && !isMaybeApplied(c.err) && n != 0 {
			wrong = append(wrong, fmt.Sprintf("create of %s: %d Droplets, returned %v", c.name, n, c.err))
		}
	}
	for name := range created {
		if !known[name] {
			wrong = append(wrong, fmt.Sprintf("Droplet %s was not created by any call", name))
		}
	}
	names := make(map[string]bool)
	for _, d := range s.api.Droplets() {
		if names[d.Name] {
			wrong = append(wrong, fmt.Sprintf("two Droplets are named %s", d.Name))
		}
		names[d.Name] = true
	}
	return wrong
}

// checkDeletes verifies that each successful delete removed its Droplet, and that a call can have made each removal.
func (s *soak) checkDeletes() (wrong []string) {
	deleted := make(map[int64]int)
	for _, e := range s.api.Ledger() {
		if e.Kind == dropletstest.EntryDelete {
			deleted[e.DropletID]++
		}
	}
	present := make(map[int64]bool)
	for _, d := range s.api.Droplets() {
		present[d.ID] = true
	}
	known := make(map[int64]bool)
	for _, c := range s.calls {
		if c.kind != "delete" {
			continue
		}
		known[c.droplet] = known[c.droplet] || c.err == nil || isMaybeApplied(c.err)
		if c.err == nil && (present[c.droplet] || deleted[c.droplet] != 1) {
			wrong = append(wrong, fmt.Sprintf("delete of %d succeeded, deleted %d times", c.droplet, deleted[c.droplet]))
		}
	}
	for id := range deleted {
		if !known[id] {
			wrong = append(wrong, fmt.Sprintf("Droplet %d was deleted, but no call can have deleted it", id))
		}
	}
	return wrong
}

// checkActed compares how often the API reported success for a change with the result of the call.
func (s *soak) checkActed() (doubles int, wrong []string) {
	for _, c := range s.calls {
		if c.kind == "get" || c.kind == "list" {
			continue
		}
		n := s.acted[c.id]
		if n > 1 {
			doubles++
		}
		if n > 1 || c.err == nil && n != 1 || c.err != nil && !isMaybeApplied(c.err) && n != 0 {
			wrong = append(wrong, fmt.Sprintf("%s, call %s: acted on %d times, returned %v", c.kind, c.id, n, c.err))
		}
	}
	return doubles, wrong
}

// report logs the counts, and checks that most calls of each kind succeeded: otherwise the other checks prove little.
func (s *soak) report(t *testing.T, doubles int) {
	t.Helper()
	type sums struct{ calls, succeeded, maybeApplied, failed int }
	byKind := make(map[string]*sums)
	var kinds []string
	for _, c := range s.calls {
		k := byKind[c.kind]
		if k == nil {
			k = &sums{}
			byKind[c.kind] = k
			kinds = append(kinds, c.kind)
		}
		k.calls++
		switch {
		case c.err == nil:
			k.succeeded++
		case isMaybeApplied(c.err):
			k.maybeApplied++
		default:
			k.failed++
		}
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		k := byKind[kind]
		t.Logf("%s: %d calls, %d succeeded, %d ErrMaybeApplied, %d other errors", kind, k.calls, k.succeeded, k.maybeApplied, k.failed)
		assert.Greater(t, k.succeeded, k.calls/2, "successful calls of kind %s", kind)
	}
	assert.Equal(t, []string{"action", "create", "delete", "get", "list"}, kinds)
	t.Logf("calls: %d, Droplets created and deleted: %d, left: %d, changes acted on more than once: %d",
		len(s.calls), len(s.api.Ledger()), len(s.api.Droplets()), doubles)
}
