package droplets

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/go-querystring/query"
)

// DropletsService creates, lists, reads and deletes Droplets, and lists their snapshots, backups, kernels, firewalls and
// neighbors. It is safe for concurrent use.
type DropletsService service

func dropletPath(dropletID int64, more string) string {
	return "v2/droplets/" + strconv.FormatInt(dropletID, 10) + more
}

// List returns one page of the Droplets that match opts. Without a TagName it does not include GPU Droplets unless
// opts.Type is DropletTypeGPUs. If opts is nil, it returns the first page of 20. To list all pages, use
// [DropletsService.All].
//
// DigitalOcean API: GET /v2/droplets
func (s *DropletsService) List(ctx context.Context, opts *DropletListOptions, co ...CallOption) (*Page[Droplet], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root dropletsRoot
	err = s.pipeline.invoke(ctx, call{operation: "droplets_list", method: http.MethodGet, path: "v2/droplets", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Droplets, root.pageInfo, opts.page()), nil
}

// All returns an iterator over the Droplets that match opts, from page opts.Page on. Without a TagName, it does not
// include GPU Droplets unless opts.Type is DropletTypeGPUs. It yields each Droplet once and stops after it has yielded an
// error. Each range over the iterator reads the list again.
//
// The iterator requests 200 Droplets per page unless opts.PerPage is set, and nothing before the first iteration. The
// first page is requested alone. After that, pages are read ahead: at most 2 pages are in flight or in memory, then 4,
// then 8, or up to the limit that [ReadAhead] sets. A break cancels the requests in flight. A panic of the token source,
// the transport or the rate limiter in a page that is read ahead is repeated in the caller's goroutine.
//
// An iterator that ends without an error has yielded every Droplet that existed during the whole iteration (and was not
// before page opts.Page), even if other Droplets were created and deleted. Droplets that were created or deleted during
// the iteration may be missing. If the totals of two neighboring pages differ, both pages are requested again until they
// agree or have an item in common. A list that only grows or only shrinks with each request is read too. After 10
// attempts the iterator ends with an error. In a list that does not change, each page is requested once.
//
// There is one gap: if creates and deletes between the responses of two neighboring pages cancel out in the total (in
// part, if the total changes with each request), a Droplet can be missing. [VerifyList] closes the gap.
//
// If the total proves that Droplets are missing, the list is read up to three times. If they are still missing, the
// iterator ends with an error that matches [ErrInvalidResponse]. A Droplet without an ID and a list that does not end are
// such errors too. The iterator keeps the IDs of all yielded Droplets in memory.
//
// DigitalOcean API: GET /v2/droplets
func (s *DropletsService) All(ctx context.Context, opts *DropletListOptions, co ...CallOption) iter.Seq2[Droplet, error] {
	var own DropletListOptions
	if opts != nil {
		own = *opts
	}
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Droplet], error) {
		o := own
		o.ListOptions = page
		return s.List(ctx, &o, co...)
	}
	return all(ctx, own.ListOptions, co, fetch, func(d *Droplet) int64 { return d.ID })
}

// Get returns a Droplet by its ID, including GPU Droplets. If there is no such Droplet, the error matches [ErrNotFound].
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}
func (s *DropletsService) Get(ctx context.Context, dropletID int64, co ...CallOption) (*Droplet, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root dropletRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_get", method: http.MethodGet, path: dropletPath(dropletID, "")}, &root, co)
	if err != nil {
		return nil, err
	}
	s.created.markSeen(dropletID)
	return root.Droplet, nil
}

// Create creates a Droplet. It returns before the Droplet is active: the status is "new" and the Droplet has no addresses
// yet. To wait until the Droplet is active, wait for the create action in the result, or use
// [DropletsService.CreateAndWait].
//
// A create is not retried if its outcome is unknown. The error then matches [ErrMaybeApplied], and the Droplet may exist
// and be billed.
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) Create(ctx context.Context, req DropletCreateRequest, co ...CallOption) (*DropletCreateResult, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	names := []string{req.Name}
	defer s.created.hold(names).release()
	var root createRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_create", method: http.MethodPost, path: "v2/droplets", body: req,
		secrets: []string{req.UserData}}, &root, co)
	if err != nil {
		s.created.settle(names, nil, nil, err)
		return nil, err
	}
	result := &DropletCreateResult{Droplet: root.Droplet, Actions: root.Links.Actions}
	s.created.settle(names, []Droplet{*root.Droplet}, result.PendingActions(), nil)
	return result, nil
}

