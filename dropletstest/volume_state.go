package dropletstest

import (
	"fmt"
	"time"
)

// volume is a block storage volume.
type volume struct {
	ID              string    `json:"id"`
	Name            string    `json:"name"`
	Description     string    `json:"description"`
	Size            int       `json:"size"` // GB
	Region          string    `json:"region"`
	CreatedAt       time.Time `json:"created_at"`
	FilesystemType  string    `json:"filesystem_type"`
	FilesystemLabel string    `json:"filesystem_label"`
	DropletID       int64     `json:"droplet_id"` // 0 if it is not attached
	Tags            []string  `json:"tags"`

	snapshots []*volumeSnapshot // the oldest first
	actions   []*action         // the oldest first
}

// volumeName identifies a volume. A request cannot create a second volume with the same name in a region, but AddVolume can.
type volumeName struct{ region, name string }

// findVolume returns the oldest volume with a name in a region, or nil.
func (s *state) findVolume(region, name string) *volume {
	if found := s.volumeNames[volumeName{region, name}]; len(found) > 0 {
		return found[0]
	}
	return nil
}

func (v *volume) key() string { return v.ID }

func (v *volume) fullName() volumeName { return volumeName{v.Region, v.Name} }

// busy reports whether an action is in progress.
func (v *volume) busy() bool { return inProgress(v.actions) }

// inProgress reports whether the last action of a resource is in progress.
func inProgress(actions []*action) bool {
	return len(actions) > 0 && actions[len(actions)-1].CompletedAt == nil
}

func (v *volume) attach(d *droplet) {
	v.DropletID = d.ID
	d.VolumeIDs = append(d.VolumeIDs, v.ID)
}

func (v *volume) detach(d *droplet) {
	v.DropletID = 0
	d.VolumeIDs = removeValue(d.VolumeIDs, v.ID)
}

// checkAttachable returns an error if the volume cannot be attached to a Droplet in a region.
func (v *volume) checkAttachable(region string) *apiError {
	switch {
	case v.DropletID != 0:
		return unprocessable("This volume is already attached: %q.", v.ID)
	case v.busy():
		return volumeBusy
	case v.Region != region:
		return unprocessable("Volume %q is in region %s and the Droplet is in %s.", v.ID, v.Region, region)
	}
	return nil
}

// destroyFailure returns the reason why a destroy with associated resources cannot destroy the volume, or "". The volume can be nil.
func (v *volume) destroyFailure() string {
	switch {
	case v == nil:
		return ""
	case v.DropletID != 0:
		return fmt.Sprintf("The volume is attached to Droplet %d.", v.DropletID)
	case v.busy():
		return "The volume has an action in progress."
	}
	return ""
}

// storeVolume adds a volume to the account.
func (s *state) storeVolume(v *volume) {
	s.volumes[v.ID] = v
	s.orderedVolumes.add(v)
	s.volumeNames[v.fullName()] = append(s.volumeNames[v.fullName()], v)
	s.indexTags(v)
}

// removeVolume removes a volume that is not attached and has no action in progress. Its snapshots are kept.
func (s *state) removeVolume(id string) {
	if v := s.volumes[id]; v != nil {
		delete(s.volumes, id)
		s.orderedVolumes.remove(id)
		if s.volumeNames[v.fullName()] = removeValue(s.volumeNames[v.fullName()], v); len(s.volumeNames[v.fullName()]) == 0 {
			delete(s.volumeNames, v.fullName())
		}
		s.unindexTags(v)
	}
}

// detachVolumes detaches the volumes of a Droplet that is removed.
func (s *state) detachVolumes(d *droplet) {
	for _, id := range d.VolumeIDs {
		if v := s.volumes[id]; v != nil {
			v.DropletID = 0
		}
	}
}

// AddVolume adds a volume to a region, without a request, and returns its id, for a create request or [API.AttachVolume]. The size is
// in GB. The name and the size are not checked. AddVolume panics if the region does not exist.
func (a *API) AddVolume(name, region string, gigabytes int) string {
	now := a.lockToAdd()
	defer a.mu.Unlock()
	if a.findRegion(region) == nil {
		panic(fmt.Sprintf("dropletstest: AddVolume: the region %q is unknown", region))
	}
	v := &volume{ID: a.nextUUID(), Name: name, Region: region, Size: gigabytes, CreatedAt: wholeSeconds(now), Tags: []string{}}
	a.storeVolume(v)
	return v.ID
}

// AttachVolume attaches a volume to a Droplet, immediately and without an action. It returns false if either does not exist, if the
// volume is already attached or has an action in progress, or if they are in different regions. Unlike a request, it can attach more
// than 15 volumes to a Droplet, also while the Droplet has an action in progress.
func (a *API) AttachVolume(volumeID string, dropletID int64) bool {
	a.lockAndApplyDue()
	defer a.mu.Unlock()
	v, d := a.volumes[volumeID], a.droplets[dropletID]
	if v == nil || d == nil || v.checkAttachable(d.Region.Slug) != nil {
		return false
	}
	v.attach(d)
	return true
}
