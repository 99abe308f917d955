package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/droplets-go/droplets"
)

// choose returns the snapshots to keep and the old ones: those of each Droplet except its newest keep snapshots. Snapshots whose
// Droplet is not known, and snapshots of other resources, are not old. A snapshot of a Droplet without a time is an error,
// because its age is not known.
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

// isOfDroplet reports whether a snapshot was created from a known Droplet. Snapshots of deleted Droplets may have no Droplet or
// the Droplet 0; together they would look like the snapshots of one.
func isOfDroplet(s droplets.Snapshot) bool {
	return s.ResourceType == droplets.SnapshotResourceDroplet && s.ResourceID != "" && s.ResourceID != "0"
}

// compareIDs compares two numbers of any length without leading zeros. Of two snapshots that were created within one second, the
// newer one has the larger ID.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
