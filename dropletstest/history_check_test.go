package dropletstest_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/droplets-go/droplets"
)

// accountState is the part of a saved state that the invariants need.
type accountState struct {
	Droplets []struct {
		ID          int64    `json:"id"`
		Locked      bool     `json:"locked"`
		VolumeIDs   []string `json:"volume_ids"`
		SnapshotIDs []int64  `json:"snapshot_ids"`
		BackupIDs   []int64  `json:"backup_ids"`
		Tags        []string `json:"tags"`
	} `json:"droplets"`
	Actions []struct {
		droplets.Action
		Change struct {
			Volume, Address string
			Droplet         int64
		}
	} `json:"actions"`
	Images []struct {
		ID        int64                `json:"id"`
		Type      string               `json:"type"`
		Status    droplets.ImageStatus `json:"status"`
		DropletID int64                `json:"droplet_id"`
		Tags      []string             `json:"tags"`
		Import    *struct{}            `json:"import"`
	} `json:"images"`
	Tags []struct {
		Name string `json:"name"`
	} `json:"tags"`
	Keys []struct {
		ID int64 `json:"id"`
	} `json:"ssh_keys"`
	Volumes []struct {
		ID        string   `json:"id"`
		DropletID int64    `json:"droplet_id"`
		Tags      []string `json:"tags"`
	} `json:"volumes"`
	VolumeSnapshots []struct {
		ID   string   `json:"id"`
		Tags []string `json:"tags"`
	} `json:"volume_snapshots"`
	ReservedIPs []struct {
		Address   string `json:"address"`
		DropletID int64  `json:"droplet_id"`
	} `json:"reserved_ips"`
	Firewalls []droplets.Firewall `json:"firewalls"`
	Hosts     [][]int64           `json:"hosts"`
	Pools     []struct {
		ID      string                       `json:"id"`
		Status  droplets.AutoscalePoolStatus `json:"status"`
		Desired int                          `json:"desired"`
		Members []struct {
			DropletID int64 `json:"droplet_id"`
			Deleting  bool  `json:"deleting"`
		} `json:"members"`
		History []droplets.AutoscalePoolEvent `json:"history"`
	} `json:"autoscale_pools"`
	Destroys map[int64]struct {
		Ended *time.Time `json:"ended"`
	} `json:"destroys"`
	Causes map[int64]struct{} `json:"destroy_causes"`
	Agenda []struct {
		At       time.Time `json:"at"`
		Kind     string    `json:"kind"`
		ActionID int64     `json:"action_id"`
		Droplet  int64     `json:"droplet_id"`
	} `json:"agenda"`
	Ledger []struct {
		Kind      string `json:"kind"`
		DropletID int64  `json:"droplet_id"`
	} `json:"ledger"`
}

// ids returns the ids of the objects that exist, by kind.
func (s *accountState) ids() map[string][]string {
	ids := make(map[string][]string)
	add := func(kind string, id any) { ids[kind] = append(ids[kind], fmt.Sprint(id)) }
	for _, d := range s.Droplets {
		add("droplet", d.ID)
	}
	for _, v := range s.Images {
		add("image", v.ID)
	}
	for _, v := range s.Volumes {
		add("volume", v.ID)
	}
	for _, v := range s.VolumeSnapshots {
		add("volume snapshot", v.ID)
	}
	for _, r := range s.ReservedIPs {
		add("reserved IP", r.Address)
	}
	for _, act := range s.Actions {
		add("action", act.ID)
	}
	for _, key := range s.Keys {
		add("key", key.ID)
	}
	for _, p := range s.Pools {
		add("pool", p.ID)
	}
	return ids
}

// existing returns a list with the id if the Droplet exists, and nil otherwise.
func (s *accountState) existing(id int64) []int64 {
	for _, d := range s.Droplets {
		if d.ID == id {
			return []int64{id}
		}
	}
	return nil
}

