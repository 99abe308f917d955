package dropletstest

import (
	"net/http"
	"time"
)

// volumeSnapshot is a snapshot of a volume. It remains after the volume was deleted.
type volumeSnapshot struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	VolumeID  string    `json:"volume_id"`
	Region    string    `json:"region"`
	Size      int       `json:"size"` // GB
	Tags      []string  `json:"tags"`

	FilesystemType  string `json:"filesystem_type"`
	FilesystemLabel string `json:"filesystem_label"`
}

func (v *volumeSnapshot) key() string { return v.ID }

// storeVolumeSnapshot adds a snapshot to the account, and to its volume if that exists.
func (s *state) storeVolumeSnapshot(snap *volumeSnapshot) {
	s.volumeSnapshots.add(snap)
	if v := s.volumes[snap.VolumeID]; v != nil {
		v.snapshots = append(v.snapshots, snap)
	}
	s.indexTags(snap)
}

// findVolumeSnapshot returns the snapshot with an id, or nil.
func (s *state) findVolumeSnapshot(id string) *volumeSnapshot {
	if i, found := s.volumeSnapshots.search(id); found {
		return s.volumeSnapshots[i]
	}
	return nil
}

// removeVolumeSnapshot removes a snapshot of a volume and reports whether it existed.
func (s *state) removeVolumeSnapshot(id string) bool {
	snap := s.findVolumeSnapshot(id)
	if snap == nil {
		return false
	}
	s.volumeSnapshots.remove(id)
	if v := s.volumes[snap.VolumeID]; v != nil {
		v.snapshots = removeValue(v.snapshots, snap)
	}
	s.unindexTags(snap)
	return true
}

// AddVolumeSnapshot adds a snapshot of a volume, without a request, and returns its id, or "" if the volume does not exist.
func (a *API) AddVolumeSnapshot(volumeID, name string) string {
	now := a.lockToAdd()
	defer a.mu.Unlock()
	v := a.volumes[volumeID]
	if v == nil {
		return ""
	}
	return a.newVolumeSnapshot(v, name, nil, now).ID
}

// newVolumeSnapshot creates a snapshot of a volume.
func (s *state) newVolumeSnapshot(v *volume, name string, tags []string, now time.Time) *volumeSnapshot {
	snap := &volumeSnapshot{ID: s.nextUUID(), Name: name, CreatedAt: wholeSeconds(now), VolumeID: v.ID, Region: v.Region, Size: v.Size,
		Tags: unique(tags), FilesystemType: v.FilesystemType, FilesystemLabel: v.FilesystemLabel}
	s.storeVolumeSnapshot(snap)
	return snap
}

type volumeSnapshotRequest struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

// createVolumeSnapshot creates a snapshot immediately, without an action.
func (a *API) createVolumeSnapshot(c *call, v *volume) (result, *apiError) {
	req, apiErr := decodeBody[volumeSnapshotRequest](c)
	if apiErr == nil {
		apiErr = checkTagNames(req.Tags)
	}
	switch {
	case apiErr != nil:
		return result{}, apiErr
	case req.Name == "":
		return result{}, unprocessable("Name can't be blank.")
	}
	return result{http.StatusCreated, snapshotRoot{a.newVolumeSnapshot(v, req.Name, req.Tags, c.now).snapshotResource()}}, nil
}

func (a *API) listVolumeSnapshots(c *call, v *volume) (result, *apiError) {
	return paginate(c, len(v.snapshots), func(i int) snapshotResource { return v.snapshots[i].snapshotResource() },
		func(items []snapshotResource, info pageInfo) snapshotsPage { return snapshotsPage{items, info} })
}

func (a *API) getVolumeSnapshot(c *call) (result, *apiError) {
	snap := a.findVolumeSnapshot(c.args[0])
	if snap == nil {
		return result{}, notFound
	}
	return result{http.StatusOK, snapshotRoot{snap.snapshotResource()}}, nil
}

func (a *API) deleteVolumeSnapshot(c *call) (result, *apiError) {
	if !a.removeVolumeSnapshot(c.args[0]) {
		return result{}, notFound
	}
	return noContent, nil
}
