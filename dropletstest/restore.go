package dropletstest

import (
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/droplets-go/droplets"
)

// ReadState replaces the account by one that [API.WriteState] wrote. Events that have become due since take effect with their
// due times. If the state is invalid or has another version, ReadState returns an error and does not change the account.
func (a *API) ReadState(r io.Reader) error {
	var saved savedState
	dec := json.NewDecoder(r)
	if err := dec.Decode(&saved); err != nil {
		return fmt.Errorf("dropletstest: the state cannot be read: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("dropletstest: the state cannot be read: unexpected data after the JSON value")
	}
	if saved.Version != stateVersion {
		return fmt.Errorf("dropletstest: the state has version %d, but only version %d is supported", saved.Version, stateVersion)
	}
	restored, err := saved.restore()
	if err != nil {
		return fmt.Errorf("dropletstest: the state is invalid: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	restored.requests, restored.limiter = a.requests, a.limiter
	restored.actionFailures, restored.faults, restored.destroyFailures = a.actionFailures, a.faults, a.destroyFailures
	a.state = *restored
	return nil
}

// restore builds a state. It returns an error if the saved state is inconsistent.
func (v *savedState) restore() (*state, error) {
	s := new(state)
	s.init()
	s.counters, s.sshKeys, s.hosts, s.vpcs = v.Counters, v.SSHKeys, v.Hosts, nil
	s.ledger.entries, s.ledger.destroyRequests, s.events = v.Ledger, v.DestroyRequests, v.Events
	if v.DestroyJobs != nil {
		s.destroyJobs = v.DestroyJobs
	}
	for _, image := range slices.Clone(s.orderedImages) {
		if !image.inCatalog {
			s.removeImage(image.ID, image.CreatedAt)
		}
	}
	for _, t := range v.Tags {
		s.addTag(t.Name)
	}
	if err := errors.Join(restoreAll(v.VPCs, s.restoreVPC), restoreAll(v.Images, s.restoreImage), restoreAll(v.Volumes, s.restoreVolume),
		restoreAll(v.VolumeSnapshots, s.restoreVolumeSnapshot), restoreAll(v.Droplets, s.restoreDroplet),
		restoreAll(v.ReservedIPs, s.restoreReservedIP), restoreAll(v.Firewalls, s.restoreFirewall),
		restoreAll(v.Actions, s.restoreAction), restoreAll(v.Tags, s.restoreTag), restoreAll(v.Pools, s.restorePool)); err != nil {
		return nil, err
	}
	heap.Init(&s.events)
	return s, s.checkReferences()
}

// restoreAll returns the first error.
func restoreAll[T any](list []T, restore func(T) error) error {
	for _, v := range list {
		if err := restore(v); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) restoreImage(saved savedImage) error {
	if saved.ID < 1 || s.images[saved.ID] != nil {
		return fmt.Errorf("the id %d of an image is invalid or not unique", saved.ID)
	}
	if s.imageSlugs[saved.Slug] != nil {
		return fmt.Errorf("two images have the slug %q", saved.Slug)
	}
	for _, slug := range saved.Regions {
		if s.findRegion(slug) == nil {
			return fmt.Errorf("the image %d is in the unknown region %q", saved.ID, slug)
		}
	}
	if saved.Importing != nil && s.findRegion(saved.Importing.Region) == nil {
		return fmt.Errorf("the image %d is imported to the unknown region %q", saved.ID, saved.Importing.Region)
	}
	s.counters.Image = max(s.counters.Image, saved.ID)
	s.storeImage(&image{Image: saved.Image, dropletID: saved.DropletID, hidden: saved.Hidden, importing: saved.Importing})
	return nil
}

func (s *state) restoreDroplet(saved savedDroplet) error {
	d := &droplet{Droplet: saved.Droplet, actualStatus: saved.ActualStatus, hidden: saved.Hidden, backupPolicy: saved.BackupPolicy, privateOnly: saved.PrivateOnly,
		network: saved.Network}
	d.Size, d.Region = s.findSize(saved.SizeSlug), s.findRegion(saved.RegionSlug)
	if v := s.images[saved.ImageID]; v != nil && d.Image == nil {
		d.Image = &v.Image // a deleted image is saved with the Droplet
	}
	switch {
	case d.ID < 1 || s.droplets[d.ID] != nil:
		return fmt.Errorf("the id %d of a Droplet is invalid or not unique", d.ID)
	case d.Image == nil:
		return fmt.Errorf("the Droplet %d has no image", d.ID)
	case d.Size == nil:
		return fmt.Errorf("the Droplet %d has the unknown size %q", d.ID, saved.SizeSlug)
	case (d.Size.GPUInfo == nil) != (d.GPUInfo == nil):
		return fmt.Errorf("the Droplet %d has other GPUs than its size", d.ID)
	case d.Region == nil:
		return fmt.Errorf("the Droplet %d is in the unknown region %q", d.ID, saved.RegionSlug)
	case !isCompletePolicy(d.backupPolicy):
		return fmt.Errorf("the backup policy of Droplet %d is invalid", d.ID)
	}
	if err := s.checkMembership(d); err != nil {
		return err
	}
	s.counters.Droplet = max(s.counters.Droplet, d.ID)
	s.storeDroplet(d)
	return nil
}

// isCompletePolicy reports whether a backup policy is one that a Droplet can have, or nil.
func isCompletePolicy(p *droplets.BackupPolicy) bool {
	if p == nil {
		return true
	}
	complete, apiErr := completeBackupPolicy(p)
	return apiErr == nil && p.Hour != nil && complete.Plan == p.Plan && complete.Weekday == p.Weekday
}

func (s *state) restoreAction(saved savedAction) error {
	act := &action{Action: saved.Action, willFail: saved.WillFail, effect: saved.Effect}
	if act.ID < 1 || s.actions[act.ID] != nil || len(s.actionHistory) > 0 && s.actionHistory[len(s.actionHistory)-1].ID > act.ID {
		return fmt.Errorf("the id %d of an action is invalid, not unique or out of order", act.ID)
	}
	if act.Region = s.findRegion(act.RegionSlug); act.Region == nil {
		return fmt.Errorf("action %d is in the unknown region %q", act.ID, act.RegionSlug)
	}
	s.counters.Action = max(s.counters.Action, act.ID)
	s.actions[act.ID] = act
	s.actionHistory = append(s.actionHistory, act)
	d, v := s.droplets[act.ResourceID], s.images[act.ResourceID]
	switch {
	case act.ResourceType == resourceDroplet && d != nil:
		d.actions = append(d.actions, act)
		if act.CompletedAt == nil {
			return s.restorePending(d, act)
		}
	case act.ResourceType == resourceVolume:
		return s.restoreVolumeAction(act)
	case act.ResourceType == resourceReservedIP:
		return s.restoreReservedIPAction(act)
	case act.ResourceType == resourceImage && v != nil:
		v.actions = append(v.actions, act)
		if act.CompletedAt == nil {
			return s.restorePendingImage(v, act)
		}
	case act.CompletedAt == nil:
		return fmt.Errorf("action %d is in progress on the %s %d, which does not exist", act.ID, act.ResourceType, act.ResourceID)
	}
	return nil
}

// restorePending makes an action the one in progress on a Droplet.
func (s *state) restorePending(d *droplet, act *action) error {
	size := s.findSize(act.effect.Size)
	switch {
	case d.pending != nil:
		return fmt.Errorf("the Droplet %d has two actions in progress", d.ID)
	case act.Type == droplets.ActionTypeResize && (size == nil || (size.GPUInfo == nil) != (d.GPUInfo == nil)):
		return fmt.Errorf("action %d resizes to %q", act.ID, act.effect.Size)
	case !isCompletePolicy(act.effect.Policy):
		return fmt.Errorf("the backup policy of action %d is invalid", act.ID)
	}
	d.pending = act
	return nil
}

// restorePendingImage makes an action one that has not changed an image yet.
func (s *state) restorePendingImage(v *image, act *action) error {
	if act.Type == droplets.ActionTypeTransfer && s.findRegion(act.effect.Region) == nil {
		return fmt.Errorf("action %d transfers to the unknown region %q", act.ID, act.effect.Region)
	}
	v.pending = append(v.pending, act)
	return nil
}

// restoreTag sets the resources that were tagged last.
func (s *state) restoreTag(saved savedTag) error {
	t := s.tagged(saved.Name)
	t.last = saved.LastType
	if !t.droplets.setLast(saved.LastDroplet) || !t.images.setLast(saved.LastImage) || !t.volumes.setLast(saved.LastVolume) ||
		!t.volumeSnapshots.setLast(saved.LastVolumeSnapshot) {
		return fmt.Errorf("the tag %q refers to a resource that does not have it", saved.Name)
	}
	return nil
}
