package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/droplets-go/droplets"
)

// choose divides the snapshots. For each Droplet the newest snapshots are kept, as many as keep says; its other snapshots are old.
// Snapshots whose Droplet is unknown and snapshots of other resources are kept. choose returns an error if a snapshot of a Droplet
// has no time of creation.
func choose(all []droplets.Snapshot, keep int) (kept, old []droplets.Snapshot, err error) {
	newestFirst := slices.Clone(all)
	slices.SortFunc(newestFirst, func(a, b droplets.Snapshot) int {
		return cmp.Or(compareIDs(a.ResourceID, b.ResourceID), b.CreatedAt.Compare(a.CreatedAt), compareIDs(b.ID, a.ID))
	})
	ofDroplet := make(map[string]int)
	for _, s := range newestFirst {
		if !isOfDroplet(s) {
			kept = append(kept, s)
			continue
		}
		if s.CreatedAt.IsZero() {
			return nil, nil, fmt.Errorf("the snapshot %s (%s) has no time of creation", s.Name, s.ID)
		}
		if ofDroplet[s.ResourceID]++; ofDroplet[s.ResourceID] <= keep {
			kept = append(kept, s)
		} else {
			old = append(old, s)
		}
	}
	return kept, old, nil
}

// isOfDroplet reports whether a snapshot was created from a known Droplet. Snapshots of deleted Droplets may have the Droplet ID ""
// or 0. They are not snapshots of the same Droplet.
func isOfDroplet(s droplets.Snapshot) bool {
	return s.ResourceType == droplets.SnapshotResourceDroplet && s.ResourceID != "" && s.ResourceID != "0"
}

// compareIDs compares two decimal numbers without leading zeros. If two snapshots were created in the same second, the newer one has
// the larger ID.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
