package droplets

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/google/go-querystring/query"
)

// AutoscalePoolsService manages pools of Droplets that the API creates and deletes by itself. It is safe for concurrent use.
type AutoscalePoolsService service

const autoscalePath = "v2/droplets/autoscale"

// autoscalePoolPath returns the path of a pool, or an error if poolID cannot be one.
func autoscalePoolPath(poolID, more string) (string, error) {
	if err := checkSegment("poolID", poolID); err != nil {
		return "", err
	}
	return autoscalePath + "/" + url.PathEscape(poolID) + more, nil
}

// List returns one page of the pools that match opts. If opts is nil, it returns the first page of 20. To list all pages, use
// [AutoscalePoolsService.All]. The token needs the scope droplet:read.
//
// DigitalOcean API: GET /v2/droplets/autoscale
func (s *AutoscalePoolsService) List(ctx context.Context, opts *AutoscalePoolListOptions, co ...CallOption) (*Page[AutoscalePool], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root autoscalePoolsRoot
	err = s.pipeline.invoke(ctx, call{operation: "autoscalepools_list", method: http.MethodGet, path: autoscalePath, query: values,
		hideBody: true}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Pools, root.pageInfo, opts.page()), nil
}

// All returns an iterator over the pools that match opts. It works like [DropletsService.All], with the same guarantee and
// the same errors.
//
// DigitalOcean API: GET /v2/droplets/autoscale
func (s *AutoscalePoolsService) All(ctx context.Context, opts *AutoscalePoolListOptions, co ...CallOption) iter.Seq2[AutoscalePool, error] {
	var own AutoscalePoolListOptions
	if opts != nil {
		own = *opts
	}
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[AutoscalePool], error) {
		o := own
		o.ListOptions = page
		return s.List(ctx, &o, co...)
	}
	return all(ctx, own.ListOptions, co, fetch, func(p *AutoscalePool) string { return p.ID })
}

// Get returns a pool by its ID. If there is no such pool, the error matches [ErrNotFound]. The token needs the scope
// droplet:read.
//
// DigitalOcean API: GET /v2/droplets/autoscale/{autoscale_pool_id}
func (s *AutoscalePoolsService) Get(ctx context.Context, poolID string, co ...CallOption) (*AutoscalePool, error) {
	path, err := autoscalePoolPath(poolID, "")
	if err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "autoscalepools_get", method: http.MethodGet, path: path}, co)
}

// Create creates a pool. It returns when the API has accepted the request, before the Droplets exist; list them with
// [AutoscalePoolsService.AllMembers]. Each Droplet is billed. The token needs the scope droplet:create.
//
// A create is not retried if its outcome is unknown. The error then matches [ErrMaybeApplied], and the pool may exist and
// create Droplets: list the pools with this name before you create it again.
//
// DigitalOcean API: POST /v2/droplets/autoscale
func (s *AutoscalePoolsService) Create(ctx context.Context, req AutoscalePoolRequest, co ...CallOption) (*AutoscalePool, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "autoscalepools_create", method: http.MethodPost, path: autoscalePath, body: req,
		secrets: []string{req.DropletTemplate.UserData}}, co)
}

// Update replaces the name, the configuration and the template of a pool and returns the pool. Fields that the request does not
// set are not kept: to change a part, begin with [AutoscalePool.Request]. The API then creates or deletes Droplets to match
// the configuration, and creates new Droplets from the new template. If there is no such pool, the error matches
// [ErrNotFound]. The token needs the scope droplet:create.
//
// An update is not retried if its outcome is unknown, and the error then matches [ErrMaybeApplied]. Sending the same update twice
// is harmless unless another program updates the pool too: [ResendUncertain] allows the retries.
//
// DigitalOcean API: PUT /v2/droplets/autoscale/{autoscale_pool_id}
func (s *AutoscalePoolsService) Update(ctx context.Context, poolID string, req AutoscalePoolRequest, co ...CallOption) (*AutoscalePool, error) {
	path, err := autoscalePoolPath(poolID, "")
	if err != nil {
		return nil, err
	}
	if err := req.check(); err != nil {
		return nil, err
	}
	return s.invoke(ctx, call{operation: "autoscalepools_update", method: http.MethodPut, path: path, body: req,
		secrets: []string{req.DropletTemplate.UserData}}, co)
}

// invoke sends a call and returns the pool in its response. No error keeps the body, because the template can have user data.
func (s *AutoscalePoolsService) invoke(ctx context.Context, cl call, co []CallOption) (*AutoscalePool, error) {
	cl.hideBody = true
	var root autoscalePoolRoot
	if err := s.pipeline.invoke(ctx, cl, &root, co); err != nil {
		return nil, err
	}
	return root.Pool, nil
}

