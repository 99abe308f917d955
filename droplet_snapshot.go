package droplets

import "time"

// DropletSnapshot is a snapshot or a backup of a Droplet. Droplets can be created from it.
type DropletSnapshot struct {
	// ID is the ID of the image, for [ImageID] and [RestoreRequest].
	ID int64 `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// CreatedAt is the time at which the snapshot was created.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Regions are the slugs of the regions in which the snapshot is available.
	Regions []string `json:"regions"`
	// MinDiskSize is the minimum disk size, in GB, of a Droplet that is created from the snapshot.
	MinDiskSize int `json:"min_disk_size"`
	// SizeGigabytes is the billed size in GB.
	SizeGigabytes float64 `json:"size_gigabytes"`
	// Type is the type of the image.
	Type DropletSnapshotType `json:"type"`
}

// DropletSnapshotType is the type of a [DropletSnapshot]. Values that are not listed here are decoded unchanged.
type DropletSnapshotType string

// The types that the API documents.
const (
	DropletSnapshotTypeSnapshot DropletSnapshotType = "snapshot"
	DropletSnapshotTypeBackup   DropletSnapshotType = "backup"
)

type snapshotsRoot struct {
	Snapshots []DropletSnapshot `json:"snapshots"`
	pageInfo
}

func (v *snapshotsRoot) missing() string { return missingIf(v.Snapshots == nil, "snapshots") }

type backupsRoot struct {
	Backups []DropletSnapshot `json:"backups"`
	pageInfo
}

func (v *backupsRoot) missing() string { return missingIf(v.Backups == nil, "backups") }
