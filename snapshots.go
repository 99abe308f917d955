package droplets

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-querystring/query"
)

// SnapshotsService lists, reads and deletes the snapshots of Droplets and of volumes. It is safe for concurrent use.
//
// Snapshots are billed by their size as long as they are kept, also after their Droplet or volume was deleted. To create a
// snapshot of a Droplet, use [DropletsService.SnapshotAndWait] or [DropletActionsService.Snapshot].
type SnapshotsService service

// List returns one page of the account's snapshots that match opts. If opts is nil, it returns the first 20 of all snapshots.
// To list all pages, use [SnapshotsService.All]. The token needs the scope snapshot:read.
//
// DigitalOcean API: GET /v2/snapshots
func (s *SnapshotsService) List(ctx context.Context, opts *SnapshotListOptions, co ...CallOption) (*Page[Snapshot], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root accountSnapshotsRoot
	err = s.pipeline.invoke(ctx, call{operation: "snapshots_list", method: http.MethodGet, path: "v2/snapshots", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Snapshots, root.pageInfo, opts.page()), nil
}

// All returns an iterator over the account's snapshots that match opts. It works like [DropletsService.All], with the same
// guarantee and the same errors.
//
// DigitalOcean API: GET /v2/snapshots
func (s *SnapshotsService) All(ctx context.Context, opts *SnapshotListOptions, co ...CallOption) iter.Seq2[Snapshot, error] {
	var own SnapshotListOptions
	if opts != nil {
		own = *opts
	}
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[Snapshot], error) {
		o := own
		o.ListOptions = page
		return s.List(ctx, &o, co...)
	}
	return all(ctx, own.ListOptions, co, fetch, func(v *Snapshot) string { return v.ID })
}

// Get returns a snapshot by its ID: a number for a snapshot of a Droplet, a UUID for one of a volume. If there is no such
// snapshot, the error matches [ErrNotFound]. If the ID is that of another image, the API responds with the status 400. The
// token needs the scope snapshot:read, and block_storage_snapshot:read for a snapshot of a volume.
//
// DigitalOcean API: GET /v2/snapshots/{snapshot_id}
func (s *SnapshotsService) Get(ctx context.Context, snapshotID string, co ...CallOption) (*Snapshot, error) {
	if err := checkSegment("snapshotID", snapshotID); err != nil {
		return nil, err
	}
	var root accountSnapshotRoot
	err := s.pipeline.invoke(ctx, call{operation: "snapshots_get", method: http.MethodGet, path: snapshotPath(snapshotID)}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.Snapshot, nil
}

// Delete deletes a snapshot permanently, in all regions. It is no longer billed. If there is no such snapshot, the error
// matches [ErrNotFound]. If the ID is that of another image, the API responds with the status 400. The token needs the scopes
// image:delete and snapshot:delete.
//
// DigitalOcean API: DELETE /v2/snapshots/{snapshot_id}
func (s *SnapshotsService) Delete(ctx context.Context, snapshotID string, co ...CallOption) error {
	if err := checkSegment("snapshotID", snapshotID); err != nil {
		return err
	}
	return s.pipeline.invoke(ctx, call{operation: "snapshots_delete", method: http.MethodDelete, path: snapshotPath(snapshotID)}, nil, co)
}

func snapshotPath(snapshotID string) string { return "v2/snapshots/" + url.PathEscape(snapshotID) }

// SnapshotListOptions filters a list of snapshots and selects a page. The zero value selects snapshots of both types.
type SnapshotListOptions struct {
	ListOptions
	// ResourceType is [SnapshotResourceDroplet] or [SnapshotResourceVolume]; empty for both.
	ResourceType string `url:"resource_type,omitempty"`
}

func (o *SnapshotListOptions) page() *ListOptions {
	if o == nil {
		return nil
	}
	return &o.ListOptions
}

func (o *SnapshotListOptions) values() (url.Values, error) {
	if o == nil {
		return nil, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.ResourceType != "" && strings.TrimSpace(o.ResourceType) == "" {
		return nil, invalid("ResourceType", "must not be blank")
	}
	return query.Values(o)
}
