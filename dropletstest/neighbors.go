package dropletstest

import (
	"net/http"
	"slices"

	"github.com/droplets-go/droplets"
)

type neighborIDsRoot struct {
	NeighborIDs [][]int64 `json:"neighbor_ids"`
}

func (a *API) listNeighbors(_ *call, d *droplet) (result, *apiError) {
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
	return result{http.StatusOK, root}, nil
}

func (a *API) listNeighborIDs(*call) (result, *apiError) {
	root := neighborIDsRoot{NeighborIDs: [][]int64{}}
	for _, host := range a.hosts {
		if len(host) > 1 {
			root.NeighborIDs = append(root.NeighborIDs, host)
		}
	}
	return result{http.StatusOK, root}, nil
}

// removeFromHost removes a Droplet from the physical server that it shares.
func (s *state) removeFromHost(dropletID int64) {
	for i, host := range s.hosts {
		s.hosts[i] = removeValue(host, dropletID)
	}
}

// Colocate places Droplets on one physical server, so that they are neighbors. It removes each of them from the server that
// it shared before. Ids of Droplets that do not exist are ignored.
func (a *API) Colocate(dropletIDs ...int64) {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	host := []int64{}
	for _, id := range dropletIDs {
		a.removeFromHost(id)
		if a.droplets[id] != nil && !slices.Contains(host, id) {
			host = append(host, id)
		}
	}
	a.hosts = append(a.hosts, host)
}
