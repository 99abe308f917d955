package droplets

import (
	"context"
	"fmt"
	"iter"
)

// Watch returns an iterator that yields an action after every successful poll until the action has ended. Polls follow the
// client's [PollPolicy], or that of [WithPolling]. The last pair is one of these: the completed action and a nil error; the
// failed action and an [*ActionError]; or, if the watch itself fails, the action as last seen (nil if no poll has succeeded)
// and the error. If ctx is done, that error wraps the error of the context.
//
// An action with an unknown status counts as running. A transient error (5xx, 429, a broken connection) ends the watch only
// if more consecutive polls fail than the client's [RetryPolicy] has retries. Within half a minute after this client has
// created the Droplet, a 404 before the first successful poll does not end it.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletActionsService) Watch(ctx context.Context, dropletID, actionID int64, co ...CallOption) iter.Seq2[*Action, error] {
	co = forWait(co)
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
			progress: func(a *Action) Progress {
				return Progress{DropletID: dropletID, Step: string(a.Type), Action: a}
			},
		}
		w.run(ctx, yield)
	}
}

// WaitForAction waits until an action on a Droplet has ended and returns it. If the action failed, the error is an
// [*ActionError]. If the wait itself fails, WaitForAction returns the action as last seen (nil if no poll has succeeded) and
// the error. See [DropletActionsService.Watch] for the errors that end it. To wait for an action on an image, use
// [DropletActionsService.WaitForActions].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
func (s *DropletActionsService) WaitForAction(ctx context.Context, dropletID, actionID int64, co ...CallOption) (*Action, error) {
	return lastOf(s.Watch(ctx, dropletID, actionID, co...))
}
