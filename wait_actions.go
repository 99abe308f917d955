package droplets

import (
	"context"
	"fmt"
	"slices"
)

// WaitForActions waits until all actions have ended and returns them in the order of the arguments. The actions can be on
// Droplets and on images: the result of [DropletActionsService.InitiateByTag], the PendingActions of a create, the action of
// [ImagesService.Transfer]. It sends no request for an action that has ended already.
//
// Polls read the list of the account's actions, 200 per request. Actions for which a page of the list would not save a
// request are read one by one. If the token lacks the scope actions:read, all actions are read one by one, with the paths of
// their Droplets and images, and the client does not request the list for ten minutes. A wait sends at most 60 requests in any
// minute. The interval between polls grows with the number of requests, and the requests for many actions are spread over
// several polls.
//
// If actions fail, the error wraps the [*ActionError] of each of them. If an action cannot be read, the wait for the others goes
// on. After an error that is not transient, or after more consecutive failures than the client's [RetryPolicy] has retries,
// the action is not read again, and the error of WaitForActions contains the reason. A 403 that is not from the API, such as
// the page of a proxy, counts as a transient error. If the wait itself fails, the error names actions that were still running.
// In all cases, WaitForActions returns each action as last seen.
//
// DigitalOcean API: GET /v2/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: GET /v2/images/{image_id}/actions/{action_id}
func (s *DropletActionsService) WaitForActions(ctx context.Context, actions ...Action) ([]Action, error) {
	return s.waitForActions(ctx, actions, nil)
}

// waitForActions is WaitForActions with call options, which apply to each request. The function of OnProgress is called for
// each action that a poll has read.
func (s *DropletActionsService) waitForActions(ctx context.Context, actions []Action, co []CallOption) ([]Action, error) {
	co = forWait(co)
	for i, a := range actions {
		if err := checkID(fmt.Sprintf("actions[%d].ID", i), a.ID); err != nil {
			return nil, err
		}
	}
	options, err := newCallOptions(co)
	if err != nil {
		return nil, err
	}
	b := newBatch((*service)(s), slices.Clone(actions), co, options.progress)
	if len(b.waiting) == 0 {
		return b.actions, b.failures()
	}
	w := wait[batch]{
		service: (*service)(s),
		options: co,
		poll:    func() (*batch, error) { return b, b.poll(ctx) },
		done: func(*batch) (bool, error) {
			if len(b.waiting) > 0 {
				return false, nil
			}
			return true, b.failures()
		},
		describe:    func(*batch) string { return "for " + b.describe() },
		isTransient: isTransientForActions,
		minInterval: b.budget.interval,
	}
	_, err = w.last(ctx)
	if len(b.waiting) > 0 {
		return b.actions, joinErrors(err, b.failures())
	}
	return b.actions, err
}
