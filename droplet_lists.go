package droplets

import (
	"context"
	"iter"
	"net/http"
)

// ListSnapshots returns one page of the snapshots of a Droplet. If opts is nil, it returns the first page of 20.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/snapshots
func (s *DropletsService) ListSnapshots(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[DropletSnapshot], error) {
	var root snapshotsRoot
	err := listOfDroplet(ctx, s.pipeline, "droplets_list_snapshots", dropletID, "/snapshots", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Snapshots, root.pageInfo, opts), nil
}

// AllSnapshots returns an iterator over the snapshots of a Droplet. It works like [DropletsService.All], with the same
// guarantee and the same errors.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/snapshots
func (s *DropletsService) AllSnapshots(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[DropletSnapshot, error] {
	return allOf(ctx, s.ListSnapshots, dropletID, opts, co, func(v *DropletSnapshot) int64 { return v.ID })
}

// ListBackups returns one page of the backups of a Droplet. If opts is nil, it returns the first page of 20.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/backups
func (s *DropletsService) ListBackups(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[DropletSnapshot], error) {
	var root backupsRoot
	err := listOfDroplet(ctx, s.pipeline, "droplets_list_backups", dropletID, "/backups", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Backups, root.pageInfo, opts), nil
}

// AllBackups returns an iterator over the backups of a Droplet. It works like [DropletsService.All], with the same
// guarantee and the same errors.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/backups
func (s *DropletsService) AllBackups(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[DropletSnapshot, error] {
	return allOf(ctx, s.ListBackups, dropletID, opts, co, func(v *DropletSnapshot) int64 { return v.ID })
}

// ListKernels returns one page of the kernels that [DropletActionsService.ChangeKernel] can select for a Droplet. If opts is nil,
// it returns the first page of 20. Only Droplets from before March 2017 can boot such a kernel; others boot their own.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/kernels
func (s *DropletsService) ListKernels(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[Kernel], error) {
	var root kernelsRoot
	err := listOfDroplet(ctx, s.pipeline, "droplets_list_kernels", dropletID, "/kernels", opts, &root, co)
	if err != nil {
		return nil, err
	}
	kernels := make([]Kernel, 0, len(root.Kernels))
	for _, k := range root.Kernels {
		if k != nil {
			kernels = append(kernels, *k)
		}
	}
	page := newPage(kernels, root.pageInfo, opts)
	page.skipped = len(root.Kernels) - len(kernels) // the total counts them
	return page, nil
}

// AllKernels returns an iterator over the kernels that [DropletActionsService.ChangeKernel] can select for a Droplet. It works
// like [DropletsService.All], with the same guarantee and the same errors.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/kernels
func (s *DropletsService) AllKernels(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[Kernel, error] {
	return allOf(ctx, s.ListKernels, dropletID, opts, co, func(v *Kernel) int64 { return v.ID })
}

// ListFirewalls returns one page of the firewalls that are assigned to a Droplet, directly or through a tag. If opts is nil, it
// returns the first page of 20.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/firewalls
func (s *DropletsService) ListFirewalls(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) (*Page[Firewall], error) {
	var root firewallsRoot
	err := listOfDroplet(ctx, s.pipeline, "droplets_list_firewalls", dropletID, "/firewalls", opts, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.Firewalls, root.pageInfo, opts), nil
}

// AllFirewalls returns an iterator over the firewalls that are assigned to a Droplet, directly or through a tag. It works like
// [DropletsService.All], with the same guarantee and the same errors.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/firewalls
func (s *DropletsService) AllFirewalls(ctx context.Context, dropletID int64, opts *ListOptions, co ...CallOption) iter.Seq2[Firewall, error] {
	return allOf(ctx, s.ListFirewalls, dropletID, opts, co, func(v *Firewall) string { return v.ID })
}

// listOfDroplet requests one page of a list below a Droplet's path and decodes it into root.
func listOfDroplet(ctx context.Context, p *pipeline, operation string, dropletID int64, more string, opts *ListOptions, root root, co []CallOption) error {
	if err := checkID("dropletID", dropletID); err != nil {
		return err
	}
	values, err := opts.values()
	if err != nil {
		return err
	}
	return p.invoke(ctx, call{operation: operation, method: http.MethodGet, path: dropletPath(dropletID, more), query: values}, root, co)
}
