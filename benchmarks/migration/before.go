package migration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/digitalocean/godo"
)

// ProvisionWithGodo creates a worker, waits until it has an address, prints all workers and deletes them.
func ProvisionWithGodo(ctx context.Context, client *godo.Client, out io.Writer) error {
	d, _, err := client.Droplets.Create(ctx, &godo.DropletCreateRequest{
		Name:   "worker-1",
		Region: "nyc3",
		Size:   "s-1vcpu-1gb",
		Image:  godo.DropletCreateImage{Slug: "ubuntu-24-04-x64"},
		Tags:   []string{"worker"},
	})
	if err != nil {
		return err
	}
	for d.Status != "active" || len(d.Networks.V4) == 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Second):
		}
		if d, _, err = client.Droplets.Get(ctx, d.ID); err != nil {
			return err
		}
	}
	address, err := d.PublicIPv4()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "created", d.Name, address)

	options := &godo.ListOptions{PerPage: 200}
	for {
		page, resp, err := client.Droplets.ListByTag(ctx, "worker", options)
		if err != nil {
			return err
		}
		for _, d := range page {
			fmt.Fprintln(out, d.Name, d.Status)
			resp, err := client.Droplets.Delete(ctx, d.ID)
			if err != nil && (resp == nil || resp.StatusCode != http.StatusNotFound) {
				return err
			}
		}
		if resp.Links == nil || resp.Links.IsLastPage() {
			return nil
		}
		number, err := resp.Links.CurrentPage()
		if err != nil {
			return errors.Join(errors.New("the page has no number"), err)
		}
		options.Page = number + 1
	}
}
