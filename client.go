package droplets

import (
	"net/http"

	"golang.org/x/oauth2"
)

// Client sends requests to the Droplets API. It is safe for concurrent use. Create one per account and keep it: its calls
// share the rate limit, the pause after a 429, the connections, and the record of the Droplets that the client created.
type Client struct {
	// Droplets creates, lists, reads and deletes Droplets.
	Droplets *DropletsService
	// DropletActions initiates actions on Droplets and waits for them.
	DropletActions *DropletActionsService
	// Actions lists the actions of the account.
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

// NewClient returns a client that authenticates with a personal access token. It sends no request. It returns an
// [*ArgumentError] if the token is empty or is not valid in a header, or if an option is invalid.
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

// NewClientFromTokenSource returns a client that calls ts.Token before each attempt. ts must be safe for concurrent use. If
// getting a token is expensive, wrap ts with [oauth2.ReuseTokenSource]. It returns an [*ArgumentError] if ts is nil or an
// option is invalid.
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

// NewClientFromHTTPClient returns a client that leaves authentication to the transport of hc, such as that of
// [oauth2.NewClient] or one that reads a token from a file. The client sets no Authorization header. hc is copied and not
// modified. Redirects are never followed: the transport would send credentials to another host. It returns an
// [*ArgumentError] if hc is nil, if an option is invalid, or if [WithHTTPClient] is one of the options.
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

// newClient returns a client. Its services share the pipeline and the records of creates and destroys.
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

// RateLimit returns the rate limit in the most recent response that included one. ok is false if there was none yet. It sends
// no request.
func (c *Client) RateLimit() (rl RateLimit, ok bool) { return c.pipeline.rate.get() }

// Stats returns the state of the client's queue, for example for metrics. [Response] has the time that one call waited for the
// rate limit.
func (c *Client) Stats() Stats { return c.pipeline.admission.snapshot() }

// CloseIdleConnections closes the connections of the client's transport that are not in use. All clients without an HTTP client
// of the caller share one transport, so that the connections of the others are closed too.
func (c *Client) CloseIdleConnections() { c.pipeline.config.httpClient.CloseIdleConnections() }
