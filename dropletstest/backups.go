package dropletstest

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// The plans as the API offers them.
var (
	windowStarts = []int{0, 4, 8, 12, 16, 20}
	// weekdays stand in the order of [time.Weekday].
	weekdays = []droplets.Weekday{droplets.WeekdaySunday, droplets.WeekdayMonday, droplets.WeekdayTuesday,
		droplets.WeekdayWednesday, droplets.WeekdayThursday, droplets.WeekdayFriday, droplets.WeekdaySaturday}
	retention = map[droplets.BackupPlan]int{droplets.BackupPlanDaily: 7, droplets.BackupPlanWeekly: 28}
)

const windowHours = 4

type (
	policyRoot struct {
		Policy droplets.BackupPolicyRecord `json:"policy"`
	}
	policiesPage struct {
		Policies map[string]droplets.BackupPolicyRecord `json:"policies"`
		pageInfo
	}
	supportedRoot struct {
		SupportedPolicies []droplets.SupportedBackupPolicy `json:"supported_policies"`
	}
)

// listPolicies has every Droplet, those without backups too, in pages by id.
func (a *API) listPolicies(c *call) (answer, *refusal) {
	all := a.visible(func(*droplet) bool { return true })
	return paged(c, len(all), func(i int) *droplet { return all[i] },
		func(items []*droplet, info pageInfo) policiesPage {
			page := policiesPage{make(map[string]droplets.BackupPolicyRecord, len(items)), info}
			for _, d := range items {
				page.Policies[strconv.FormatInt(d.ID, 10)] = d.policyRecord()
			}
			return page
		})
}

func (a *API) getPolicy(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	return answer{http.StatusOK, policyRoot{d.policyRecord()}}, nil
}

func (d *droplet) policyRecord() droplets.BackupPolicyRecord {
	return droplets.BackupPolicyRecord{DropletID: d.ID, BackupEnabled: d.policy != nil, BackupPolicy: d.policy,
		NextBackupWindow: d.NextBackupWindow}
}

func (a *API) listSupportedPolicies(*call) (answer, *refusal) {
	plan := func(name droplets.BackupPlan, days []droplets.Weekday) droplets.SupportedBackupPolicy {
		return droplets.SupportedBackupPolicy{Name: name, PossibleWindowStarts: windowStarts, WindowLengthHours: windowHours,
			RetentionPeriodDays: retention[name], PossibleDays: days}
	}
	return answer{http.StatusOK, supportedRoot{[]droplets.SupportedBackupPolicy{
		plan(droplets.BackupPlanWeekly, weekdays), plan(droplets.BackupPlanDaily, []droplets.Weekday{}),
	}}}, nil
}

// policyFor completes what was asked for: daily, at midnight, on Sunday, where nothing else was. An empty weekday
// counts as none.
func policyFor(asked *droplets.BackupPolicy) (*droplets.BackupPolicy, *refusal) {
	var p droplets.BackupPolicy
	if asked != nil {
		p = *asked
	}
	if p.Plan == "" {
		p.Plan = droplets.BackupPlanDaily
	}
	if p.Hour == nil {
		p.Hour = new(int)
	}
	p.WindowLengthHours, p.RetentionPeriodDays = windowHours, retention[p.Plan]
	switch {
	case p.RetentionPeriodDays == 0:
		return nil, unprocessable("%q is not a valid backup plan.", p.Plan)
	case !slices.Contains(windowStarts, *p.Hour):
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

// setPolicy switches backups on or, with nil, off.
func (a *API) setPolicy(d *droplet, policy *droplets.BackupPolicy, at time.Time) {
	d.policy, d.NextBackupWindow = policy, nil
	d.Features = slices.DeleteFunc(d.Features, func(f string) bool { return f == "backups" })
	if policy == nil {
		return
	}
	d.Features = append(d.Features, "backups")
	a.planBackup(d, at)
}

func (a *API) planBackup(d *droplet, after time.Time) {
	start := nextWindow(*d.policy, after)
	d.NextBackupWindow = &droplets.BackupWindow{Start: start, End: start.Add(windowHours * time.Hour)}
	a.plan(event{At: start, Kind: eventBackup, Droplet: d.ID})
}

func nextWindow(p droplets.BackupPolicy, after time.Time) time.Time {
	after = after.UTC()
	start := time.Date(after.Year(), after.Month(), after.Day(), *p.Hour, 0, 0, 0, time.UTC)
	for !start.After(after) || p.Plan == droplets.BackupPlanWeekly && weekdays[start.Weekday()] != p.Weekday {
		start = start.AddDate(0, 0, 1)
	}
	return start
}

// makeBackup makes the backup that the window was for, and lets go of those that have been kept long enough. A window
// that has been moved or switched off since makes none.
func (a *API) makeBackup(d *droplet, at time.Time) {
	if d.policy == nil || d.NextBackupWindow == nil || !d.NextBackupWindow.Start.Equal(at) {
		return
	}
	a.addBackup(d, at)
	oldest := at.AddDate(0, 0, -d.policy.RetentionPeriodDays)
	for _, id := range slices.Clone(d.BackupIDs) {
		if a.images[id].CreatedAt.Before(oldest) {
			a.removeImage(id)
		}
	}
	a.planBackup(d, at)
}

func (a *API) addBackup(d *droplet, at time.Time) *droplets.Image {
	image := a.addImage(d, droplets.ImageTypeBackup, "", at)
	d.BackupIDs = append(d.BackupIDs, image.ID)
	return image
}

// AddBackup makes a backup of the Droplet now, which otherwise takes until its backup window, and returns its id. It is
// 0 when there is no such Droplet.
func (a *API) AddBackup(dropletID int64) int64 {
	now := a.lockNow()
	defer a.mu.Unlock()
	d := a.droplets[dropletID]
	if d == nil {
		return 0
	}
	return a.addBackup(d, now).ID
}
