package droplets

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"slices"
	"strconv"
)

// BackupPoliciesService reads when Droplets are backed up. To change it, see [DropletActionsService.EnableBackups],
// [DropletActionsService.ChangeBackupPolicy] and [DropletActionsService.DisableBackups]. It is safe for concurrent use.
type BackupPoliciesService service

// Get returns the backup policy of a Droplet. Without backups the record says so and has no policy.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/backups/policy
func (s *BackupPoliciesService) Get(ctx context.Context, dropletID int64, co ...CallOption) (*BackupPolicyRecord, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root policyRoot
	err := s.client.invoke(ctx, call{operation: "droplets_get_backup_policy", method: http.MethodGet,
		path: dropletPath(dropletID, "/backups/policy")}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.Policy, nil
}

// List returns one page of the backup policies of the account's Droplets. The API answers with an object that has no
// order; the page is ordered by Droplet id.
//
// DigitalOcean API: GET /v2/droplets/backups/policies
func (s *BackupPoliciesService) List(ctx context.Context, opts *ListOptions, co ...CallOption) (*Page[BackupPolicyRecord], error) {
	values, err := opts.values()
	if err != nil {
		return nil, err
	}
	var root policiesRoot
	err = s.client.invoke(ctx, call{operation: "droplets_list_backup_policies", method: http.MethodGet,
		path: "v2/droplets/backups/policies", query: values}, &root, co)
	if err != nil {
		return nil, err
	}
	return newPage(root.ordered(), root.pageInfo, opts), nil
}

// All iterates over the backup policies of all Droplets, by the rules of [DropletsService.All].
//
// DigitalOcean API: GET /v2/droplets/backups/policies
func (s *BackupPoliciesService) All(ctx context.Context, opts *ListOptions, co ...CallOption) iter.Seq2[BackupPolicyRecord, error] {
	fetch := func(ctx context.Context, page ListOptions, co []CallOption) (*Page[BackupPolicyRecord], error) {
		return s.List(ctx, &page, co...)
	}
	return all(ctx, opts.orDefault(), co, fetch, func(r *BackupPolicyRecord) int64 { return r.DropletID })
}

// ListSupported returns the backup plans that the API offers, with the hours and days that each can have.
//
// DigitalOcean API: GET /v2/droplets/backups/supported_policies
func (s *BackupPoliciesService) ListSupported(ctx context.Context, co ...CallOption) ([]SupportedBackupPolicy, error) {
	var root supportedPoliciesRoot
	err := s.client.invoke(ctx, call{operation: "droplets_list_supported_backup_policies", method: http.MethodGet,
		path: "v2/droplets/backups/supported_policies"}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.SupportedPolicies, nil
}

// BackupPolicyRecord says whether and when a Droplet is backed up.
type BackupPolicyRecord struct {
	// DropletID is the Droplet.
	DropletID int64 `json:"droplet_id"`
	// BackupEnabled is true while backups are on.
	BackupEnabled bool `json:"backup_enabled"`
	// BackupPolicy is the policy; nil while backups are off.
	BackupPolicy *BackupPolicy `json:"backup_policy,omitzero"`
	// NextBackupWindow is when the next backup may begin; nil while backups are off.
	NextBackupWindow *BackupWindow `json:"next_backup_window,omitzero"`
}

// BackupPolicy says when backups are made and how long they are kept.
type BackupPolicy struct {
	// Plan is how often; empty leaves it to the API, which makes daily backups.
	Plan BackupPlan `json:"plan,omitzero"`
	// Weekday is the day of weekly backups; empty for daily ones.
	Weekday Weekday `json:"weekday,omitzero"`
	// Hour is the hour of the day, in UTC, at which the window begins: 0, 4, 8, 12, 16 or 20. nil leaves it to the API.
	Hour *int `json:"hour,omitzero"`
	// WindowLengthHours is how long the window is, in hours. The API sets it; it is never sent.
	WindowLengthHours int `json:"window_length_hours"`
	// RetentionPeriodDays is how long a backup is kept, in days. The API sets it; it is never sent.
	RetentionPeriodDays int `json:"retention_period_days"`
}

// SupportedBackupPolicy is a backup plan that the API offers.
type SupportedBackupPolicy struct {
	// Name is the plan.
	Name BackupPlan `json:"name"`
	// PossibleWindowStarts are the hours of the day, in UTC, at which its window can begin.
	PossibleWindowStarts []int `json:"possible_window_starts"`
	// WindowLengthHours is how long its window is, in hours.
	WindowLengthHours int `json:"window_length_hours"`
	// RetentionPeriodDays is how long its backups are kept, in days.
	RetentionPeriodDays int `json:"retention_period_days"`
	// PossibleDays are the days of the week that it can have; empty for the daily plan.
	PossibleDays []Weekday `json:"possible_days"`
}

// BackupPlan is how often backups are made. A value that is not listed here decodes too.
type BackupPlan string

// The backup plans that the API documents.
const (
	BackupPlanDaily  BackupPlan = "daily"
	BackupPlanWeekly BackupPlan = "weekly"
)

// Weekday is a day of the week as the API writes it.
type Weekday string

// The days of the week.
const (
	WeekdaySunday    Weekday = "SUN"
	WeekdayMonday    Weekday = "MON"
	WeekdayTuesday   Weekday = "TUE"
	WeekdayWednesday Weekday = "WED"
	WeekdayThursday  Weekday = "THU"
	WeekdayFriday    Weekday = "FRI"
	WeekdaySaturday  Weekday = "SAT"
)

// backupPolicyWire is what of a policy may be sent.
type backupPolicyWire struct {
	Plan    BackupPlan `json:"plan,omitempty"`
	Weekday Weekday    `json:"weekday,omitempty"`
	Hour    *int       `json:"hour,omitempty"`
}

func (p *BackupPolicy) wire() *backupPolicyWire {
	if p == nil {
		return nil
	}
	return &backupPolicyWire{Plan: p.Plan, Weekday: p.Weekday, Hour: p.Hour}
}

func (w *backupPolicyWire) check(field string) error {
	if *w == (backupPolicyWire{}) {
		return invalid(field, "must not be empty: leave it out for what the API chooses")
	}
	if w.Hour != nil && (*w.Hour < 0 || *w.Hour > 23) {
		return invalid(field+".Hour", "must be an hour of the day, got %d", *w.Hour)
	}
	return nil
}

// The objects that the API wraps its answers in.
type (
	policyRoot struct {
		Policy *BackupPolicyRecord `json:"policy"`
	}
	policiesRoot struct {
		Policies map[string]BackupPolicyRecord `json:"policies"`
		pageInfo
	}
	supportedPoliciesRoot struct {
		SupportedPolicies []SupportedBackupPolicy `json:"supported_policies"`
	}
)

// ordered lists the records by Droplet id. The key stands in for an id that a record does not repeat.
func (r *policiesRoot) ordered() []BackupPolicyRecord {
	records := make([]BackupPolicyRecord, 0, len(r.Policies))
	for key, record := range r.Policies {
		if record.DropletID == 0 {
			record.DropletID, _ = strconv.ParseInt(key, 10, 64)
		}
		records = append(records, record)
	}
	slices.SortFunc(records, func(a, b BackupPolicyRecord) int { return cmp.Compare(a.DropletID, b.DropletID) })
	return records
}

func (r *policyRoot) missing() string {
	return missingIf(r.Policy == nil || *r.Policy == (BackupPolicyRecord{}), "policy")
}
func (r *policiesRoot) missing() string { return missingIf(r.Policies == nil, "policies") }
func (r *supportedPoliciesRoot) missing() string {
	return missingIf(r.SupportedPolicies == nil, "supported_policies")
}
