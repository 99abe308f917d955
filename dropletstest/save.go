package dropletstest

import (
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/droplets-go/droplets"
)

// stateVersion is the version of the format. It changes if the format becomes incompatible.
const stateVersion = 1

// savedState is the JSON form of the account. It refers to objects of the catalog by id or slug. It contains neither requests
// nor planned faults and failures.
type savedState struct {
	Version         int                   `json:"version"`
	Counters        counters              `json:"counters"`
	Droplets        []savedDroplet        `json:"droplets"`
	Actions         []savedAction         `json:"actions"`
	Images          []*droplets.Image     `json:"images"`
	Tags            []string              `json:"tags"`
	SSHKeys         []*sshKey             `json:"ssh_keys"`
	Volumes         map[string]*volume    `json:"volumes"`
	ReservedIPs     []*reservedIP         `json:"reserved_ips"`
	Firewalls       []*droplets.Firewall  `json:"firewalls"`
	Hosts           [][]int64             `json:"hosts"`
	DestroyJobs     map[int64]*destroyJob `json:"destroys"`
	DestroyRequests map[int64]requestRef  `json:"destroy_causes"`
	Events          eventQueue            `json:"agenda"`
	Ledger          []Entry               `json:"ledger"`
}

type savedDroplet struct {
	droplets.Droplet
	ImageID      int64                  `json:"image_id"`
	RegionSlug   string                 `json:"region_slug"`
	ActualStatus droplets.DropletStatus `json:"actual_status"`
	Hidden       bool                   `json:"hidden,omitempty"`
	BackupPolicy *droplets.BackupPolicy `json:"policy,omitempty"`
	PrivateOnly  bool                   `json:"private,omitempty"`
	Network      networkSpec            `json:"network"`
}

type savedAction struct {
	droplets.Action
	WillFail bool   `json:"doomed,omitempty"`
	Effect   effect `json:"change"`
}

