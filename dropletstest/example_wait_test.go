package dropletstest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// provision is the program under test. It creates a Droplet and waits until it is active.
func provision(ctx context.Context, c *droplets.Client) (*droplets.Droplet, error) {
	created, err := c.Droplets.Create(ctx, droplets.DropletCreateRequest{
		Name: "web-01", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
	})
	if err != nil {
		return nil, err
	}
	if _, err := c.DropletActions.WaitForAction(ctx, created.Droplet.ID, created.Actions[0].ID); err != nil {
		return nil, err
	}
	return c.Droplets.Get(ctx, created.Droplet.ID)
}

// TestProvision runs in a synctest bubble, in which a create of 55 seconds takes no real time.
func TestProvision(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(55 * time.Second))
		start := time.Now()
		d, err := provision(t.Context(), api.Client())
		if err != nil {
			t.Fatal(err)
		}
		if d.Status != droplets.DropletStatusActive {
			t.Errorf("the Droplet is %s", d.Status)
		}
		if took := time.Since(start); took > 66*time.Second {
			t.Errorf("provision returned after %s", took)
		}
		if polls := len(api.Requests()); polls > 12 {
			t.Errorf("provision sent %d requests", polls)
		}
	})
}

// Test a program that waits. Actions take no time here; TestProvision uses virtual time instead.
func Example_wait() {
	api := dropletstest.New(dropletstest.WithActionDuration(0))
	d, err := provision(context.Background(), api.Client())
	if err != nil {
		fmt.Println(err)
		return
	}
	addr, ok := d.PublicIPv4()
	fmt.Println(d.Name, d.Status, addr.IsValid(), ok)
	// Output: web-01 active true true
}
