package dropletstest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/droplets-go/droplets"
)

// state is the account and everything else that requests change. The API's lock guards it.
type state struct {
	catalog

	droplets        map[int64]*droplet
	orderedDroplets []*droplet // by id
	actions         map[int64]*action
	actionHistory   []*action // by id, which is also by start time
	images          map[int64]*droplets.Image
	tags            []string // sorted
	volumes         map[string]*volume
	reservedIPs     []*reservedIP
	firewalls       []*droplets.Firewall
	hosts           [][]int64             // the ids of the Droplets on each shared physical server
	destroyJobs     map[int64]*destroyJob // by Droplet id
	sshKeys         []*sshKey

	events   eventQueue
	limiter  limiter
	ledger   ledger
	requests []*Request // the oldest first

	faults          []*fault
	actionFailures  actionFailures
	destroyFailures map[string]string // error messages by the id of the resource whose next destroy fails

	counters
}

// counters hold the last id assigned of each kind.
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
	firstDropletID = 500_000_001
	// firstActionID is above 2³¹, like the ids of the real API.
	firstActionID = 3_169_590_176
	firstImageID  = 200_000_001
)

func (s *state) init() {
	s.catalog = newCatalog()
	s.droplets = make(map[int64]*droplet)
	s.actions = make(map[int64]*action)
	s.images = make(map[int64]*droplets.Image)
	s.volumes = make(map[string]*volume)
	s.destroyJobs = make(map[int64]*destroyJob)
	s.destroyFailures = make(map[string]string)
	s.counters = counters{Droplet: firstDropletID - 1, Action: firstActionID - 1, Image: firstImageID - 1, Key: firstSSHKeyID - 1}
	for _, image := range s.publicImages {
		s.images[image.ID] = image
	}
}

// droplet is a Droplet as clients see it, and its internal state.
type droplet struct {
	droplets.Droplet
	actualStatus droplets.DropletStatus // Status lags behind it by Lag.Status
	pending      *action                // the action in progress, if any
	hidden       bool                   // not visible to clients yet
	backupPolicy *droplets.BackupPolicy // nil if backups are disabled
	privateOnly  bool                   // without public networking
	network      networkSpec            // the addresses it gets
	actions      []*action              // the oldest first
}

// action is an action as clients see it, and its internal state.
type action struct {
	droplets.Action
	willFail bool // it ends as errored
	effect   effect
}

// effect is what an action changes when it completes. Its type determines which fields are used.
type effect struct {
	Size   string                 `json:"size,omitempty"`
	Disk   bool                   `json:"disk,omitempty"`
	Image  int64                  `json:"image,omitempty"`
	Name   string                 `json:"name,omitempty"`
	Kernel int64                  `json:"kernel,omitempty"`
	Policy *droplets.BackupPolicy `json:"policy,omitempty"`
}

func (s *state) addDroplet(d *droplet) {
	s.droplets[d.ID] = d
	s.orderedDroplets = append(s.orderedDroplets, d)
	for _, tag := range d.Tags {
		s.addTag(tag)
	}
}

// removeDroplet removes a Droplet from the account. An action that is in progress ends as errored; volumes and reserved IPs
// stay and are detached.
func (s *state) removeDroplet(d *droplet, at time.Time) {
	delete(s.droplets, d.ID)
	if i, ok := slices.BinarySearchFunc(s.orderedDroplets, d.ID, func(o *droplet, id int64) int { return cmp.Compare(o.ID, id) }); ok {
		s.orderedDroplets = slices.Delete(s.orderedDroplets, i, i+1)
	}
	for _, id := range d.VolumeIDs {
		if v := s.volumes[id]; v != nil {
			v.DropletID = 0
		}
	}
	for _, ip := range s.reservedIPs {
		if ip.DropletID == d.ID {
			ip.DropletID = 0
		}
	}
	s.removeFromHost(d.ID)
	if d.pending != nil {
		d.pending.finish(droplets.ActionStatusErrored, at)
		d.pending = nil
	}
}

// visibleDroplets returns, by id, the Droplets that are visible to clients and for which keep returns true.
func (s *state) visibleDroplets(keep func(*droplet) bool) []*droplet {
	var found []*droplet
	for _, d := range s.orderedDroplets {
		if !d.hidden && keep(d) {
			found = append(found, d)
		}
	}
	return found
}

func (d *droplet) hasTag(tag string) bool { return slices.Contains(d.Tags, tag) }

// nextID increments a counter and returns it.
func nextID(counter *int64) int64 {
	*counter++
	return *counter
}

func (s *state) nextRequestID() string {
	return fmt.Sprintf("4d9d8375-3c56-4925-a3e7-%012x", nextID(&s.counters.Request))
}

func (s *state) nextUUID() string {
	return fmt.Sprintf("7724db7c-e098-11e5-b522-%012x", nextID(&s.counters.UUID))
}

// roundTripTime returns t in a form that is unchanged after it was encoded and decoded.
func roundTripTime(t time.Time) time.Time { return t.UTC().Round(0) }

// wholeSeconds truncates t to seconds, as the API does.
func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
