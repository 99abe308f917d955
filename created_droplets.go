package droplets

import (
	"maps"
	"sync"
	"time"
)

// createGrace is how long after its creation a Droplet may be missing in responses of the API.
const createGrace = 30 * time.Second

// createdDroplets records the Droplets that a client created within the grace period.
type createdDroplets struct {
	mu   sync.Mutex
	byID map[int64]createdDroplet
}

type createdDroplet struct {
	at   time.Time
	seen bool // the API has returned it since
}

func (c *createdDroplets) add(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(c.byID, func(_ int64, d createdDroplet) bool { return now.Sub(d.at) > createGrace })
	if c.byID == nil {
		c.byID = make(map[int64]createdDroplet)
	}
	c.byID[id] = createdDroplet{at: now}
}

// markSeen records that the API has returned the Droplet.
func (c *createdDroplets) markSeen(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.byID[id]; ok {
		d.seen = true
		c.byID[id] = d
	}
}

func (c *createdDroplets) remove(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byID, id)
}

// lookup reports whether the Droplet was created within the grace period, and whether the API has returned it since.
func (c *createdDroplets) lookup(id int64) (recent, seen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, ok := c.byID[id]
	return ok && time.Since(d.at) <= createGrace, d.seen
}