// violated returns the invariants that do not hold at a time.
func (s *accountState) violated(now time.Time) []string {
	c := &stateCheck{accountState: s, exists: make(map[string]bool)}
	for kind, ids := range s.ids() {
		for _, id := range ids {
			c.require(!c.exists[kind+id], "the id of the %s %s is not unique", kind, id)
			c.exists[kind+id] = true
		}
	}
	c.checkDroplets()
	c.checkImages()
	c.checkTags()
	c.checkActions()
	c.checkPools()
	c.checkAgenda(now)
	return c.violations
}

// stateCheck collects the invariants that do not hold.
type stateCheck struct {
	*accountState
	exists     map[string]bool // by kind and id
	violations []string
}

func (c *stateCheck) require(holds bool, format string, args ...any) {
	if !holds {
		c.violations = append(c.violations, fmt.Sprintf(format, args...))
	}
}

func (c *stateCheck) hasDroplet(id int64) bool { return c.exists["droplet"+strconv.FormatInt(id, 10)] }

// checkDroplets checks that the objects to which a Droplet refers and the Droplets to which objects refer exist, and that both agree.
func (c *stateCheck) checkDroplets() {
	attached := make(map[string]int64)
	for _, d := range c.Droplets {
		for _, id := range d.VolumeIDs {
			c.require(c.exists["volume"+id] && attached[id] == 0, "the Droplet %d has the volume %s, which does not exist or is attached twice", d.ID, id)
			attached[id] = d.ID
		}
	}
	for _, v := range c.Volumes {
		c.require(v.DropletID == attached[v.ID], "the volume %s is attached to %d and in the list of %d", v.ID, v.DropletID, attached[v.ID])
	}
	for _, ip := range c.ReservedIPs {
		c.require(ip.DropletID == 0 || c.hasDroplet(ip.DropletID), "a reserved IP is assigned to %d", ip.DropletID)
	}
	for _, f := range c.Firewalls {
		for _, id := range f.DropletIDs {
			c.require(c.hasDroplet(id), "a firewall applies to %d", id)
		}
	}
	var onHosts []int64
	for _, host := range c.Hosts {
		for _, id := range host {
			c.require(c.hasDroplet(id) && !slices.Contains(onHosts, id), "the Droplet %d is on two hosts, or does not exist", id)
			onHosts = append(onHosts, id)
		}
	}
	for id := range c.Causes {
		c.require(c.hasDroplet(id), "the ledger has the request of a destroy of the Droplet %d, which does not exist", id)
	}
	deleted := make(map[int64]bool)
	for _, e := range c.Ledger {
		c.require(!deleted[e.DropletID], "the ledger has an entry for the Droplet %d after its deletion", e.DropletID)
		deleted[e.DropletID] = e.Kind == "delete"
	}
	for id := range deleted {
		c.require(!deleted[id] || !c.hasDroplet(id), "the Droplet %d exists, but the ledger has an entry for its deletion", id)
	}
}

// checkImages checks that snapshots and backups of Droplets have these types and belong to this Droplet, and that an image has an import
// exactly if its status is NEW or pending.
func (c *stateCheck) checkImages() {
	types, owners := make(map[int64]string), make(map[int64]int64)
	for _, v := range c.Images {
		types[v.ID] = v.Type
		owners[v.ID] = v.DropletID
		importing := v.Status == droplets.ImageStatusNew || v.Status == droplets.ImageStatusPending
		c.require(importing == (v.Import != nil), "the image %d has the status %s, and an import: %v", v.ID, v.Status, v.Import != nil)
	}
	for _, d := range c.Droplets {
		for _, id := range d.SnapshotIDs {
			c.require(types[id] == "snapshot" && owners[id] == d.ID, "the snapshot %d of %d is a %q of %d", id, d.ID, types[id], owners[id])
		}
		for _, id := range d.BackupIDs {
			c.require(types[id] == "backup" && owners[id] == d.ID, "the backup %d of %d is a %q of %d", id, d.ID, types[id], owners[id])
		}
	}
}

