package dropletstest

import (
	"slices"
	"time"
)

// volume is a block storage volume with its snapshots.
type volume struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Size      int              `json:"size"` // GB
	Region    string           `json:"region"`
	DropletID int64            `json:"droplet_id"` // 0 if it is not attached
	Snapshots []volumeSnapshot `json:"snapshots"`
}

type volumeSnapshot struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

func (v *volume) attach(d *droplet) {
	v.DropletID = d.ID
	d.VolumeIDs = append(d.VolumeIDs, v.ID)
}

// removeVolumeSnapshot removes a snapshot of a volume and reports whether it existed.
func (s *state) removeVolumeSnapshot(id string) (found bool) {
	for _, v := range s.volumes {
		v.Snapshots = slices.DeleteFunc(v.Snapshots, func(snap volumeSnapshot) bool {
			found = found || snap.ID == id
			return snap.ID == id
		})
	}
	return found
}

// AddVolume adds a volume of the given size to a region and returns its id, for a create request or [API.AttachVolume].
func (a *API) AddVolume(name, region string, gigabytes int) string {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	v := &volume{ID: a.nextUUID(), Name: name, Region: region, Size: gigabytes}
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

// AddVolumeSnapshot adds a snapshot of a volume and returns its id, or "" if the volume does not exist.
func (a *API) AddVolumeSnapshot(volumeID, name string) string {
	now := a.lockAndApplyDue()
	defer a.mu.Unlock()
	v := a.volumes[volumeID]
	if v == nil {
		return ""
	}
	snap := volumeSnapshot{ID: a.nextUUID(), Name: name, CreatedAt: wholeSeconds(now)}
	v.Snapshots = append(v.Snapshots, snap)
	return snap.ID
}
