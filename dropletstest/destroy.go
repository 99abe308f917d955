package dropletstest

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// ActionTypeDestroy stands for a destroy with associated resources in [WithActionDuration]. It is no action of the
// API's: its progress is read from its own status.
const ActionTypeDestroy droplets.ActionType = "destroy_with_associated_resources"

// destroy is a destroy with associated resources: the Droplet goes first, then what belonged to it, one after the
// other.
type destroy struct {
	Items []destroyItem `json:"items"`
	Ended *time.Time    `json:"ended"`
}

type destroyItem struct {
	Kind resourceKind `json:"kind"`
	droplets.DestroyedResource
}

func (a *API) beingDestroyed(dropletID int64) bool {
	j := a.destroys[dropletID]
	return j != nil && j.Ended == nil
}

var destroyRuns = refuse(http.StatusConflict, "A destroy of this Droplet and its associated resources is already in progress.")

func (a *API) destroySelective(c *call) (answer, *refusal) {
	var req droplets.SelectiveDestroyRequest
	if no := c.decode(&req); no != nil {
		return answer{}, no
	}
	return a.startDestroy(c, func(r resource) bool { return slices.Contains(r.namedIn(req), r.id) }, &req)
}

func (a *API) destroyAll(c *call) (answer, *refusal) {
	if c.req.Header.Get("X-Dangerous") != "true" {
		return answer{}, unprocessable("The header X-Dangerous must be true.")
	}
	return a.startDestroy(c, func(resource) bool { return true }, nil)
}

func (a *API) startDestroy(c *call, wanted func(resource) bool, named *droplets.SelectiveDestroyRequest) (answer, *refusal) {
	d, no := a.droplet(c)
	if no != nil {
		return answer{}, no
	}
	if a.beingDestroyed(d.ID) {
		return answer{}, destroyRuns
	}
	belongings := a.belongings(d)
	if named != nil {
		if no := checkNamed(*named, belongings); no != nil {
			return answer{}, no
		}
	}
	j := &destroy{Items: []destroyItem{newItem(kindDroplet, strconv.FormatInt(d.ID, 10), d.Name)}}
	for _, r := range belongings {
		if wanted(r) {
			j.Items = append(j.Items, newItem(r.kind, r.id, r.name))
		}
	}
	a.destroys[d.ID] = j
	d.Locked = true
	a.planDestroy(d.ID, j, c.now)
	a.ledger.note(c, d.ID)
	return answer{status: http.StatusAccepted}, nil
}

func newItem(kind resourceKind, id, name string) destroyItem {
	return destroyItem{kind, droplets.DestroyedResource{ID: id, Name: name}}
}

// checkNamed refuses a request that names what does not belong to the Droplet, before anything is destroyed.
func checkNamed(req droplets.SelectiveDestroyRequest, belongings []resource) *refusal {
	for kind, ids := range map[resourceKind][]string{kindReservedIP: slices.Concat(req.ReservedIPs, req.FloatingIPs),
		kindSnapshot: req.Snapshots, kindVolume: req.Volumes, kindVolumeSnapshot: req.VolumeSnapshots} {
		for _, id := range ids {
			if !slices.ContainsFunc(belongings, func(r resource) bool { return r.kind == kind && r.id == id }) {
				return unprocessable("%s %q is not associated with this Droplet.", kind, id)
			}
		}
	}
	return nil
}

// planDestroy spreads what is left to destroy over the time that it takes.
func (a *API) planDestroy(dropletID int64, j *destroy, now time.Time) {
	var left []int
	for i, item := range j.Items {
		if item.DestroyedAt == nil {
			left = append(left, i)
		}
	}
	j.Ended = nil
	total := a.config.durationOf(ActionTypeDestroy)
	for n, i := range left {
		a.plan(event{At: now.Add(total * time.Duration(n+1) / time.Duration(len(left))), Kind: eventItemDestroyed, Droplet: dropletID, Item: i})
	}
	if len(left) == 0 {
		j.end(now)
	}
}

func (j *destroy) end(at time.Time) {
	at = wholeSeconds(at)
	j.Ended = &at
}

// destroyItem destroys one thing, or fails to where it was told to. The last one ends the whole.
func (a *API) destroyItem(e event) {
	j := a.destroys[e.Droplet]
	item := &j.Items[e.Item]
	if message, fails := a.undying[item.ID]; fails {
		delete(a.undying, item.ID)
		item.ErrorMessage = message
	} else {
		at := wholeSeconds(e.At)
		item.ErrorMessage, item.DestroyedAt = "", &at
		a.destroyResource(e, item.Kind, item.ID)
	}
	if !a.planned(e.Droplet) {
		j.end(e.At)
		if d := a.droplets[e.Droplet]; d != nil {
			d.Locked = d.pending != nil
		}
	}
}

// planned tells whether anything of a destroy is still to come.
func (s *state) planned(dropletID int64) bool {
	return slices.ContainsFunc(s.agenda, func(e event) bool { return e.Kind == eventItemDestroyed && e.Droplet == dropletID })
}

func (a *API) destroyStatus(c *call) (answer, *refusal) {
	j := a.destroys[c.argID(0)]
	if j == nil {
		return answer{}, notFound
	}
	return answer{http.StatusOK, j.status()}, nil
}

func (j *destroy) status() droplets.DestroyStatus {
	s := droplets.DestroyStatus{CompletedAt: j.Ended, Resources: &droplets.DestroyedResources{
		FloatingIPs: []droplets.DestroyedResource{}, ReservedIPs: []droplets.DestroyedResource{},
		Snapshots: []droplets.DestroyedResource{}, Volumes: []droplets.DestroyedResource{},
		VolumeSnapshots: []droplets.DestroyedResource{}}}
	for i := range j.Items {
		item := &j.Items[i]
		if item.ErrorMessage != "" {
			s.Failures++
		}
		switch item.Kind {
		case kindDroplet:
			s.Droplet = &item.DestroyedResource
		case kindReservedIP:
			s.Resources.ReservedIPs = append(s.Resources.ReservedIPs, item.DestroyedResource)
			s.Resources.FloatingIPs = append(s.Resources.FloatingIPs, item.DestroyedResource)
		case kindSnapshot:
			s.Resources.Snapshots = append(s.Resources.Snapshots, item.DestroyedResource)
		case kindVolume:
			s.Resources.Volumes = append(s.Resources.Volumes, item.DestroyedResource)
		case kindVolumeSnapshot:
			s.Resources.VolumeSnapshots = append(s.Resources.VolumeSnapshots, item.DestroyedResource)
		}
	}
	return s
}

func (a *API) destroyRetry(c *call) (answer, *refusal) {
	id := c.argID(0)
	j := a.destroys[id]
	switch {
	case j == nil:
		return answer{}, notFound
	case j.Ended == nil:
		return answer{}, destroyRuns
	}
	for i := range j.Items {
		j.Items[i].ErrorMessage = ""
	}
	a.planDestroy(id, j, c.now)
	return answer{status: http.StatusAccepted}, nil
}

// FailNextDestroy makes the next destroy of one resource fail with the message, within a destroy with associated
// resources. The id is that of the resource; a Droplet's is its number in digits.
func (a *API) FailNextDestroy(resourceID, message string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.undying[resourceID] = message
}
