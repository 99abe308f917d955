package droplets

import (
	"strconv"
	"time"
)

// Snapshot is a snapshot of a Droplet or of a volume. See [DropletSnapshot] for the snapshots and backups of one Droplet.
type Snapshot struct {
	// ID identifies the snapshot. It is a number for a snapshot of a Droplet, see [Snapshot.ImageID], and a UUID for one of a
	// volume.
	ID string `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// CreatedAt is the time at which the snapshot was created.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Regions are the slugs of the regions in which the snapshot is available.
	Regions []string `json:"regions"`
	// ResourceID is the ID of the Droplet or the volume that the snapshot was created from, which may have been deleted.
	ResourceID string `json:"resource_id"`
	// ResourceType is the type of that resource: [SnapshotResourceDroplet] or [SnapshotResourceVolume].
	ResourceType string `json:"resource_type"`
	// MinDiskSize is the minimum size, in GB, of the disk or the volume that is created from the snapshot.
	MinDiskSize int `json:"min_disk_size"`
	// SizeGigabytes is the billed size in GB.
	SizeGigabytes float64 `json:"size_gigabytes"`
	// Tags are the snapshot's tags. The token needs the scope tag:read.
	Tags []string `json:"tags"`
}

// The resource types of snapshots that the API documents, for [SnapshotListOptions] and [Snapshot].
const (
	SnapshotResourceDroplet = "droplet"
	SnapshotResourceVolume  = "volume"
)

// ImageID returns the ID of a Droplet's snapshot as a number, for [ImageID] and the methods of [ImagesService]. ok is false for
// the snapshot of a volume, which is not an image.
func (s *Snapshot) ImageID() (id int64, ok bool) {
	if s.ResourceType != SnapshotResourceDroplet || !isDigits(s.ID) {
		return 0, false
	}
	id, err := strconv.ParseInt(s.ID, 10, 64)
	if err != nil || id < 1 {
		return 0, false
	}
	return id, true
}

type accountSnapshotRoot struct {
	Snapshot *Snapshot `json:"snapshot"`
}

func (v *accountSnapshotRoot) missing() string {
	switch {
	case v.Snapshot == nil:
		return "snapshot"
	case v.Snapshot.ID == "":
		return "snapshot.id"
	}
	return ""
}

// accountSnapshotsRoot has the same key as [snapshotsRoot], with snapshots of all resources.
type accountSnapshotsRoot struct {
	Snapshots []Snapshot `json:"snapshots"`
	pageInfo
}

func (v *accountSnapshotsRoot) missing() string { return missingIf(v.Snapshots == nil, "snapshots") }
