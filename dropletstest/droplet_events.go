package dropletstest

// While an action of a volume or a reserved IP on a Droplet is in progress, the Droplet is locked and rejects other actions. The
// action is not in the list of the Droplet's actions. If the Droplet is deleted, the action ends as errored.

// findIdleDroplet returns the Droplet with an id from the body of a request. It returns an error if the Droplet does not exist, is
// not visible yet, or has an action in progress.
func (a *API) findIdleDroplet(id int64) (*droplet, *apiError) {
	d := a.droplets[id]
	switch {
	case id == 0:
		return nil, unprocessable("droplet_id is required.")
	case d == nil || d.hidden:
		return nil, unprocessable("Droplet %d could not be found.", id)
	case d.pending != nil || a.beingDestroyed(id):
		return nil, pendingEvent
	}
	return d, nil
}

// lockDroplet locks a Droplet for an action of another resource. The Droplet can be nil.
func (s *state) lockDroplet(d *droplet, act *action) {
	if d != nil {
		d.pending, d.Locked = act, true
	}
}

// unlockDroplet unlocks a Droplet when the action ends. The Droplet can be nil.
func (s *state) unlockDroplet(d *droplet) {
	if d != nil {
		d.pending, d.Locked = nil, s.beingDestroyed(d.ID)
	}
}
