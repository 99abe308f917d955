package dropletstest

import "time"

// volumeSnapshot is a snapshot of a volume. It remains when the volume is destroyed.
type volumeSnapshot struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	VolumeID  string    `json:"volume_id"`
	Region    string    `json:"region"`
	Size      int       `json:"size"` // GB
	Tags      []string  `json:"tags"`
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

// AddVolumeSnapshot adds a snapshot of a volume and returns its id, or "" if the volume does not exist.
func (a *API) AddVolumeSnapshot(volumeID, name string) string {
	now := a.lockAndApplyDue()
	defer a.mu.Unlock()
	v := a.volumes[volumeID]
	if v == nil {
		return ""
	}
	snap := &volumeSnapshot{ID: a.nextUUID(), Name: name, CreatedAt: wholeSeconds(now), VolumeID: v.ID, Region: v.Region, Size: v.Size,
		Tags: []string{}}
	a.storeVolumeSnapshot(snap)
	return snap.ID
}
