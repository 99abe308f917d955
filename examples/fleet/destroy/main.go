// Destroy deletes a Droplet with the associated resources that would otherwise remain and be billed. It prints the resources
// and their monthly cost, asks for confirmation, destroys them, and waits until the destroy has completed.
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

func main() { program.Main("destroy", run) }

func run(ctx context.Context, env program.Env) error {
	flags, live := env.Flags("destroy")
	id := flags.Int64("id", 0, "ID of the `Droplet` to destroy; ignored on the fake, where the program creates one")
	yes := flags.Bool("yes", false, "do not ask for confirmation; on the fake, there is no confirmation")
	if err := env.Parse(flags); err != nil {
		return err
	}
	if *live && *id == 0 {
		return errors.New("-live needs -id")
	}
	api := dropletstest.New()
	client, err := env.Client(*live, "asks for confirmation and then destroys a Droplet and its associated resources", api)
	if err != nil {
		return err
	}
	if !*live {
		if *id, err = createSampleDroplet(ctx, client, api); err != nil {
			return err
		}
	}
	d, err := client.Droplets.Get(ctx, *id)
	if err != nil {
		return err
	}
	if err := printResources(ctx, client, d, env.Out); err != nil {
		return err
	}
	if *live && !*yes {
		if err := env.Confirm(ctx, fmt.Sprintf("Destroy %s and all of these resources? This cannot be undone.", d.Name)); err != nil {
			return err
		}
	}
	return destroy(ctx, client, d, env.Out)
}

// createSampleDroplet creates a Droplet on the fake with associated resources of every kind, and returns its ID.
func createSampleDroplet(ctx context.Context, client *droplets.Client, api *dropletstest.API) (int64, error) {
	data, logs := api.AddVolume("data", "nyc3", 100), api.AddVolume("logs", "nyc3", 20)
	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name: "db-1", Region: "nyc3", Size: "s-2vcpu-4gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
		Volumes: []string{data, logs},
	})
	if err != nil {
		return 0, err
	}
	if _, err := client.Droplets.SnapshotAndWait(ctx, d.ID, droplets.SnapshotRequest{Name: "db-1-before-upgrade"}); err != nil {
		return 0, err
	}
	api.AddVolumeSnapshot(data, "data-monday")
	api.AddReservedIP(d.ID)
	return d.ID, nil
}

// printResources prints the Droplet and its associated resources. It returns an error if a cost is invalid, because the total
// would be too small.
func printResources(ctx context.Context, client *droplets.Client, d *droplets.Droplet, out io.Writer) error {
	resources, err := client.AssociatedResources.List(ctx, d.ID)
	if err != nil {
		return err
	}
	cost, err := resources.MonthlyCost()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tID\tNAME\tUSD A MONTH")
	fmt.Fprintf(w, "Droplet\t%d\t%s\t%s\n", d.ID, d.Name, monthlyPrice(d))
	for _, kind := range []struct {
		name      string
		resources []droplets.AssociatedResource
	}{
		{"reserved IP", reservedIPs(resources)},
		{"snapshot", resources.Snapshots},
		{"volume", resources.Volumes},
		{"volume snapshot", resources.VolumeSnapshots},
	} {
		for _, r := range kind.resources {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", kind.name, r.ID, r.Name, r.Cost)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "If they are not destroyed, these resources cost %s USD a month: ", cost.Total)
	fmt.Fprintf(out, "volumes %s, snapshots %s, volume snapshots %s, reserved IPs %s.\n",
		cost.Volumes, cost.Snapshots, cost.VolumeSnapshots, cost.ReservedIPs)
	return nil
}

// reservedIPs returns the reserved IPs. It uses the deprecated field FloatingIPs if the API sets only that.
func reservedIPs(r *droplets.AssociatedResources) []droplets.AssociatedResource {
	if len(r.ReservedIPs) == 0 {
		return r.FloatingIPs
	}
	return r.ReservedIPs
}

func monthlyPrice(d *droplets.Droplet) string {
	if d.Size == nil {
		return "?"
	}
	return fmt.Sprintf("%.2f", d.Size.PriceMonthly)
}

// destroy destroys the Droplet with its associated resources and waits until they are destroyed.
func destroy(ctx context.Context, client *droplets.Client, d *droplets.Droplet, out io.Writer) error {
	if err := client.AssociatedResources.DestroyAll(ctx, d.ID); err != nil {
		return err
	}
	fmt.Fprintln(out, "destroying ...")
	status, err := client.AssociatedResources.WaitForDestroy(ctx, d.ID)
	if _, failed := errors.AsType[*droplets.DestroyError](err); failed {
		fmt.Fprintln(out, "Some resources were not destroyed and are still billed. AssociatedResources.Retry destroys those.")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s and its associated resources were destroyed at %s\n", d.Name, status.CompletedAt.Format("15:04:05"))
	return nil
}
