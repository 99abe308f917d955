package droplets

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-querystring/query"
)

// DropletsService creates, reads, lists and deletes Droplets, waits for them, and lists their snapshots, backups, kernels,
// firewalls and neighbors. It is safe for concurrent use.
type DropletsService service

// dropletPath returns the path of a Droplet, followed by more.
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
// The iterator sends no request before the first iteration. It requests 200 Droplets per page unless opts.PerPage is set. The
// first page is requested alone. After that, pages are read ahead: at most 2 pages are in flight or in memory, then 4, then 8;
// [ReadAhead] sets another limit. A break in the caller's loop cancels the requests in flight. If the token source, the
// transport or the rate limiter panics while a page is read ahead, the panic is repeated in the caller's goroutine.
//
// An iterator that ends without an error has yielded every Droplet that existed during the whole iteration and was not on a
// page before opts.Page, even if other Droplets were created and deleted. Droplets that were created or deleted during the
// iteration may be missing. If the totals of two neighboring pages differ, both pages are requested again until the totals are
// equal, the pages have a Droplet in common, or a second attempt shows that the list only grows or only shrinks. After 10
// attempts the iterator ends with an error. If the list does not change, each page is requested once.
//
// There is one exception: if creates and deletes between the responses for two neighboring pages cancel out in the total, the
// change is not noticed, and a Droplet can be missing. If the total changes with each request, this can happen even if they
// cancel out only in part. [VerifyList] closes this gap: it reads the list again until nothing new is found.
//
// If the total proves that Droplets are missing at the end of the list, the list is read again, up to three times in all. If
// Droplets are still missing, the iterator ends with an error that matches [ErrInvalidResponse]. A Droplet without an ID and a
// list that does not end are such errors too. The iterator keeps the IDs of all yielded Droplets in memory.
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

// Get returns a Droplet by its ID, including GPU Droplets. If there is no such Droplet, the error matches [ErrNotFound]. A new
// Droplet may be missing for some seconds; [DropletsService.WaitFor] waits until it is visible.
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

// Create creates a Droplet. It returns when the API has accepted the request: the Droplet has the status "new" and no addresses
// yet. To wait until the Droplet is active, wait for the create action in the result, or use [DropletsService.CreateAndWait].
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
		s.created.recordOutcome(names, nil, nil, err)
		return nil, err
	}
	result := &DropletCreateResult{Droplet: root.Droplet, Actions: root.Links.Actions}
	s.created.recordOutcome(names, []Droplet{*root.Droplet}, result.PendingActions(), nil)
	return result, nil
}

// CreateMultiple creates up to ten Droplets that differ only in their names. It returns when the API has accepted the request,
// and is not retried if its outcome is unknown; see [DropletsService.Create].
//
// DigitalOcean API: POST /v2/droplets
func (s *DropletsService) CreateMultiple(ctx context.Context, req DropletMultiCreateRequest, co ...CallOption) (*DropletMultiCreateResult, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	req.Names = slices.Clone(req.Names) // the caller's slice can change before the names are released
	defer s.created.hold(req.Names).release()
	var root multiCreateRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_create", method: http.MethodPost, path: "v2/droplets", body: req,
		secrets: []string{req.UserData}}, &root, co)
	if err != nil {
		s.created.recordOutcome(req.Names, nil, nil, err)
		return nil, err
	}
	result := &DropletMultiCreateResult{Droplets: root.Droplets, Actions: root.Links.Actions}
	s.created.recordOutcome(req.Names, result.Droplets, result.PendingActions(), nil)
	return result, nil
}

// Delete deletes a Droplet and its local disk permanently. Its volumes, snapshots and reserved IPs are kept and remain
// billed; to delete them too, see [AssociatedResourcesService]. If there is no such Droplet, the error matches
// [ErrNotFound].
//
// The API may not show a new Droplet for some seconds. Delete therefore retries a 404 until half a minute after this client
// created the Droplet, or until a minute after [DropletsService.CreateAndWait], CreateMultipleAndWait or EnsureAndWait began to
// wait for it or saw its create action complete. If the response is still a 404, the error matches [ErrMaybeApplied] and not
// [ErrNotFound]: the Droplet may exist and be billed. After this client has read the Droplet by its ID or its name (List and
// All do not count) or has renamed it, a 404 is not retried and matches [ErrNotFound].
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

// DeleteByTag deletes every Droplet that has the tag, with its local disk, permanently. Volumes, snapshots and reserved IPs are
// kept and remain billed. DeleteByTag rejects an empty or blank tag.
//
// The request is not retried if its outcome is unknown, because another Droplet may get the tag before the retry. The error then
// matches [ErrMaybeApplied].
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
	// Name filters by name, ignoring case; empty for all Droplets. For an exact match, use [DropletsService.FindByName].
	Name string `url:"name,omitempty"`
	// TagName filters by tag; empty for all Droplets. The token needs the scope tag:read.
	TagName string `url:"tag_name,omitempty"`
	// Type is DropletTypeGPUs for GPU Droplets; DropletTypeDroplets or empty for the others.
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
