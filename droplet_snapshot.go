package droplets

import "time"

// DropletSnapshot is a snapshot or a backup of a Droplet: an image to create Droplets from.
type DropletSnapshot struct {
	// ID is what [ImageID] and a restore action take.
	ID int64 `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// CreatedAt is when it was made.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Regions are the slugs of the regions that have it.
	Regions []string `json:"regions"`
	// MinDiskSize is the smallest disk that can hold it, in GB.
	MinDiskSize int `json:"min_disk_size"`
	// SizeGigabytes is what is billed, in GB.
	SizeGigabytes float64 `json:"size_gigabytes"`
	// Type tells snapshots from backups.
	Type DropletSnapshotType `json:"type"`
}

// DropletSnapshotType tells snapshots from backups. A value that is not listed here decodes too.
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
