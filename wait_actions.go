package droplets

import (
	"context"
	"fmt"
	"slices"
)

// WaitForActions waits until all actions have ended and returns them in the order of the arguments. It takes actions on
// Droplets and on images: the result of [DropletActionsService.InitiateByTag], the PendingActions of a create, the action of
// [ImagesService.Transfer]. It sends no request for an action that has ended already.
//
// Each poll reads pages of the account's actions, 200 actions a page, and reads those one by one that are not on a page
// that is worth its request. If the token lacks the scope actions:read, all actions are read one by one, below their Droplet
// or their image; this is remembered for ten minutes. A wait sends at most 60 requests in any minute, however many actions
// there are: the interval between polls grows with the number of requests, and many actions are spread over several polls.
//
// If actions fail, the error matches the [*ActionError] of each of them. If an action cannot be read for as many polls in a
// row as the client's [RetryPolicy] has retries, or for a reason that does not pass, the wait for the others goes on, and
// the error contains the reason. If the wait itself fails, the error names actions that were still running. In any case
// each action is returned as last seen.
//
// DigitalOcean API: GET /v2/actions
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/actions/{action_id}
//
// DigitalOcean API: GET /v2/images/{image_id}/actions/{action_id}
func (s *DropletActionsService) WaitForActions(ctx context.Context, actions ...Action) ([]Action, error) {
	return s.waitForActions(ctx, actions, nil)
}

// waitForActions is WaitForActions with options, which apply to each request. The function of OnProgress is called for
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
		minInterval: b.budget.interval,
	}
	_, err = w.last(ctx)
	if len(b.waiting) > 0 {
		return b.actions, joinErrors(err, b.failures())
	}
	return b.actions, err
}
