package droplets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// nameRecord is what a client has done with one Droplet name.
type nameRecord struct {
	claims      []nameClaim
	uncertainAt time.Time // when the outcome of a create of this name became unknown
	busy        int       // creates of this name in progress, and calls of Ensure that hold it
	idle        chan struct{}
}

// nameClaim is a Droplet that has the name because this client created it so or renamed it.
type nameClaim struct {
	dropletID int64
	actionID  int64 // the create or the rename; 0 if unknown
	at        time.Time
	renamed   bool
}

func (n *nameRecord) current(now time.Time) bool {
	n.claims = slices.DeleteFunc(n.claims, func(c nameClaim) bool { return now.Sub(c.at) > createMemory })
	return n.busy > 0 || len(n.claims) > 0 || now.Sub(n.uncertainAt) <= createMemory
}

func (n *nameRecord) add(claim nameClaim) {
	n.drop(claim.dropletID)
	n.claims = append(n.claims, claim)
}

func (n *nameRecord) drop(id int64) {
	n.claims = slices.DeleteFunc(n.claims, func(c nameClaim) bool { return c.dropletID == id })
}

// name returns the record of a name. The caller holds the lock.
func (c *createdDroplets) name(name string) *nameRecord {
	n := c.names[name]
	if n == nil {
		n = &nameRecord{idle: make(chan struct{})}
		c.names[name] = n
	}
	return n
}

// claims returns the Droplets that this client gave the name within createMemory.
func (c *createdDroplets) claims(name string) (claims []nameClaim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.names[name]
	if n == nil || !n.current(time.Now()) {
		return nil
	}
	return slices.Clone(n.claims)
}

// rename records that the API has accepted a rename, which also shows that the Droplet is visible. The claim of its new
// name replaces that of an earlier rename; a name that it was created with keeps its claim until the API shows another.
func (c *createdDroplets) rename(id int64, name string, actionID int64) {
	c.markSeen(id)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	d := c.byID[id]
	for _, old := range d.names {
		if n := c.names[old]; n != nil {
			n.claims = slices.DeleteFunc(n.claims, func(c nameClaim) bool { return c.dropletID == id && c.renamed })
		}
	}
	d.seen, d.names = true, append(d.names, name)
	c.byID[id] = d
	c.name(name).add(nameClaim{dropletID: id, actionID: actionID, at: time.Now(), renamed: true})
}

// dropClaims removes a Droplet from all names. The caller holds the lock.
func (c *createdDroplets) dropClaims(id int64) {
	for _, name := range c.byID[id].names {
		if n := c.names[name]; n != nil {
			n.drop(id)
		}
	}
}

// forget removes a Droplet from a name.
func (c *createdDroplets) dropClaim(name string, id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.names[name]; n != nil {
		n.drop(id)
	}
}

// uncertainSince returns when the outcome of a create of the name became unknown; the zero time if none did within
// createMemory.
func (c *createdDroplets) uncertainSince(name string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.names[name]; n != nil && time.Since(n.uncertainAt) <= createMemory {
		return n.uncertainAt
	}
	return time.Time{}
}

func (c *createdDroplets) markUncertain(names ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	for _, name := range names {
		c.name(name).uncertainAt = time.Now()
	}
}

// nameHold is a number of names that a call is creating Droplets of.
type nameHold struct {
	created *createdDroplets
	names   []string
}

// hold marks the names as being created, without waiting for other holders.
func (c *createdDroplets) hold(names []string) *nameHold {
	names = slices.Clone(names)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	for _, name := range names {
		c.name(name).busy++
	}
	return &nameHold{created: c, names: names}
}

// holdAlone marks the names as being created once nobody else holds one of them. It takes all of the names or none, so that
// two calls with overlapping names cannot wait for each other.
func (c *createdDroplets) holdAlone(ctx context.Context, names []string) (*nameHold, error) {
	for {
		busy := c.tryHold(names)
		if busy == nil {
			return &nameHold{created: c, names: names}, nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, fmt.Errorf("droplets: waited for another create of %s by this client: %w", quoteSome(names), contextError(ctx))
		}
	}
}

// tryHold holds the names, or returns a channel that is closed when a holder of one of them has finished.
func (c *createdDroplets) tryHold(names []string) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	for _, name := range names {
		if n := c.names[name]; n != nil && n.busy > 0 {
			return n.idle
		}
	}
	for _, name := range names {
		c.name(name).busy++
	}
	return nil
}

// release ends the hold and lets those that wait for it continue.
func (h *nameHold) release() {
	c := h.created
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range h.names {
		n := c.name(name)
		if n.busy--; n.busy == 0 {
			close(n.idle)
			n.idle = make(chan struct{})
		}
	}
}

// settle records the outcome of one create request of these names.
func (c *createdDroplets) recordOutcome(names []string, created []Droplet, actions []Action, err error) {
	if errors.Is(err, ErrMaybeApplied) {
		c.markUncertain(names...)
	}
	for i := range created {
		var actionID int64
		if k := slices.IndexFunc(actions, func(a Action) bool { return a.ResourceID == created[i].ID }); k >= 0 {
			actionID = actions[k].ID
		}
		c.add(&created[i], actionID)
	}
}

// quoteSome lists names for an error message, at most ten of them.
func quoteSome(names []string) string {
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%q and %d more", names[:most], len(names)-most)
	}
	return fmt.Sprintf("%q", names)
}
