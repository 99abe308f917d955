package dropletstest

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// The backup windows, weekdays and plans of the API.
var (
	backupWindowStarts = []int{0, 4, 8, 12, 16, 20} // hours in UTC
	// weekdays are in the order of [time.Weekday].
	weekdays = []droplets.Weekday{droplets.WeekdaySunday, droplets.WeekdayMonday, droplets.WeekdayTuesday,
		droplets.WeekdayWednesday, droplets.WeekdayThursday, droplets.WeekdayFriday, droplets.WeekdaySaturday}
	retentionDays = map[droplets.BackupPlan]int{droplets.BackupPlanDaily: 7, droplets.BackupPlanWeekly: 28}
)

const backupWindowHours = 4

type (
	backupPolicyRoot struct {
		Policy droplets.BackupPolicyRecord `json:"policy"`
	}
	backupPoliciesPage struct {
		Policies map[string]droplets.BackupPolicyRecord `json:"policies"`
		pageInfo
	}
	supportedBackupPoliciesRoot struct {
		SupportedPolicies []droplets.SupportedBackupPolicy `json:"supported_policies"`
	}
)

// listBackupPolicies lists all Droplets by id, including those without backups.
func (a *API) listBackupPolicies(c *call) (result, *apiError) {
	return paginateSlice(c, a.visible(a.orderedDroplets),
		func(items []*droplet, info pageInfo) backupPoliciesPage {
			page := backupPoliciesPage{make(map[string]droplets.BackupPolicyRecord, len(items)), info}
			for _, d := range items {
				page.Policies[strconv.FormatInt(d.ID, 10)] = d.backupPolicyRecord()
			}
			return page
		})
}

func (a *API) getBackupPolicy(_ *call, d *droplet) (result, *apiError) {
	return result{http.StatusOK, backupPolicyRoot{d.backupPolicyRecord()}}, nil
}

func (d *droplet) backupPolicyRecord() droplets.BackupPolicyRecord {
	return droplets.BackupPolicyRecord{DropletID: d.ID, BackupEnabled: d.backupPolicy != nil, BackupPolicy: d.backupPolicy,
		NextBackupWindow: d.NextBackupWindow}
}

func (a *API) listSupportedBackupPolicies(*call) (result, *apiError) {
	plan := func(name droplets.BackupPlan, days []droplets.Weekday) droplets.SupportedBackupPolicy {
		return droplets.SupportedBackupPolicy{Name: name, PossibleWindowStarts: backupWindowStarts, WindowLengthHours: backupWindowHours,
			RetentionPeriodDays: retentionDays[name], PossibleDays: days}
	}
	return result{http.StatusOK, supportedBackupPoliciesRoot{[]droplets.SupportedBackupPolicy{
		plan(droplets.BackupPlanWeekly, weekdays), plan(droplets.BackupPlanDaily, []droplets.Weekday{}),
	}}}, nil
}

// completeBackupPolicy returns a copy of the requested policy with defaults for its empty fields: daily, at midnight and, for a
// weekly policy, on Sunday. A nil policy is an empty one. It returns an error if the policy is invalid.
func completeBackupPolicy(requested *droplets.BackupPolicy) (*droplets.BackupPolicy, *apiError) {
	var p droplets.BackupPolicy
	if requested != nil {
		p = *requested
	}
	if p.Plan == "" {
		p.Plan = droplets.BackupPlanDaily
	}
	if p.Hour == nil {
		p.Hour = new(int)
	}
	p.WindowLengthHours, p.RetentionPeriodDays = backupWindowHours, retentionDays[p.Plan]
	switch {
	case p.RetentionPeriodDays == 0:
		return nil, unprocessable("%q is not a valid backup plan.", p.Plan)
	case !slices.Contains(backupWindowStarts, *p.Hour):
		return nil, unprocessable("%d is not a valid hour for a backup window to begin.", *p.Hour)
	case p.Plan == droplets.BackupPlanDaily:
		p.Weekday = ""
	case p.Weekday == "":
		p.Weekday = droplets.WeekdaySunday
	case !slices.Contains(weekdays, p.Weekday):
		return nil, unprocessable("%q is not a valid weekday.", p.Weekday)
	}
	return &p, nil
}

// setBackupPolicy enables backups with a policy, or disables them if policy is nil.
func (a *API) setBackupPolicy(d *droplet, policy *droplets.BackupPolicy, at time.Time) {
	d.backupPolicy, d.NextBackupWindow = policy, nil
	d.Features = removeValue(d.Features, "backups")
	if policy == nil {
		return
	}
	d.Features = append(d.Features, "backups")
	a.scheduleBackup(d, at)
}

// scheduleBackup sets the next backup window, the first one after a time, and schedules its backup.
func (a *API) scheduleBackup(d *droplet, after time.Time) {
	start := nextBackupWindow(*d.backupPolicy, after)
	d.NextBackupWindow = &droplets.BackupWindow{Start: start, End: start.Add(backupWindowHours * time.Hour)}
	a.schedule(event{At: start, Kind: eventBackup, Droplet: d.ID})
}

// nextBackupWindow returns the start of the first backup window of a policy after a time.
func nextBackupWindow(p droplets.BackupPolicy, after time.Time) time.Time {
	after = after.UTC()
	start := time.Date(after.Year(), after.Month(), after.Day(), *p.Hour, 0, 0, 0, time.UTC)
	for !start.After(after) || p.Plan == droplets.BackupPlanWeekly && weekdays[start.Weekday()] != p.Weekday {
		start = start.AddDate(0, 0, 1)
	}
	return start
}

// runBackup creates the backup of a window and removes those past their retention period. It does nothing if the window was
// moved or backups were disabled after the event was scheduled.
func (a *API) runBackup(d *droplet, at time.Time) {
	if d.backupPolicy == nil || d.NextBackupWindow == nil || !d.NextBackupWindow.Start.Equal(at) {
		return
	}
	a.addBackup(d, at)
	oldest := at.AddDate(0, 0, -d.backupPolicy.RetentionPeriodDays)
	for _, id := range slices.Clone(d.BackupIDs) {
		if a.images[id].CreatedAt.Before(oldest) {
			a.removeImage(id, at)
		}
	}
	a.scheduleBackup(d, at)
}

func (a *API) addBackup(d *droplet, at time.Time) *image {
	v := a.newDropletImage(d, droplets.ImageTypeBackup, "", at)
	d.BackupIDs = append(d.BackupIDs, v.ID)
	return v
}

// AddBackup creates a backup of a Droplet immediately, without waiting for a backup window. It returns the id of the backup,
// or 0 if the Droplet does not exist.
func (a *API) AddBackup(dropletID int64) int64 {
	now := a.lockToAdd()
	defer a.mu.Unlock()
	d := a.droplets[dropletID]
	if d == nil {
		return 0
	}
	return a.addBackup(d, now).ID
}
