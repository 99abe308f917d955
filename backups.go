package droplets

import (
	"context"
	"iter"
	"net/http"
)

// BackupPoliciesService reads the backup policies of Droplets. To change them, use [DropletActionsService.EnableBackups],
// [DropletActionsService.ChangeBackupPolicy] and [DropletActionsService.DisableBackups]. It is safe for concurrent use.
type BackupPoliciesService service

// Get returns the backup policy of a Droplet. If backups are disabled, BackupEnabled is false and BackupPolicy is nil.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/backups/policy
func (s *BackupPoliciesService) Get(ctx context.Context, dropletID int64, co ...CallOption) (*BackupPolicyRecord, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root policyRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_get_backup_policy", method: http.MethodGet,
		path: dropletPath(dropletID, "/backups/policy")}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.Policy, nil
}

// List returns one page of the backup policies of the account's Droplets. If opts is nil, it returns the first page of 20. The
// items of a page are sorted by Droplet ID, because the API returns them as an object, which has no order.
//
// DigitalOcean API: GET /v2/droplets/backups/policies
func (s *BackupPoliciesService) List(ctx context.Context, opts *ListOptions, co ...CallOption) (*Page[BackupPolicyRecord], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root policiesRoot
	err = s.pipeline.invoke(ctx, call{operation: "droplets_list_backup_policies", method: http.MethodGet,
		path: "v2/droplets/backups/policies", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.ordered(), root.pageInfo, opts), nil
}

// All returns an iterator over the backup policies of the account's Droplets. It works like [DropletsService.All], with
// the same guarantee and the same errors.
//
// DigitalOcean API: GET /v2/droplets/backups/policies
func (s *BackupPoliciesService) All(ctx context.Context, opts *ListOptions, co ...CallOption) iter.Seq2[BackupPolicyRecord, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[BackupPolicyRecord], error) {
		return s.List(ctx, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, func(r *BackupPolicyRecord) int64 { return r.DropletID })
}

// ListSupported returns the backup plans that the API supports, with the possible hours and days of each.
//
// DigitalOcean API: GET /v2/droplets/backups/supported_policies
func (s *BackupPoliciesService) ListSupported(ctx context.Context, co ...CallOption) ([]SupportedBackupPolicy, error) {
	var root supportedPoliciesRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_list_supported_backup_policies", method: http.MethodGet,
		path: "v2/droplets/backups/supported_policies"}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.SupportedPolicies, nil
}
