package droplets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// nameRecord has the creates and renames of a client with one Droplet name.
type nameRecord struct {
	claims      []nameClaim
	uncertainAt time.Time     // when a create of this name ended with an unknown outcome
	busy        int           // number of calls that hold the name
	idle        chan struct{} // closed when busy becomes 0
}

// nameClaim is a Droplet that has the name because this client created it with the name or renamed it.
type nameClaim struct {
	dropletID int64
	actionID  int64     // of the create or the rename; 0 if unknown
	at        time.Time // of the create or the rename
	renamed   bool      // the claim is from a rename
}

// current removes the claims that are older than createMemory, and reports whether the record is still needed.
func (n *nameRecord) current(now time.Time) bool {
	n.claims = slices.DeleteFunc(n.claims, func(c nameClaim) bool { return now.Sub(c.at) > createMemory })
	return n.busy > 0 || len(n.claims) > 0 || now.Sub(n.uncertainAt) <= createMemory
}

// add adds a claim. It replaces an earlier claim of the same Droplet.
func (n *nameRecord) add(claim nameClaim) {
	n.drop(claim.dropletID)
	n.claims = append(n.claims, claim)
}

// drop removes the claim of a Droplet.
func (n *nameRecord) drop(id int64) {
	n.claims = slices.DeleteFunc(n.claims, func(c nameClaim) bool { return c.dropletID == id })
}

// name returns the record of a name, a new one if there is none. The caller holds the lock, and has called prune or holds the
// name.
func (c *createdDroplets) name(name string) *nameRecord {
	n := c.names[name]
	if n == nil {
		n = &nameRecord{idle: make(chan struct{})}
		c.names[name] = n
	}
	return n
}

// claims returns the Droplets that this client created with the name, or renamed to it, within createMemory.
func (c *createdDroplets) claims(name string) (claims []nameClaim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.names[name]
	if n == nil || !n.current(time.Now()) {
		return nil
	}
	return slices.Clone(n.claims)
}

// rename records that the API has accepted a rename. The Droplet is visible then. The claim on the new name replaces the claim
// of an earlier rename. The claim on the name of the create is kept until the API returns another name for the Droplet.
func (c *createdDroplets) rename(id int64, name string, actionID int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	now := time.Now()
	d := c.byID[id]
	c.drop(d.renamed, id)
	d.seen, d.response, d.renamed, d.keepUntil = true, nil, name, now.Add(createMemory)
	c.byID[id] = d
	c.name(name).add(nameClaim{dropletID: id, actionID: actionID, at: now, renamed: true})
}

// dropClaim removes the claim of a Droplet on a name.
func (c *createdDroplets) dropClaim(name string, id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(name, id)
}

// drop removes the claim of a Droplet on a name, if there is one. The caller holds the lock.
func (c *createdDroplets) drop(name string, id int64) {
	if n := c.names[name]; n != nil {
		n.drop(id)
	}
}

// uncertainSince returns when a create of the name last ended with an unknown outcome. It returns the zero time if there was
// none within createMemory.
func (c *createdDroplets) uncertainSince(name string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.names[name]; n != nil && time.Since(n.uncertainAt) <= createMemory {
		return n.uncertainAt
	}
	return time.Time{}
}

// markUncertain records that a create of the names has ended with an unknown outcome. The caller holds the names.
func (c *createdDroplets) markUncertain(names ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range names {
		c.name(name).uncertainAt = time.Now()
	}
}

// nameHold is held by a call while it creates Droplets with the names.
type nameHold struct {
	created *createdDroplets
	names   []string
}

// hold holds the names, which must not change until release. It does not wait for other calls that hold them.
func (c *createdDroplets) hold(names []string) *nameHold {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	for _, name := range names {
		c.name(name).busy++
	}
	return &nameHold{created: c, names: names}
}

// holdAlone waits until no other call holds one of the names, and then holds them. It holds all of the names or none, so that
// two calls with overlapping names cannot wait for each other. It returns an error if ctx is done first.
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

// tryHold holds the names and returns nil. If another call holds one of them, it returns a channel that is closed when no call
// holds that name any more.
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

// release ends the hold. Calls that wait for the names try again.
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

// recordOutcome records the outcome of one create request: the Droplets that it created, with their actions, or err.
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

// quoteSome returns the names in quotes for an error message, at most ten of them.
func quoteSome(names []string) string {
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%q and %d more", names[:most], len(names)-most)
	}
	return fmt.Sprintf("%q", names)
}