// CreateMultiple creates up to ten Droplets that differ only in their names. See [DropletsService.Create].
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) CreateMultiple(ctx context.Context, req DropletMultiCreateRequest, co ...CallOption) (*DropletMultiCreateResult, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	defer s.created.hold(req.Names).release()
	var root multiCreateRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_create", method: http.MethodPost, path: "v2/droplets", body: req,
		secrets: []string{req.UserData}}, &root, co)
	if err != nil {
		s.created.settle(req.Names, nil, nil, err)
		return nil, err
	}
	result := &DropletMultiCreateResult{Droplets: root.Droplets, Actions: root.Links.Actions}
	s.created.settle(req.Names, result.Droplets, result.PendingActions(), nil)
	return result, nil
}

// Delete deletes a Droplet and its local disk permanently. Its volumes, snapshots and reserved IPs are kept and remain
// billed; to delete them too, see [AssociatedResourcesService]. If there is no such Droplet, the error matches
// [ErrNotFound].
//
// A Droplet that this client has created within the last half minute may be invisible. Until the API has shown it, a 404 is
// retried within that time. If it stays invisible, the error matches [ErrMaybeApplied] and not [ErrNotFound]: the Droplet may
// exist and be billed.
//
// DigitalOcean API: DELETE /v2/droplets/{droplet_id}
func (s *DropletsService) Delete(ctx context.Context, dropletID int64, co ...CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	err := s.pipeline.invoke(ctx, call{operation: "droplets_destroy", method: http.MethodDelete, path: dropletPath(dropletID, ""),
		created: (*service)(s).createdLookup(dropletID)}, nil, co)
	if err == nil {
		s.created.remove(dropletID)
	}
	return err
}

// DeleteByTag deletes every Droplet that has the tag. It rejects an empty or blank tag. It is not idempotent: another Droplet
// may get the tag before a retry. If the outcome is unknown, the error matches [ErrMaybeApplied] and the request is not retried.
//
// DigitalOcean API: DELETE /v2/droplets
func (s *DropletsService) DeleteByTag(ctx context.Context, tag string, co ...CallOption) error {
	if err := checkText("tag", tag); err != nil {
		return err
	}
	err := s.pipeline.invoke(ctx, call{operation: "droplets_destroy_byTag", method: http.MethodDelete, path: "v2/droplets",
		query: tagQuery(tag)}, nil, co)
	if err == nil {
		s.created.removeTagged(tag)
	}
	return err
}

// DropletListOptions filters a list of Droplets and selects a page. TagName cannot be combined with Name or Type.
type DropletListOptions struct {
	ListOptions
	// Name filters by name, ignoring case; empty for all. For an exact match use [DropletsService.FindByName].
	Name string `url:"name,omitempty"`
	// TagName filters by tag; empty for all. The token needs the scope tag:read.
	TagName string `url:"tag_name,omitempty"`
	// Type is DropletTypeGPUs to list GPU Droplets; empty to list the others.
	Type DropletType `url:"type,omitempty"`
}

func (o *DropletListOptions) page() *ListOptions {
	if o == nil {
		return nil
	}
	return &o.ListOptions
}

func (o *DropletListOptions) values() (url.Values, error) {
	if o == nil {
		return nil, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Name != "" && strings.TrimSpace(o.Name) == "" {
		return nil, invalid("Name", "must not be blank")
	}
	if o.TagName != "" && strings.TrimSpace(o.TagName) == "" {
		return nil, invalid("TagName", "must not be blank")
	}
	if o.TagName != "" && (o.Name != "" || o.Type != "") {
		return nil, invalid("TagName", "cannot be combined with Name or Type")
	}
	return query.Values(o)
}

// DropletType is the type of Droplets in a list.
type DropletType string

// The types that a list can be filtered by.
const (
	DropletTypeDroplets DropletType = "droplets"
	DropletTypeGPUs     DropletType = "gpus"
)
