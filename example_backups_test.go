package droplets_test

import (
	"context"
	"fmt"
	"log"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Enables weekly backups on Sunday at 0:00 UTC. Hour is a pointer because 0 is a valid hour.
func ExampleDropletActionsService_EnableBackups() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(1), dropletstest.WithActionDuration(0))
	client := api.Client()
	id := api.Droplets()[0].ID

	action, err := client.DropletActions.EnableBackups(ctx, id, droplets.EnableBackupsRequest{
		Policy: &droplets.BackupPolicy{
			Plan:    droplets.BackupPlanWeekly,
			Weekday: droplets.WeekdaySunday,
			Hour:    new(0),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.DropletActions.WaitForAction(ctx, id, action.ID); err != nil {
		log.Fatal(err)
	}

	record, err := client.BackupPolicies.Get(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	policy := record.BackupPolicy
	fmt.Println(record.BackupEnabled, policy.Plan, policy.Weekday, *policy.Hour)
	fmt.Println("kept for", policy.RetentionPeriodDays, "days")
	// Output:
	// true weekly SUN 0
	// kept for 28 days
}

// Lists which Droplets have backups enabled.
func ExampleBackupPoliciesService_All() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(0))
	client := api.Client()
	safe := api.Droplets()[1].ID
	if _, err := client.DropletActions.EnableBackups(ctx, safe, droplets.EnableBackupsRequest{}); err != nil {
		log.Fatal(err)
	}

	for record, err := range client.BackupPolicies.All(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(record.DropletID == safe, record.BackupEnabled)
	}
	// Output:
	// false false
	// true true
	// false false
}

// Lists the backup plans with the possible hours and days.
func ExampleBackupPoliciesService_ListSupported() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	plans, err := client.BackupPolicies.ListSupported(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, plan := range plans {
		fmt.Println(plan.Name, plan.PossibleWindowStarts, plan.PossibleDays, plan.RetentionPeriodDays, "days")
	}
	// Output:
	// weekly [0 4 8 12 16 20] [SUN MON TUE WED THU FRI SAT] 28 days
	// daily [0 4 8 12 16 20] [] 7 days
}
