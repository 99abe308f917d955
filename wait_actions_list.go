package droplets

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// newRound begins a round.
func (b *batch) newRound(now time.Time) {
	b.rounds++
	b.round = &round{}
	if b.service.actionListForbidden.is(now) {
		b.readSingly(b.round, 0)
		return
	}
	r := b.round
	r.list, r.expected = true, make(map[int]int)
	for _, w := range b.waiting {
		switch w.page {
		case notListed:
		case 0:
			r.unknown++
			r.expected[1]++
		default:
			r.expected[w.page]++
		}
	}
	b.choosePage(r)
}

// readPage reads one page of the account's actions and chooses the next one. The error is one that ends the poll.
func (b *batch) readPage(ctx context.Context, r *round) error {
	opts := &ListOptions{Page: r.page, PerPage: maxPerPage}
	p, err := (*ActionsService)(b.service).List(ctx, opts, b.requestOptions()...)
	switch {
	case isForeignForbidden(err) && ctx.Err() == nil:
		// A proxy's page says nothing about the scope of the token. The page is read again in the next poll.
		b.budget.spent = maxPollRequests
		if b.listFailures++; b.listFailures > b.retries {
			b.listFailures = 0
			b.readSingly(r, 0)
		}
		return nil
	case errors.Is(err, ErrForbidden):
		b.service.actionListForbidden.set(time.Now())
		b.readSingly(r, 0)
		return nil
	case err != nil:
		return err
	}
	b.listFailures = 0
	r.misses++
	for i := range p.Items {
		w := b.waiting[p.Items[i].ID]
		if w == nil || w.round == b.rounds {
			continue
		}
		r.misses = 0
		r.seen(w)
		w.page, w.round = opts.Page, b.rounds
		b.update(p.Items[i])
	}
	r.expected[r.page+1] += r.expected[r.page] // newer actions have moved them down
	delete(r.expected, r.page)
	if p.NextPage == 0 || b.past(p) {
		b.readSingly(r, 0)
		return nil
	}
	b.choosePage(r)
	return nil
}

// seen records that the page has shown an action.
func (r *round) seen(w *waitingAction) {
	switch w.page {
	case notListed:
	case 0:
		r.unknown--
		r.expected[r.page]--
	default:
		r.expected[max(w.page, r.page)]--
	}
}

// past reports whether all actions that were not seen are newer than the page. They are not on the pages after it.
func (b *batch) past(p *Page[Action]) bool {
	if len(p.Items) == 0 {
		return true
	}
	end := p.Items[len(p.Items)-1]
	for id, w := range b.waiting {
		if w.round == b.rounds {
			continue
		}
		started := b.actions[w.position].StartedAt
		if id <= end.ID || !started.IsZero() && !end.StartedAt.IsZero() && !started.After(end.StartedAt) {
			return false
		}
	}
	return true
}

// choosePage sets the next page to read, or ends the list if reading the other actions one by one needs fewer requests.
//
// A page costs one request and shows up to 200 actions. Where an action was on the list in the round before is where it
// is likely to be now. As long as that is unknown, as many pages without a hit are read as there are actions left: this
// needs at most twice as many requests as the better of the two ways.
func (b *batch) choosePage(r *round) {
	next := 0
	for page, count := range r.expected {
		worthwhile := count > 1 || count == 1 && page == 1
		if r.unknown > 0 {
			worthwhile = count > 0 && r.misses < r.unknown
		}
		if worthwhile && (next == 0 || page < next) {
			next = page
		}
	}
	if next == 0 {
		b.readSingly(r, notListed)
		return
	}
	for page, count := range r.expected {
		if page < next { // too few for a request; they may be on a later page by now
			r.expected[next] += count
			delete(r.expected, page)
		}
	}
	r.page = next
}

// readSingly ends the list: the actions that were not seen are read one by one, in the order of the arguments. Actions
// that could not be read in the round before are the last. page is where the next round looks for them.
func (b *batch) readSingly(r *round, page int) {
	r.list = false
	for id, w := range b.waiting {
		if w.round == b.rounds {
			continue
		}
		if w.page != notListed {
			w.page = page
		}
		r.singles = append(r.singles, id)
	}
	slices.SortFunc(r.singles, func(x, y int64) int {
		wx, wy := b.waiting[x], b.waiting[y]
		return cmp.Or(cmp.Compare(wx.failures, wy.failures), cmp.Compare(wx.position, wy.position))
	})
}

// isForeignForbidden reports whether err is a 403 that does not come from the API, such as the page of a proxy.
func isForeignForbidden(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusForbidden && !errors.Is(e, ErrForbidden)
}
