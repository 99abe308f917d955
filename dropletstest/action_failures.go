package dropletstest

import (
	"slices"

	"github.com/droplets-go/droplets"
)

// actionFailure is a planned failure of an action.
type actionFailure struct {
	nth   int                   // 1 for the next action that matches
	types []droplets.ActionType // if empty, every action matches
}

// actionFailures are the failures that FailAction planned, the oldest first.
type actionFailures []*actionFailure

// take counts an action of type t and reports whether it fails.
func (f *actionFailures) take(t droplets.ActionType) bool {
	return f.takeFirst(func(types []droplets.ActionType) bool { return len(types) == 0 || slices.Contains(types, t) })
}

// takeFirst counts an action for all failures that match its type. It removes the first one that is due, and reports whether there
// was one. Others that are due remain for the next action.
func (f *actionFailures) takeFirst(match func(types []droplets.ActionType) bool) bool {
	first := -1
	for i, planned := range *f {
		switch {
		case !match(planned.types):
		case planned.nth > 1:
			planned.nth--
		case first < 0:
			first = i
		}
	}
	if first < 0 {
		return false
	}
	*f = slices.Delete(*f, first, first+1)
	return true
}

// FailNextAction makes the next action fail. It is [API.FailAction] with n = 1.
func (a *API) FailNextAction(types ...droplets.ActionType) { a.FailAction(1, types...) }

// FailAction makes the n-th action from now on fail; n = 1 is the next one. The API accepts the action, which ends as errored after
// its usual duration and has no effect. If types are given, only actions of these types count. If the failed action is a create,
// its Droplet is removed. Each call makes one action fail; if several calls select the same action, the later calls apply to the
// actions after it. The import of a custom image and the change of a firewall are not actions, so that only a call with
// [ActionTypeImport] or [ActionTypeFirewall] makes them fail. FailAction panics if n is less than 1.
func (a *API) FailAction(n int, types ...droplets.ActionType) {
	if n < 1 {
		panic("dropletstest: FailAction: n must be at least 1")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.actionFailures = append(a.actionFailures, &actionFailure{n, slices.Clone(types)})
}

// ClearFailures removes all failures that [API.FailAction], [API.FailNextAction] and [API.FailNextDestroy] planned. It does not undo
// [API.IgnoreShutdown].
func (a *API) ClearFailures() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.actionFailures = nil
	clear(a.destroyFailures)
}
