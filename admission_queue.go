package droplets

import (
	"container/heap"
	"time"
)

// turn is the place of one call in the queue of its client. A call keeps its number when it is queued again: after a 429 it
// comes before all calls that started later.
type turn struct {
	number uint64 // 0 until the call is queued for the first time
	waits  Waits  // how long the call has waited so far
}

// ticket is one wait of a call in the queue. ready is closed after granted or rejected was set.
type ticket struct {
	number   uint64
	deadline time.Time // of the call's context; zero if it has none
	ready    chan struct{}
	index    int    // in the queue; -1 after the ticket was admitted
	granted  permit // valid if the ticket was admitted
	rejected bool   // the deadline is before the end of a pause
}

// endsBy reports whether the deadline is not after end.
func (t *ticket) endsBy(end time.Time) bool { return !t.deadline.IsZero() && !t.deadline.After(end) }

// reject ends the wait of a ticket because its deadline is before the end of a pause. The ticket must not be in the queue.
func (t *ticket) reject() {
	t.rejected = true
	close(t.ready)
}

// ticketQueue is a heap of tickets, with the lowest number first.
type ticketQueue []*ticket

func (q ticketQueue) Len() int           { return len(q) }
func (q ticketQueue) Less(i, j int) bool { return q[i].number < q[j].number }

func (q ticketQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push appends a ticket. Only package heap calls it.
func (q *ticketQueue) Push(x any) {
	t := x.(*ticket) //nolint:forcetypeassert // push adds nothing else
	t.index = len(*q)
	*q = append(*q, t)
}

// Pop removes and returns the last ticket. Only package heap calls it.
func (q *ticketQueue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last], *q = nil, (*q)[:last]
	t.index = -1
	return t
}

func (q *ticketQueue) push(t *ticket) { heap.Push(q, t) }

func (q *ticketQueue) pop() *ticket {
	t := (*q)[0]
	heap.Remove(q, 0)
	return t
}

// remove removes a ticket, which must be in the queue.
func (q *ticketQueue) remove(t *ticket) { heap.Remove(q, t.index) }

// removeUntil removes and returns the tickets whose deadline is not after end.
func (q *ticketQueue) removeUntil(end time.Time) (removed []*ticket) {
	kept := (*q)[:0]
	for _, t := range *q {
		if t.endsBy(end) {
			removed = append(removed, t)
			continue
		}
		t.index = len(kept)
		kept = append(kept, t)
	}
	clear((*q)[len(kept):])
	*q = kept
	heap.Init(q)
	return removed
}