// WriteState writes the account as JSON: Droplets, actions and scheduled events, images, tags, SSH keys, volumes, firewalls
// and the ledger. It does not write requests, faults and planned failures. It returns the error of the writer.
func (a *API) WriteState(w io.Writer) error {
	a.lockAndApplyDue()
	b, err := json.Marshal(a.save())
	a.mu.Unlock()
	if err != nil {
		return fmt.Errorf("dropletstest: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

func (s *state) save() savedState {
	saved := savedState{Version: stateVersion, Counters: s.counters, Tags: s.tags, SSHKeys: s.sshKeys, Volumes: s.volumes,
		ReservedIPs: s.reservedIPs, Firewalls: s.firewalls, Hosts: s.hosts, DestroyJobs: s.destroyJobs, DestroyRequests: s.ledger.destroyRequests,
		Events: s.events, Ledger: s.ledger.entries}
	for _, d := range s.orderedDroplets {
		entry := savedDroplet{Droplet: d.Droplet, ImageID: d.Image.ID, RegionSlug: d.Region.Slug, ActualStatus: d.actualStatus,
			Hidden: d.hidden, BackupPolicy: d.backupPolicy, PrivateOnly: d.privateOnly, Network: d.network}
		entry.Size, entry.Region = nil, nil
		if s.images[entry.ImageID] != nil {
			entry.Image = nil
		}
		saved.Droplets = append(saved.Droplets, entry)
	}
	for _, act := range s.actionHistory {
		entry := savedAction{act.Action, act.willFail, act.effect}
		entry.Action.Region = nil
		saved.Actions = append(saved.Actions, entry)
	}
	for _, id := range slices.Sorted(maps.Keys(s.images)) {
		if !s.images[id].Public {
			saved.Images = append(saved.Images, s.images[id])
		}
	}
	return saved
}

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
	s.counters, s.tags, s.sshKeys, s.reservedIPs, s.firewalls, s.hosts = v.Counters, v.Tags, v.SSHKeys, v.ReservedIPs, v.Firewalls, v.Hosts
	s.ledger.entries, s.ledger.destroyRequests, s.events = v.Ledger, v.DestroyRequests, v.Events
	if v.Volumes != nil {
		s.volumes = v.Volumes
	}
	if v.DestroyJobs != nil {
		s.destroyJobs = v.DestroyJobs
	}
	maps.DeleteFunc(s.images, func(_ int64, image *droplets.Image) bool { return !image.Public })
	for _, image := range v.Images {
		s.images[image.ID] = image
	}
	for _, entry := range v.Droplets {
		if err := s.restoreDroplet(entry); err != nil {
			return nil, err
		}
	}
	for _, entry := range v.Actions {
		if err := s.restoreAction(entry); err != nil {
			return nil, err
		}
	}
	heap.Init(&s.events)
	return s, s.checkReferences()
}

func (s *state) restoreDroplet(saved savedDroplet) error {
	d := &droplet{Droplet: saved.Droplet, actualStatus: saved.ActualStatus, hidden: saved.Hidden, backupPolicy: saved.BackupPolicy, privateOnly: saved.PrivateOnly,
		network: saved.Network}
	d.Size, d.Region = s.findSize(saved.SizeSlug), s.findRegion(saved.RegionSlug)
	if image := s.images[saved.ImageID]; image != nil {
		d.Image = image // a deleted image is saved with the Droplet
	}
	switch {
	case d.ID < 1 || s.droplets[d.ID] != nil || len(s.orderedDroplets) > 0 && s.orderedDroplets[len(s.orderedDroplets)-1].ID > d.ID:
		return fmt.Errorf("the id of Droplet %d is out of order", d.ID)
	case d.Image == nil:
		return fmt.Errorf("the Droplet %d has no image", d.ID)
	case d.Size == nil:
		return fmt.Errorf("the Droplet %d has the unknown size %q", d.ID, saved.SizeSlug)
	case d.Region == nil:
		return fmt.Errorf("the Droplet %d is in the unknown region %q", d.ID, saved.RegionSlug)
	}
	s.addDroplet(d)
	return nil
}

func (s *state) restoreAction(saved savedAction) error {
	act := &action{Action: saved.Action, willFail: saved.WillFail, effect: saved.Effect}
	if act.ID < 1 || s.actions[act.ID] != nil {
		return fmt.Errorf("the id %d of an action is invalid or not unique", act.ID)
	}
	if act.Region = s.findRegion(act.RegionSlug); act.Region == nil {
		return fmt.Errorf("action %d is in the unknown region %q", act.ID, act.RegionSlug)
	}
	s.actions[act.ID] = act
	s.actionHistory = append(s.actionHistory, act)
	d := s.droplets[act.ResourceID]
	if d != nil {
		d.actions = append(d.actions, act)
	}
	if act.CompletedAt != nil {
		return nil
	}
	if d == nil {
		return fmt.Errorf("action %d is in progress on Droplet %d, which does not exist", act.ID, act.ResourceID)
	}
	d.pending = act
	return nil
}

// checkReferences returns an error if the state refers to an object that does not exist.
func (s *state) checkReferences() error {
	for _, d := range s.orderedDroplets {
		for _, id := range slices.Concat(d.SnapshotIDs, d.BackupIDs) {
			if s.images[id] == nil {
				return fmt.Errorf("the Droplet %d has the image %d, which does not exist", d.ID, id)
			}
		}
		for _, id := range d.VolumeIDs {
			if s.volumes[id] == nil {
				return fmt.Errorf("the Droplet %d has the volume %q, which does not exist", d.ID, id)
			}
		}
	}
	for _, host := range s.hosts {
		for _, id := range host {
			if s.droplets[id] == nil {
				return fmt.Errorf("a host refers to Droplet %d, which does not exist", id)
			}
		}
	}
	for _, e := range s.events {
		if err := s.checkEvent(e); err != nil {
			return err
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
	case eventItemDestroyed:
		if job := s.destroyJobs[e.Droplet]; job == nil || e.Item < 0 || e.Item >= len(job.Items) {
			return fmt.Errorf("an event refers to a destroy of Droplet %d, which does not exist", e.Droplet)
		}
	}
	return nil
}
