package dropletstest

import (
	"cmp"
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/droplets-go/droplets"
)

// ReadState replaces the account with one that [API.WriteState] wrote. Scheduled events that have become due in the meantime take
// effect with their due times. What [API.WriteState] does not write stays as it is. If r fails, or if the state is invalid or has
// another version, ReadState returns an error and does not change the account. An account whose ids are almost at the largest one,
// 2⁵³−1, can only be read: it rejects changes, and methods that add something to it panic.
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
	a.replaceAccount(restored)
	return nil
}

// replaceAccount replaces the saved part of the state and keeps the rest.
func (a *API) replaceAccount(restored *state) {
	restored.requests, restored.limiter = a.requests, a.limiter
	restored.actionFailures, restored.faults, restored.destroyFailures = a.actionFailures, a.faults, a.destroyFailures
	restored.guests = a.guests
	a.state = *restored
}

// restore returns the state, or an error if the saved state is inconsistent.
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
	if err := cmp.Or(forEach(v.VPCs, s.restoreVPC), forEach(v.Images, s.restoreImage), forEach(v.Volumes, s.restoreVolume),
		forEach(v.VolumeSnapshots, s.restoreVolumeSnapshot), forEach(v.Droplets, s.restoreDroplet),
		forEach(v.ReservedIPs, s.restoreReservedIP), forEach(v.Firewalls, s.restoreFirewall),
		forEach(v.Actions, s.restoreAction), forEach(v.Tags, s.restoreTag), forEach(v.Pools, s.restorePool)); err != nil {
		return nil, err
	}
	if err := forEach(s.orderedDroplets, s.restoreAddresses); err != nil {
		return nil, err
	}
	heap.Init(&s.events)
	return s, s.checkReferences()
}

// forEach calls f for the elements until it returns an error, and returns that error.
func forEach[T any](list []T, f func(T) error) error {
	for _, v := range list {
		if err := f(v); err != nil {
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
		d.Image = &v.Image // if the image was deleted, it was saved with the Droplet
	}
	switch {
	case d.ID < 1 || s.droplets[d.ID] != nil:
		return fmt.Errorf("the id %d of a Droplet is invalid or not unique", d.ID)
	case d.Image == nil:
		return fmt.Errorf("the Droplet %d has no image", d.ID)
	case d.Size == nil:
		return fmt.Errorf("the Droplet %d has the unknown size %q", d.ID, saved.SizeSlug)
	case (d.Size.GPUInfo == nil) != (d.GPUInfo == nil):
		return fmt.Errorf("the Droplet %d does not have the GPUs of its size", d.ID)
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
		return fmt.Errorf("action %d is in progress on resource %d of type %q, which does not exist", act.ID, act.ResourceID, act.ResourceType)
	}
	return nil
}

// restorePending sets the action in progress of a Droplet. It returns an error if the action could not end.
func (s *state) restorePending(d *droplet, act *action) error {
	size := s.findSize(act.effect.Size)
	switch {
	case d.pending != nil:
		return fmt.Errorf("the Droplet %d has two actions in progress", d.ID)
	case act.Type == droplets.ActionTypeResize && (size == nil || (size.GPUInfo == nil) != (d.GPUInfo == nil)):
		return fmt.Errorf("action %d resizes to %q, which is not a size for Droplet %d", act.ID, act.effect.Size, d.ID)
	case !isCompletePolicy(act.effect.Policy):
		return fmt.Errorf("the backup policy of action %d is invalid", act.ID)
	}
	d.pending = act
	return nil
}

// restorePendingImage adds an action that has not changed its image yet.
func (s *state) restorePendingImage(v *image, act *action) error {
	if act.Type == droplets.ActionTypeTransfer && s.findRegion(act.effect.Region) == nil {
		return fmt.Errorf("action %d transfers to the unknown region %q", act.ID, act.effect.Region)
	}
	v.pending = append(v.pending, act)
	return nil
}

// restoreTag sets the resources that were last given a tag.
func (s *state) restoreTag(saved savedTag) error {
	t := s.tagged(saved.Name)
	t.last = saved.LastType
	if !t.droplets.setLast(saved.LastDroplet) || !t.images.setLast(saved.LastImage) || !t.volumes.setLast(saved.LastVolume) ||
		!t.volumeSnapshots.setLast(saved.LastVolumeSnapshot) {
		return fmt.Errorf("the tag %q refers to a resource that does not have it", saved.Name)
	}
	return nil
}
