package dropletstest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/droplets-go/droplets"
)

// state is the account and everything else that requests change. API.mu guards it.
type state struct {
	catalog

	droplets        map[int64]*droplet
	orderedDroplets sortedList[int64, *droplet]
	gpuDroplets     sortedList[int64, *droplet]
	otherDroplets   sortedList[int64, *droplet]
	hiddenDroplets  int // the number of Droplets that clients cannot read yet
	actions         map[int64]*action
	actionHistory   []*action // by id, which is the order in which they started
	images          map[int64]*image
	orderedImages   sortedList[int64, *image]
	imageSlugs      map[string]*image
	snapshots       sortedList[int64, *image]
	hiddenImages    int // the number of images that clients cannot read yet
	tags            sortedList[string, *accountTag]
	addresses       map[string]struct{} // all addresses of Droplets except reserved IPs
	vpcs            sortedList[string, *vpc]
	volumes         map[string]*volume
	orderedVolumes  sortedList[string, *volume]
	volumeNames     map[volumeName][]*volume // the oldest first
	volumeSnapshots sortedList[string, *volumeSnapshot]
	reservedIPs     []*reservedIP
	firewalls       []*firewall
	hosts           [][]int64             // the ids of the Droplets on each shared physical server
	destroyJobs     map[int64]*destroyJob // by Droplet id
	sshKeys         []*sshKey
	pools           sortedList[string, *pool]

	events   eventQueue
	limiter  limiter
	ledger   ledger
	requests recordedRequests

	faults          []*PlannedFault
	actionFailures  actionFailures
	destroyFailures map[string]string // error messages by the id of the resource whose next destroy fails
	guests          guests

	counters
}

// counters are the last ids that were assigned, by kind.
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
	s.images = make(map[int64]*image)
	s.imageSlugs = make(map[string]*image)
	s.addresses = make(map[string]struct{})
	s.volumes = make(map[string]*volume)
	s.volumeNames = make(map[volumeName][]*volume)
	s.destroyJobs = make(map[int64]*destroyJob)
	s.destroyFailures = make(map[string]string)
	s.counters = counters{Droplet: firstDropletID - 1, Action: firstActionID - 1, Image: firstImageID - 1, Key: firstSSHKeyID - 1}
	s.addDefaultVPCs()
	for _, v := range newImages(regionSlugs()) {
		s.storeImage(&image{Image: v, inCatalog: v.Public})
	}
}

// action is an action as clients see it, and its internal state.
type action struct {
	droplets.Action
	willFail bool // it will end as errored
	effect   effect
}

// effect has the values that an action sets when it completes. The type of the action determines which fields are used.
type effect struct {
	Size   string                 `json:"size,omitempty"`
	Region string                 `json:"region,omitempty"`
	Disk   bool                   `json:"disk,omitempty"`
	Image  int64                  `json:"image,omitempty"`
	Name   string                 `json:"name,omitempty"`
	Kernel int64                  `json:"kernel,omitempty"`
	Policy *droplets.BackupPolicy `json:"policy,omitempty"`

	// The fields of the actions of volumes and reserved IPs.
	Volume  string `json:"volume,omitempty"`
	Address string `json:"address,omitempty"`
	Droplet int64  `json:"droplet,omitempty"`
	SizeGB  int    `json:"size_gigabytes,omitempty"`
}

// nextID increments a counter and returns it.
func nextID(counter *int64) int64 {
	*counter++
	return *counter
}

func (s *state) nextRequestID() string {
	s.counters.Request = s.counters.Request%(maxID-1) + 1
	return fmt.Sprintf("4d9d8375-3c56-4925-a3e7-%012x", s.counters.Request)
}

const uuidPrefix = "7724db7c-e098-11e5-b522-"

func (s *state) nextUUID() string {
	return fmt.Sprintf(uuidPrefix+"%012x", nextID(&s.counters.UUID))
}

// useUUID makes sure that nextUUID does not return an id that was given.
func (s *state) useUUID(id string) {
	if digits, ok := strings.CutPrefix(id, uuidPrefix); ok {
		if n, err := strconv.ParseInt(digits, 16, 64); err == nil {
			s.counters.UUID = max(s.counters.UUID, n)
		}
	}
}

// roundTripTime returns t in UTC and without its monotonic clock, so that it is equal after it was encoded and decoded.
func roundTripTime(t time.Time) time.Time { return t.UTC().Round(0) }

// wholeSeconds truncates t to seconds, as the API does.
func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
