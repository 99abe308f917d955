package droplets

import (
	"context"
	"net/http"
)

// ListNeighbors returns the other Droplets of the account on the same physical server. The list is empty if there are none.
//
// DigitalOcean API: GET /v2/droplets/{droplet_id}/neighbors
func (s *DropletsService) ListNeighbors(ctx context.Context, dropletID int64, co ...CallOption) ([]Droplet, error) {
	if err := checkID("dropletID", dropletID); err != nil {
		return nil, err
	}
	var root neighborsRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_list_neighbors", method: http.MethodGet,
		path: dropletPath(dropletID, "/neighbors")}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.Droplets, nil
}

// ListNeighborIDs returns one list of Droplet IDs for each physical server with more than one Droplet of the account. It is
// empty if there is no such server.
//
// DigitalOcean API: GET /v2/reports/droplet_neighbors_ids
func (s *DropletsService) ListNeighborIDs(ctx context.Context, co ...CallOption) ([][]int64, error) {
	var root neighborIDsRoot
	err := s.pipeline.invoke(ctx, call{operation: "droplets_list_neighborsIds", method: http.MethodGet,
		path: "v2/reports/droplet_neighbors_ids"}, &root, co)
	if err != nil {
		return nil, err
	}
	return root.NeighborIDs, nil
}

type neighborIDsRoot struct {
	NeighborIDs [][]int64 `json:"neighbor_ids"`
}

func (v *neighborIDsRoot) missing() string { return missingIf(v.NeighborIDs == nil, "neighbor_ids") }
