package dropletstest

import (
	"net/http"
	"slices"

	"github.com/droplets-go/droplets"
)

type (
	snapshotsPage struct {
		Snapshots []droplets.DropletSnapshot `json:"snapshots"`
		pageInfo
	}
	backupsPage struct {
		Backups []droplets.DropletSnapshot `json:"backups"`
		pageInfo
	}
	kernelsPage struct {
		Kernels []*droplets.Kernel `json:"kernels"`
		pageInfo
	}
	firewallsPage struct {
		Firewalls []*droplets.Firewall `json:"firewalls"`
		pageInfo
	}
	neighborIDsRoot struct {
		NeighborIDs [][]int64 `json:"neighbor_ids"`
	}
)

func (a *API) listSnapshotsOf(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	return paged(c, len(d.SnapshotIDs), func(i int) droplets.DropletSnapshot { return a.snapshot(d.SnapshotIDs[i]) },
		func(items []droplets.DropletSnapshot, info pageInfo) snapshotsPage { return snapshotsPage{items, info} })
}

func (a *API) listBackupsOf(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	return paged(c, len(d.BackupIDs), func(i int) droplets.DropletSnapshot { return a.snapshot(d.BackupIDs[i]) },
		func(items []droplets.DropletSnapshot, info pageInfo) backupsPage { return backupsPage{items, info} })
}

// snapshot is an image as the lists of a Droplet show it.
func (s *state) snapshot(id int64) droplets.DropletSnapshot {
	image := s.images[id]
	return droplets.DropletSnapshot{ID: image.ID, Name: image.Name, CreatedAt: image.CreatedAt, Regions: image.Regions,
		MinDiskSize: image.MinDiskSize, SizeGigabytes: image.SizeGigabytes, Type: droplets.DropletSnapshotType(image.Type)}
}

// listKernels is empty for a Droplet that has a kernel of its own.
func (a *API) listKernels(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	available := a.kernels
	if d.Kernel == nil {
		available = nil
	}
	return paged(c, len(available), func(i int) *droplets.Kernel { return available[i] },
		func(items []*droplets.Kernel, info pageInfo) kernelsPage { return kernelsPage{items, info} })
}

func (a *API) listFirewalls(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	var found []*droplets.Firewall
	for _, f := range a.walls {
		if slices.Contains(f.DropletIDs, d.ID) || slices.ContainsFunc(f.Tags, func(tag string) bool { return slices.Contains(d.Tags, tag) }) {
			found = append(found, f)
		}
	}
	return paged(c, len(found), func(i int) *droplets.Firewall { return found[i] },
		func(items []*droplets.Firewall, info pageInfo) firewallsPage { return firewallsPage{items, info} })
}

func (a *API) listNeighbors(c *call) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	root := dropletsRoot{Droplets: []*droplets.Droplet{}}
	for _, host := range a.hosts {
		if !slices.Contains(host, d.ID) {
			continue
		}
		for _, id := range host {
			if other := a.droplets[id]; id != d.ID && !other.hidden {
				root.Droplets = append(root.Droplets, &other.Droplet)
			}
		}
	}
	return answer{http.StatusOK, root}, nil
}

func (a *API) listNeighborIDs(*call) (answer, *refusal) {
	root := neighborIDsRoot{NeighborIDs: [][]int64{}}
	for _, host := range a.hosts {
		if len(host) > 1 {
			root.NeighborIDs = append(root.NeighborIDs, host)
		}
	}
	return answer{http.StatusOK, root}, nil
}

// separate takes a Droplet off the server that it shares.
func (s *state) separate(id int64) {
	for i, host := range s.hosts {
		s.hosts[i] = slices.DeleteFunc(host, func(other int64) bool { return other == id })
	}
}

// Colocate puts Droplets on one physical server, so that they are neighbors. Each leaves the server that it was on.
func (a *API) Colocate(dropletIDs ...int64) {
	a.lockNow()
	defer a.mu.Unlock()
	var host []int64
	for _, id := range dropletIDs {
		a.separate(id)
		if a.droplets[id] != nil {
			host = append(host, id)
		}
	}
	a.hosts = append(a.hosts, host)
}

// AddFirewall adds a firewall to the account. It applies to the Droplets whose ids or tags it names. What it leaves
// empty of ID, Name, Status and CreatedAt is filled in; the firewall as it is comes back.
func (a *API) AddFirewall(f droplets.Firewall) droplets.Firewall {
	now := a.lockNow()
	defer a.mu.Unlock()
	if f.ID == "" {
		f.ID = a.nextUUID()
	}
	if f.Name == "" {
		f.Name = "firewall"
	}
	if f.Status == "" {
		f.Status = droplets.FirewallStatusSucceeded
	}
	if f.CreatedAt.IsZero() {
		f.CreatedAt = wholeSeconds(now)
	}
	f = copyFirewall(f)
	own := copyFirewall(f)
	a.walls = append(a.walls, &own)
	return f
}