// Delete deletes a pool and keeps its Droplets. They keep running and remain billed, and the API no longer replaces or deletes
// them. Delete returns when the API has accepted the request; the pool has the status "deleting" until it is gone. If there
// is no such pool, the error matches [ErrNotFound]. The token needs the scope droplet:delete.
//
// DigitalOcean API: DELETE /v2/droplets/autoscale/{autoscale_pool_id}
func (s *AutoscalePoolsService) Delete(ctx context.Context, poolID string, co ...CallOption) error {
	path, err := autoscalePoolPath(poolID, "")
	if err != nil {
		return err
	}
	return s.pipeline.invoke(ctx, call{operation: "autoscalepools_delete", method: http.MethodDelete, path: path}, nil, co)
}

// DeleteWithDroplets deletes a pool, all its Droplets and their local disks permanently. The volumes, snapshots and reserved IPs
// of these Droplets are kept and remain billed. DeleteWithDroplets returns when the API has accepted the request. The Droplets
// are billed until they are gone. If there is no such pool, the error matches [ErrNotFound]. The token
// needs the scope droplet:delete.
//
// DigitalOcean API: DELETE /v2/droplets/autoscale/{autoscale_pool_id}/dangerous
func (s *AutoscalePoolsService) DeleteWithDroplets(ctx context.Context, poolID string, co ...CallOption) error {
	path, err := autoscalePoolPath(poolID, "/dangerous")
	if err != nil {
		return err
	}
	return s.pipeline.invoke(ctx, call{operation: "autoscalepools_delete_dangerous", method: http.MethodDelete, path: path,
		header: http.Header{"X-Dangerous": {"true"}}}, nil, co)
}

// ListMembers returns one page of the Droplets of a pool, with their health and utilization. If opts is nil, it returns the
// first page of 20. The token needs the scope droplet:read.
//
// DigitalOcean API: GET /v2/droplets/autoscale/{autoscale_pool_id}/members
func (s *AutoscalePoolsService) ListMembers(ctx context.Context, poolID string, opts *ListOptions, co ...CallOption) (*Page[AutoscalePoolMember], error) {
	var root autoscaleMembersRoot
	err := s.listOfPool(ctx, "autoscalepools_list_members", poolID, "/members", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Members, root.pageInfo, opts), nil
}

// AllMembers returns an iterator over the Droplets of a pool. It works like [DropletsService.All], with the same guarantee
// and the same errors.
//
// DigitalOcean API: GET /v2/droplets/autoscale/{autoscale_pool_id}/members
func (s *AutoscalePoolsService) AllMembers(ctx context.Context, poolID string, opts *ListOptions, co ...CallOption) iter.Seq2[AutoscalePoolMember, error] {
	return allOf(ctx, s.ListMembers, poolID, opts, co, func(m *AutoscalePoolMember) int64 { return m.DropletID })
}

// ListHistory returns one page of the events that changed the number of Droplets of a pool. If opts is nil, it returns the first
// page of 20. The token needs the scope droplet:read.
//
// DigitalOcean API: GET /v2/droplets/autoscale/{autoscale_pool_id}/history
func (s *AutoscalePoolsService) ListHistory(ctx context.Context, poolID string, opts *ListOptions, co ...CallOption) (*Page[AutoscalePoolEvent], error) {
	var root autoscaleHistoryRoot
	err := s.listOfPool(ctx, "autoscalepools_list_history", poolID, "/history", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.History, root.pageInfo, opts), nil
}

// AllHistory returns an iterator over the events that changed the number of Droplets of a pool. It works like
// [DropletsService.All], with the same guarantee and the same errors.
//
// DigitalOcean API: GET /v2/droplets/autoscale/{autoscale_pool_id}/history
func (s *AutoscalePoolsService) AllHistory(ctx context.Context, poolID string, opts *ListOptions, co ...CallOption) iter.Seq2[AutoscalePoolEvent, error] {
	return allOf(ctx, s.ListHistory, poolID, opts, co, func(e *AutoscalePoolEvent) string { return e.ID })
}

// listOfPool requests one page of a list below a pool's path and decodes it into root.
func (s *AutoscalePoolsService) listOfPool(ctx context.Context, operation, poolID, more string, opts *ListOptions, root root, co []CallOption) error {
	path, err := autoscalePoolPath(poolID, more)
	if err != nil {
		return err
	}
	values, err := opts.values()
	if err != nil {
		return err
	}
	return s.pipeline.invoke(ctx, call{operation: operation, method: http.MethodGet, path: path, query: values}, root, co)
}

// AutoscalePoolListOptions filters a list of pools and selects a page.
type AutoscalePoolListOptions struct {
	ListOptions
	// Name filters by name; empty for all pools.
	Name string `url:"name,omitempty"`
}

func (o *AutoscalePoolListOptions) page() *ListOptions {
	if o == nil {
		return nil
	}
	return &o.ListOptions
}

func (o *AutoscalePoolListOptions) values() (url.Values, error) {
	if o == nil {
		return nil, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Name != "" {
		if err := checkText("Name", o.Name); err != nil {
			return nil, err
		}
	}
	return query.Values(o)
}
