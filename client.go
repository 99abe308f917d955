package droplets

import (
	"net/http"

	"golang.org/x/oauth2"
)

// Client calls the Droplets API. It is safe for concurrent use. Create one per account and keep it: its calls share the
// rate limit, the pause after a 429 and what the client remembers of the Droplets that it created.
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
	// Images manages the images that Droplets are created from, and transfers and converts them.
	Images *ImagesService
	// Snapshots manages the snapshots of Droplets and of volumes.
	Snapshots *SnapshotsService
	// Sizes lists the sizes of Droplets.
	Sizes *SizesService
	// Regions lists the regions.
	Regions *RegionsService
	// SSHKeys manages the SSH keys of the account.
	SSHKeys *SSHKeysService
	// Tags manages tags and the resources that have them.
	Tags *TagsService
	// AutoscalePools manages pools of Droplets that the API creates and deletes by itself.
	AutoscalePools *AutoscalePoolsService

	pipeline *pipeline
}

// NewClient returns a client that authenticates with a personal access token.
func NewClient(token string, opts ...Option) (*Client, error) {
	if err := checkToken(token); err != nil {
		return nil, err
	}
	static := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})
	config, err := newConfig(static.Token, opts)
	if err != nil {
		return nil, err
	}
	config.staticToken = true
	return newClient(config), nil
}

// NewClientFromTokenSource returns a client that calls ts for a token before each attempt. ts must be safe for
// concurrent use. If getting a token is expensive, wrap ts with [oauth2.ReuseTokenSource].
func NewClientFromTokenSource(ts oauth2.TokenSource, opts ...Option) (*Client, error) {
	if isNil(ts) {
		return nil, invalid("token source", "must not be nil")
	}
	config, err := newConfig(ts.Token, opts)
	if err != nil {
		return nil, err
	}
	return newClient(config), nil
}

// NewClientFromHTTPClient returns a client whose requests are authenticated by the transport of hc, such as that of
// [oauth2.NewClient] or one that reads a token from a file. The client sets no Authorization header. Redirects are never
// followed, so that hc does not send credentials to another host. [WithHTTPClient] cannot be combined with it.
func NewClientFromHTTPClient(hc *http.Client, opts ...Option) (*Client, error) {
	if hc == nil {
		return nil, invalid("HTTP client", "must not be nil")
	}
	config, err := newConfig(nil, opts)
	if err != nil {
		return nil, err
	}
	if config.callersClient {
		return nil, invalid("HTTPClient", "must not be set: the HTTP client is the first argument")
	}
	config.httpClient = newHTTPClient(hc)
	return newClient(config), nil
}

func newClient(config *config) *Client {
	p := &pipeline{config: config, admission: newAdmission(config.maxInFlight, config.retry.MaxRetryAfter)}
	shared := &service{pipeline: p, created: new(createdDroplets), destroys: new(destroyRequests),
		actionListForbidden: new(actionListForbidden)}
	return &Client{
		Droplets:            (*DropletsService)(shared),
		DropletActions:      (*DropletActionsService)(shared),
		Actions:             (*ActionsService)(shared),
		BackupPolicies:      (*BackupPoliciesService)(shared),
		AssociatedResources: (*AssociatedResourcesService)(shared),
		Images:              (*ImagesService)(shared),
		Snapshots:           (*SnapshotsService)(shared),
		Sizes:               (*SizesService)(shared),
		Regions:             (*RegionsService)(shared),
		SSHKeys:             (*SSHKeysService)(shared),
		Tags:                (*TagsService)(shared),
		AutoscalePools:      (*AutoscalePoolsService)(shared),
		pipeline:            p,
	}
}

// RateLimit returns the rate limit from the most recent response that included one. ok is false before the first one.
func (c *Client) RateLimit() (rl RateLimit, ok bool) { return c.pipeline.rate.get() }

// Stats returns the state of the client's queue. Use it for metrics; [Response] has what the rate limit cost one call.
func (c *Client) Stats() Stats { return c.pipeline.admission.snapshot() }

// CloseIdleConnections closes the connections of the client's transport that are not in use. Clients without
// [WithHTTPClient] share a transport and thus its connections.
func (c *Client) CloseIdleConnections() { c.pipeline.config.httpClient.CloseIdleConnections() }
