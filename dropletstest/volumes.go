package dropletstest

// volume is a block storage volume.
type volume struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Size      int      `json:"size"` // GB
	Region    string   `json:"region"`
	DropletID int64    `json:"droplet_id"` // 0 if it is not attached
	Tags      []string `json:"tags"`

	snapshots []*volumeSnapshot // the oldest first
}

func (v *volume) key() string { return v.ID }

func (v *volume) attach(d *droplet) {
	v.DropletID = d.ID
	d.VolumeIDs = append(d.VolumeIDs, v.ID)
}

// removeVolume removes a volume that is not attached. Its snapshots are kept.
func (s *state) removeVolume(id string) {
	if v := s.volumes[id]; v != nil {
		delete(s.volumes, id)
		s.unindexTags(v)
	}
}

// AddVolume adds a volume of the given size to a region and returns its id, for a create request or [API.AttachVolume].
func (a *API) AddVolume(name, region string, gigabytes int) string {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	v := &volume{ID: a.nextUUID(), Name: name, Region: region, Size: gigabytes, Tags: []string{}}
	a.volumes[v.ID] = v
	return v.ID
}

// AttachVolume attaches a volume to a Droplet. It returns false if either does not exist or the volume is already attached.
func (a *API) AttachVolume(volumeID string, dropletID int64) bool {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	v, d := a.volumes[volumeID], a.droplets[dropletID]
	if v == nil || d == nil || v.DropletID != 0 {
		return false
	}
	v.attach(d)
	return true
}

// detachVolumes detaches the volumes of a Droplet that is removed.
func (s *state) detachVolumes(d *droplet) {
	for _, id := range d.VolumeIDs {
		if v := s.volumes[id]; v != nil {
			v.DropletID = 0
		}
	}
}
