package dropletstest

// An action of a volume or a reserved IP on a Droplet is an event of the Droplet, which rejects other actions meanwhile. It is not in
// the list of the Droplet's actions. If the Droplet is deleted, the action ends as errored.

// findIdleDroplet returns the Droplet that the body of a request names. It returns an error if the Droplet does not exist, is not
// visible yet, or has an action in progress.
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

// occupy makes an action of another resource the one in progress on a Droplet, and locks the Droplet. The Droplet can be nil.
func (s *state) occupy(d *droplet, act *action) {
	if d != nil {
		d.pending, d.Locked = act, true
	}
}

// release unlocks a Droplet when the action ends. The Droplet can be nil.
func (s *state) release(d *droplet) {
	if d != nil {
		d.pending, d.Locked = nil, s.beingDestroyed(d.ID)
	}
}
