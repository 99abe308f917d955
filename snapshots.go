package droplets

// SnapshotsService lists, reads and deletes the snapshots of Droplets and of volumes. It is safe for concurrent use.
type SnapshotsService service
