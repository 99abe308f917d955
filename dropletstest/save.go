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

// stateVersion changes when a saved state can no longer be read as before.
const stateVersion = 1

// savedState is the account as a file holds it. What the catalogue knows is named rather than repeated; what a test
// plans (faults, failures) and the requests are not part of it.
type savedState struct {
	Version   int                  `json:"version"`
	Counters  counters             `json:"counters"`
	Droplets  []savedDroplet       `json:"droplets"`
	Actions   []savedAction        `json:"actions"`
	Images    []*droplets.Image    `json:"images"`
	Tags      []string             `json:"tags"`
	Keys      []*sshKey            `json:"ssh_keys"`
	Volumes   map[string]*volume   `json:"volumes"`
	IPs       []*reservedIP        `json:"reserved_ips"`
	Firewalls []*droplets.Firewall `json:"firewalls"`
	Hosts     [][]int64            `json:"hosts"`
	Destroys  map[int64]*destroy   `json:"destroys"`
	Causes    map[int64]cause      `json:"destroy_causes"`
	Agenda    agenda               `json:"agenda"`
	Ledger    []Entry              `json:"ledger"`
}

type savedDroplet struct {
	droplets.Droplet
	ImageID    int64                  `json:"image_id"`
	RegionSlug string                 `json:"region_slug"`
	Actual     droplets.DropletStatus `json:"actual_status"`
	Hidden     bool                   `json:"hidden,omitempty"`
	Policy     *droplets.BackupPolicy `json:"policy,omitempty"`
	Private    bool                   `json:"private,omitempty"`
	Network    netPlan                `json:"network"`
}

type savedAction struct {
	droplets.Action
	Doomed bool   `json:"doomed,omitempty"`
	Change change `json:"change"`
}

