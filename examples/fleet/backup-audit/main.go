// Backup-audit lists the Droplets without backups, and the backup policies of the others.
//
// By default it uses an in-memory fake of the API; with -live it uses the real API. It is read-only.
package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func main() { program.Main("backup-audit", run) }

func run(ctx context.Context, env program.Env) error {
	flags, live := env.Flags("backup-audit")
	strict := flags.Bool("strict", false, "fail if a Droplet has no backups, for use in CI")
	if err := env.Parse(flags); err != nil {
		return err
	}
	api := dropletstest.New(dropletstest.WithDroplets(6), dropletstest.WithActionDuration(0))
	client, err := env.Client(*live, "lists the Droplets and their backup policies, and changes nothing", api)
	if err != nil {
		return err
	}
	if !*live {
		if err := enableSampleBackups(ctx, client, api); err != nil {
			return err
		}
	}
	without, with, err := audit(ctx, client)
	if err != nil {
		return err
	}
	if err := report(env.Out, without, with); err != nil {
		return err
	}
	if *strict && len(without) > 0 {
		return fmt.Errorf("%d Droplets have no backups", len(without))
	}
	return nil
}

// enableSampleBackups enables backups for some of the Droplets of the fake.
func enableSampleBackups(ctx context.Context, client *droplets.Client, api *dropletstest.API) error {
	all := api.Droplets()
	for i, policy := range []droplets.BackupPolicy{
		{Plan: droplets.BackupPlanDaily, Hour: new(4)},
		{Plan: droplets.BackupPlanWeekly, Weekday: droplets.WeekdaySunday, Hour: new(0)},
	} {
		_, err := client.DropletActions.EnableBackups(ctx, all[2*i].ID, droplets.EnableBackupsRequest{Policy: &policy})
		if err != nil {
			return err
		}
	}
	return nil
}

// finding is a Droplet with its backup policy.
type finding struct {
	droplet droplets.Droplet
	record  droplets.BackupPolicyRecord
}

// audit returns the Droplets without and with backups. It lists all policies, because reading the policy of each Droplet takes more
// requests.
func audit(ctx context.Context, client *droplets.Client) (without, with []finding, err error) {
	records := make(map[int64]droplets.BackupPolicyRecord)
	for record, err := range client.BackupPolicies.All(ctx, nil) {
		if err != nil {
			return nil, nil, err
		}
		records[record.DropletID] = record
	}
	// The list of all Droplets does not include GPU Droplets.
	for _, kind := range []droplets.DropletType{"", droplets.DropletTypeGPUs} {
		for d, err := range client.Droplets.All(ctx, &droplets.DropletListOptions{Type: kind}) {
			if err != nil {
				return nil, nil, err
			}
			f := finding{droplet: d, record: records[d.ID]}
			if f.record.BackupEnabled {
				with = append(with, f)
			} else {
				without = append(without, f)
			}
		}
	}
	return without, with, nil
}

func report(out io.Writer, without, with []finding) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSIZE\tBACKUPS\tWHEN (UTC)\tKEPT\tNEXT")
	for _, f := range slices.Concat(without, with) {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", f.droplet.ID, f.droplet.Name, f.droplet.SizeSlug,
			f.plan(), f.schedule(), f.retention(), f.nextBackup())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d of %d Droplets have no backups\n", len(without), len(without)+len(with))
	return err
}

func (f finding) plan() string {
	switch {
	case !f.record.BackupEnabled:
		return "NONE"
	case f.record.BackupPolicy == nil:
		return "on"
	}
	return string(f.record.BackupPolicy.Plan)
}

func (f finding) schedule() string {
	p := f.record.BackupPolicy
	if p == nil || p.Hour == nil {
		return "-"
	}
	day := string(p.Weekday)
	if day == "" {
		day = "every day"
	}
	return fmt.Sprintf("%s %02d:00 to %02d:00", day, *p.Hour, (*p.Hour+p.WindowLengthHours)%24)
}

func (f finding) retention() string {
	if f.record.BackupPolicy == nil {
		return "-"
	}
	return fmt.Sprintf("%d days", f.record.BackupPolicy.RetentionPeriodDays)
}

func (f finding) nextBackup() string {
	if f.record.NextBackupWindow == nil {
		return "-"
	}
	return f.record.NextBackupWindow.Start.UTC().Format("2006-01-02 15:04")
}
