package droplets

import "golang.org/x/oauth2"

// Client calls the Droplets API. It is safe for concurrent use. Create one per account and keep it: its calls share
// connections, the rate limit and the pause after a 429.
type Client struct {
	// Droplets creates, lists, reads and deletes Droplets.
	Droplets *DropletsService
	// DropletActions starts actions on Droplets and waits for them.
	DropletActions *DropletActionsService
	// Actions reads the actions of the whole account.
	Actions *ActionsService
	// BackupPolicies reads the backup policies of Droplets.
	BackupPolicies *BackupPoliciesService
	// AssociatedResources destroys Droplets together with their volumes, snapshots and reserved IPs.
	AssociatedResources *AssociatedResourcesService

	pipeline *pipeline
}

// NewClient returns a client that authenticates with a personal access token.
func NewClient(token string, opts ...Option) (*Client, error) {
	if err := checkToken(token); err != nil {
		return nil, err
	}
	return NewClientFromTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}), opts...)
}

// NewClientFromTokenSource returns a client that calls ts for a token before each attempt. ts must be safe for
// concurrent use. If getting a token is expensive, wrap ts with [oauth2.ReuseTokenSource].
func NewClientFromTokenSource(ts oauth2.TokenSource, opts ...Option) (*Client, error) {
	config, err := newConfig(ts, opts)
	if err != nil {
		return nil, err
	}
	shared := &service{
		pipeline:            &pipeline{config: config, admission: newAdmission(config.maxInFlight, config.retry.MaxRetryAfter)},
		created:             new(createdDroplets),
		actionListForbidden: new(actionListForbidden),
	}
	return &Client{
		Droplets:            (*DropletsService)(shared),
		DropletActions:      (*DropletActionsService)(shared),
		Actions:             (*ActionsService)(shared),
		BackupPolicies:      (*BackupPoliciesService)(shared),
		AssociatedResources: (*AssociatedResourcesService)(shared),
		pipeline:            shared.pipeline,
	}, nil
}

// RateLimit returns the rate limit from the most recent response that included one. ok is false before the first one.
func (c *Client) RateLimit() (rl RateLimit, ok bool) { return c.pipeline.rate.get() }
