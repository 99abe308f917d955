package dropletstest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// checkReferences returns an error if the state refers to an object that does not exist, or has a value that is out of range.
func (s *state) checkReferences() error {
	return cmp.Or(forEach(s.orderedDroplets, s.checkDroplet), s.checkVolumes(), s.checkSSHKeys(), s.checkDefaultVPCs(),
		s.checkHosts(), s.checkDestroyJobs(), forEach(s.events, s.checkEvent), s.checkLimits())
}

func (s *state) checkDroplet(d *droplet) error {
	for _, id := range slices.Concat(d.SnapshotIDs, d.BackupIDs) {
		if s.images[id] == nil {
			return fmt.Errorf("the Droplet %d has the image %d, which does not exist", d.ID, id)
		}
	}
	for _, id := range d.VolumeIDs {
		if v := s.volumes[id]; v == nil || v.DropletID != d.ID {
			return fmt.Errorf("the Droplet %d has the volume %q, which does not exist or is not attached to it", d.ID, id)
		}
	}
	return nil
}

func (s *state) checkVolumes() error {
	for _, v := range s.volumes {
		if v.DropletID == 0 {
			continue
		}
		if d := s.droplets[v.DropletID]; d == nil || !slices.Contains(d.VolumeIDs, v.ID) {
			return fmt.Errorf("the volume %q is attached to Droplet %d, which does not exist or does not have the volume", v.ID, v.DropletID)
		}
	}
	return nil
}

func (s *state) checkSSHKeys() error {
	for i, key := range s.sshKeys {
		if key == nil || slices.ContainsFunc(s.sshKeys[:i], func(k *sshKey) bool { return k.ID == key.ID || k.Fingerprint == key.Fingerprint }) {
			return errors.New("an SSH key is null or not unique")
		}
		s.counters.Key = max(s.counters.Key, key.ID)
	}
	return nil
}

func (s *state) checkHosts() error {
	for _, host := range s.hosts {
		for _, id := range host {
			if s.droplets[id] == nil {
				return fmt.Errorf("a host refers to Droplet %d, which does not exist", id)
			}
		}
	}
	return nil
}

func (s *state) checkDestroyJobs() error {
	for id, job := range s.destroyJobs {
		if job == nil || len(job.Items) == 0 {
			return fmt.Errorf("the destroy of Droplet %d has no items", id)
		}
	}
	return nil
}

func (s *state) checkEvent(e event) error {
	switch e.Kind {
	case eventActionEnds:
		if s.actions[e.Action] == nil {
			return fmt.Errorf("an event refers to action %d, which does not exist", e.Action)
		}
	case eventImageChanged:
		return s.checkImageChange(e)
	case eventItemDestroyed:
		if job := s.destroyJobs[e.Droplet]; job == nil || e.Item < 0 || e.Item >= len(job.Items) {
			return fmt.Errorf("an event refers to a destroy of Droplet %d, which does not exist", e.Droplet)
		}
	case eventVisible, eventAddresses, eventStatusShown, eventBackup, eventImageVisible, eventImportRuns, eventImportEnds,
		eventPoolCheck, eventMemberDestroyed, eventPoolDeleted, eventFirewallApplied:
	default:
		return fmt.Errorf("the kind of an event is unknown: %q", e.Kind)
	}
	return nil
}

// checkImageChange returns an error if an event has no action. It adds the action to those that have not changed the image yet.
func (s *state) checkImageChange(e event) error {
	act := s.actions[e.Action]
	if act == nil || !act.belongsTo(resourceImage, e.Image) {
		return fmt.Errorf("an event refers to action %d of image %d, which does not exist", e.Action, e.Image)
	}
	if v := s.images[e.Image]; v != nil {
		return s.restorePendingImage(v, act)
	}
	return nil
}
