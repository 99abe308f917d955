package droplets

import (
	"context"
	"fmt"
	"iter"
)

// Watch iterates over what an action looks like, from now until it has ended: one action for each look, paced by the
// client's [PollPolicy]. The last pair has the completed action and no error; or the failed action and an
// [*ActionError]; or the last action seen, nil if none was, and the error that ended the watch, which for an ended
// context is the context's.
//
// An action whose status is unknown to this package counts as running. What may pass (a 5xx, a 429, a broken
// connection) ends the watch only when it does not pass for as many looks in a row as the client's [RetryPolicy] has
// retries.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletActionsService) Watch(ctx context.Context, dropletID, actionID int64, co ...CallOption) iter.Seq2[*Action, error] {
	return func(yield func(*Action, error) bool) {
		w := wait[Action]{
			service:   (*service)(s),
			dropletID: dropletID,
			options:   co,
			poll:      func() (*Action, error) { return s.Get(ctx, dropletID, actionID, co...) },
			done:      (*Action).finished,
			describe: func(last *Action) string {
				if last == nil {
					return fmt.Sprintf("for action %d on Droplet %d", actionID, dropletID)
				}
				return fmt.Sprintf("for action %d (%s) on Droplet %d, last seen %s", actionID, oneLine(string(last.Type)), dropletID, oneLine(string(last.Status)))
			},
		}
		w.run(ctx, yield)
	}
}

// WaitForAction waits until an action has ended and returns it. A failed action comes with an [*ActionError]. When the
// wait itself fails, the last action seen comes with the error, which for an ended context is the context's; nil if
// none was seen. See [DropletActionsService.Watch] for what ends a wait.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletActionsService) WaitForAction(ctx context.Context, dropletID, actionID int64, co ...CallOption) (*Action, error) {
	return lastOf(s.Watch(ctx, dropletID, actionID, co...))
}
