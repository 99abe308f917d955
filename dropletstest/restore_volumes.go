package dropletstest

import (
	"errors"
	"fmt"
)

// restoreVolume adds a volume. Its Droplet is checked later, because Droplets are restored after volumes.
func (s *state) restoreVolume(v *volume) error {
	switch {
	case v == nil || v.ID == "" || s.volumes[v.ID] != nil:
		return errors.New("a volume has no id, or one that is not unique")
	case s.findRegion(v.Region) == nil:
		return fmt.Errorf("the volume %q is in the unknown region %q", v.ID, v.Region)
	}
	v.Tags = nonNil(v.Tags)
	s.useUUID(v.ID)
	s.storeVolume(v)
	return nil
}

func (s *state) restoreVolumeSnapshot(snap *volumeSnapshot) error {
	switch {
	case snap == nil || snap.ID == "" || s.findVolumeSnapshot(snap.ID) != nil:
		return errors.New("a snapshot of a volume has no id, or one that is not unique")
	case s.findRegion(snap.Region) == nil:
		return fmt.Errorf("the snapshot %q is in the unknown region %q", snap.ID, snap.Region)
	}
	snap.Tags = nonNil(snap.Tags)
	s.useUUID(snap.ID)
	s.storeVolumeSnapshot(snap)
	return nil
}

func (s *state) restoreVolumeAction(act *action) error {
	v := s.volumes[act.effect.Volume]
	if act.CompletedAt == nil {
		if v == nil || v.busy() {
			return fmt.Errorf("action %d is in progress on a volume that does not exist or has another one", act.ID)
		}
		if err := s.restoreVolumeEffect(v, act); err != nil {
			return err
		}
	}
	if v != nil {
		v.actions = append(v.actions, act)
	}
	return nil
}

// restoreVolumeEffect returns an error if an action in progress could not end. It sets the action in progress of its Droplet.
func (s *state) restoreVolumeEffect(v *volume, act *action) error {
	d := s.droplets[act.effect.Droplet]
	attaches := act.Type == ActionTypeAttachVolume && d != nil && v.DropletID == 0 && d.Region.Slug == v.Region
	detaches := act.Type == ActionTypeDetachVolume && d != nil && v.DropletID == d.ID
	switch {
	case attaches || detaches:
		return s.restorePending(d, act)
	case act.Type == ActionTypeResizeVolume && act.effect.SizeGB > v.Size && act.effect.Droplet == 0:
		return nil
	}
	return fmt.Errorf("action %d does not match the volume %q and Droplet %d", act.ID, v.ID, act.effect.Droplet)
}
