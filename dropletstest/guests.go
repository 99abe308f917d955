package dropletstest

// guests are the plans of IgnoreShutdown.
type guests struct {
	allIgnoreShutdown bool
	ignoreShutdown    map[int64]bool // by Droplet id
}

// ignoresShutdown reports whether the guest of a Droplet ignores shutdowns.
func (g *guests) ignoresShutdown(d *droplet) bool {
	return g.allIgnoreShutdown || g.ignoreShutdown[d.ID]
}

// IgnoreShutdown makes the guests of Droplets ignore shutdowns, as a guest that hangs does: the action shutdown completes, and the
// Droplet stays active until a power_off. Without ids, the guests of all Droplets ignore them, also of Droplets that are created
// later.
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