// WriteState writes the account as JSON: Droplets, actions with what is still to come of them, images, tags, keys, and
// the ledger. The requests and what a test has planned are left out.
func (a *API) WriteState(w io.Writer) error {
	a.lockNow()
	b, err := json.Marshal(a.save())
	a.mu.Unlock()
	if err != nil {
		return fmt.Errorf("dropletstest: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

func (s *state) save() savedState {
	saved := savedState{Version: stateVersion, Counters: s.counters, Tags: s.tags, Keys: s.keys, Volumes: s.volumes,
		IPs: s.ips, Firewalls: s.walls, Hosts: s.hosts, Destroys: s.destroys, Causes: s.ledger.destroys,
		Agenda: s.agenda, Ledger: s.ledger.entries}
	for _, d := range s.ordered {
		one := savedDroplet{Droplet: d.Droplet, ImageID: d.Image.ID, RegionSlug: d.Region.Slug, Actual: d.actual,
			Hidden: d.hidden, Policy: d.policy, Private: d.private, Network: d.network}
		one.Size, one.Region = nil, nil
		if s.images[one.ImageID] != nil {
			one.Image = nil
		}
		saved.Droplets = append(saved.Droplets, one)
	}
	for _, act := range s.history {
		one := savedAction{act.Action, act.doomed, act.change}
		one.Action.Region = nil
		saved.Actions = append(saved.Actions, one)
	}
	for _, id := range slices.Sorted(maps.Keys(s.images)) {
		if !s.images[id].Public {
			saved.Images = append(saved.Images, s.images[id])
		}
	}
	return saved
}

// ReadState replaces the account by one that [API.WriteState] wrote. What has fallen due since happens at its own time.
// An error leaves the account as it was.
func (a *API) ReadState(r io.Reader) error {
	var saved savedState
	dec := json.NewDecoder(r)
	if err := dec.Decode(&saved); err != nil {
		return fmt.Errorf("dropletstest: the state can not be read: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("dropletstest: the state can not be read: something follows it")
	}
	if saved.Version != stateVersion {
		return fmt.Errorf("dropletstest: the state has version %d, and this program reads version %d", saved.Version, stateVersion)
	}
	fresh, err := saved.restore()
	if err != nil {
		return fmt.Errorf("dropletstest: the state is damaged: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh.ledger.requests, fresh.limiter = a.ledger.requests, a.limiter
	fresh.failing, fresh.faults, fresh.undying = a.failing, a.faults, a.undying
	a.state = *fresh
	return nil
}

// restore puts the parts together again, and refuses parts that do not fit.
func (v *savedState) restore() (*state, error) {
	s := new(state)
	s.init()
	s.counters, s.tags, s.keys, s.ips, s.walls, s.hosts = v.Counters, v.Tags, v.Keys, v.IPs, v.Firewalls, v.Hosts
	s.ledger.entries, s.ledger.destroys, s.agenda = v.Ledger, v.Causes, v.Agenda
	if v.Volumes != nil {
		s.volumes = v.Volumes
	}
	if v.Destroys != nil {
		s.destroys = v.Destroys
	}
	maps.DeleteFunc(s.images, func(_ int64, image *droplets.Image) bool { return !image.Public })
	for _, image := range v.Images {
		s.images[image.ID] = image
	}
	for _, one := range v.Droplets {
		if err := s.restoreDroplet(one); err != nil {
			return nil, err
		}
	}
	for _, one := range v.Actions {
		if err := s.restoreAction(one); err != nil {
			return nil, err
		}
	}
	heap.Init(&s.agenda)
	return s, s.checkWhole()
}

func (s *state) restoreDroplet(one savedDroplet) error {
	d := &droplet{Droplet: one.Droplet, actual: one.Actual, hidden: one.Hidden, policy: one.Policy, private: one.Private,
		network: one.Network}
	d.Size, d.Region = s.findSize(one.SizeSlug), s.findRegion(one.RegionSlug)
	if image := s.images[one.ImageID]; image != nil {
		d.Image = image // otherwise it was deleted, and the Droplet alone remembers it
	}
	switch {
	case d.ID < 1 || s.droplets[d.ID] != nil || len(s.ordered) > 0 && s.ordered[len(s.ordered)-1].ID > d.ID:
		return fmt.Errorf("the Droplet %d has an id out of order", d.ID)
	case d.Image == nil:
		return fmt.Errorf("the Droplet %d has no image", d.ID)
	case d.Size == nil:
		return fmt.Errorf("the Droplet %d has the unknown size %q", d.ID, one.SizeSlug)
	case d.Region == nil:
		return fmt.Errorf("the Droplet %d is in the unknown region %q", d.ID, one.RegionSlug)
	}
	s.addDroplet(d)
	return nil
}

func (s *state) restoreAction(one savedAction) error {
	act := &action{Action: one.Action, doomed: one.Doomed, change: one.Change}
	if act.ID < 1 || s.actions[act.ID] != nil {
		return fmt.Errorf("action %d has an id that is not its own", act.ID)
	}
	if act.Region = s.findRegion(act.RegionSlug); act.Region == nil {
		return fmt.Errorf("action %d is in the unknown region %q", act.ID, act.RegionSlug)
	}
	s.actions[act.ID] = act
	s.history = append(s.history, act)
	d := s.droplets[act.ResourceID]
	if d != nil {
		d.actions = append(d.actions, act)
	}
	if act.CompletedAt != nil {
		return nil
	}
	if d == nil {
		return fmt.Errorf("action %d runs on Droplet %d, which is not there", act.ID, act.ResourceID)
	}
	d.pending = act
	return nil
}

// checkWhole refuses a state in which something names what is not there.
func (s *state) checkWhole() error {
	for _, d := range s.ordered {
		for _, id := range slices.Concat(d.SnapshotIDs, d.BackupIDs) {
			if s.images[id] == nil {
				return fmt.Errorf("the Droplet %d has the image %d, which is not there", d.ID, id)
			}
		}
		for _, id := range d.VolumeIDs {
			if s.volumes[id] == nil {
				return fmt.Errorf("the Droplet %d has the volume %q, which is not there", d.ID, id)
			}
		}
	}
	for _, host := range s.hosts {
		for _, id := range host {
			if s.droplets[id] == nil {
				return fmt.Errorf("the Droplet %d has a place on a server and is not there", id)
			}
		}
	}
	for _, e := range s.agenda {
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
			return fmt.Errorf("action %d is to end and is not there", e.Action)
		}
	case eventItemDestroyed:
		if j := s.destroys[e.Droplet]; j == nil || e.Item < 0 || e.Item >= len(j.Items) {
			return fmt.Errorf("a destroy of Droplet %d is to go on and is not there", e.Droplet)
		}
	}
	return nil
}
