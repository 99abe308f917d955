// List prints the Droplets of an account as a table, or as JSON for other programs.
//
// By default it uses an in-memory fake of the API; with -live it uses the real API. It is read-only.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/examples/fleet/internal/program"
)

func main() { program.Main("list", run) }

func run(ctx context.Context, env program.Env) error {
	flags, live := env.Flags("list")
	asJSON := flags.Bool("json", false, "print a JSON array, in the API's format")
	tag := flags.String("tag", "", "list only Droplets with this `tag`")
	gpus := flags.Bool("gpus", false, "list only GPU Droplets, which the list of all Droplets does not include; not with -tag")
	if err := env.Parse(flags); err != nil {
		return err
	}
	if *gpus && *tag != "" {
		return errors.New("-gpus and -tag cannot be combined: the API does not filter GPU Droplets by tag")
	}
	api := dropletstest.New(dropletstest.WithDroplets(12), dropletstest.WithActionDuration(0))
	client, err := env.Client(*live, "lists the Droplets and changes nothing", api)
	if err != nil {
		return err
	}
	if !*live {
		if err := addGPU(ctx, client); err != nil {
			return err
		}
	}
	found, err := collect(ctx, client, *tag, *gpus)
	if err != nil {
		return err
	}
	if *asJSON {
		return printJSON(env.Out, found)
	}
	return printTable(env.Out, found)
}

// addGPU adds a GPU Droplet to the fake, whose initial Droplets have no GPUs.
func addGPU(ctx context.Context, client *droplets.Client) error {
	_, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name: "trainer-1", Region: "tor1", Size: "gpu-h100x1-80gb", Image: droplets.ImageSlug("gpu-h100x1-base"),
		Tags: []string{"ml"},
	})
	return err
}

// collect returns the complete list. Nothing is printed before, so that an error does not leave a partial table or array.
func collect(ctx context.Context, client *droplets.Client, tag string, gpus bool) ([]droplets.Droplet, error) {
	opts := &droplets.DropletListOptions{TagName: tag}
	if gpus {
		opts.Type = droplets.DropletTypeGPUs
	}
	found := []droplets.Droplet{} // an empty list is [] in JSON, not null
	for d, err := range client.Droplets.All(ctx, opts) {
		if err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	return found, nil
}

func printJSON(out io.Writer, found []droplets.Droplet) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(found)
}

func printTable(out io.Writer, found []droplets.Droplet) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSTATUS\tREGION\tSIZE\tIPV4\tTAGS")
	for i := range found {
		d := &found[i]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Name, d.Status, region(d), d.SizeSlug, address(d),
			strings.Join(d.Tags, ","))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d Droplets\n", len(found))
	return err
}

// region returns the slug of the region, or "-": the API omits the region if the token lacks the scope regions:read.
func region(d *droplets.Droplet) string {
	if d.Region == nil {
		return "-"
	}
	return d.Region.Slug
}

func address(d *droplets.Droplet) string {
	addr, ok := d.PublicIPv4()
	if !ok {
		return "-"
	}
	return addr.String()
}
