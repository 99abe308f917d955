// Prune-snapshots keeps the newest snapshots of each Droplet and deletes the older ones, which are billed. Without -delete it only
// lists them. It does not change snapshots of volumes.
//
// By default it uses an in-memory fake of the API; with -live it uses the real API.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func main() { program.Main("prune-snapshots", run) }

type options struct {
	live, remove, yes bool
	keep              int
}

func parse(env program.Env) (o options, err error) {
	flags, live := env.Flags("prune-snapshots")
	flags.IntVar(&o.keep, "keep", 3, "`number` of snapshots to keep for each Droplet, at least 1")
	flags.BoolVar(&o.remove, "delete", false, "delete the older snapshots; otherwise they are only listed")
	flags.BoolVar(&o.yes, "yes", false, "do not ask for confirmation; on the fake, there is no confirmation")
	if err := env.Parse(flags); err != nil {
		return o, err
	}
	if o.keep < 1 {
		return o, fmt.Errorf("-keep must be at least 1, got %d", o.keep)
	}
	o.live = *live
	return o, nil
}

func run(ctx context.Context, env program.Env) error {
	o, err := parse(env)
	if err != nil {
		return err
	}
	description := fmt.Sprintf("lists the snapshots of Droplets except the newest %d of each, and changes nothing", o.keep)
	if o.remove {
		description = fmt.Sprintf("asks for confirmation and then deletes the snapshots of Droplets except the newest %d of each", o.keep)
	}
	api := dropletstest.New(dropletstest.WithDroplets(2), dropletstest.WithActionDuration(0))
	client, err := env.Client(o.live, description, api)
	if err != nil {
		return err
	}
	if !o.live {
		if err := createSampleSnapshots(ctx, client, api); err != nil {
			return err
		}
	}
	return prune(ctx, client, o, env)
}

// createSampleSnapshots creates five snapshots of the first Droplet of the fake, two of the second and one of a volume.
func createSampleSnapshots(ctx context.Context, client *droplets.Client, api *dropletstest.API) error {
	for i, count := range []int{5, 2} {
		for n := range count {
			name := fmt.Sprintf("nightly-%d", n+1)
			if _, err := client.Droplets.SnapshotAndWait(ctx, api.Droplets()[i].ID, droplets.SnapshotRequest{Name: name}); err != nil {
				return err
			}
		}
	}
	api.AddVolumeSnapshot(api.AddVolume("data", "nyc3", 100), "data-monday")
	return nil
}

// prune lists the snapshots and, with -delete, deletes the older ones. If the list fails, it deletes nothing, because a partial list
// does not show which snapshots are the newest.
func prune(ctx context.Context, client *droplets.Client, o options, env program.Env) error {
	all, err := listSnapshots(ctx, client)
	if err != nil {
		return err
	}
	kept, old, err := choose(all, o.keep)
	if err != nil {
		return err
	}
	if err := report(env.Out, kept, old); err != nil {
		return err
	}
	if !o.remove || len(old) == 0 {
		return nil
	}
	if o.live && !o.yes {
		if err := env.Confirm(ctx, fmt.Sprintf("Delete %d snapshots? This cannot be undone.", len(old))); err != nil {
			return err
		}
	}
	return deleteSnapshots(ctx, client, old, env.Out)
}

// listSnapshots returns the snapshots of all Droplets, or an error.
func listSnapshots(ctx context.Context, client *droplets.Client) ([]droplets.Snapshot, error) {
	var found []droplets.Snapshot
	opts := &droplets.SnapshotListOptions{ResourceType: droplets.SnapshotResourceDroplet}
	for snapshot, err := range client.Snapshots.All(ctx, opts) {
		if err != nil {
			return nil, err
		}
		found = append(found, snapshot)
	}
	return found, nil
}

// deleteSnapshots deletes the snapshots. It stops at the first one that cannot be deleted. A snapshot that does not exist any more is
// not an error.
func deleteSnapshots(ctx context.Context, client *droplets.Client, old []droplets.Snapshot, out io.Writer) error {
	for i, s := range old {
		switch err := client.Snapshots.Delete(ctx, s.ID); {
		case errors.Is(err, droplets.ErrNotFound):
			fmt.Fprintf(out, "%s (%s) was already deleted\n", s.Name, s.ID)
		case err != nil:
			return fmt.Errorf("%d of %d snapshots were not deleted: %w", len(old)-i, len(old), err)
		default:
			fmt.Fprintf(out, "deleted %s (%s)\n", s.Name, s.ID)
		}
	}
	return nil
}

func report(out io.Writer, kept, old []droplets.Snapshot) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tDROPLET\tCREATED (UTC)\tGB\t")
	total := 0.0
	row := func(s droplets.Snapshot, choice string) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.2f\t%s\n", s.ID, s.Name, s.ResourceID, s.CreatedAt.UTC().Format("2006-01-02 15:04"), s.SizeGigabytes, choice)
	}
	for _, s := range kept {
		row(s, "keep")
	}
	for _, s := range old {
		row(s, "old")
		total += s.SizeGigabytes
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d of %d snapshots are old: %.2f GB\n", len(old), len(kept)+len(old), total)
	return err
}
