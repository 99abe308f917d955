package main

import (
	"context"
	"fmt"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// simulation is a fake account in which Droplets are created and deleted, for use of the program without a token.
type simulation struct {
	api    *dropletstest.API
	client *droplets.Client
}

// newSimulation returns an account with three Droplets, a Droplet without public addresses and a GPU Droplet.
func newSimulation(ctx context.Context) (*simulation, error) {
	api := dropletstest.New(dropletstest.WithDroplets(3), dropletstest.WithActionDuration(0))
	s := &simulation{api: api, client: api.Client()}
	private := false
	for _, req := range []droplets.DropletCreateRequest{
		{Name: "db-private", Region: "fra1", Size: "s-2vcpu-4gb", Image: droplets.ImageSlug("debian-12-x64"), Tags: []string{"db"},
			PublicNetworking: &private},
		{Name: "trainer-1", Region: "tor1", Size: "gpu-h100x1-80gb", Image: droplets.ImageSlug("gpu-h100x1-base"), Tags: []string{"ml"},
			Monitoring: true, IPv6: true},
	} {
		if _, err := s.client.Droplets.Create(ctx, req); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// run creates a Droplet in one interval and deletes it in the next one, until ctx is done. It makes the changes in the middle of the
// intervals, so that each refresh finds one.
func (s *simulation) run(ctx context.Context, interval time.Duration) error {
	timer := time.NewTimer(interval / 2)
	defer timer.Stop()
	var last int64
	for n := 1; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			timer.Reset(interval)
		}
		var err error
		if last != 0 {
			err, last = s.client.Droplets.Delete(ctx, last), 0
		} else {
			last, err = s.create(ctx, fmt.Sprintf("web-%d", n))
			n++
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("the simulated account cannot be changed: %w", err)
		}
	}
}

func (s *simulation) create(ctx context.Context, name string) (int64, error) {
	created, err := s.client.Droplets.Create(ctx, droplets.DropletCreateRequest{Name: name, Region: "ams3", Size: "s-1vcpu-1gb",
		Image: droplets.ImageSlug("ubuntu-24-04-x64"), Tags: []string{"web", "autoscaled"}, IPv6: true})
	if err != nil {
		return 0, err
	}
	return created.Droplet.ID, nil
}
