package dropletstest

import (
	"fmt"
	"time"

	"github.com/droplets-go/droplets"
)

// Seed adds n more Droplets to the account, as [WithDroplets] does. Their names begin with droplet-00001 again.
func (a *API) Seed(n int) {
	a.lockToAdd()
	defer a.mu.Unlock()
	a.seed(n)
}

// seed adds n active Droplets to the account, without actions and ledger entries.
func (a *API) seed(n int) {
	sizes := []string{"s-1vcpu-1gb", "s-1vcpu-2gb", "s-2vcpu-2gb", "s-2vcpu-4gb"}
	now := wholeSeconds(a.config.clock.Now())
	for i := range n {
		created := now.Add(-time.Duration(n-i) * time.Minute)
		region := a.regions[i%len(a.regions)]
		spec := createSpec{createRequest: createRequest{Tags: []string{[]string{"web", "db", "worker"}[i%3], "seeded"}}, region: region,
			vpc: a.defaultVPC(region.Slug), size: a.findSize(sizes[i%len(sizes)]), image: a.imageSlugs[seedImages[i%len(seedImages)]]}
		d := a.buildDroplet(created, spec, fmt.Sprintf("droplet-%05d", i+1))
		if i%100 == 0 {
			d.Kernel = a.kernels[0]
		}
		d.Status, d.actualStatus = droplets.DropletStatusActive, droplets.DropletStatusActive
		a.assignAddresses(d)
	}
}
