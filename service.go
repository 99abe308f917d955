package droplets

import (
	"sync/atomic"
	"time"
)

// service is the part of a Client that its services use. Every service has this underlying type, so that one can be converted
// to another.
type service struct {
	pipeline *pipeline
	// created has the Droplets that this client created and that the API may not show yet.
	created *createdDroplets
	// destroys has the destroys with associated resources that this client requested.
	destroys *destroyRequests
	// actionListForbidden is shared by all calls of WaitForActions.
	actionListForbidden *actionListForbidden
}

// forbiddenTime is how long a 403 for the account's actions is remembered. After it, the list is tried again, because a token
// may get the scope.
const forbiddenTime = 10 * time.Minute

// actionListForbidden has the time of the last 403 for the account's actions, which means that the token lacks the scope.
type actionListForbidden struct{ since atomic.Pointer[time.Time] }

func (f *actionListForbidden) set(now time.Time) { f.since.Store(&now) }

// is reports whether there was a 403 within forbiddenTime.
func (f *actionListForbidden) is(now time.Time) bool {
	since := f.since.Load()
	return since != nil && now.Sub(*since) < forbiddenTime
}

// actions returns the service for actions of the same client.
func (s *DropletsService) actions() *DropletActionsService { return (*DropletActionsService)(s) }

// createdLookup returns the function for the field created of a call about a Droplet.
func (s *service) createdLookup(dropletID int64) func() (recent, seen bool) {
	return func() (recent, seen bool) { return s.created.lookup(dropletID) }
}
