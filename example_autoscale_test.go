package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Creates a pool of two Droplets, waits until both are active, and deletes the pool with its Droplets.
func ExampleAutoscalePoolsService_Create() {
	ctx := context.Background()
	client := poolClient()

	pool, err := client.AutoscalePools.Create(ctx, droplets.AutoscalePoolRequest{
		Name:   "web",
		Config: droplets.AutoscaleConfig{TargetNumberInstances: 2},
		DropletTemplate: droplets.AutoscaleDropletTemplate{
			Name:    "web",
			Region:  "nyc3",
			Size:    "s-1vcpu-1gb",
			Image:   "ubuntu-24-04-x64",
			SSHKeys: []string{"8b:6e:a3:53:98:16:e6:4a:4e:fd:89:d0:ec:e9:ea:e4"},
		},
	})
	if err != nil {
		log.Fatal(err) // if it matches ErrMaybeApplied, list the pools with this name
	}
	fmt.Println(pool.Name, pool.Status)

	members, err := waitForMembers(ctx, client, pool.ID, 2)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range members {
		fmt.Println(m.Status, m.HealthStatus)
	}

	if err := client.AutoscalePools.DeleteWithDroplets(ctx, pool.ID); err != nil {
		log.Fatal(err)
	}
	// Output:
	// web active
	// active healthy
	// active healthy
}

// waitForMembers polls until n Droplets of a pool are active, for at most ten minutes.
func waitForMembers(ctx context.Context, client *droplets.Client, poolID string, n int) (active []droplets.AutoscalePoolMember, err error) {
	const interval = 10 * time.Millisecond // with the real API, use several seconds
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	for {
		active = nil
		for m, err := range client.AutoscalePools.AllMembers(ctx, poolID, nil) {
			if err != nil {
				return nil, err
			}
			if m.Status == droplets.AutoscaleMemberStatusActive {
				active = append(active, m)
			}
		}
		if len(active) >= n {
			return active, nil
		}
		select {
		case <-ctx.Done():
			return active, ctx.Err()
		case <-time.After(interval):
		}
	}
}

// Makes a static pool dynamic. An update replaces the whole pool, so it starts from the request of the current pool.
func ExampleAutoscalePoolsService_Update() {
	ctx := context.Background()
	client := poolClient()
	pool, err := client.AutoscalePools.Create(ctx, poolRequest())
	if err != nil {
		log.Fatal(err)
	}

	req := pool.Request()
	req.Config = droplets.AutoscaleConfig{
		MinInstances:         2,
		MaxInstances:         10, // the maximum number of Droplets that are billed
		TargetCPUUtilization: 0.6,
		CooldownMinutes:      5,
	}
	pool, err = client.AutoscalePools.Update(ctx, pool.ID, req)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(pool.Name, pool.Config.IsStatic(), pool.Config.MinInstances, pool.Config.MaxInstances)

	req.Config.TargetNumberInstances = 3
	_, err = client.AutoscalePools.Update(ctx, pool.ID, req)
	fmt.Println(err)
	// Output:
	// web false 2 10
	// droplets: invalid argument: Config.TargetNumberInstances cannot be combined with the fields of a dynamic pool
}

// Finds a pool by its name and keeps its Droplets when it deletes the pool.
func ExampleAutoscalePoolsService_Delete() {
	ctx := context.Background()
	client := poolClient()
	if _, err := client.AutoscalePools.Create(ctx, poolRequest()); err != nil {
		log.Fatal(err)
	}

	for pool, err := range client.AutoscalePools.All(ctx, &droplets.AutoscalePoolListOptions{Name: "web"}) {
		if err != nil {
			log.Fatal(err)
		}
		if err := client.AutoscalePools.Delete(ctx, pool.ID); err != nil && !errors.Is(err, droplets.ErrNotFound) {
			log.Fatal(err)
		}
		fmt.Println("deleted", pool.Name)
	}
	// Output: deleted web
}

// poolClient returns a client of a fake that has an SSH key for the Droplets of a pool.
func poolClient() *droplets.Client {
	api := dropletstest.New(dropletstest.WithActionDuration(time.Millisecond))
	api.AddSSHKey("laptop", sampleKey)
	return api.Client()
}
