package dropletstest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// state is everything the API knows. It is guarded by the API's lock.
type state struct {
	catalogue

	droplets map[int64]*droplet
	ordered  []*droplet // by id
	actions  map[int64]*action
	history  []*action // by id, which is by start
	images   map[int64]*droplets.Image
	tags     []string // by name
	volumes  map[string]*volume
	ips      []*reservedIP
	walls    []*droplets.Firewall
	hosts    [][]int64 // sets of Droplets that share a server
	destroys map[int64]*destroy
	undying  map[string]string // resources whose next destroy fails, and why
	keys     []*sshKey

	agenda  agenda
	limiter limiter
	ledger  ledger
	failing failing
	faults  []*fault

	counters
}

// counters are the newest of the ids that the API gives.
type counters struct {
	Droplet int64 `json:"droplet"`
	Action  int64 `json:"action"`
	Image   int64 `json:"image"`
	Key     int64 `json:"key"`
	Request int64 `json:"request"`
	Event   int64 `json:"event"`
	UUID    int64 `json:"uuid"`
	IP      int64 `json:"ip"`
}

const (
	firstDroplet = 500_000_001
	// firstAction is past 2³¹, as the API's own are.
	firstAction = 3_169_590_176
	firstImage  = 200_000_001
)

func (s *state) init() {
	s.catalogue = newCatalogue()
	s.droplets = make(map[int64]*droplet)
	s.actions = make(map[int64]*action)
	s.images = make(map[int64]*droplets.Image)
	s.volumes = make(map[string]*volume)
	s.destroys = make(map[int64]*destroy)
	s.undying = make(map[string]string)
	s.counters = counters{Droplet: firstDroplet - 1, Action: firstAction - 1, Image: firstImage - 1, Key: firstKey - 1}
	for _, image := range s.publicImages {
		s.images[image.ID] = image
	}
}

// droplet is a Droplet as the API shows it, and what it does not show.
type droplet struct {
	droplets.Droplet
	actual  droplets.DropletStatus // Status stays behind it for as long as the lag says
	pending *action                // the action that runs
	hidden  bool                   // not visible yet
	policy  *droplets.BackupPolicy // nil without backups
	private bool                   // without public networking
	network netPlan                // which addresses it gets
	actions []*action
}

// action is an action as the API shows it, and what it will do.
type action struct {
	droplets.Action
	doomed bool // it will fail
	change change
}

// change is what an action does when it ends.
type change struct {
	Size   string                 `json:"size,omitempty"`
	Disk   bool                   `json:"disk,omitempty"`
	Image  int64                  `json:"image,omitempty"`
	Name   string                 `json:"name,omitempty"`
	Kernel int64                  `json:"kernel,omitempty"`
	Policy *droplets.BackupPolicy `json:"policy,omitempty"`
}

func (s *state) addDroplet(d *droplet) {
	s.droplets[d.ID] = d
	s.ordered = append(s.ordered, d)
	for _, tag := range d.Tags {
		s.addTag(tag)
	}
}

func (s *state) removeDroplet(d *droplet, at time.Time) {
	delete(s.droplets, d.ID)
	if i, ok := slices.BinarySearchFunc(s.ordered, d.ID, func(o *droplet, id int64) int { return cmp.Compare(o.ID, id) }); ok {
		s.ordered = slices.Delete(s.ordered, i, i+1)
	}
	for _, id := range d.VolumeIDs {
		if v := s.volumes[id]; v != nil {
			v.DropletID = 0
		}
	}
	for _, ip := range s.ips {
		if ip.DropletID == d.ID {
			ip.DropletID = 0
		}
	}
	s.separate(d.ID)
	if d.pending != nil {
		d.pending.finish(droplets.ActionStatusErrored, at)
		d.pending = nil
	}
}

// visible iterates over the Droplets that have become visible and that keep tells to.
func (s *state) visible(keep func(*droplet) bool) []*droplet {
	var found []*droplet
	for _, d := range s.ordered {
		if !d.hidden && keep(d) {
			found = append(found, d)
		}
	}
	return found
}

func next(last *int64) int64 {
	*last++
	return *last
}

func (s *state) nextRequestID() string {
	return fmt.Sprintf("4d9d8375-3c56-4925-a3e7-%012x", next(&s.counters.Request))
}

func (s *state) nextUUID() string {
	return fmt.Sprintf("7724db7c-e098-11e5-b522-%012x", next(&s.counters.UUID))
}

// plain is a time that compares equal once it has been written and read.
func plain(t time.Time) time.Time { return t.UTC().Round(0) }

// wholeSeconds is how the API writes times.
func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
