package dropletstest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/droplets-go/droplets"
)

// ActionTypeDestroy is the type of a destroy with associated resources in [WithActionDuration]. It is not an action type of
// the API, which reports the progress of a destroy through a status of its own.
const ActionTypeDestroy droplets.ActionType = "destroy_with_associated_resources"

// destroyJob is a destroy with associated resources. It deletes the Droplet first, then the resources one after the other.
type destroyJob struct {
	Items       []destroyItem `json:"items"`
	CompletedAt *time.Time    `json:"ended"`
}

type destroyItem struct {
	Kind resourceKind `json:"kind"`
	droplets.DestroyedResource
}

// beingDestroyed reports whether a destroy of the Droplet is in progress.
func (s *state) beingDestroyed(dropletID int64) bool {
	job := s.destroyJobs[dropletID]
	return job != nil && job.CompletedAt == nil
}

var (
	destroyInProgress   = newAPIError(http.StatusConflict, "A destroy of this Droplet and its associated resources is already in progress.")
	dangerousIsRequired = unprocessable("The header X-Dangerous must be true.")
)

// selectiveDestroyRequest has no UnmarshalJSON, which would reject unknown fields.
type selectiveDestroyRequest droplets.SelectiveDestroyRequest

func (a *API) destroySelective(c *call) (result, *apiError) {
	req, apiErr := decodeBody[selectiveDestroyRequest](c)
	if apiErr != nil {
		return result{}, apiErr
	}
	return a.startDestroy(c, (*droplets.SelectiveDestroyRequest)(&req))
}

func (a *API) destroyAll(c *call) (result, *apiError) {
	if c.req.Header.Get("X-Dangerous") != "true" {
		return result{}, dangerousIsRequired
	}
	return a.startDestroy(c, nil)
}

// startDestroy starts a destroy of a Droplet and the selected associated resources, or all of them if selection is nil.
func (a *API) startDestroy(c *call, selection *droplets.SelectiveDestroyRequest) (result, *apiError) {
	d, apiErr := a.findDroplet(c)
	if apiErr != nil {
		return result{}, apiErr
	}
	if a.beingDestroyed(d.ID) {
		return result{}, destroyInProgress
	}
	resources := a.associatedResources(d)
	if selection != nil {
		if apiErr := checkAssociated(*selection, resources); apiErr != nil {
			return result{}, apiErr
		}
	}
	job := &destroyJob{Items: []destroyItem{newDestroyItem(kindDroplet, strconv.FormatInt(d.ID, 10), d.Name)}}
	for _, r := range resources {
		if selection == nil || slices.Contains(selectedIDs(*selection, r.kind), r.id) {
			job.Items = append(job.Items, newDestroyItem(r.kind, r.id, r.name))
		}
	}
	a.destroyJobs[d.ID] = job
	d.Locked = true
	a.scheduleDestroy(d.ID, job, c.now)
	a.ledger.recordDestroyRequest(requestRef{c.id, c.operation()}, d.ID)
	return accepted, nil
}

func newDestroyItem(kind resourceKind, id, name string) destroyItem {
	return destroyItem{kind, droplets.DestroyedResource{ID: id, Name: name}}
}

// scheduleDestroy schedules the remaining items of a job, evenly over the duration of a destroy.
func (a *API) scheduleDestroy(dropletID int64, job *destroyJob, now time.Time) {
	var remaining []int
	for i, item := range job.Items {
		if item.DestroyedAt == nil {
			remaining = append(remaining, i)
		}
	}
	job.CompletedAt = nil
	total := a.config.durationFor(ActionTypeDestroy)
	for n, i := range remaining {
		a.schedule(event{At: now.Add(total * time.Duration(n+1) / time.Duration(len(remaining))), Kind: eventItemDestroyed, Droplet: dropletID, Item: i})
	}
	if len(remaining) == 0 {
		job.complete(now)
	}
}

func (job *destroyJob) complete(at time.Time) {
	at = wholeSeconds(at)
	job.CompletedAt = &at
}

// destroyItem destroys one item of a job, or records why the item cannot be destroyed. The last item completes the job.
func (a *API) destroyItem(e event) {
	job := a.destroyJobs[e.Droplet]
	item := &job.Items[e.Item]
	if message := a.destroyFailure(e.Droplet, item); message != "" {
		item.ErrorMessage = message
	} else {
		at := wholeSeconds(e.At)
		item.ErrorMessage, item.DestroyedAt = "", &at
		a.destroyResource(e, item.Kind, item.ID)
	}
	if !a.destroyScheduled(e.Droplet) {
		job.complete(e.At)
		if d := a.droplets[e.Droplet]; d != nil {
			d.Locked = d.pending != nil
		}
	}
}

// destroyFailure returns the error message of an item that cannot be destroyed, or "". An item cannot be destroyed if
// FailNextDestroy was called for it, if it has an action in progress, or if it is in use: by this Droplet, if that was not destroyed,
// or by another one.
func (a *API) destroyFailure(dropletID int64, item *destroyItem) string {
	if message, ok := a.destroyFailures[item.ID]; ok {
		delete(a.destroyFailures, item.ID)
		return message
	}
	switch item.Kind {
	case kindVolume:
		return a.volumes[item.ID].destroyFailure()
	case kindReservedIP:
		return a.findReservedIP(item.ID).destroyFailure(dropletID)
	}
	return ""
}

// destroyScheduled reports whether items of a destroy are still scheduled.
func (s *state) destroyScheduled(dropletID int64) bool {
	return slices.ContainsFunc(s.events, func(e event) bool { return e.Kind == eventItemDestroyed && e.Droplet == dropletID })
}

func (a *API) destroyStatus(c *call) (result, *apiError) {
	job := a.destroyJobs[c.argID(0)]
	if job == nil {
		return result{}, notFound
	}
	return result{http.StatusOK, job.status()}, nil
}

func (job *destroyJob) status() droplets.DestroyStatus {
	s := droplets.DestroyStatus{CompletedAt: job.CompletedAt, Resources: &droplets.DestroyedResources{
		FloatingIPs: []droplets.DestroyedResource{}, ReservedIPs: []droplets.DestroyedResource{},
		Snapshots: []droplets.DestroyedResource{}, Volumes: []droplets.DestroyedResource{},
		VolumeSnapshots: []droplets.DestroyedResource{}}}
	for i := range job.Items {
		item := &job.Items[i]
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

func (a *API) destroyRetry(c *call) (result, *apiError) {
	id := c.argID(0)
	job := a.destroyJobs[id]
	switch {
	case job == nil:
		return result{}, notFound
	case job.CompletedAt == nil:
		return result{}, destroyInProgress
	}
	for i := range job.Items {
		job.Items[i].ErrorMessage = ""
	}
	if d := a.droplets[id]; d != nil {
		d.Locked = true
	}
	a.scheduleDestroy(id, job, c.now)
	return accepted, nil
}

// FailNextDestroy makes the next destroy with associated resources fail to delete one resource, with the given error message. A
// retry of the destroy is not affected. resourceID is the id of the resource; for a Droplet or a snapshot, the number in decimal. If
// message is empty, the API reports a default message. A second call for the same resource replaces the message.
func (a *API) FailNextDestroy(resourceID, message string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.destroyFailures[resourceID] = cmp.Or(message, "The resource could not be destroyed.")
}
