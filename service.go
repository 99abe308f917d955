package droplets

import (
	"sync/atomic"
	"time"
)

// service is what all services of a Client share. Each service is a type with this underlying type, so that one can be
// converted to another.
type service struct {
	pipeline *pipeline
	// created has the Droplets that this client created and that the API may not show yet.
	created *createdDroplets
	// destroys has the destroys with associated resources that this client requested.
	destroys            *destroyRequests
	actionListForbidden *actionListForbidden
}

// forbiddenTime is how long a 403 for the account's actions is remembered. A token may get the scope later.
const forbiddenTime = 10 * time.Minute

// actionListForbidden remembers that the API has reported that the token lacks the scope for the account's actions.
type actionListForbidden struct{ since atomic.Pointer[time.Time] }

func (f *actionListForbidden) set(now time.Time) { f.since.Store(&now) }

func (f *actionListForbidden) is(now time.Time) bool {
	since := f.since.Load()
	return since != nil && now.Sub(*since) < forbiddenTime
}

func (s *DropletsService) actions() *DropletActionsService { return (*DropletActionsService)(s) }

// createdLookup returns a function that looks up a Droplet among those that this client has created.
func (s *service) createdLookup(dropletID int64) func() (recent, seen bool) {
	return func() (recent, seen bool) { return s.created.lookup(dropletID) }
}
