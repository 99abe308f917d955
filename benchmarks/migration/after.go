package migration

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/droplets-go/droplets"
)

// Provision creates a worker, waits until it has an address, prints all workers and deletes them.
func Provision(ctx context.Context, client *droplets.Client, out io.Writer) error {
	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name:   "worker-1",
		Region: "nyc3",
		Size:   "s-1vcpu-1gb",
		Image:  droplets.ImageSlug("ubuntu-24-04-x64"),
		Tags:   []string{"worker"},
	})
	if err != nil {
		return err // if it matches droplets.ErrMaybeApplied, the Droplet may exist
	}
	address, _ := d.PublicIPv4()
	fmt.Fprintln(out, "created", d.Name, address)

	for d, err := range client.Droplets.All(ctx, &droplets.DropletListOptions{TagName: "worker"}) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, d.Name, d.Status)
		if err := client.Droplets.Delete(ctx, d.ID); err != nil && !errors.Is(err, droplets.ErrNotFound) {
			return err
		}
	}
	return nil
}
