package droplets

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

const (
	// createGrace is how long after its creation a Droplet may be missing in responses of the API.
	createGrace = 30 * time.Second
	// provenGrace is how long a Droplet may be missing after its create action was last seen to run or to have completed.
	provenGrace = time.Minute
	// createMemory is how long a client remembers the names of its creates. It is twenty times createGrace. The API creates
	// at most 5,000 requests × 10 Droplets an hour, so that a client remembers some 8,300 Droplets at most.
	createMemory = 10 * time.Minute
)

// createdDroplets records the Droplets and the names that a client created, renamed or deleted within createMemory.
type createdDroplets struct {
	mu      sync.Mutex
	byID    map[int64]createdDroplet
	names   map[string]*nameRecord
	pruneAt int // number of records at which old ones are removed
}

type createdDroplet struct {
	at        time.Time
	provenAt  time.Time // when its create action was last seen to run or to have completed
	deletedAt time.Time // when this client deleted it
	hiddenTo  time.Time // until when a 404 does not mean that it is gone, unless seen
	seen      bool      // the API has returned it since
	names     []string  // that have a claim on it
	actionID  int64     // its create action; 0 if unknown
	tags      []string
	response  []byte // the Droplet of the create response, as JSON; nil once the API has returned it
}

// current reports whether the record is young enough to be kept.
func (d createdDroplet) current(now time.Time) bool {
	return now.Sub(d.at) <= createMemory || now.Sub(d.deletedAt) <= createMemory
}

// add records a create that the API has accepted. actionID is its create action, 0 if unknown.
func (c *createdDroplets) add(d *Droplet, actionID int64) {
	response, _ := json.Marshal(d) // a copy: the caller owns d. Without it the Droplet is read by its ID.
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	now := time.Now()
	c.byID[d.ID] = createdDroplet{at: now, hiddenTo: now.Add(createMemory), names: []string{d.Name}, actionID: actionID,
		tags: slices.Clone(d.Tags), response: response}
	c.name(d.Name).add(nameClaim{dropletID: d.ID, actionID: actionID, at: now})
}

// markSeen records that the API has returned the Droplet.
func (c *createdDroplets) markSeen(id int64) {
	c.update(id, func(d *createdDroplet) { d.seen, d.response = true, nil })
}

// markProven records that the create action of the Droplet runs or has completed: the Droplet exists, visible or not.
func (c *createdDroplets) markProven(id int64) {
	c.update(id, func(d *createdDroplet) { d.provenAt = time.Now() })
}

func (c *createdDroplets) update(id int64, change func(*createdDroplet)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.byID[id]; ok {
		change(&d)
		c.byID[id] = d
	}
}

// remove records that the Droplet is gone, because this client deleted it or its create failed. The API's lists may show
// it for a while.
func (c *createdDroplets) remove(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	c.dropClaims(id)
	c.byID[id] = createdDroplet{deletedAt: time.Now()}
}

// removeTagged records that this client deleted all Droplets with the tag. A Droplet younger than createGrace may have
// been invisible to the delete and still exist.
func (c *createdDroplets) removeTagged(tag string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, d := range c.byID {
		if slices.Contains(d.tags, tag) {
			d.hiddenTo = d.at.Add(createGrace)
			c.byID[id] = d
		}
	}
}

// lookup reports whether the Droplet was created within the grace period, and whether the API has returned it since.
func (c *createdDroplets) lookup(id int64) (recent, seen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.byID[id]
	now := time.Now()
	recent = now.Sub(d.at) <= createGrace || now.Sub(d.provenAt) <= provenGrace
	return recent, d.seen
}

// mayBeHidden reports whether the Droplet may exist although the API responds with 404.
func (c *createdDroplets) mayBeHidden(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.byID[id]
	return !d.seen && !time.Now().After(d.hiddenTo)
}

// wasDeleted reports whether this client has deleted the Droplet.
func (c *createdDroplets) wasDeleted(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.byID[id].deletedAt.IsZero()
}

// createAction returns the ID of the Droplet's create action, or 0.
func (c *createdDroplets) createAction(id int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byID[id].actionID
}

// response returns the Droplet of the create response, the caller's own, or nil once the API has returned the Droplet.
func (c *createdDroplets) response(id int64) *Droplet {
	c.mu.Lock()
	body := c.byID[id].response
	c.mu.Unlock()
	d := new(Droplet)
	if body == nil || json.Unmarshal(body, d) != nil {
		return nil
	}
	return d
}

// prune makes room for one more record. It removes old records only when their number has doubled, so that an add costs
// constant time on average.
func (c *createdDroplets) prune() {
	const minRecords = 64
	if c.byID == nil {
		c.byID, c.names = make(map[int64]createdDroplet), make(map[string]*nameRecord)
	}
	if len(c.byID)+len(c.names) < max(c.pruneAt, minRecords) {
		return
	}
	now := time.Now()
	for id, d := range c.byID {
		if !d.current(now) {
			delete(c.byID, id)
		}
	}
	for name, n := range c.names {
		if !n.current(now) {
			delete(c.names, name)
		}
	}
	c.pruneAt = 2 * (len(c.byID) + len(c.names))
}
