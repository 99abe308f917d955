package droplets

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// BackupPolicyRecord is the backup policy of one Droplet.
type BackupPolicyRecord struct {
	// DropletID is the ID of the Droplet.
	DropletID int64 `json:"droplet_id"`
	// BackupEnabled is true if backups are enabled.
	BackupEnabled bool `json:"backup_enabled"`
	// BackupPolicy is the policy; nil if backups are disabled.
	BackupPolicy *BackupPolicy `json:"backup_policy,omitzero"`
	// NextBackupWindow is the time window of the next backup; nil if backups are disabled.
	NextBackupWindow *BackupWindow `json:"next_backup_window,omitzero"`
}

// BackupPolicy describes when backups are created and how long they are kept.
type BackupPolicy struct {
	// Plan is the frequency. If it is empty in a request, the API creates daily backups.
	Plan BackupPlan `json:"plan,omitzero"`
	// Weekday is the day of weekly backups; empty for daily backups.
	Weekday Weekday `json:"weekday,omitzero"`
	// Hour is the hour of the day, in UTC, at which the window starts: 0, 4, 8, 12, 16 or 20. If it is nil in a request, the
	// API chooses.
	Hour *int `json:"hour,omitzero"`
	// WindowLengthHours is the length of the window in hours. It is read-only: the API sets it, and requests omit it.
	WindowLengthHours int `json:"window_length_hours"`
	// RetentionPeriodDays is how long a backup is kept, in days. It is read-only: the API sets it, and requests omit it.
	RetentionPeriodDays int `json:"retention_period_days"`
}

// wire returns the form of a policy in requests, without the read-only fields; nil for nil.
func (p *BackupPolicy) wire() *backupPolicyWire {
	if p == nil {
		return nil
	}
	return &backupPolicyWire{Plan: p.Plan, Weekday: p.Weekday, Hour: p.Hour}
}

// backupPolicyWire is a policy in a request.
type backupPolicyWire struct {
	Plan    BackupPlan `json:"plan,omitempty"`
	Weekday Weekday    `json:"weekday,omitempty"`
	Hour    *int       `json:"hour,omitempty"`
}

// policy inverts wire; the read-only fields are zero.
func (w *backupPolicyWire) policy() *BackupPolicy {
	if w == nil {
		return nil
	}
	return &BackupPolicy{Plan: w.Plan, Weekday: w.Weekday, Hour: w.Hour}
}

func (w *backupPolicyWire) check(field string) error {
	if *w == (backupPolicyWire{}) {
		return invalid(field, "must not be empty: use nil for the defaults of the API")
	}
	if w.Hour != nil && (*w.Hour < 0 || *w.Hour > 23) {
		return invalid(field+".Hour", "must be 0 to 23, got %d", *w.Hour)
	}
	return nil
}

// SupportedBackupPolicy is a backup plan that the API supports.
type SupportedBackupPolicy struct {
	// Name is the name of the plan.
	Name BackupPlan `json:"name"`
	// PossibleWindowStarts are the hours of the day, in UTC, at which the window can start.
	PossibleWindowStarts []int `json:"possible_window_starts"`
	// WindowLengthHours is the length of the window in hours.
	WindowLengthHours int `json:"window_length_hours"`
	// RetentionPeriodDays is how long a backup is kept, in days.
	RetentionPeriodDays int `json:"retention_period_days"`
	// PossibleDays are the days of the week that the plan supports. The API returns none for the daily plan.
	PossibleDays []Weekday `json:"possible_days"`
}

// BackupPlan is the frequency of backups. Values that are not listed here are decoded unchanged.
type BackupPlan string

// The backup plans that the API documents.
const (
	BackupPlanDaily  BackupPlan = "daily"
	BackupPlanWeekly BackupPlan = "weekly"
)

// Weekday is a day of the week in the API's format.
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

// BackupWindow is the time window in which a backup starts.
type BackupWindow struct {
	// Start is the start of the window.
	Start time.Time `json:"start,omitzero"`
	// End is the end of the window.
	End time.Time `json:"end,omitzero"`
}

func (v *BackupWindow) fields(r *jsonread.Reader) {
	jsonread.Time(r, "start", &v.Start)
	jsonread.Time(r, "end", &v.End)
}

type policyRoot struct {
	Policy *BackupPolicyRecord `json:"policy"`
}

func (r *policyRoot) missing() string {
	return missingIf(r.Policy == nil || *r.Policy == (BackupPolicyRecord{}), "policy")
}

// policiesRoot is the root of a page of policies. The policies are an object with the Droplet IDs as keys.
type policiesRoot struct {
	Policies map[string]BackupPolicyRecord `json:"policies"`
	pageInfo
}

func (r *policiesRoot) missing() string { return missingIf(r.Policies == nil, "policies") }

// ordered returns the records, sorted by Droplet ID. A record without an ID gets that of its key.
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

type supportedPoliciesRoot struct {
	SupportedPolicies []SupportedBackupPolicy `json:"supported_policies"`
}

func (r *supportedPoliciesRoot) missing() string {
	return missingIf(r.SupportedPolicies == nil, "supported_policies")
}