// checkTags checks that the tags of all resources exist, and that no resource has a tag twice.
func (c *stateCheck) checkTags() {
	var names []string
	for _, t := range c.Tags {
		names = append(names, t.Name)
	}
	c.require(slices.IsSorted(names), "the tags are not sorted: %v", names)
	check := func(tags []string) {
		for i, tag := range tags {
			c.require(slices.Contains(names, tag) && !slices.Contains(tags[:i], tag), "a resource has the tags %v, the account has %v", tags, names)
		}
	}
	for _, d := range c.Droplets {
		check(d.Tags)
	}
	for _, v := range c.Images {
		check(v.Tags)
	}
	for _, v := range c.Volumes {
		check(v.Tags)
	}
	for _, v := range c.VolumeSnapshots {
		check(v.Tags)
	}
}

// checkActions checks that an action in progress has a resource and one scheduled end, that a resource other than an image has at most
// one action in progress, and that a Droplet is locked exactly while it has one or is being destroyed.
func (c *stateCheck) checkActions() {
	busy := make(map[string]int)
	for _, act := range c.Actions {
		if act.Status != droplets.ActionStatusInProgress {
			c.require(act.CompletedAt != nil, "the action %d has ended, but has no completed_at", act.ID)
			continue
		}
		key := act.ResourceType + strconv.FormatInt(act.ResourceID, 10)
		switch act.ResourceType {
		case "volume":
			key = "volume" + act.Change.Volume
		case "reserved_ip":
			key = "reserved IP" + act.Change.Address
		}
		c.require(c.exists[key], "the action %d is in progress on %d, which does not exist", act.ID, act.ResourceID)
		ends := 0
		for _, e := range c.Agenda {
			if e.Kind == "action ends" && e.ActionID == act.ID {
				ends++
			}
		}
		c.require(ends == 1, "the action %d has %d scheduled ends", act.ID, ends)
		busy[key]++
		if act.Change.Droplet != 0 {
			busy["droplet"+strconv.FormatInt(act.Change.Droplet, 10)]++
		}
	}
	for id, job := range c.Destroys {
		scheduled := false
		for _, e := range c.Agenda {
			scheduled = scheduled || e.Kind == "item is destroyed" && e.Droplet == id
		}
		c.require(scheduled == (job.Ended == nil), "the destroy of %d has ended: %v, has scheduled items: %v", id, job.Ended != nil, scheduled)
	}
	for key, n := range busy {
		c.require(n == 1 || strings.HasPrefix(key, "image"), "%s has %d actions in progress", key, n)
	}
	for _, d := range c.Droplets {
		job, destroyed := c.Destroys[d.ID]
		n := busy["droplet"+strconv.FormatInt(d.ID, 10)]
		locked := n > 0 || destroyed && job.Ended == nil
		c.require(n <= 1 && d.Locked == locked, "the Droplet %d has %d actions in progress, and is locked: %v", d.ID, n, d.Locked)
	}
}

// checkPools checks that members exist and have one pool, that an active pool has the desired number of Droplets, and that each pool has
// a history.
func (c *stateCheck) checkPools() {
	members := make(map[int64]bool)
	for _, p := range c.Pools {
		n := 0
		for _, m := range p.Members {
			c.require(c.hasDroplet(m.DropletID) && !members[m.DropletID], "the pool %s has the Droplet %d, which does not exist or is in two pools", p.ID, m.DropletID)
			members[m.DropletID] = true
			if !m.Deleting {
				n++
			}
		}
		c.require(p.Status != droplets.AutoscalePoolStatusActive || n == p.Desired, "the pool %s has %d Droplets instead of %d", p.ID, n, p.Desired)
		c.require(len(p.History) > 0, "the pool %s has no history", p.ID)
	}
}

// checkAgenda checks that all events that are due have been applied.
func (c *stateCheck) checkAgenda(now time.Time) {
	for _, e := range c.Agenda {
		c.require(e.At.After(now), "an event was due at %s and was not applied: %s", e.At, e.Kind)
	}
}
