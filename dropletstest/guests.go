package dropletstest

// guests are the Droplets whose guest operating systems ignore shutdowns.
type guests struct {
	allIgnoreShutdown bool
	ignoreShutdown    map[int64]bool // by Droplet id
}

// ignoresShutdown reports whether the guest of a Droplet ignores shutdowns.
func (g *guests) ignoresShutdown(d *droplet) bool {
	return g.allIgnoreShutdown || g.ignoreShutdown[d.ID]
}

// IgnoreShutdown makes the guest operating systems of Droplets ignore shutdowns, as if they hung: the action shutdown completes, and
// the Droplet stays active until a power_off. Without ids, it applies to all Droplets, including those that are created later. It
// cannot be undone.
func (a *API) IgnoreShutdown(dropletIDs ...int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.guests.ignoreShutdown == nil {
		a.guests.ignoreShutdown = make(map[int64]bool)
	}
	for _, id := range dropletIDs {
		a.guests.ignoreShutdown[id] = true
	}
	a.guests.allIgnoreShutdown = a.guests.allIgnoreShutdown || len(dropletIDs) == 0
}
