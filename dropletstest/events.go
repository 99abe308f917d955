package dropletstest

import (
	"container/heap"
	"time"

	"github.com/droplets-go/droplets"
)

// event is a state change that is due at a time. Its kind determines which fields are used. Events are data and not
// functions, so that they can be saved with the rest of the state.
type event struct {
	At       time.Time `json:"at"`
	Seq      int64     `json:"seq"`
	Kind     eventKind `json:"kind"`
	Droplet  int64     `json:"droplet_id,omitempty"`
	Action   int64     `json:"action_id,omitempty"`
	Image    int64     `json:"image_id,omitempty"`
	Firewall string    `json:"firewall_id,omitempty"`
	Pool     string    `json:"pool_id,omitempty"`
	Item     int       `json:"item,omitempty"`
}

// eventKind is a kind of event. The values are part of the saved state.
type eventKind string

const (
	eventActionEnds      eventKind = "action ends"
	eventVisible         eventKind = "Droplet becomes visible"
	eventAddresses       eventKind = "Droplet gets addresses"
	eventStatusShown     eventKind = "status is shown"
	eventBackup          eventKind = "backup"
	eventItemDestroyed   eventKind = "item is destroyed"
	eventImageVisible    eventKind = "image becomes visible"
	eventImageChanged    eventKind = "image is changed"
	eventImportRuns      eventKind = "import is running"
	eventImportEnds      eventKind = "import ends"
	eventFirewallApplied eventKind = "firewall is applied"

	eventPoolCheck       eventKind = "pool is checked"
	eventMemberDestroyed eventKind = "member of a pool is destroyed"
	eventPoolDeleted     eventKind = "pool is deleted"
)

// eventQueue is a heap of events, ordered by time. Events of the same time are in the order in which they were scheduled.
type eventQueue []event

func (q eventQueue) Len() int      { return len(q) }
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q eventQueue) Less(i, j int) bool {
	if !q[i].At.Equal(q[j].At) {
		return q[i].At.Before(q[j].At)
	}
	return q[i].Seq < q[j].Seq
}
func (q *eventQueue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	*q = (*q)[:last]
	return e
}

func (s *state) schedule(e event) {
	e.Seq = nextID(&s.counters.Event)
	heap.Push(&s.events, e)
}

// applyDue applies the events that are due at now, in order and each with its own time.
func (a *API) applyDue(now time.Time) {
	for len(a.events) > 0 && !a.events[0].At.After(now) {
		a.applyEvent(heap.Pop(&a.events).(event))
	}
}

func (a *API) applyEvent(e event) {
	switch e.Kind {
	case eventActionEnds:
		a.endAction(a.actions[e.Action], e.At)
	case eventItemDestroyed:
		a.destroyItem(e)
	case eventFirewallApplied:
		if f := a.findFirewall(e.Firewall); f != nil {
			f.apply(e)
		}
	case eventPoolCheck, eventMemberDestroyed, eventPoolDeleted:
		if p := a.findPool(e.Pool); p != nil {
			a.applyPoolEvent(p, e)
		}
	default:
		if d := a.droplets[e.Droplet]; d != nil {
			a.applyDropletEvent(d, e)
		}
		if v := a.images[e.Image]; v != nil {
			a.applyImageEvent(v, e)
		}
	}
}

func (a *API) applyDropletEvent(d *droplet, e event) {
	switch e.Kind {
	case eventVisible:
		a.showDroplet(d)
	case eventAddresses:
		a.assignAddresses(d)
	case eventStatusShown:
		d.Status = d.actualStatus
	case eventBackup:
		a.runBackup(d, e.At)
	}
}

func (a *API) applyImageEvent(v *image, e event) {
	switch e.Kind {
	case eventImageVisible:
		a.showImage(v)
	case eventImageChanged:
		a.changeImage(v, a.actions[e.Action])
	case eventImportRuns:
		if v.importing != nil { // otherwise it is another image with the same id
			v.Status = droplets.ImageStatusPending
		}
	case eventImportEnds:
		v.endImport()
	}
}
