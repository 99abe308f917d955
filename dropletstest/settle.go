package dropletstest

import (
	"container/heap"
	"time"
)

// event is something that falls due at a time. Which of its fields count depends on its kind. Events are data rather
// than functions so that they can be saved with the rest of the state.
type event struct {
	At      time.Time `json:"at"`
	Seq     int64     `json:"seq"`
	Kind    eventKind `json:"kind"`
	Droplet int64     `json:"droplet_id,omitempty"`
	Action  int64     `json:"action_id,omitempty"`
	Item    int       `json:"item,omitempty"`
}

type eventKind string

const (
	eventActionEnds    eventKind = "action ends"
	eventVisible       eventKind = "Droplet becomes visible"
	eventAddresses     eventKind = "Droplet gets addresses"
	eventStatusShown   eventKind = "status is shown"
	eventBackup        eventKind = "backup"
	eventItemDestroyed eventKind = "item is destroyed"
)

// agenda is a heap of events, the next one first; those of the same time in the order in which they were planned.
type agenda []event

func (a agenda) Len() int      { return len(a) }
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(event)) }
func (a agenda) Less(i, j int) bool {
	if !a[i].At.Equal(a[j].At) {
		return a[i].At.Before(a[j].At)
	}
	return a[i].Seq < a[j].Seq
}
func (a *agenda) Pop() any {
	last := len(*a) - 1
	e := (*a)[last]
	*a = (*a)[:last]
	return e
}

func (s *state) plan(e event) {
	e.Seq = next(&s.counters.Event)
	heap.Push(&s.agenda, e)
}

// settle lets happen what has fallen due, each at its own time.
func (a *API) settle(now time.Time) {
	for len(a.agenda) > 0 && !a.agenda[0].At.After(now) {
		a.happen(heap.Pop(&a.agenda).(event))
	}
}

func (a *API) happen(e event) {
	d := a.droplets[e.Droplet]
	switch e.Kind {
	case eventActionEnds:
		a.endAction(a.actions[e.Action], e.At)
	case eventItemDestroyed:
		a.destroyItem(e)
	}
	if d == nil {
		return
	}
	switch e.Kind {
	case eventVisible:
		d.hidden = false
	case eventAddresses:
		a.assignAddresses(d)
	case eventStatusShown:
		d.Status = d.actual
	case eventBackup:
		a.makeBackup(d, e.At)
	}
}
