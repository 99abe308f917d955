package droplets

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

const (
	// createGrace is how long after its create a Droplet may be missing in responses of the API.
	createGrace = 30 * time.Second
	// provenGrace is how long a Droplet may be missing after markProven. It is also how long after a rename the API may show
	// the old name.
	provenGrace = time.Minute
	// createMemory is how long a client keeps the records of its creates: twenty times createGrace. With 5,000 requests an hour
	// and ten Droplets a request, about 8,300 Droplets are created in this time.
	createMemory = 10 * time.Minute
)

// createdDroplets records the Droplets and the names that a client created, renamed or deleted within createMemory.
type createdDroplets struct {
	mu      sync.Mutex
	byID    map[int64]createdDroplet
	names   map[string]*nameRecord
	pruneAt int // number of records from which on prune removes old ones
}

type createdDroplet struct {
	at          time.Time // of the create; zero if there is none on record
	provenAt    time.Time // see markProven
	deletedAt   time.Time // when this client deleted it, or found that its create had failed
	hiddenUntil time.Time // until then, a 404 does not mean that it is gone, unless seen is true
	keepUntil   time.Time // when the record can be removed: createMemory after the create, the latest rename, or the delete
	seen        bool      // the API has returned it since its create
	name        string    // of the create
	renamed     string    // of the latest rename
	actionID    int64     // its create action; 0 if unknown
	tags        []string
	response    []byte // the Droplet in the create response, as JSON; nil if seen is true
}

// add records a Droplet that this client created. actionID is the ID of the create action, 0 if unknown.
func (c *createdDroplets) add(d *Droplet, actionID int64) {
	response, _ := json.Marshal(d) // a deep copy, because the caller owns d; response returns nil if it cannot be decoded
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	now := time.Now()
	end := now.Add(createMemory)
	c.byID[d.ID] = createdDroplet{at: now, hiddenUntil: end, keepUntil: end, name: d.Name, actionID: actionID,
		tags: slices.Clone(d.Tags), response: response}
	c.name(d.Name).add(nameClaim{dropletID: d.ID, actionID: actionID, at: now})
}

// markSeen records that the API has returned the Droplet in a response to a read. A 404 then means that the Droplet is gone.
func (c *createdDroplets) markSeen(id int64) {
	c.update(id, func(d *createdDroplet) { d.seen, d.response = true, nil })
}

// markProven records that this client begins to wait for the Droplet, or that its create action has completed: the Droplet
// exists, even if the API responds with 404.
func (c *createdDroplets) markProven(id int64) {
	c.update(id, func(d *createdDroplet) { d.provenAt = time.Now() })
}

// update changes the record of a Droplet, if there is one.
func (c *createdDroplets) update(id int64, change func(*createdDroplet)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.byID[id]; ok {
		change(&d)
		c.byID[id] = d
	}
}

// remove records that the Droplet is gone, because this client deleted it or its create failed. The record is kept because the
// API's lists may still show the Droplet.
func (c *createdDroplets) remove(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	for _, name := range []string{c.byID[id].name, c.byID[id].renamed} {
		c.drop(name, id)
	}
	now := time.Now()
	c.byID[id] = createdDroplet{deletedAt: now, keepUntil: now.Add(createMemory)}
}

// removeTagged records that this client deleted all Droplets with the tag. A Droplet that was younger than createGrace may still
// exist, because the API may not have found it by its tag; after createGrace, a 404 means that it is gone.
func (c *createdDroplets) removeTagged(tag string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, d := range c.byID {
		if slices.Contains(d.tags, tag) {
			d.hiddenUntil = d.at.Add(createGrace)
			c.byID[id] = d
		}
	}
}

// lookup reports whether the Droplet may be too new to be visible (created within createGrace, or marked as proven within
// provenGrace), and whether the API has returned it since its create.
func (c *createdDroplets) lookup(id int64) (recent, seen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.byID[id]
	now := time.Now()
	recent = now.Sub(d.at) <= createGrace || now.Sub(d.provenAt) <= provenGrace
	return recent, d.seen
}

// mayBeHidden reports whether the Droplet may exist although the API responds with 404: it was created within createMemory and
// the API has not returned it since. Unlike lookup, it is for callers that check the create action too.
func (c *createdDroplets) mayBeHidden(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.byID[id]
	return !d.seen && !time.Now().After(d.hiddenUntil)
}

// wasDeleted reports whether this client has deleted the Droplet or found that its create had failed.
func (c *createdDroplets) wasDeleted(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.byID[id].deletedAt.IsZero()
}

// createAction returns the ID of the Droplet's create action, or 0 if it is unknown.
func (c *createdDroplets) createAction(id int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byID[id].actionID
}

// response returns a new copy of the Droplet in the create response. It returns nil after the API has returned the Droplet in
// another response, and for a Droplet without a record.
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

// prune prepares the maps for one more record. It removes old records only after their number has doubled, so that adding a
// record takes constant time on average. The caller holds the lock.
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
		if now.After(d.keepUntil) {
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
